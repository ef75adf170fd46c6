-- Imports: what became of each item of a stream of filings.

CREATE TABLE imports (
    partner_id text        NOT NULL,
    import_id  uuid        NOT NULL,
    created_at timestamptz NOT NULL,
    CONSTRAINT pk_imports PRIMARY KEY (partner_id, import_id)
);
COMMENT ON TABLE imports IS 'Streams of filings by partners; the name on the wire is partners/{partner_id}/imports/{import_id}.';

CREATE TABLE import_items (
    partner_id  text        NOT NULL,
    import_id   uuid        NOT NULL,
    item_index  integer     NOT NULL,
    body_sha256 bytea       NOT NULL,
    request     uuid,
    error       bytea,
    written_at  timestamptz NOT NULL,
    CONSTRAINT pk_import_items PRIMARY KEY (partner_id, import_id, item_index),
    CONSTRAINT fk_import_items_import FOREIGN KEY (partner_id, import_id) REFERENCES imports (partner_id, import_id),
    CONSTRAINT fk_import_items_request FOREIGN KEY (request) REFERENCES requests (id),
    CONSTRAINT ck_import_items_result CHECK ((request IS NULL) <> (error IS NULL))
);
COMMENT ON TABLE import_items IS 'The result of each item, by its place. A refused one may be replaced by the partner, a stored one never changes.';
COMMENT ON COLUMN import_items.error IS 'Message poc.intake.v1.ImportError.';
