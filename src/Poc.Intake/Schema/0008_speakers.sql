-- Who may speak for a subject, what they said when they were asked, and who pretended to.

ALTER TABLE requests ADD COLUMN speaker_standing text, ADD CONSTRAINT ck_requests_speaker_standing CHECK (speaker_standing IN ('VERIFIED', 'MISMATCH'));
COMMENT ON COLUMN requests.speaker_standing IS 'Current: MISMATCH when any answered check is one, else VERIFIED when any is; null without an answer.';

CREATE TABLE speakers (
    id            uuid        NOT NULL,
    subject       text        NOT NULL,
    display_name  text        NOT NULL,
    capacity      text        NOT NULL,
    recipient     text,
    phone         text,
    basis         text        NOT NULL,
    registered_at timestamptz NOT NULL,
    registered_by text        NOT NULL,
    ended_at      timestamptz,
    end_reason    text        NOT NULL DEFAULT '',
    CONSTRAINT pk_speakers PRIMARY KEY (id),
    CONSTRAINT ck_speakers_capacity CHECK (capacity IN ('COUNSEL', 'FAMILY', 'OFFICE', 'SUBJECT')),
    CONSTRAINT ck_speakers_channel CHECK (recipient IS NOT NULL OR phone IS NOT NULL)
);
CREATE INDEX ix_speakers_subject ON speakers (subject, registered_at, id);
COMMENT ON TABLE speakers IS 'Persons entitled to speak for a subject; the name on the wire is {subject}/speakers/{id}. Only ended_at and end_reason change, once.';

CREATE TABLE speaker_checks (
    id          uuid        NOT NULL,
    request     uuid        NOT NULL,
    speaker     uuid        NOT NULL,
    how         text        NOT NULL,
    asked_by    text        NOT NULL,
    asked_at    timestamptz NOT NULL,
    code_sha256 bytea,
    expires_at  timestamptz,
    outcome     text,
    answered_at timestamptz,
    CONSTRAINT pk_speaker_checks PRIMARY KEY (id),
    CONSTRAINT fk_speaker_checks_request FOREIGN KEY (request) REFERENCES requests (id),
    CONSTRAINT fk_speaker_checks_speaker FOREIGN KEY (speaker) REFERENCES speakers (id),
    CONSTRAINT uq_speaker_checks_code UNIQUE (code_sha256),
    CONSTRAINT ck_speaker_checks_code CHECK ((code_sha256 IS NULL) = (expires_at IS NULL)),
    CONSTRAINT ck_speaker_checks_outcome CHECK (outcome IN ('VERIFIED', 'MISMATCH')),
    CONSTRAINT ck_speaker_checks_answered CHECK ((outcome IS NULL) = (answered_at IS NULL))
);
CREATE INDEX ix_speaker_checks_request ON speaker_checks (request, asked_at, id);
COMMENT ON COLUMN speaker_checks.code_sha256 IS 'SHA-256 of the code that was mailed; the code itself is not kept.';

CREATE TABLE impostor_incidents (
    id          uuid        NOT NULL,
    subject     text        NOT NULL,
    request     uuid,
    speaker     uuid,
    description text        NOT NULL,
    opened_at   timestamptz NOT NULL,
    opened_by   text        NOT NULL,
    closed_at   timestamptz,
    closed_by   text        NOT NULL DEFAULT '',
    resolution  text        NOT NULL DEFAULT '',
    CONSTRAINT pk_impostor_incidents PRIMARY KEY (id),
    CONSTRAINT fk_impostor_incidents_request FOREIGN KEY (request) REFERENCES requests (id),
    CONSTRAINT fk_impostor_incidents_speaker FOREIGN KEY (speaker) REFERENCES speakers (id)
);
CREATE INDEX ix_impostor_incidents_opened_at ON impostor_incidents (opened_at, id);
COMMENT ON TABLE impostor_incidents IS 'Somebody claimed to speak for a subject and did not; only the columns of the closing change, once.';
