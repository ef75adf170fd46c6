-- What witnesses say of the log: that a checkpoint extends all that they cosigned before, or that it cannot.

CREATE TABLE log_cosignatures (
    size         bigint      NOT NULL CONSTRAINT fk_log_cosignatures_size REFERENCES log_checkpoints,
    verifier_key text        NOT NULL, -- of the witness
    line         text        NOT NULL, -- C2SP tlog-cosignature, with its newline; verified before it came here
    witnessed_at timestamptz NOT NULL DEFAULT now(), -- when it was received; the line has the witness's own time
    CONSTRAINT pk_log_cosignatures PRIMARY KEY (verifier_key, size)
);
CREATE INDEX ix_log_cosignatures_size ON log_cosignatures (size);

-- A witness knows another log under our name. Open until the same witness cosigns again.
CREATE TABLE log_witness_alarms (
    verifier_key text        NOT NULL,
    raised_at    timestamptz NOT NULL DEFAULT now(),
    size         bigint      NOT NULL, -- of the checkpoint that it was shown
    detail       text        NOT NULL,
    CONSTRAINT pk_log_witness_alarms PRIMARY KEY (verifier_key, raised_at)
);

CREATE TRIGGER tr_log_cosignatures_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON log_cosignatures FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER tr_log_witness_alarms_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON log_witness_alarms FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
