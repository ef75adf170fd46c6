-- Since when the log says what it says, by the clocks of others.

CREATE TABLE log_timestamps (
    size        bigint      NOT NULL CONSTRAINT fk_log_timestamps_size REFERENCES log_checkpoints,
    authority   text        NOT NULL, -- name in the configuration
    token       bytea       NOT NULL, -- RFC 3161, DER, over the text of the checkpoint; verified before it came here
    stamped_at  timestamptz NOT NULL, -- by the authority's clock
    received_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT pk_log_timestamps PRIMARY KEY (authority, size)
);
CREATE INDEX ix_log_timestamps_size ON log_timestamps (size);

CREATE TRIGGER tr_log_timestamps_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON log_timestamps FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
