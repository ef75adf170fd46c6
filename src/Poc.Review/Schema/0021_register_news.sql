-- Which entries of the public register changed, in the order in which the changes came to be there. Readers follow it, and so does what keeps the register's answers.
-- Only what is in the register is named: that a subject is on record of whom nothing was said is nobody's news.
CREATE TABLE register_news (
    sequence    bigint      GENERATED ALWAYS AS IDENTITY CONSTRAINT pk_register_news PRIMARY KEY,
    subject     text        NOT NULL, -- without a foreign key: its check would wait for whoever holds the subject and waits for the lock below
    recorded_at timestamptz NOT NULL
);

CREATE TRIGGER tr_register_news_kept BEFORE UPDATE OR DELETE ON register_news FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER tr_register_news_not_emptied BEFORE TRUNCATE ON register_news FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- What was said before there was this table, in the order in which it was.
INSERT INTO register_news (subject, recorded_at)
SELECT e.subject, COALESCE(n.published_at, c.recorded_at)
FROM designation_changes AS c JOIN episodes AS e ON e.name = c.episode LEFT JOIN decisions AS n ON n.name = c.decision
WHERE c.said_on IS NOT NULL OR n.published_at IS NOT NULL
ORDER BY 2, c.episode, c.sequence;

-- Under a lock that is held to the end of the transaction, which these triggers are at: a number that can be seen is never followed by a smaller one.
CREATE FUNCTION note_register_news(subjects text[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('register news', 0));
    INSERT INTO register_news (subject, recorded_at)
    SELECT s, clock_timestamp() FROM (SELECT DISTINCT unnest($1) AS s) AS named WHERE was_said(s, 'infinity') ORDER BY s;
END $$;

-- What is said of a subject is read under its own name and under that it is read under now.
CREATE FUNCTION note_news_of(subject text) RETURNS void LANGUAGE sql AS $$
    SELECT note_register_news(ARRAY[$1, person_of($1, 'infinity')])
$$;

CREATE FUNCTION note_change_said() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM note_news_of((SELECT e.subject FROM episodes AS e WHERE e.name = NEW.episode));
    RETURN NULL;
END $$;

CREATE FUNCTION note_decision_published() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM note_news_of(e.subject) FROM designation_changes AS c JOIN episodes AS e ON e.name = c.episode WHERE c.decision = NEW.name;
    RETURN NULL;
END $$;

CREATE FUNCTION note_mandate() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM note_news_of(NEW.subject);
    RETURN NULL;
END $$;

CREATE FUNCTION note_identity_confirmed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM note_register_news(ARRAY[c.subject, person_of(c.subject, 'infinity'), COALESCE(c.other, c.subject), person_of(COALESCE(c.other, c.subject), 'infinity')])
    FROM identity_changes AS c WHERE c.id = NEW.change;
    RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER tr_designation_changes_news AFTER INSERT ON designation_changes DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (NEW.said_on IS NOT NULL) EXECUTE FUNCTION note_change_said();
CREATE CONSTRAINT TRIGGER tr_decisions_news AFTER UPDATE ON decisions DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (OLD.published_at IS NULL AND NEW.published_at IS NOT NULL) EXECUTE FUNCTION note_decision_published();
CREATE CONSTRAINT TRIGGER tr_mandates_news AFTER INSERT ON mandates DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION note_mandate();
CREATE CONSTRAINT TRIGGER tr_identity_confirmations_news AFTER INSERT ON identity_confirmations DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION note_identity_confirmed();
