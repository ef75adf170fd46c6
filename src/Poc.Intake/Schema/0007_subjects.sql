-- Whom a request is about that only describes a person: what Review has on record, for proposals, and what staff said.

CREATE EXTENSION IF NOT EXISTS pg_trgm;

ALTER TABLE requests ADD COLUMN confirmed_subject text;
COMMENT ON COLUMN requests.confirmed_subject IS 'Current: the subject of the row in subject_confirmations; null without one, and when it says that nobody on record is meant.';

CREATE TABLE known_subjects (
    subject          text   NOT NULL,
    native_name      text   NOT NULL,
    transliterations text[] NOT NULL,
    CONSTRAINT pk_known_subjects PRIMARY KEY (subject)
);
COMMENT ON TABLE known_subjects IS 'Told by Review''s events; never the truth about a subject.';

CREATE TABLE known_subject_names (
    subject text NOT NULL,
    name    text NOT NULL,
    folded  text NOT NULL,
    CONSTRAINT pk_known_subject_names PRIMARY KEY (subject, name),
    CONSTRAINT fk_known_subject_names_subject FOREIGN KEY (subject) REFERENCES known_subjects (subject)
);
CREATE INDEX ix_known_subject_names_folded ON known_subject_names USING gin (folded gin_trgm_ops);
COMMENT ON COLUMN known_subject_names.folded IS 'The name as NameFold brings it into a form for comparison.';

CREATE TABLE subject_confirmations (
    request      uuid        NOT NULL,
    subject      text,
    reason       text        NOT NULL,
    confirmed_by text        NOT NULL,
    confirmed_at timestamptz NOT NULL,
    CONSTRAINT pk_subject_confirmations PRIMARY KEY (request),
    CONSTRAINT fk_subject_confirmations_request FOREIGN KEY (request) REFERENCES requests (id)
);
COMMENT ON COLUMN subject_confirmations.subject IS 'subjects/{s}; null: nobody on record.';
CREATE TRIGGER tr_subject_confirmations_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON subject_confirmations FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
