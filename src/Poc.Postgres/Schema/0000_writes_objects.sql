-- What a kept answer is about, where it must be possible to forget it together with that.
ALTER TABLE writes ADD COLUMN object_id uuid;
CREATE INDEX ix_writes_object_id ON writes (object_id) WHERE object_id IS NOT NULL;
