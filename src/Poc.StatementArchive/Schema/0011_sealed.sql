-- What was recorded lies under the key of its object (Keys/KeyStore.cs), with the r that opens its commitments. Rows of before are sealed by the service before it
-- answers anybody (Keys/Opening.cs): SQL has no keys.

CREATE FUNCTION refuse_truncate() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;

-- Objects whose key and content are destroyed. What remains: that there was something, since when, and why it is gone.
CREATE TABLE erased_objects (
    object_id   uuid        NOT NULL CONSTRAINT pk_erased_objects PRIMARY KEY,
    name        text        NOT NULL CONSTRAINT uq_erased_objects_name UNIQUE,
    source      text        CONSTRAINT uq_erased_objects_source UNIQUE, -- of a capture
    captured_at timestamptz NOT NULL,
    document    text        NOT NULL, -- canonical JSON: reason, authority, who proposed and confirmed it. The entry has its SHA-256
    entry_id    uuid        NOT NULL CONSTRAINT fk_erased_objects_entry_id REFERENCES log_entries (entry_id) DEFERRABLE INITIALLY DEFERRED, -- of the erasure
    erased_at   timestamptz NOT NULL
);
CREATE TRIGGER tr_erased_objects_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON erased_objects FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- While one is open, its object cannot be erased.
CREATE TABLE legal_holds (
    hold_id   uuid        NOT NULL CONSTRAINT pk_legal_holds PRIMARY KEY,
    object_id uuid        NOT NULL,
    lifts     uuid        CONSTRAINT uq_legal_holds_lifts UNIQUE CONSTRAINT fk_legal_holds_lifts REFERENCES legal_holds DEFERRABLE INITIALLY DEFERRED, -- the hold that ends; null where one begins
    sealed    bytea       NOT NULL,
    entry_id  uuid        NOT NULL CONSTRAINT fk_legal_holds_entry_id REFERENCES log_entries (entry_id) DEFERRABLE INITIALLY DEFERRED,
    at        timestamptz NOT NULL
);
CREATE INDEX ix_legal_holds_object_id ON legal_holds (object_id);

-- Notes of staff about an object.
CREATE TABLE annotations (
    object_id uuid        NOT NULL,
    number    int         NOT NULL CONSTRAINT ck_annotations_number CHECK (number > 0),
    sealed    bytea       NOT NULL,
    entry_id  uuid        NOT NULL CONSTRAINT fk_annotations_entry_id REFERENCES log_entries (entry_id) DEFERRABLE INITIALLY DEFERRED,
    added_at  timestamptz NOT NULL,
    CONSTRAINT pk_annotations PRIMARY KEY (object_id, number)
);

-- A proposal to erase that another person has to confirm.
CREATE TABLE erasure_proposals (
    proposal_id  uuid        NOT NULL CONSTRAINT pk_erasure_proposals PRIMARY KEY,
    object_id    uuid        NOT NULL,
    name         text        NOT NULL,
    reason       text        NOT NULL,
    authority    text        NOT NULL,
    proposed_by  text        NOT NULL,
    proposed_at  timestamptz NOT NULL
);
CREATE INDEX ix_erasure_proposals_proposed_at ON erasure_proposals (proposed_at DESC, proposal_id DESC);
CREATE TRIGGER tr_erasure_proposals_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON erasure_proposals FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

ALTER TABLE statements ADD COLUMN sealed bytea;
ALTER TABLE statements ALTER content DROP NOT NULL, ALTER record DROP NOT NULL, ALTER nonce DROP NOT NULL;
ALTER TABLE statements ADD CONSTRAINT ck_statements_sealed CHECK ((sealed IS NULL) = ALL (ARRAY[content IS NOT NULL, record IS NOT NULL, nonce IS NOT NULL]));

ALTER TABLE translations ADD COLUMN sealed bytea;
ALTER TABLE translations ALTER content DROP NOT NULL, ALTER record DROP NOT NULL, ALTER nonce DROP NOT NULL;
ALTER TABLE translations ADD CONSTRAINT ck_translations_sealed CHECK ((sealed IS NULL) = ALL (ARRAY[content IS NOT NULL, record IS NOT NULL, nonce IS NOT NULL]));

ALTER TABLE retraction_entries ADD COLUMN sealed bytea;
ALTER TABLE retraction_entries ALTER record DROP NOT NULL, ALTER nonce DROP NOT NULL;
ALTER TABLE retraction_entries ADD CONSTRAINT ck_retraction_entries_sealed CHECK ((sealed IS NULL) = ALL (ARRAY[record IS NOT NULL, nonce IS NOT NULL]));

ALTER TABLE captures ADD COLUMN sealed bytea;
ALTER TABLE captures ADD COLUMN key_group text NOT NULL DEFAULT 'captures'; -- what shares a second key with it (Keys/KeyStore.cs)
ALTER TABLE captures ALTER key_group DROP DEFAULT;
ALTER TABLE captures ALTER sha256 DROP NOT NULL, ALTER nonce DROP NOT NULL;
ALTER TABLE captures ADD CONSTRAINT ck_captures_sealed CHECK ((sealed IS NULL) = ALL (ARRAY[sha256 IS NOT NULL, nonce IS NOT NULL]));

ALTER TABLE capture_chunks ADD COLUMN is_sealed boolean NOT NULL DEFAULT false;
ALTER TABLE capture_chunks ALTER is_sealed DROP DEFAULT;

CREATE INDEX ix_statements_unsealed ON statements (statement_id) WHERE sealed IS NULL;
CREATE INDEX ix_translations_unsealed ON translations (statement_id) WHERE sealed IS NULL;
CREATE INDEX ix_retraction_entries_unsealed ON retraction_entries (statement_id) WHERE sealed IS NULL;
CREATE INDEX ix_captures_unsealed ON captures (capture_id) WHERE sealed IS NULL;

-- Rows are added. They are changed once at most, from open to sealed, and go only with an entry that says that their object was erased, and never while a hold is open.
CREATE FUNCTION keep_evidence() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    before jsonb := to_jsonb(OLD);
    object uuid := coalesce(before ->> 'statement_id', before ->> 'capture_id', before ->> 'object_id')::uuid;
    opens  text[] := ARRAY['content', 'record', 'nonce', 'sealed', 'data', 'is_sealed'] || CASE WHEN TG_TABLE_NAME = 'captures' THEN ARRAY['sha256', 'key_group'] ELSE ARRAY[]::text[] END;
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF before - opens IS NOT DISTINCT FROM to_jsonb(NEW) - opens AND coalesce(before -> 'sealed', 'null') = 'null' AND NOT coalesce((before ->> 'is_sealed')::boolean, false)
            AND (coalesce(to_jsonb(NEW) -> 'sealed', 'null') <> 'null' OR coalesce((to_jsonb(NEW) ->> 'is_sealed')::boolean, false)) THEN
            RETURN NEW;
        END IF;
    ELSIF EXISTS (SELECT 1 FROM erased_objects WHERE object_id = object)
        AND NOT EXISTS (SELECT 1 FROM legal_holds h WHERE h.object_id = object AND h.lifts IS NULL AND NOT EXISTS (SELECT 1 FROM legal_holds l WHERE l.lifts = h.hold_id)) THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;

DO $$
DECLARE
    evidence text;
BEGIN
    FOREACH evidence IN ARRAY ARRAY['statements', 'translations', 'retraction_entries', 'captures', 'capture_chunks', 'legal_holds', 'annotations'] LOOP
        EXECUTE format('DROP TRIGGER IF EXISTS tr_%1$s_append_only ON %1$s', evidence);
        EXECUTE format('CREATE TRIGGER tr_%1$s_append_only BEFORE UPDATE OR DELETE ON %1$s FOR EACH ROW EXECUTE FUNCTION keep_evidence()', evidence);
        EXECUTE format('CREATE TRIGGER tr_%1$s_no_truncate BEFORE TRUNCATE ON %1$s FOR EACH STATEMENT EXECUTE FUNCTION refuse_truncate()', evidence);
    END LOOP;
END $$;

-- The answers that were kept for repetitions held the words themselves. Without them a repetition of a request from before this version is a new request.
DELETE FROM writes WHERE method LIKE 'poc.statement\_archive.v1.%';
