-- What Intake says of a request's repetition, asked where it matters: after an earlier review of the same question. And requests that wait for that answer.

ALTER TABLE requests ADD COLUMN repetition jsonb; -- poc.review.v1.RequestRepetition; null where it was not asked for: no earlier review had the question, or one gathered

CREATE TABLE waiting_requests (
    request         text        CONSTRAINT pk_waiting_requests PRIMARY KEY,
    body            jsonb       NOT NULL, -- poc.intake.v1.request-received
    waiting_since   timestamptz NOT NULL DEFAULT now(),
    attempts        int         NOT NULL DEFAULT 1,
    next_attempt_at timestamptz NOT NULL
);

CREATE INDEX ix_waiting_requests_next_attempt_at ON waiting_requests (next_attempt_at);
