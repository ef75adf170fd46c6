-- Captures on their way: their parts come one by one and wait, each sealed under the key that the capture will have, until all are there.

CREATE TABLE capture_uploads (
    capture_id     uuid        NOT NULL CONSTRAINT pk_capture_uploads PRIMARY KEY, -- of the capture that it becomes
    source         text        NOT NULL CONSTRAINT uq_capture_uploads_source UNIQUE,
    media_type     text        NOT NULL,
    size_bytes     bigint      NOT NULL CONSTRAINT ck_capture_uploads_size_bytes CHECK (size_bytes > 0),
    key_group      text        NOT NULL,
    stated         bytea       NOT NULL, -- sealed: hash, and where the bytes are from
    started_by     text        NOT NULL, -- staff/…
    received_bytes bigint      NOT NULL CONSTRAINT ck_capture_uploads_received_bytes CHECK (received_bytes BETWEEN 0 AND size_bytes),
    parts          int         NOT NULL, -- in capture_chunks, numbered from 0
    expires_at     timestamptz NOT NULL
);
CREATE INDEX ix_capture_uploads_started_by ON capture_uploads (started_by);
CREATE INDEX ix_capture_uploads_expires_at ON capture_uploads (expires_at);

-- A chunk belongs to a capture, or to one on its way.
ALTER TABLE capture_chunks DROP CONSTRAINT fk_capture_chunks_capture_id;
CREATE FUNCTION require_capture_of_chunk() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM captures WHERE capture_id = NEW.capture_id) AND NOT EXISTS (SELECT 1 FROM capture_uploads WHERE capture_id = NEW.capture_id) THEN
        RAISE EXCEPTION 'there is no capture % for this chunk', NEW.capture_id USING ERRCODE = 'foreign_key_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER tr_capture_chunks_capture AFTER INSERT ON capture_chunks DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION require_capture_of_chunk();

-- What never became a capture is no evidence, and may be dropped. The chunks of a capture may not: its row in captures stays until it is erased.
CREATE FUNCTION keep_chunk() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM captures WHERE capture_id = OLD.capture_id)
        OR EXISTS (SELECT 1 FROM erased_objects WHERE object_id = OLD.capture_id)
        AND NOT EXISTS (SELECT 1 FROM legal_holds h WHERE h.object_id = OLD.capture_id AND h.lifts IS NULL AND NOT EXISTS (SELECT 1 FROM legal_holds l WHERE l.lifts = h.hold_id)) THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;
DROP TRIGGER tr_capture_chunks_append_only ON capture_chunks;
CREATE TRIGGER tr_capture_chunks_append_only BEFORE UPDATE ON capture_chunks FOR EACH ROW EXECUTE FUNCTION keep_evidence();
CREATE TRIGGER tr_capture_chunks_kept BEFORE DELETE ON capture_chunks FOR EACH ROW EXECUTE FUNCTION keep_chunk();
