-- The audit of credentials: who used which one, when and from where.

CREATE TABLE credential_uses (
    partner_id text COLLATE "C" NOT NULL,
    hour       timestamptz      NOT NULL,
    credential text COLLATE "C" NOT NULL,
    network    text COLLATE "C" NOT NULL,
    outcome    text COLLATE "C" NOT NULL,
    calls      bigint           NOT NULL,
    last_at    timestamptz      NOT NULL,
    CONSTRAINT pk_credential_uses PRIMARY KEY (partner_id, hour, credential, network, outcome),
    CONSTRAINT fk_credential_uses_partner FOREIGN KEY (partner_id) REFERENCES partners (partner_id),
    CONSTRAINT ck_credential_uses_outcome CHECK (outcome IN ('ACCEPTED', 'SECRET_WRONG', 'REVOKED', 'NOT_YET_VALID', 'EXPIRED')),
    CONSTRAINT ck_credential_uses_calls CHECK (calls > 0)
);
CREATE INDEX ix_credential_uses_hour ON credential_uses (hour);
COMMENT ON TABLE credential_uses IS 'Calls with each credential, counted by hour, network and outcome; written a few seconds late and in bulk, and deleted when they are old.';
COMMENT ON COLUMN credential_uses.credential IS 'apiKeys/{id} or certificates/{sha256}: its name below the partner''s.';
