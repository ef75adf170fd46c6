-- Who a subject is, changed by two people and never rewritten: a name or a birth date is corrected, two subjects turn out to be one person, or one to be two after all.
-- The rows of subjects stay what was first recorded; a change counts from its confirmation on, and every answer can be asked for any moment before it.

ALTER TABLE subjects
    ADD COLUMN birth_date    text NOT NULL DEFAULT '', -- ISO 8601, as far as it is known: 1976, 1976-06, 1976-06-04
    ADD COLUMN identity_note text NOT NULL DEFAULT ''; -- what tells this person from others of the name

-- What somebody proposed. It does nothing until somebody else confirms it.
CREATE TABLE identity_changes (
    id               uuid        CONSTRAINT pk_identity_changes PRIMARY KEY,
    subject          text        NOT NULL CONSTRAINT fk_identity_changes_subject REFERENCES subjects,
    kind             text        NOT NULL CONSTRAINT ck_identity_changes_kind CHECK (kind IN ('CORRECTED', 'MERGED', 'SEPARATED')),
    other            text        CONSTRAINT fk_identity_changes_other REFERENCES subjects, -- whom the subject is merged into, or separated from
    native_name      text,       -- this and what follows: a correction's, which says all of the identity anew
    script           text,
    transliterations text[],
    birth_date       text,
    identity_note    text,
    reason           text        NOT NULL,
    seen             bigint      NOT NULL, -- the last confirmation about subject or other when this was proposed: it was proposed knowing that, and nothing later
    proposed_by      text        NOT NULL,
    proposed_at      timestamptz NOT NULL,
    CONSTRAINT ck_identity_changes_other CHECK ((kind = 'CORRECTED') = (other IS NULL) AND other <> subject),
    CONSTRAINT ck_identity_changes_corrected CHECK (
        (kind = 'CORRECTED') = (native_name IS NOT NULL AND script IS NOT NULL AND transliterations IS NOT NULL AND birth_date IS NOT NULL AND identity_note IS NOT NULL))
);

CREATE INDEX ix_identity_changes_subject ON identity_changes (subject);
CREATE INDEX ix_identity_changes_other ON identity_changes (other) WHERE other IS NOT NULL;

CREATE TABLE identity_confirmations (
    sequence     bigint      GENERATED ALWAYS AS IDENTITY CONSTRAINT pk_identity_confirmations PRIMARY KEY, -- the order in which changes came to count
    change       uuid        NOT NULL CONSTRAINT uq_identity_confirmations_change UNIQUE CONSTRAINT fk_identity_confirmations_change REFERENCES identity_changes,
    confirmed_by text        NOT NULL,
    confirmed_at timestamptz NOT NULL
);

CREATE FUNCTION require_other_confirmer() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM identity_changes AS c WHERE c.id = NEW.change AND c.proposed_by = NEW.confirmed_by) THEN
        RAISE EXCEPTION 'who proposed % cannot confirm it', NEW.change USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER tr_identity_confirmations_two_people BEFORE INSERT ON identity_confirmations FOR EACH ROW EXECUTE FUNCTION require_other_confirmer();

-- What counts.
CREATE VIEW identity_history AS
SELECT k.sequence, k.confirmed_by, k.confirmed_at, c.*
FROM identity_changes AS c JOIN identity_confirmations AS k ON k.change = c.id;

-- The subject under which a name was read at a moment: the end of its merges, or itself.
CREATE FUNCTION person_of(subject text, at timestamptz) RETURNS text LANGUAGE sql STABLE AS $$
    WITH RECURSIVE up AS (
        SELECT $1 AS name, 0 AS step
        UNION ALL
        SELECT last.other, up.step + 1
        FROM up CROSS JOIN LATERAL (
            SELECT h.kind, h.other FROM identity_history AS h
            WHERE h.subject = up.name AND h.kind <> 'CORRECTED' AND h.confirmed_at <= $2 ORDER BY h.sequence DESC LIMIT 1) AS last
        WHERE last.kind = 'MERGED')
    SELECT name FROM up ORDER BY step DESC LIMIT 1
$$;

-- The subject and all that were merged into it, at a moment.
CREATE FUNCTION names_of(person text, at timestamptz) RETURNS SETOF text LANGUAGE sql STABLE AS $$
    WITH RECURSIVE down AS (
        SELECT $1 AS name
        UNION ALL
        SELECT h.subject
        FROM down JOIN identity_history AS h ON h.other = down.name
        WHERE h.kind = 'MERGED' AND h.confirmed_at <= $2 AND NOT EXISTS (
            SELECT 1 FROM identity_history AS later
            WHERE later.subject = h.subject AND later.kind <> 'CORRECTED' AND later.confirmed_at <= $2 AND later.sequence > h.sequence))
    SELECT name FROM down
$$;

-- Names, birth date and note of a subject, at a moment.
CREATE FUNCTION identity_of(subject text, at timestamptz)
RETURNS TABLE (native_name text, script text, transliterations text[], birth_date text, identity_note text) LANGUAGE sql STABLE AS $$
    SELECT i.native_name, i.script, i.transliterations, i.birth_date, i.identity_note
    FROM (
        SELECT h.sequence, h.native_name, h.script, h.transliterations, h.birth_date, h.identity_note FROM identity_history AS h
        WHERE h.subject = $1 AND h.kind = 'CORRECTED' AND h.confirmed_at <= $2
        UNION ALL
        SELECT 0, s.native_name, s.script, s.transliterations, s.birth_date, s.identity_note FROM subjects AS s WHERE s.name = $1) AS i
    ORDER BY i.sequence DESC LIMIT 1
$$;

DO $$
DECLARE kept text;
BEGIN
    FOREACH kept IN ARRAY ARRAY['subjects', 'episodes', 'identity_changes', 'identity_confirmations'] LOOP
        EXECUTE format('CREATE TRIGGER tr_%1$s_kept BEFORE UPDATE OR DELETE ON %1$I FOR EACH ROW EXECUTE FUNCTION refuse_change()', kept);
        EXECUTE format('CREATE TRIGGER tr_%1$s_not_emptied BEFORE TRUNCATE ON %1$I FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()', kept);
    END LOOP;
END $$;
