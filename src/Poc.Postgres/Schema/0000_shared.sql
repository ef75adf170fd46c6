-- Tables every service's database has. Times here are the database's own clock: replicas may disagree about theirs.

-- Events on their way to the bus: inserted in the transaction that made them true, removed when the broker has confirmed them.
CREATE TABLE outbox (
    id              bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT pk_outbox PRIMARY KEY,
    event_id        uuid        NOT NULL CONSTRAINT uq_outbox_event_id UNIQUE,
    urn             text        NOT NULL, -- the pinned name, e.g. poc.intake.v1.request-received
    aggregate       text        NOT NULL, -- order is kept within it
    version         bigint      NOT NULL,
    body            text        NOT NULL, -- JSON; text, not jsonb, so that what cannot be parsed can be kept and looked at
    traceparent     text,                 -- W3C trace context of the writer
    tracestate      text,
    created_at      timestamptz NOT NULL DEFAULT now(),
    attempts        int         NOT NULL DEFAULT 0,
    next_attempt_at timestamptz NOT NULL DEFAULT now(),
    quarantined_at  timestamptz,          -- set: not tried again until released; later rows of the aggregate wait behind it
    last_error      text
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000, autovacuum_analyze_scale_factor = 0, autovacuum_analyze_threshold = 5000);

CREATE INDEX ix_outbox_aggregate_id ON outbox (aggregate, id);

-- Wakes the relays, but only when nothing else was waiting: NOTIFY makes transactions commit one after the other, and a relay that has work looks again anyway.
-- It looks back a thousand ids only: behind them lie the traces of what was published since the last VACUUM, and walking them cost more than the insert itself.
CREATE FUNCTION outbox_wake() RETURNS trigger LANGUAGE plpgsql SET enable_seqscan = off SET enable_bitmapscan = off AS $$
DECLARE
    first_added bigint := (SELECT min(added.id) FROM added);
BEGIN
    IF NOT EXISTS (SELECT 1 FROM outbox
                   WHERE quarantined_at IS NULL AND next_attempt_at <= now() AND id < first_added AND id >= first_added - 1000) THEN
        PERFORM pg_notify('outbox', '');
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER tr_outbox_wake AFTER INSERT ON outbox
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION outbox_wake();

-- Events a consumer has taken, in the same transaction as their effect. Old rows may be removed: inbox_versions still knows what was applied.
CREATE TABLE inbox (
    event_id    uuid        NOT NULL,
    consumer    text        NOT NULL,
    received_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT pk_inbox PRIMARY KEY (event_id, consumer)
);

CREATE INDEX ix_inbox_received_at ON inbox (received_at);

-- The last version applied: n+1 is applied, what is beyond a gap is parked, what is not above n is ignored.
CREATE TABLE inbox_versions (
    consumer  text   NOT NULL,
    aggregate text   NOT NULL,
    urn       text   NOT NULL,
    version   bigint NOT NULL,
    CONSTRAINT pk_inbox_versions PRIMARY KEY (consumer, aggregate, urn)
) WITH (fillfactor = 80);

-- Events that came before their predecessor.
CREATE TABLE inbox_parked (
    consumer  text        NOT NULL,
    aggregate text        NOT NULL,
    urn       text        NOT NULL,
    version   bigint      NOT NULL,
    event_id  uuid        NOT NULL,
    body      text        NOT NULL,
    parked_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT pk_inbox_parked PRIMARY KEY (consumer, aggregate, urn, version)
);

CREATE INDEX ix_inbox_parked_parked_at ON inbox_parked (parked_at);

-- Who holds a fenced lock now: a holder whose number is lower than this one has lost it, whatever it believes.
CREATE TABLE fences (
    key    bigint CONSTRAINT pk_fences PRIMARY KEY,
    number bigint NOT NULL
);
