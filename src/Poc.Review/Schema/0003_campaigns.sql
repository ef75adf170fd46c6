-- Campaigns as Intake tells of them: one is one entry of a dossier, its requests lie below it. How many there are, of how many sources and how unlikely is not taken
-- over: it is no input to anything here. News of different kinds comes in any order; each row is written once, and what is shown is worked out from all of them.

CREATE TABLE campaign_requests (
    request   text        CONSTRAINT pk_campaign_requests PRIMARY KEY, -- apart from requests: it may be told to be in a campaign before it is judged
    campaign  text        NOT NULL,                                    -- campaigns/{c} that it joined; that one may be part of another by now
    joined_at timestamptz NOT NULL
);

CREATE INDEX ix_campaign_requests_campaign ON campaign_requests (campaign);

CREATE TABLE campaign_changes (
    campaign       text        NOT NULL,
    kind           text        NOT NULL CONSTRAINT ck_campaign_changes_kind CHECK (kind IN ('RAISED', 'CLASSIFIED', 'CONTESTED', 'MERGED')),
    version        bigint      NOT NULL, -- of Intake's event of this kind: their order
    classification text        NOT NULL, -- empty for other kinds; so are the next two
    said_by        text        NOT NULL,
    merged_into    text,
    changed_at     timestamptz NOT NULL,
    CONSTRAINT pk_campaign_changes PRIMARY KEY (campaign, kind, version),
    CONSTRAINT ck_campaign_changes_merged_into CHECK ((kind = 'MERGED') = (merged_into IS NOT NULL)),
    CONSTRAINT ck_campaign_changes_classification CHECK ((kind = 'CLASSIFIED') = (classification <> ''))
);

CREATE INDEX ix_campaign_changes_merged_into ON campaign_changes (merged_into) WHERE merged_into IS NOT NULL;

DO $$
DECLARE kept text;
BEGIN
    FOREACH kept IN ARRAY ARRAY['campaign_requests', 'campaign_changes'] LOOP
        EXECUTE format('CREATE TRIGGER tr_%1$s_kept BEFORE UPDATE OR DELETE ON %1$I FOR EACH ROW EXECUTE FUNCTION refuse_change()', kept);
        EXECUTE format('CREATE TRIGGER tr_%1$s_not_emptied BEFORE TRUNCATE ON %1$I FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()', kept);
    END LOOP;
END $$;
