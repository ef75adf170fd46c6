-- Evidentiary copies of bytes that other services received.

CREATE TABLE captures (
    capture_id  uuid        NOT NULL CONSTRAINT pk_captures PRIMARY KEY, -- random; the entry's object
    source      text        NOT NULL CONSTRAINT uq_captures_source UNIQUE, -- name in the service that received them
    media_type  text        NOT NULL,
    size_bytes  bigint      NOT NULL CONSTRAINT ck_captures_size_bytes CHECK (size_bytes > 0),
    sha256      bytea       NOT NULL CONSTRAINT ck_captures_sha256 CHECK (octet_length(sha256) = 32),
    nonce       bytea       NOT NULL CONSTRAINT ck_captures_nonce CHECK (octet_length(nonce) = 32),
    entry_id    uuid        NOT NULL CONSTRAINT fk_captures_entry_id REFERENCES log_entries (entry_id) DEFERRABLE INITIALLY DEFERRED,
    captured_at timestamptz NOT NULL
);

CREATE TABLE capture_chunks (
    capture_id uuid NOT NULL CONSTRAINT fk_capture_chunks_capture_id REFERENCES captures DEFERRABLE INITIALLY DEFERRED,
    number     int  NOT NULL CONSTRAINT ck_capture_chunks_number CHECK (number >= 0), -- in order, from 0
    data       bytea NOT NULL,
    CONSTRAINT pk_capture_chunks PRIMARY KEY (capture_id, number)
);
ALTER TABLE capture_chunks ALTER COLUMN data SET STORAGE EXTERNAL; -- compressed formats more often than not

CREATE TRIGGER tr_captures_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON captures FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER tr_capture_chunks_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON capture_chunks FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
