-- The same view as before, written so that a reader of one episode reads that episode alone: what was a common table expression was computed over all designations at every reading.
CREATE OR REPLACE VIEW designation_history AS
SELECT c.episode, c.sequence, c.state, c.label, c.effective_on, c.decision, c.reason, c.recorded_at,
       CASE WHEN c.decision IS NULL AND c.said_on IS NULL
            THEN (SELECT min(COALESCE(later.said_on, (m.published_at AT TIME ZONE 'UTC')::date))
                  FROM designation_changes AS later LEFT JOIN decisions AS m ON m.name = later.decision
                  WHERE later.episode = c.episode AND later.sequence > c.sequence)
            ELSE COALESCE(c.said_on, (n.published_at AT TIME ZONE 'UTC')::date) END AS public_day
FROM designation_changes AS c LEFT JOIN decisions AS n ON n.name = c.decision;

-- The same functions, in a language whose plans are kept for the session: they are asked at every reading of the register, and planning them took longer than answering.
CREATE OR REPLACE FUNCTION person_of(subject text, at timestamptz) RETURNS text LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
BEGIN
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
    RETURN QUERY
        SELECT i.native_name, i.script, i.transliterations, i.birth_date, i.identity_note
        FROM (
            SELECT h.sequence, h.native_name, h.script, h.transliterations, h.birth_date, h.identity_note FROM identity_history AS h
            WHERE h.subject = $1 AND h.kind = 'CORRECTED' AND h.confirmed_at <= $2
            UNION ALL
            SELECT 0, s.native_name, s.script, s.transliterations, s.birth_date, s.identity_note FROM subjects AS s WHERE s.name = $1) AS i
        ORDER BY i.sequence DESC LIMIT 1;
END $$;
