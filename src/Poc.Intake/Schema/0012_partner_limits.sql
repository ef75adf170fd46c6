-- What each partner may call, and how much of it. Partners without a row have the service's own limits.

CREATE TABLE partner_limits (
    partner_id       text        NOT NULL,
    version          integer     NOT NULL,
    keys_submit_only boolean     NOT NULL,
    set_at           timestamptz NOT NULL,
    set_by           text        NOT NULL,
    CONSTRAINT pk_partner_limits PRIMARY KEY (partner_id, version),
    CONSTRAINT fk_partner_limits_partner FOREIGN KEY (partner_id) REFERENCES partners (partner_id)
);
COMMENT ON TABLE partner_limits IS 'Every setting there was, by version from 1; the last is in effect; append-only.';

CREATE TABLE partner_class_limits (
    partner_id   text             NOT NULL,
    version      integer          NOT NULL,
    method_class text             NOT NULL,
    denied       boolean          NOT NULL,
    per_second   double precision,
    burst        integer,
    CONSTRAINT pk_partner_class_limits PRIMARY KEY (partner_id, version, method_class),
    CONSTRAINT fk_partner_class_limits_version FOREIGN KEY (partner_id, version) REFERENCES partner_limits (partner_id, version),
    CONSTRAINT ck_partner_class_limits_quota CHECK ((per_second IS NULL) = (burst IS NULL) AND per_second > 0 AND burst > 0)
);
COMMENT ON COLUMN partner_class_limits.per_second IS 'Null, with burst: the service''s own quota.';

CREATE TRIGGER tr_partner_limits_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON partner_limits FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER tr_partner_class_limits_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON partner_class_limits FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
