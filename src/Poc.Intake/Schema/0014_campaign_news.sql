-- Review and Notification are told which requests are in a campaign, that it became part of another, and that it is contested.

-- False: raised by a version that told nobody of its requests, or told it where nobody listened yet. Whoever counts next tells the whole of it.
ALTER TABLE campaigns ADD COLUMN told boolean NOT NULL DEFAULT false;
CREATE INDEX ix_campaigns_told ON campaigns (campaign) WHERE NOT told;
CREATE INDEX ix_campaigns_part_of ON campaigns (part_of) WHERE part_of IS NOT NULL;

CREATE TABLE campaign_joins (
    request   uuid        NOT NULL,
    campaign  integer     NOT NULL,
    version   bigint      NOT NULL,
    joined_at timestamptz NOT NULL,
    CONSTRAINT pk_campaign_joins PRIMARY KEY (request),
    CONSTRAINT fk_campaign_joins_fingerprint FOREIGN KEY (request) REFERENCES fingerprints (request),
    CONSTRAINT fk_campaign_joins_campaign FOREIGN KEY (campaign) REFERENCES campaigns (campaign)
);
CREATE INDEX ix_campaign_joins_campaign ON campaign_joins (campaign, version);
COMMENT ON TABLE campaign_joins IS 'Requests that were told to be in a campaign, each once; it keeps its row when the campaign becomes part of another.';
COMMENT ON COLUMN campaign_joins.version IS 'Of the event that told it, by campaign from 1.';

-- Wordings that had left the detector's memory when their campaign became part of another stayed behind with it.
WITH RECURSIVE way AS (
    SELECT campaign AS younger, part_of AS older FROM campaigns WHERE part_of IS NOT NULL
    UNION ALL SELECT w.younger, c.part_of FROM way w JOIN campaigns c ON c.campaign = w.older WHERE c.part_of IS NOT NULL),
stands AS (SELECT w.younger, w.older FROM way w JOIN campaigns c ON c.campaign = w.older WHERE c.part_of IS NULL),
clusters AS (UPDATE campaign_clusters k SET campaign = s.older FROM stands s WHERE k.campaign = s.younger)
UPDATE campaign_members m SET campaign = s.older FROM stands s WHERE m.campaign = s.younger;
