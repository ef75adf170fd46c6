-- Exports: long work of partners, done page by page.

CREATE TABLE exports (
    id           uuid        NOT NULL,
    partner_id   text        NOT NULL,
    state        text        NOT NULL,
    filter       text        NOT NULL,
    up_to        timestamptz NOT NULL,
    at_time      timestamptz,
    at_id        uuid,
    done         bigint      NOT NULL,
    total        bigint      NOT NULL,
    created_at   timestamptz NOT NULL,
    updated_at   timestamptz NOT NULL,
    finished_at  timestamptz,
    expires_at   timestamptz NOT NULL,
    CONSTRAINT pk_exports PRIMARY KEY (id),
    CONSTRAINT ck_exports_state CHECK (state IN ('RUNNING', 'SUCCEEDED', 'CANCELLED')),
    CONSTRAINT ck_exports_finished CHECK ((state = 'RUNNING') = (finished_at IS NULL))
);
CREATE UNIQUE INDEX uq_exports_running ON exports (partner_id) WHERE state = 'RUNNING';
CREATE INDEX ix_exports_partner ON exports (partner_id, created_at DESC, id DESC);
CREATE INDEX ix_exports_expires_at ON exports (expires_at);
COMMENT ON TABLE exports IS 'The name on the wire is partners/{partner_id}/operations/{id}.';
COMMENT ON COLUMN exports.up_to IS 'Requests received until then are in it.';
COMMENT ON COLUMN exports.at_time IS 'With at_id: the last request that was written.';

CREATE TABLE export_chunks (
    export     uuid   NOT NULL,
    last_line  bigint NOT NULL,
    data       bytea  NOT NULL,
    CONSTRAINT pk_export_chunks PRIMARY KEY (export, last_line),
    CONSTRAINT fk_export_chunks_export FOREIGN KEY (export) REFERENCES exports (id) ON DELETE CASCADE
);
COMMENT ON COLUMN export_chunks.data IS 'Whole lines, about 1 MiB: JSON of poc.intake.v1.Request.';
