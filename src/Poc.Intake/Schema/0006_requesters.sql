-- Who stands behind a request, under seal, and the record of every opening.

ALTER TABLE requests ADD COLUMN requester_sealed boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN requests.requester_sealed IS 'There is a row in sealed_requesters; written with the request and never changed.';

CREATE TABLE sealed_requesters (
    request     uuid  NOT NULL,
    key_id      text  NOT NULL,
    wrapped_key bytea NOT NULL,
    content     bytea NOT NULL,
    CONSTRAINT pk_sealed_requesters PRIMARY KEY (request),
    CONSTRAINT fk_sealed_requesters_request FOREIGN KEY (request) REFERENCES requests (id)
);
COMMENT ON TABLE sealed_requesters IS 'AES-256-GCM under a data key of each row''s own; the key of key_id, which wraps the data keys, is never in the database.';

CREATE TABLE requester_releases (
    id          uuid        NOT NULL,
    request     uuid        NOT NULL,
    released_to text        NOT NULL,
    request_id  uuid        NOT NULL,
    body_sha256 bytea       NOT NULL,
    motivation  text        NOT NULL,
    released_at timestamptz NOT NULL,
    CONSTRAINT pk_requester_releases PRIMARY KEY (id),
    CONSTRAINT fk_requester_releases_request FOREIGN KEY (request) REFERENCES requests (id),
    CONSTRAINT uq_requester_releases_request_id UNIQUE (released_to, request_id)
);
CREATE INDEX ix_requester_releases_released_at ON requester_releases (released_at, id);
COMMENT ON TABLE requester_releases IS 'Each opening of a seal: to whom and why; append-only.';

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER tr_requester_releases_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON requester_releases FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
