-- The archive's key store: a database of its own, so that a dump of the archive opens nothing and the journal of erasures outlives a restore of the archive.

-- One for each object of the archive. They are made before they are needed; one that never was is nobody's.
CREATE TABLE object_secrets (
    object_id  uuid  NOT NULL CONSTRAINT pk_object_secrets PRIMARY KEY,
    master_key text  NOT NULL, -- id of the key in the configuration that seals it
    sealed     bytea NOT NULL
);

-- One for all objects of a subject, or for all captures of a request: an object's key takes both.
CREATE TABLE group_secrets (
    name       text  NOT NULL CONSTRAINT pk_group_secrets PRIMARY KEY,
    master_key text  NOT NULL,
    sealed     bytea NOT NULL
);

-- What was erased, with everything that doing it again in a restored archive takes.
CREATE TABLE erasures (
    object_id    uuid        NOT NULL CONSTRAINT pk_erasures PRIMARY KEY,
    document     text        NOT NULL, -- canonical JSON: reason, authority, who proposed and confirmed it
    confirmed_by text        NOT NULL, -- staff/…
    erased_at    timestamptz NOT NULL
);

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER tr_erasures_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON erasures FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- A key that was destroyed does not come back, whichever backup somebody plays in.
CREATE FUNCTION refuse_erased() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM erasures WHERE object_id = NEW.object_id) THEN
        RAISE EXCEPTION 'the object % was erased', NEW.object_id USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER tr_object_secrets_not_erased BEFORE INSERT OR UPDATE ON object_secrets FOR EACH ROW EXECUTE FUNCTION refuse_erased();
