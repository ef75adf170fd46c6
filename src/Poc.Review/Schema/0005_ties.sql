-- Who knows whom too well to judge: kept, and ended by a row of its own.

CREATE TABLE ties (
    id          uuid        CONSTRAINT pk_ties PRIMARY KEY,
    subject     text        NOT NULL,
    staff       text        NOT NULL,
    reason      text        NOT NULL,
    recorded_by text        NOT NULL,
    recorded_at timestamptz NOT NULL,
    CONSTRAINT fk_ties_subject FOREIGN KEY (subject) REFERENCES subjects (name)
);
CREATE INDEX ix_ties_subject ON ties (subject, recorded_at, id);

CREATE TABLE tie_ends (
    tie      uuid        CONSTRAINT pk_tie_ends PRIMARY KEY,
    reason   text        NOT NULL,
    ended_by text        NOT NULL,
    ended_at timestamptz NOT NULL,
    CONSTRAINT fk_tie_ends_tie FOREIGN KEY (tie) REFERENCES ties (id)
);

CREATE TRIGGER tr_ties_kept BEFORE UPDATE OR DELETE ON ties FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER tr_ties_not_emptied BEFORE TRUNCATE ON ties FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER tr_tie_ends_kept BEFORE UPDATE OR DELETE ON tie_ends FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER tr_tie_ends_not_emptied BEFORE TRUNCATE ON tie_ends FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
