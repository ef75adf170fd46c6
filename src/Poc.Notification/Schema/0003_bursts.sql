-- Who must know of some things by their role, and which bursts of requests are open: as long as one is, each of its requests is not mailed of by itself.

ALTER TABLE recipients ADD COLUMN roles text[] NOT NULL DEFAULT '{}';
ALTER TABLE recipients ADD CONSTRAINT ck_recipients_roles CHECK (audience = 'STAFF' OR roles = '{}');
COMMENT ON COLUMN recipients.roles IS 'Roles of a member of staff, as credentials name them: they are told of what such a role must know.';

CREATE TABLE bursts (
    campaign text        NOT NULL CONSTRAINT pk_bursts PRIMARY KEY,
    subjects text[]      NOT NULL,
    last_at  timestamptz NOT NULL
);
CREATE INDEX ix_bursts_last_at ON bursts (last_at);
COMMENT ON TABLE bursts IS 'Campaigns that Intake raised; open until requests have ceased to join for as long as the service is set to wait.';
COMMENT ON COLUMN bursts.subjects IS 'Empty where the news of requests that joined came before that of the raising.';
