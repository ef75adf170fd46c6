-- What somebody must be told who has no recipient record yet: kept until one is made, because a duty is not lost by the order in which things arrive.
CREATE TABLE waiting_duties (
    staff      text        NOT NULL,
    event_id   uuid        NOT NULL,
    event_kind text        NOT NULL,
    resource   text        NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT pk_waiting_duties PRIMARY KEY (staff, event_id)
);
COMMENT ON COLUMN waiting_duties.staff IS 'staff/{id}: whose duty it is.';
