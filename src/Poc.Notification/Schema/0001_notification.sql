-- Who is told of what. Enum values are stored by their proto names without the prefix; times are the database's clock, UTC.

CREATE TABLE recipients (
    recipient_id text        NOT NULL CONSTRAINT pk_recipients PRIMARY KEY,
    display_name text        NOT NULL,
    audience     text        NOT NULL CONSTRAINT ck_recipients_audience CHECK (audience IN ('COUNSEL_AND_FAMILY', 'SECTIONS', 'PARTNERS', 'REQUESTERS', 'PUBLIC', 'STAFF')),
    email        text            NULL,
    language     text        NOT NULL,
    staff        text            NULL CONSTRAINT uq_recipients_staff UNIQUE,
    synthetic    boolean     NOT NULL,
    created_at   timestamptz NOT NULL DEFAULT now(),
    -- Whoever is in a wave is told by mail; staff may have an inbox alone.
    CONSTRAINT ck_recipients_reachable CHECK (email IS NOT NULL OR (audience = 'STAFF' AND staff IS NOT NULL)),
    -- The last defence against a header in an address; the first are CreateRecipient and the composition of the mail.
    CONSTRAINT ck_recipients_email_one_line CHECK (email !~ '[[:cntrl:][:space:]<>,;]')
);
CREATE INDEX ix_recipients_audience ON recipients (audience);
COMMENT ON COLUMN recipients.staff IS 'staff/{id}: who reads the inbox. Null: has none.';

CREATE TABLE subscriptions (
    subscription_id uuid        NOT NULL CONSTRAINT pk_subscriptions PRIMARY KEY,
    recipient_id    text        NOT NULL CONSTRAINT fk_subscriptions_recipient REFERENCES recipients,
    event_kind      text        NOT NULL,
    subject         text            NULL,
    channels        text[]      NOT NULL CONSTRAINT ck_subscriptions_channels CHECK (channels <@ ARRAY['EMAIL', 'INBOX'] AND cardinality(channels) > 0),
    created_at      timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX ix_subscriptions_event_kind ON subscriptions (event_kind, subject);
COMMENT ON COLUMN subscriptions.subject IS 'subjects/{id}: only about this one. Null: about all.';

CREATE TABLE recipient_plans (
    decision_id     text        NOT NULL CONSTRAINT pk_recipient_plans PRIMARY KEY,
    state           text        NOT NULL CONSTRAINT ck_recipient_plans_state CHECK (state IN ('PREPARED', 'RUNNING', 'COMPLETED')),
    prepared        boolean     NOT NULL,
    leak_mode       boolean     NOT NULL DEFAULT false,
    corrects        text            NULL,
    signed_event_id uuid            NULL,
    created_at      timestamptz NOT NULL DEFAULT now(),
    started_at      timestamptz     NULL,
    completed_at    timestamptz     NULL,
    CONSTRAINT ck_recipient_plans_started CHECK ((state = 'PREPARED') = (started_at IS NULL) AND (started_at IS NULL) = (signed_event_id IS NULL)),
    CONSTRAINT ck_recipient_plans_completed CHECK ((state = 'COMPLETED') = (completed_at IS NOT NULL))
);
CREATE INDEX ix_recipient_plans_corrects ON recipient_plans (corrects) WHERE corrects IS NOT NULL;
COMMENT ON COLUMN recipient_plans.prepared IS 'False: nobody prepared a plan before the decision was signed, so the protocol''s mandatory audiences made it.';
COMMENT ON COLUMN recipient_plans.corrects IS 'Id of the decision this one corrects; its plan may be unknown here, or come later.';

-- A wave is named by its audience; its number is its place, which a correction may still move before the plan starts and nothing moves afterwards.
CREATE TABLE plan_waves (
    decision_id  text        NOT NULL CONSTRAINT fk_plan_waves_plan REFERENCES recipient_plans ON DELETE CASCADE,
    audience     text        NOT NULL CONSTRAINT ck_plan_waves_audience CHECK (audience IN ('COUNSEL_AND_FAMILY', 'SECTIONS', 'PARTNERS', 'REQUESTERS', 'PUBLIC')),
    number       integer     NOT NULL CONSTRAINT ck_plan_waves_number CHECK (number > 0),
    opened_at    timestamptz     NULL,
    completed_at timestamptz     NULL,
    overridden   boolean     NOT NULL DEFAULT false,
    CONSTRAINT pk_plan_waves PRIMARY KEY (decision_id, audience),
    CONSTRAINT uq_plan_waves_number UNIQUE (decision_id, number) DEFERRABLE INITIALLY IMMEDIATE,
    CONSTRAINT ck_plan_waves_order CHECK (completed_at IS NULL OR opened_at IS NOT NULL)
);

CREATE TABLE wave_recipients (
    decision_id  text    NOT NULL,
    audience     text    NOT NULL,
    recipient_id text    NOT NULL CONSTRAINT fk_wave_recipients_recipient REFERENCES recipients,
    mandatory    boolean NOT NULL,
    reason       text    NOT NULL,
    CONSTRAINT pk_wave_recipients PRIMARY KEY (decision_id, recipient_id),
    CONSTRAINT fk_wave_recipients_wave FOREIGN KEY (decision_id, audience) REFERENCES plan_waves ON DELETE CASCADE
);
COMMENT ON COLUMN wave_recipients.reason IS 'Why this recipient is told; shown on the delivery.';

CREATE TABLE plan_texts (
    decision_id text NOT NULL CONSTRAINT fk_plan_texts_plan REFERENCES recipient_plans ON DELETE CASCADE,
    audience    text NOT NULL,
    language    text NOT NULL,
    text        text NOT NULL,
    CONSTRAINT pk_plan_texts PRIMARY KEY (decision_id, audience, language)
);

-- Append-only: the log of exceptions to the embargo.
CREATE TABLE plan_overrides (
    override_id bigint      NOT NULL GENERATED ALWAYS AS IDENTITY CONSTRAINT pk_plan_overrides PRIMARY KEY,
    decision_id text        NOT NULL CONSTRAINT fk_plan_overrides_plan REFERENCES recipient_plans,
    staff       text        NOT NULL,
    reason      text        NOT NULL,
    wave        integer     NOT NULL,
    made_at     timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX ix_plan_overrides_plan ON plan_overrides (decision_id, override_id);
COMMENT ON COLUMN plan_overrides.wave IS 'The wave that was opened; 0: all of them, because the decision leaked.';

CREATE TABLE deliveries (
    delivery_id      uuid        NOT NULL CONSTRAINT pk_deliveries PRIMARY KEY,
    event_id         uuid        NOT NULL,
    recipient_id     text        NOT NULL CONSTRAINT fk_deliveries_recipient REFERENCES recipients,
    channel          text        NOT NULL CONSTRAINT ck_deliveries_channel CHECK (channel IN ('EMAIL', 'INBOX')),
    class            text        NOT NULL CONSTRAINT ck_deliveries_class CHECK (class IN ('DUTY', 'URGENT', 'NORMAL', 'DIGEST')),
    state            text        NOT NULL CONSTRAINT ck_deliveries_state CHECK (state IN ('QUEUED', 'SENT', 'ACKNOWLEDGED', 'DEAD')),
    reason           text        NOT NULL,
    decision_id      text            NULL CONSTRAINT fk_deliveries_plan REFERENCES recipient_plans,
    wave             integer         NULL,
    reference        text            NULL,
    reference_sha256 bytea           NULL CONSTRAINT uq_deliveries_reference_sha256 UNIQUE,
    attempts         integer     NOT NULL DEFAULT 0,
    next_attempt_at  timestamptz     NULL,
    lease            uuid            NULL,
    traceparent      text            NULL,
    tracestate       text            NULL,
    created_at       timestamptz NOT NULL DEFAULT now(),
    sent_at          timestamptz     NULL,
    acknowledged_at  timestamptz     NULL,
    -- One message for one event to one recipient over one channel, however often the event comes.
    CONSTRAINT uq_deliveries_event_recipient_channel UNIQUE (event_id, recipient_id, channel),
    CONSTRAINT ck_deliveries_mail_has_reference CHECK (channel <> 'EMAIL' OR reference_sha256 IS NOT NULL),
    CONSTRAINT ck_deliveries_queued CHECK ((state = 'QUEUED') = (next_attempt_at IS NOT NULL) AND (state <> 'QUEUED' OR reference IS NOT NULL)),
    -- The secret is kept only while a mail must still be written with it.
    CONSTRAINT ck_deliveries_secret CHECK (state = 'QUEUED' OR reference IS NULL)
);
CREATE INDEX ix_deliveries_due ON deliveries (next_attempt_at) WHERE state = 'QUEUED';
CREATE INDEX ix_deliveries_plan ON deliveries (decision_id, created_at, delivery_id) WHERE decision_id IS NOT NULL;
CREATE INDEX ix_deliveries_recipient ON deliveries (recipient_id, created_at, delivery_id);
CREATE INDEX ix_deliveries_created_at ON deliveries (created_at, delivery_id);
COMMENT ON COLUMN deliveries.reference IS 'The secret of the mail, 192 random bits in base64url; removed as soon as the mail needs no further attempt.';
COMMENT ON COLUMN deliveries.reference_sha256 IS 'SHA-256 of the reference in ASCII: by it an acknowledgement finds its delivery.';
COMMENT ON COLUMN deliveries.next_attempt_at IS 'When the mail is due; while an attempt runs, when its lease ends.';
COMMENT ON COLUMN deliveries.lease IS 'The attempt that may record an outcome; an attempt that outlived its lease has another one.';
COMMENT ON COLUMN deliveries.traceparent IS 'W3C trace context of the call that caused it: the sending continues that trace.';

-- Codes only: a server''s text can repeat the address.
CREATE TABLE delivery_attempts (
    delivery_id uuid        NOT NULL CONSTRAINT fk_delivery_attempts_delivery REFERENCES deliveries,
    attempt     integer     NOT NULL,
    code        text        NOT NULL,
    latency_ms  integer     NOT NULL,
    finished_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT pk_delivery_attempts PRIMARY KEY (delivery_id, attempt)
);

-- One row per recipient with an inbox. Its lock is held from the assignment of a cursor to the commit, so that items become visible in the order of
-- their cursors and without gaps: a reader never passes an item that is still to come.
CREATE TABLE inboxes (
    recipient_id text   NOT NULL CONSTRAINT pk_inboxes PRIMARY KEY CONSTRAINT fk_inboxes_recipient REFERENCES recipients,
    last_cursor  bigint NOT NULL DEFAULT 0
);

CREATE TABLE inbox_items (
    recipient_id text        NOT NULL CONSTRAINT fk_inbox_items_inbox REFERENCES inboxes,
    cursor       bigint      NOT NULL,
    delivery_id  uuid        NOT NULL CONSTRAINT uq_inbox_items_delivery UNIQUE CONSTRAINT fk_inbox_items_delivery REFERENCES deliveries,
    event_id     uuid        NOT NULL,
    event_kind   text        NOT NULL,
    resource     text        NOT NULL,
    class        text        NOT NULL,
    reason       text        NOT NULL,
    created_at   timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT pk_inbox_items PRIMARY KEY (recipient_id, cursor),
    CONSTRAINT uq_inbox_items_event UNIQUE (recipient_id, event_id)
);
