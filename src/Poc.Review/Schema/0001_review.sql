-- Review's own tables. Keys are resource names as they stand on the wire ('dossiers/018f…'), because events and other services name things like that.
-- What was cast, signed or announced is append-only: refuse_change() below guards it against every role that does not drop the trigger first.

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;

-- Versions of the rules, byte for byte as they were loaded. A version never changes once it is here.
CREATE TABLE protocols (
    version     int         CONSTRAINT pk_protocols PRIMARY KEY CONSTRAINT ck_protocols_version CHECK (version > 0),
    sha256      bytea       NOT NULL CONSTRAINT ck_protocols_sha256 CHECK (length(sha256) = 32),
    document    text        NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE subjects (
    name             text        CONSTRAINT pk_subjects PRIMARY KEY,
    native_name      text        NOT NULL,
    script           text        NOT NULL,
    transliterations text[]      NOT NULL,
    synthetic        boolean     NOT NULL,
    recorded_at      timestamptz NOT NULL
);

CREATE TABLE episodes (
    name        text        CONSTRAINT pk_episodes PRIMARY KEY,
    subject     text        NOT NULL CONSTRAINT fk_episodes_subject REFERENCES subjects,
    detained_on date        NOT NULL,
    description text        NOT NULL,
    recorded_at timestamptz NOT NULL
);

CREATE INDEX ix_episodes_subject ON episodes (subject, detained_on);

CREATE TABLE mandates (
    id           bigint      GENERATED ALWAYS AS IDENTITY CONSTRAINT pk_mandates PRIMARY KEY, -- order in which they were decided
    name         text        NOT NULL CONSTRAINT uq_mandates_name UNIQUE,
    subject      text        NOT NULL CONSTRAINT fk_mandates_subject REFERENCES subjects,
    aim          text        NOT NULL,
    in_force     boolean     NOT NULL,
    effective_on date        NOT NULL,
    reason       text        NOT NULL,
    decided_by   text        NOT NULL,
    recorded_at  timestamptz NOT NULL
);

CREATE INDEX ix_mandates_subject ON mandates (subject);

CREATE TABLE precedents (
    name        text        CONSTRAINT pk_precedents PRIMARY KEY,
    title       text        NOT NULL,
    decided     jsonb       NOT NULL, -- poc.type.v1.UncertainDate
    decided_on  date        NOT NULL, -- the first day it can have been: order
    outcome     text        NOT NULL,
    summary     text        NOT NULL,
    criteria    text[]      NOT NULL,
    synthetic   boolean     NOT NULL,
    recorded_by text        NOT NULL,
    recorded_at timestamptz NOT NULL
);

CREATE TABLE dossiers (
    name              text        CONSTRAINT pk_dossiers PRIMARY KEY,
    question          text        NOT NULL CONSTRAINT ck_dossiers_question CHECK (question IN ('DESIGNATE', 'DELIST', 'REDESIGNATE', 'APPEAL')),
    subject           text        NOT NULL CONSTRAINT fk_dossiers_subject REFERENCES subjects,
    episode           text        CONSTRAINT fk_dossiers_episode REFERENCES episodes,
    state             text        NOT NULL CONSTRAINT ck_dossiers_state CHECK (state IN ('GATHERING', 'VOTING', 'BALLOTS_OPEN', 'DRAFTED', 'DECIDED')),
    protocol          int         CONSTRAINT fk_dossiers_protocol REFERENCES protocols,
    voting_ends_at    timestamptz,
    ballots_opened_at timestamptz,
    state_before      text,                -- the designation's state when the panel was seated: an outcome that changes nothing returns to it
    appeals           text,                -- the decision an appeal is against
    revision          bigint      NOT NULL DEFAULT 1, -- the etag: raised by what staff do, not by requests that join
    opened_at         timestamptz NOT NULL,
    CONSTRAINT ck_dossiers_appeals CHECK ((question = 'APPEAL') = (appeals IS NOT NULL)),
    CONSTRAINT ck_dossiers_seated CHECK ((state = 'GATHERING') = (protocol IS NULL) AND (protocol IS NULL) = (voting_ends_at IS NULL)),
    CONSTRAINT ck_dossiers_opened CHECK ((state IN ('GATHERING', 'VOTING')) = (ballots_opened_at IS NULL))
);

-- However many requests arrive at once: one dossier gathers them.
CREATE UNIQUE INDEX uq_dossiers_gathering ON dossiers (subject, question) WHERE state = 'GATHERING' AND question <> 'APPEAL';
CREATE UNIQUE INDEX uq_dossiers_pending_appeal ON dossiers (appeals) WHERE state <> 'DECIDED' AND appeals IS NOT NULL;
CREATE INDEX ix_dossiers_subject ON dossiers (subject, question, episode);

-- What Intake received, without who sent it: the sender is no input to anything here.
CREATE TABLE requests (
    name         text        CONSTRAINT pk_requests PRIMARY KEY,
    kind         text        NOT NULL,
    subject      text,
    criteria     text[]      NOT NULL,
    statements   text[]      NOT NULL,
    text_sha256  text        NOT NULL,
    urgent       boolean     NOT NULL,
    received_at  timestamptz NOT NULL,
    dossier      text        CONSTRAINT fk_requests_dossier REFERENCES dossiers,
    reason_code  text        NOT NULL, -- empty when admissible
    judged_at    timestamptz NOT NULL,
    CONSTRAINT ck_requests_judged CHECK ((dossier IS NULL) = (reason_code <> ''))
);

CREATE INDEX ix_requests_dossier ON requests (dossier, received_at);

-- Apart from requests, because the news of a withdrawal may overtake that of the request.
CREATE TABLE request_withdrawals (
    request      text        CONSTRAINT pk_request_withdrawals PRIMARY KEY,
    withdrawn_by text        NOT NULL,
    withdrawn_at timestamptz NOT NULL
);

CREATE TABLE amplification_events (
    name        text NOT NULL CONSTRAINT pk_amplification_events PRIMARY KEY,
    subject     text NOT NULL,
    occurred_on date NOT NULL,
    statement   text
);

CREATE INDEX ix_amplification_events_subject ON amplification_events (subject, occurred_on);

CREATE TABLE appeals (
    dossier   text   CONSTRAINT pk_appeals PRIMARY KEY CONSTRAINT fk_appeals_dossier REFERENCES dossiers,
    appellant text   NOT NULL,
    grounds   text   NOT NULL,
    criteria  text[] NOT NULL
);

CREATE TABLE dossier_statements (
    id        bigint GENERATED ALWAYS AS IDENTITY,
    dossier   text   NOT NULL CONSTRAINT fk_dossier_statements_dossier REFERENCES dossiers,
    statement text   NOT NULL,
    CONSTRAINT pk_dossier_statements PRIMARY KEY (dossier, statement)
);

-- Each record stays; the last one counts.
CREATE TABLE replies (
    id          bigint      GENERATED ALWAYS AS IDENTITY CONSTRAINT pk_replies PRIMARY KEY,
    dossier     text        NOT NULL CONSTRAINT fk_replies_dossier REFERENCES dossiers,
    given       boolean     NOT NULL,
    reason      text        NOT NULL,
    dated       date        NOT NULL,
    recorded_by text        NOT NULL,
    recorded_at timestamptz NOT NULL
);

CREATE INDEX ix_replies_dossier ON replies (dossier);

CREATE TABLE panel_members (
    dossier  text NOT NULL CONSTRAINT fk_panel_members_dossier REFERENCES dossiers,
    staff    text NOT NULL,
    conflict text NOT NULL DEFAULT '', -- why the quorum does not count them; empty for members who count
    CONSTRAINT pk_panel_members PRIMARY KEY (dossier, staff)
);

CREATE TABLE assessments (
    dossier       text        NOT NULL,
    reviewer      text        NOT NULL,
    statement     text        NOT NULL,
    body          jsonb       NOT NULL, -- poc.review.v1.Assessment
    retraction    text        NOT NULL,
    search_record text        NOT NULL,
    cast_at       timestamptz NOT NULL,
    CONSTRAINT pk_assessments PRIMARY KEY (dossier, reviewer, statement),
    CONSTRAINT fk_assessments_member FOREIGN KEY (dossier, reviewer) REFERENCES panel_members,
    CONSTRAINT fk_assessments_statement FOREIGN KEY (dossier, statement) REFERENCES dossier_statements,
    CONSTRAINT ck_assessments_search_record CHECK (retraction <> 'NOT_RETRACTED' OR search_record <> '')
);

CREATE TABLE ballots (
    dossier  text        NOT NULL,
    reviewer text        NOT NULL,
    choice   text        NOT NULL CONSTRAINT ck_ballots_choice CHECK (choice IN ('FOR', 'AGAINST', 'ABSTAIN')),
    reason   text        NOT NULL,
    cast_at  timestamptz NOT NULL,
    CONSTRAINT pk_ballots PRIMARY KEY (dossier, reviewer),
    CONSTRAINT fk_ballots_member FOREIGN KEY (dossier, reviewer) REFERENCES panel_members
);

CREATE TABLE dissents (
    dossier      text        NOT NULL,
    author       text        NOT NULL,
    text         text        NOT NULL,
    publish_name boolean     NOT NULL,
    recorded_at  timestamptz NOT NULL,
    CONSTRAINT pk_dissents PRIMARY KEY (dossier, author),
    CONSTRAINT fk_dissents_ballot FOREIGN KEY (dossier, author) REFERENCES ballots
);

CREATE TABLE concerns (
    id          bigint      GENERATED ALWAYS AS IDENTITY,
    dossier     text        NOT NULL CONSTRAINT fk_concerns_dossier REFERENCES dossiers,
    author      text        NOT NULL, -- kept so that each speaks once; shown only where anonymity was not wished
    text        text        NOT NULL,
    anonymous   boolean     NOT NULL,
    recorded_at timestamptz NOT NULL,
    CONSTRAINT pk_concerns PRIMARY KEY (dossier, author)
);

CREATE TABLE decisions (
    name                text        CONSTRAINT pk_decisions PRIMARY KEY,
    dossier             text        NOT NULL CONSTRAINT uq_decisions_dossier UNIQUE CONSTRAINT fk_decisions_dossier REFERENCES dossiers,
    outcome             text        NOT NULL,
    for_count           int         NOT NULL,
    against_count       int         NOT NULL,
    abstain_count       int         NOT NULL,
    eligible_count      int         NOT NULL,
    reasons             text        NOT NULL,
    citations           jsonb       NOT NULL, -- array of poc.type.v1.Citation
    precedents          jsonb       NOT NULL, -- array of poc.review.v1.PrecedentComparison
    pressure_disclosure text        NOT NULL,
    harm_forecast       text        NOT NULL,
    effective_on        date        NOT NULL,
    corrects            text        CONSTRAINT fk_decisions_corrects REFERENCES decisions,
    drafted_by          text        NOT NULL,
    drafted_at          timestamptz NOT NULL,
    revision            bigint      NOT NULL DEFAULT 1, -- the etag
    content             text,        -- the canonical JSON that was signed (RFC 8785)
    content_sha256      bytea       CONSTRAINT ck_decisions_content_sha256 CHECK (length(content_sha256) = 32),
    in_force_at         timestamptz,
    published_at        timestamptz, -- the mandatory recipients were told, or a logged override said why not
    leak_mode           boolean     NOT NULL DEFAULT false,
    CONSTRAINT ck_decisions_in_force CHECK ((in_force_at IS NULL) = (content IS NULL) AND (content IS NULL) = (content_sha256 IS NULL)),
    CONSTRAINT ck_decisions_embargo CHECK (published_at IS NULL OR in_force_at IS NOT NULL)
);

ALTER TABLE dossiers ADD CONSTRAINT fk_dossiers_appeals FOREIGN KEY (appeals) REFERENCES decisions;

-- Two signatures are two people and two roles.
CREATE TABLE signatures (
    decision       text        NOT NULL CONSTRAINT fk_signatures_decision REFERENCES decisions,
    staff          text        NOT NULL,
    role           text        NOT NULL,
    content_sha256 bytea       NOT NULL, -- what this person signed
    signed_at      timestamptz NOT NULL,
    CONSTRAINT pk_signatures PRIMARY KEY (decision, staff),
    CONSTRAINT uq_signatures_role UNIQUE (decision, role)
);

CREATE TABLE designation_changes (
    episode      text        NOT NULL CONSTRAINT fk_designation_changes_episode REFERENCES episodes,
    sequence     int         NOT NULL CONSTRAINT ck_designation_changes_sequence CHECK (sequence > 0),
    state        text        NOT NULL,
    label        text        NOT NULL, -- 'Redesignated' or 'Maintained' beside DESIGNATED, else empty
    effective_on date        NOT NULL,
    decision     text        CONSTRAINT fk_designation_changes_decision REFERENCES decisions,
    reason       text        NOT NULL,
    said_on      date,                 -- day it was said in public; null while internal, and for a decision's change, whose day is the decision's published_at
    recorded_by  text        NOT NULL,
    recorded_at  timestamptz NOT NULL,
    CONSTRAINT pk_designation_changes PRIMARY KEY (episode, sequence),
    CONSTRAINT ck_designation_changes_said_on CHECK (decision IS NULL OR said_on IS NULL)
);

CREATE INDEX ix_designation_changes_decision ON designation_changes (decision) WHERE decision IS NOT NULL;

-- With the day on which each change was said in public, null where it was not: a change by decision on the day the decision became public, any other on its said_on.
-- A state of procedure (a panel is seated) is told together with the first public change after it: the public history is whole, and says nothing early.
CREATE VIEW designation_history AS
WITH said AS (
    SELECT c.*, COALESCE(c.said_on, (n.published_at AT TIME ZONE 'UTC')::date) AS own_day
    FROM designation_changes AS c LEFT JOIN decisions AS n ON n.name = c.decision)
SELECT s.episode, s.sequence, s.state, s.label, s.effective_on, s.decision, s.reason, s.recorded_at,
       CASE WHEN s.decision IS NULL AND s.said_on IS NULL
            THEN (SELECT min(later.own_day) FROM said AS later WHERE later.episode = s.episode AND later.sequence > s.sequence)
            ELSE s.own_day END AS public_day
FROM said AS s;

-- A decision in force is not edited; only its becoming public is added to it.
CREATE FUNCTION guard_decision() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'decisions are append-only' USING ERRCODE = 'restrict_violation';
    END IF;
    IF OLD.in_force_at IS NOT NULL AND (OLD.published_at IS NOT NULL
        OR to_jsonb(NEW) - '{published_at,leak_mode,revision}'::text[] <> to_jsonb(OLD) - '{published_at,leak_mode,revision}'::text[]) THEN
        RAISE EXCEPTION 'decision % is in force', OLD.name USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER tr_decisions_guard BEFORE UPDATE OR DELETE ON decisions FOR EACH ROW EXECUTE FUNCTION guard_decision();

DO $$
DECLARE kept text;
BEGIN
    FOREACH kept IN ARRAY ARRAY['protocols', 'mandates', 'precedents', 'requests', 'appeals', 'replies', 'assessments', 'ballots', 'dissents', 'concerns', 'signatures', 'designation_changes'] LOOP
        EXECUTE format('CREATE TRIGGER tr_%1$s_kept BEFORE UPDATE OR DELETE ON %1$I FOR EACH ROW EXECUTE FUNCTION refuse_change()', kept);
    END LOOP;
    FOREACH kept IN ARRAY ARRAY['protocols', 'mandates', 'precedents', 'requests', 'appeals', 'replies', 'assessments', 'ballots', 'dissents', 'concerns', 'signatures', 'designation_changes', 'decisions'] LOOP
        EXECUTE format('CREATE TRIGGER tr_%1$s_not_emptied BEFORE TRUNCATE ON %1$I FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()', kept);
    END LOOP;
END $$;

-- Sealed until opened: whoever reads ballots or assessments for a caller does so as this role, which sees the caller's own (setting poc.caller) and those of
-- dossiers whose ballots are open, and nothing else. It holds for a superuser too, who passes by policies only while not being another role. It does not
-- hold against someone with the service's own password and SQL: that takes encryption.
DO $$
BEGIN
    CREATE ROLE poc_review_reader NOLOGIN;
EXCEPTION WHEN duplicate_object OR unique_violation THEN -- the role belongs to the server, and another database of it was first
END $$;

DO $$
BEGIN
    IF NOT pg_has_role(current_user, 'poc_review_reader', 'MEMBER') THEN
        EXECUTE format('GRANT poc_review_reader TO %I', current_user);
    END IF;
END $$;

GRANT SELECT ON ballots, assessments TO poc_review_reader;
GRANT SELECT (name, ballots_opened_at) ON dossiers TO poc_review_reader;
GRANT SELECT ON panel_members TO poc_review_reader;
ALTER TABLE ballots ENABLE ROW LEVEL SECURITY;
ALTER TABLE assessments ENABLE ROW LEVEL SECURITY;
CREATE POLICY sealed ON ballots TO poc_review_reader
    USING (reviewer = current_setting('poc.caller') OR EXISTS (SELECT 1 FROM dossiers AS d WHERE d.name = dossier AND d.ballots_opened_at IS NOT NULL));
CREATE POLICY sealed ON assessments TO poc_review_reader
    USING (reviewer = current_setting('poc.caller') OR EXISTS (SELECT 1 FROM dossiers AS d WHERE d.name = dossier AND d.ballots_opened_at IS NOT NULL));
