-- Re-readings of the whole log and of all that it commits to. Working state, no evidence: how far each has come, and what it found.
CREATE TABLE log_audits (
    audit_id       uuid        NOT NULL CONSTRAINT pk_log_audits PRIMARY KEY,
    started_at     timestamptz NOT NULL DEFAULT now(),
    finished_at    timestamptz,
    size           bigint      NOT NULL, -- of the tree that is read again
    step           text        NOT NULL, -- what is being read
    cursor         text        NOT NULL, -- how far, in the step's own terms; empty for its beginning
    checked        bigint      NOT NULL DEFAULT 0, -- things read so far
    finding_count  int         NOT NULL DEFAULT 0
) WITH (fillfactor = 70);
CREATE INDEX ix_log_audits_started_at ON log_audits (started_at DESC);
CREATE UNIQUE INDEX uq_log_audits_unfinished ON log_audits ((true)) WHERE finished_at IS NULL; -- one at a time

CREATE TABLE log_audit_findings (
    audit_id uuid        NOT NULL CONSTRAINT fk_log_audit_findings_audit_id REFERENCES log_audits,
    subject  text        NOT NULL, -- table and key of what is wrong
    problem  text        NOT NULL,
    found_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT pk_log_audit_findings PRIMARY KEY (audit_id, subject, problem)
);
CREATE TRIGGER tr_log_audit_findings_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON log_audit_findings FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
