-- Who somebody is, answered at once where nothing was ever changed about it, as with nearly everybody: these functions are asked at every reading of the register.
CREATE OR REPLACE FUNCTION person_of(subject text, at timestamptz) RETURNS text LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
BEGIN
    IF NOT EXISTS (SELECT 1 FROM identity_changes AS c WHERE c.subject = $1) THEN
        RETURN $1;
    END IF;
    RETURN (
        WITH RECURSIVE up AS (
            SELECT $1 AS name, 0 AS step
            UNION ALL
            SELECT last.other, up.step + 1
            FROM up CROSS JOIN LATERAL (
                SELECT h.kind, h.other FROM identity_history AS h
                WHERE h.subject = up.name AND h.kind <> 'CORRECTED' AND h.confirmed_at <= $2 ORDER BY h.sequence DESC LIMIT 1) AS last
            WHERE last.kind = 'MERGED')
        SELECT up.name FROM up ORDER BY up.step DESC LIMIT 1);
END $$;

CREATE OR REPLACE FUNCTION names_of(person text, at timestamptz) RETURNS SETOF text LANGUAGE plpgsql STABLE ROWS 2 AS $$
#variable_conflict use_column
BEGIN
    IF NOT EXISTS (SELECT 1 FROM identity_changes AS c WHERE c.other = $1) THEN
        RETURN NEXT $1;
        RETURN;
    END IF;
    RETURN QUERY
        WITH RECURSIVE down AS (
            SELECT $1 AS name
            UNION ALL
            SELECT h.subject
            FROM down JOIN identity_history AS h ON h.other = down.name
            WHERE h.kind = 'MERGED' AND h.confirmed_at <= $2 AND NOT EXISTS (
                SELECT 1 FROM identity_history AS later
                WHERE later.subject = h.subject AND later.kind <> 'CORRECTED' AND later.confirmed_at <= $2 AND later.sequence > h.sequence))
        SELECT down.name FROM down;
END $$;

CREATE OR REPLACE FUNCTION identity_of(subject text, at timestamptz)
RETURNS TABLE (native_name text, script text, transliterations text[], birth_date text, identity_note text) LANGUAGE plpgsql STABLE ROWS 1 AS $$
#variable_conflict use_column
BEGIN
    IF NOT EXISTS (SELECT 1 FROM identity_changes AS c WHERE c.subject = $1) THEN
        RETURN QUERY SELECT s.native_name, s.script, s.transliterations, s.birth_date, s.identity_note FROM subjects AS s WHERE s.name = $1;
        RETURN;
    END IF;
    RETURN QUERY
        SELECT i.native_name, i.script, i.transliterations, i.birth_date, i.identity_note
        FROM (
            SELECT h.sequence, h.native_name, h.script, h.transliterations, h.birth_date, h.identity_note FROM identity_history AS h
            WHERE h.subject = $1 AND h.kind = 'CORRECTED' AND h.confirmed_at <= $2
            UNION ALL
            SELECT 0, s.native_name, s.script, s.transliterations, s.birth_date, s.identity_note FROM subjects AS s WHERE s.name = $1) AS i
        ORDER BY i.sequence DESC LIMIT 1;
END $$;

-- Whether anything was said by a day of a subject, under its own name or as whatever it ever was one with.
CREATE FUNCTION was_said(subject text, day date) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
BEGIN
    RETURN EXISTS (SELECT 1 FROM episodes AS e JOIN designation_history AS c ON c.episode = e.name WHERE e.subject = $1 AND c.public_day <= $2)
        OR EXISTS (
            SELECT 1 FROM identity_history AS h CROSS JOIN LATERAL names_of(h.subject, h.confirmed_at) AS n (name)
            JOIN episodes AS e ON e.subject = n.name JOIN designation_history AS c ON c.episode = e.name
            WHERE h.kind = 'MERGED' AND h.other = $1 AND c.public_day <= $2);
END $$;
