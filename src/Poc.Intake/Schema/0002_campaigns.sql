-- Campaigns: what the detector keeps. One process writes it at a time, under an advisory lock with a fence; the database decides what was counted.

CREATE TABLE campaign_templates (
    partner_id  text        NOT NULL,
    template_id text        NOT NULL,
    text        text        NOT NULL,
    created_at  timestamptz NOT NULL,
    CONSTRAINT pk_campaign_templates PRIMARY KEY (partner_id, template_id)
);
COMMENT ON TABLE campaign_templates IS 'Form letters declared beforehand; the name on the wire is partners/{partner_id}/templates/{template_id}. Never changed.';

CREATE TABLE fingerprints (
    request          uuid     NOT NULL,
    sequence         bigint   NOT NULL GENERATED ALWAYS AS IDENTITY,
    received         bigint   NOT NULL,
    source           text     NOT NULL,
    is_organisation  boolean  NOT NULL,
    language         text     NOT NULL,
    template         text,
    version          smallint NOT NULL,
    signature        bytea    NOT NULL,
    band_keys        bigint[] NOT NULL,
    words            bytea    NOT NULL,
    sentences        bytea    NOT NULL,
    urls             bigint[] NOT NULL,
    hosts            bigint[] NOT NULL,
    anchors          bigint[] NOT NULL,
    has_quotation    boolean  NOT NULL,
    CONSTRAINT pk_fingerprints PRIMARY KEY (request),
    CONSTRAINT fk_fingerprints_request FOREIGN KEY (request) REFERENCES requests (id)
);
-- The order in which requests were counted, and the window.
CREATE UNIQUE INDEX ix_fingerprints_sequence ON fingerprints (sequence);
CREATE INDEX ix_fingerprints_received ON fingerprints (received);
-- Requests of like wording at any time.
CREATE INDEX ix_fingerprints_band_keys ON fingerprints USING gin (band_keys);
COMMENT ON TABLE fingerprints IS 'One row for each request that was counted, and no request twice: hashes, no prose.';
COMMENT ON COLUMN fingerprints.received IS 'Unix seconds; never before that of a lower sequence.';
COMMENT ON COLUMN fingerprints.version IS 'Of the hash family: signatures of different versions are never compared.';
COMMENT ON COLUMN fingerprints.words IS 'Hashes of the wording in its order, four bytes each, least significant first; so is signature.';

CREATE TABLE campaigns (
    campaign       integer          NOT NULL,
    raised_at      timestamptz      NOT NULL,
    found_by       text             NOT NULL,
    p              double precision NOT NULL,
    adjusted_p     double precision NOT NULL,
    chance_rate    double precision NOT NULL,
    explanations   jsonb            NOT NULL,
    links          jsonb            NOT NULL,
    link           bigint,
    part_of        integer,
    detector       text             NOT NULL,
    classification text             NOT NULL,
    CONSTRAINT pk_campaigns PRIMARY KEY (campaign),
    CONSTRAINT fk_campaigns_part_of FOREIGN KEY (part_of) REFERENCES campaigns (campaign),
    CONSTRAINT ck_campaigns_found_by CHECK (found_by IN ('wording', 'translations', 'url')),
    CONSTRAINT ck_campaigns_classification CHECK (classification IN ('UNSPECIFIED', 'DECLARED_TEMPLATE', 'SHARED_REACTION', 'UNDETERMINED', 'SUSPECTED'))
);
COMMENT ON TABLE campaigns IS 'The name on the wire is campaigns/{campaign}.';
COMMENT ON COLUMN campaigns.classification IS 'Current: that of the last row in campaign_classifications.';

CREATE TABLE campaign_clusters (
    cluster  integer NOT NULL,
    campaign integer,
    CONSTRAINT pk_campaign_clusters PRIMARY KEY (cluster),
    CONSTRAINT fk_campaign_clusters_campaign FOREIGN KEY (campaign) REFERENCES campaigns (campaign)
);
CREATE INDEX ix_campaign_clusters_campaign ON campaign_clusters (campaign) WHERE campaign IS NOT NULL;
COMMENT ON TABLE campaign_clusters IS 'Requests of one wording; clusters are never merged, a campaign holds several.';

CREATE TABLE campaign_members (
    request   uuid    NOT NULL,
    cluster   integer,
    campaign  integer,
    joined_by text    NOT NULL,
    CONSTRAINT pk_campaign_members PRIMARY KEY (request),
    CONSTRAINT fk_campaign_members_fingerprint FOREIGN KEY (request) REFERENCES fingerprints (request),
    CONSTRAINT fk_campaign_members_cluster FOREIGN KEY (cluster) REFERENCES campaign_clusters (cluster),
    CONSTRAINT fk_campaign_members_campaign FOREIGN KEY (campaign) REFERENCES campaigns (campaign),
    CONSTRAINT ck_campaign_members_place CHECK ((cluster IS NULL) <> (campaign IS NULL))
);
CREATE INDEX ix_campaign_members_cluster ON campaign_members (cluster) WHERE cluster IS NOT NULL;
CREATE INDEX ix_campaign_members_campaign ON campaign_members (campaign) WHERE campaign IS NOT NULL;
COMMENT ON TABLE campaign_members IS 'The one place that a request has: in a cluster by its wording, or in a campaign by its link.';

CREATE TABLE campaign_classifications (
    campaign       integer     NOT NULL,
    sequence       integer     NOT NULL,
    classification text        NOT NULL,
    reasons        text        NOT NULL,
    classified_by  text        NOT NULL,
    classified_at  timestamptz NOT NULL,
    CONSTRAINT pk_campaign_classifications PRIMARY KEY (campaign, sequence),
    CONSTRAINT fk_campaign_classifications_campaign FOREIGN KEY (campaign) REFERENCES campaigns (campaign),
    CONSTRAINT ck_campaign_classifications_classification CHECK (classification IN ('DECLARED_TEMPLATE', 'SHARED_REACTION', 'UNDETERMINED', 'SUSPECTED'))
);
COMMENT ON TABLE campaign_classifications IS 'What persons said of each campaign, by sequence from 1; append-only.';

CREATE TABLE campaign_contests (
    id           uuid        NOT NULL,
    campaign     integer     NOT NULL,
    partner_id   text        NOT NULL,
    reason       text        NOT NULL,
    contested_at timestamptz NOT NULL,
    CONSTRAINT pk_campaign_contests PRIMARY KEY (id),
    CONSTRAINT fk_campaign_contests_campaign FOREIGN KEY (campaign) REFERENCES campaigns (campaign)
);
CREATE INDEX ix_campaign_contests_campaign ON campaign_contests (campaign, contested_at);
COMMENT ON TABLE campaign_contests IS 'Objections of partners; append-only.';
