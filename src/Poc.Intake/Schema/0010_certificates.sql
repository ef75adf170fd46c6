-- Certificates by which partners prove themselves in TLS.

CREATE TABLE certificates (
    sha256       bytea       NOT NULL,
    partner_id   text        NOT NULL,
    certificate  bytea       NOT NULL,
    not_before   timestamptz NOT NULL,
    not_after    timestamptz NOT NULL,
    created_at   timestamptz NOT NULL,
    revoked_at   timestamptz,
    last_used_at timestamptz,
    CONSTRAINT pk_certificates PRIMARY KEY (sha256),
    CONSTRAINT fk_certificates_partner FOREIGN KEY (partner_id) REFERENCES partners (partner_id),
    CONSTRAINT ck_certificates_sha256 CHECK (octet_length(sha256) = 32)
);
CREATE INDEX ix_certificates_partner ON certificates (partner_id, created_at, sha256);
COMMENT ON TABLE certificates IS 'The name on the wire is partners/{partner_id}/certificates/{sha256 in hex}. Rows are never deleted; only revoked_at and last_used_at change.';
COMMENT ON COLUMN certificates.sha256 IS 'SHA-256 of certificate; what a TLS connection shows is looked up by it and by nothing else.';
COMMENT ON COLUMN certificates.certificate IS 'DER, as it was registered; not_before and not_after are its own.';
