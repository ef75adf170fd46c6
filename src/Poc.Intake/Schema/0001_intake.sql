-- Intake: who may file, what was filed, what became of it. Rows are never deleted; only the columns named "current" and revoked_at, last_used_at change.

CREATE TABLE partners (
    partner_id   text        NOT NULL,
    display_name text        NOT NULL,
    kind         text        NOT NULL,
    created_at   timestamptz NOT NULL,
    CONSTRAINT pk_partners PRIMARY KEY (partner_id),
    CONSTRAINT ck_partners_partner_id CHECK (partner_id ~ '^[a-z0-9-]{3,40}$'),
    CONSTRAINT ck_partners_kind CHECK (kind IN ('ORGANISATION', 'SECTION'))
);
COMMENT ON TABLE partners IS 'Organisations and sections with credentials; the name on the wire is partners/{partner_id}.';

CREATE TABLE api_keys (
    api_key_id    text        NOT NULL,
    partner_id    text        NOT NULL,
    secret_sha256 bytea       NOT NULL,
    created_at    timestamptz NOT NULL,
    revoked_at    timestamptz,
    last_used_at  timestamptz,
    CONSTRAINT pk_api_keys PRIMARY KEY (api_key_id),
    CONSTRAINT fk_api_keys_partner FOREIGN KEY (partner_id) REFERENCES partners (partner_id),
    CONSTRAINT ck_api_keys_api_key_id CHECK (api_key_id ~ '^[a-z0-9]{6,20}$'),
    CONSTRAINT ck_api_keys_secret_sha256 CHECK (octet_length(secret_sha256) = 32)
);
CREATE INDEX ix_api_keys_partner ON api_keys (partner_id);
COMMENT ON COLUMN api_keys.secret_sha256 IS 'SHA-256 of the 32 bytes of the secret, which itself never comes here. A plain hash is enough: the secret has 256 random bits.';
COMMENT ON COLUMN api_keys.last_used_at IS 'Written a few seconds late and in bulk; for finding keys that nobody uses, not for evidence.';

CREATE TABLE requests (
    id                       uuid        NOT NULL,
    partner_id               text        NOT NULL,
    request_id               uuid        NOT NULL,
    body_sha256              bytea       NOT NULL,
    received_at              timestamptz NOT NULL,
    kind                     text        NOT NULL,
    subject                  text,
    subject_native_name      text,
    subject_script           text,
    subject_transliterations text[],
    text                     text        NOT NULL,
    text_sha256              bytea       NOT NULL,
    language                 text        NOT NULL,
    links                    text[]      NOT NULL,
    cited_statements         text[]      NOT NULL,
    criteria                 text[]      NOT NULL,
    relation                 text        NOT NULL,
    urgency_reason           text        NOT NULL,
    withdraws                text,
    partner_reference        text        NOT NULL,
    synthetic                boolean     NOT NULL,
    state                    text        NOT NULL,
    state_sequence           integer     NOT NULL,
    state_reason             text        NOT NULL,
    state_detail             text        NOT NULL,
    dossier                  text,
    decision                 text,
    outcome                  text,
    answered_at              timestamptz,
    CONSTRAINT pk_requests PRIMARY KEY (id),
    CONSTRAINT uq_requests_partner_request_id UNIQUE (partner_id, request_id),
    CONSTRAINT ck_requests_kind CHECK (kind IN ('DESIGNATE', 'DELIST', 'RECONSIDER', 'EVIDENCE', 'WITHDRAW')),
    CONSTRAINT ck_requests_relation CHECK (relation IN ('CONSENT', 'COUNSEL', 'FAMILY', 'THIRD_PARTY')),
    CONSTRAINT ck_requests_state CHECK (state IN ('RECEIVED', 'ADMISSIBLE', 'INADMISSIBLE', 'IN_DOSSIER', 'ANSWERED', 'WITHDRAWN')),
    CONSTRAINT ck_requests_withdraws CHECK ((kind = 'WITHDRAW') = (withdraws IS NOT NULL))
);
-- Newest first, of one partner and of all.
CREATE INDEX ix_requests_partner_received_at ON requests (partner_id, received_at, id);
CREATE INDEX ix_requests_received_at ON requests (received_at, id);
CREATE INDEX ix_requests_dossier ON requests (dossier) WHERE dossier IS NOT NULL;
COMMENT ON TABLE requests IS 'One row for each filing; the name on the wire is partners/{partner_id}/requests/{id}.';
COMMENT ON COLUMN requests.partner_id IS 'No foreign key: the credential has proved the partner, partners are never deleted, and locking one partner row for each of its submissions would make a burst queue behind itself.';
COMMENT ON COLUMN requests.request_id IS 'The partner''s own id of the filing; kept for ever, so that a repetition is recognised for ever.';
COMMENT ON COLUMN requests.body_sha256 IS 'SHA-256 of the filing as a protobuf message without its output-only fields: tells a repetition from another filing under the same request_id.';
COMMENT ON COLUMN requests.text_sha256 IS 'SHA-256 of the UTF-8 bytes of text; on the receipt.';
COMMENT ON COLUMN requests.state IS 'Current: the state of the last row in request_states. So are state_sequence, state_reason, state_detail, dossier, decision, outcome and answered_at.';

CREATE TABLE request_states (
    request      uuid        NOT NULL,
    sequence     integer     NOT NULL,
    state        text        NOT NULL,
    state_reason text        NOT NULL,
    state_detail text        NOT NULL,
    changed_at   timestamptz NOT NULL,
    CONSTRAINT pk_request_states PRIMARY KEY (request, sequence),
    CONSTRAINT fk_request_states_request FOREIGN KEY (request) REFERENCES requests (id),
    CONSTRAINT ck_request_states_state CHECK (state IN ('RECEIVED', 'ADMISSIBLE', 'INADMISSIBLE', 'IN_DOSSIER', 'ANSWERED', 'WITHDRAWN'))
);
COMMENT ON TABLE request_states IS 'Every state that each request has had, by sequence from 1; append-only.';

CREATE TABLE announced_decisions (
    dossier      text        NOT NULL,
    decision     text        NOT NULL,
    outcome      text        NOT NULL,
    announced_at timestamptz NOT NULL,
    CONSTRAINT pk_announced_decisions PRIMARY KEY (dossier, decision)
);
COMMENT ON TABLE announced_decisions IS 'What Review announced, by dossier: a request whose admission arrives after the announcement is answered from here.';

CREATE TABLE amplification_events (
    id           uuid        NOT NULL,
    subject      text        NOT NULL,
    description  text        NOT NULL,
    occurred_on  date        NOT NULL,
    url          text        NOT NULL,
    statement    text,
    synthetic    boolean     NOT NULL,
    recorded_by  text        NOT NULL,
    recorded_at  timestamptz NOT NULL,
    CONSTRAINT pk_amplification_events PRIMARY KEY (id)
);
CREATE INDEX ix_amplification_events_subject ON amplification_events (subject, occurred_on, id);
COMMENT ON TABLE amplification_events IS 'Dated public acts that may have set off a burst of requests; the name on the wire is amplificationEvents/{id}.';
