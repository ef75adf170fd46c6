-- Files of requests. Requests filed before have none.

ALTER TABLE requests ADD COLUMN attachments text[] NOT NULL DEFAULT '{}';
COMMENT ON COLUMN requests.attachments IS 'Names of the attachments it was filed with; written with the request and never changed.';

CREATE TABLE attachments (
    id                 uuid        NOT NULL,
    partner_id         text        NOT NULL,
    file_name          text        NOT NULL,
    media_type         text        NOT NULL,
    size_bytes         bigint      NOT NULL,
    sha256             bytea       NOT NULL,
    state              text        NOT NULL,
    received_bytes     bigint      NOT NULL,
    sniffed_media_type text        NOT NULL,
    request            uuid,
    created_at         timestamptz NOT NULL,
    expires_at         timestamptz NOT NULL,
    handover_attempts  integer     NOT NULL DEFAULT 0,
    next_handover_at   timestamptz,
    capture            text,
    log_index          bigint,
    CONSTRAINT pk_attachments PRIMARY KEY (id),
    CONSTRAINT fk_attachments_request FOREIGN KEY (request) REFERENCES requests (id),
    CONSTRAINT ck_attachments_size_bytes CHECK (size_bytes > 0),
    CONSTRAINT ck_attachments_sha256 CHECK (octet_length(sha256) = 32),
    CONSTRAINT ck_attachments_received_bytes CHECK (received_bytes BETWEEN 0 AND size_bytes),
    CONSTRAINT ck_attachments_state CHECK (state IN ('UPLOADING', 'COMPLETE', 'BOUND', 'REFUSED', 'EXPIRED')),
    CONSTRAINT ck_attachments_request CHECK ((state = 'BOUND') = (request IS NOT NULL)),
    CONSTRAINT ck_attachments_capture CHECK ((capture IS NULL) = (log_index IS NULL))
);
CREATE INDEX ix_attachments_unbound ON attachments (partner_id) WHERE state IN ('UPLOADING', 'COMPLETE');
CREATE INDEX ix_attachments_expires_at ON attachments (expires_at) WHERE state IN ('UPLOADING', 'COMPLETE');
CREATE INDEX ix_attachments_request ON attachments (request) WHERE request IS NOT NULL;
CREATE INDEX ix_attachments_handover ON attachments (next_handover_at) WHERE next_handover_at IS NOT NULL;
COMMENT ON TABLE attachments IS 'Files by partners; the name on the wire is partners/{partner_id}/attachments/{id}. The rows stay; the bytes of those that were refused or that no request named go.';
COMMENT ON COLUMN attachments.sha256 IS 'As announced; what is on disk is hashed and compared when the upload is finished.';
COMMENT ON COLUMN attachments.next_handover_at IS 'When it is next offered to the archive; null before it is part of a request and after the archive has it.';

CREATE TABLE attachment_chunks (
    attachment uuid   NOT NULL,
    position   bigint NOT NULL,
    data       bytea  NOT NULL,
    CONSTRAINT pk_attachment_chunks PRIMARY KEY (attachment, position),
    CONSTRAINT fk_attachment_chunks_attachment FOREIGN KEY (attachment) REFERENCES attachments (id),
    CONSTRAINT ck_attachment_chunks_data CHECK (octet_length(data) BETWEEN 1 AND 1048576)
);
-- The bytes are compressed formats more often than not: trying to compress them again costs time and gains nothing.
ALTER TABLE attachment_chunks ALTER COLUMN data SET STORAGE EXTERNAL;
COMMENT ON TABLE attachment_chunks IS 'The bytes of attachments, in order of position (the offset of the first byte) and without gaps.';
