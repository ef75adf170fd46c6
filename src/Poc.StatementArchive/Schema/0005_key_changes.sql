-- Keys that followed the one in log_identity, each declared by an entry of the log: the SHA-256 in it is that of "previous_key\nverifier_key\n".
CREATE TABLE log_key_changes (
    number       int  NOT NULL CONSTRAINT pk_log_key_changes PRIMARY KEY CONSTRAINT ck_log_key_changes_number CHECK (number > 0), -- in order, from 1
    previous_key text NOT NULL CONSTRAINT uq_log_key_changes_previous_key UNIQUE,
    verifier_key text NOT NULL CONSTRAINT uq_log_key_changes_verifier_key UNIQUE,
    entry_id     uuid NOT NULL CONSTRAINT fk_log_key_changes_entry_id REFERENCES log_entries (entry_id)
);

CREATE TRIGGER tr_log_key_changes_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON log_key_changes FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
