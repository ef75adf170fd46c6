-- The names by which persons are found in the register, folded (NameFold in Poc.Kernel): those first recorded, and those of every correction. Derived from subjects and
-- identity_changes, never what an answer says; filled for rows of before when the service starts.
CREATE EXTENSION IF NOT EXISTS pg_trgm;

CREATE TABLE register_names (
    subject text        NOT NULL CONSTRAINT fk_register_names_subject REFERENCES subjects,
    since   timestamptz NOT NULL, -- when the subject was recorded, or the correction confirmed
    name    text        NOT NULL,
    folded  text        NOT NULL,
    CONSTRAINT pk_register_names PRIMARY KEY (subject, since, name)
);
CREATE INDEX ix_register_names_folded ON register_names USING gin (folded gin_trgm_ops);

-- Most persons have one name: taken for a thousand, as functions are, the planner reads whole tables rather than ask an index once.
ALTER FUNCTION names_of ROWS 1;

-- As before, without a part that is made for all episodes whenever one is asked for.
CREATE OR REPLACE VIEW designation_history AS
SELECT c.episode, c.sequence, c.state, c.label, c.effective_on, c.decision, c.reason, c.recorded_at,
       CASE WHEN c.decision IS NULL AND c.said_on IS NULL
            THEN (SELECT min(COALESCE(later.said_on, (l.published_at AT TIME ZONE 'UTC')::date))
                  FROM designation_changes AS later LEFT JOIN decisions AS l ON l.name = later.decision
                  WHERE later.episode = c.episode AND later.sequence > c.sequence)
            ELSE COALESCE(c.said_on, (n.published_at AT TIME ZONE 'UTC')::date) END AS public_day
FROM designation_changes AS c LEFT JOIN decisions AS n ON n.name = c.decision;

-- The register is listed by name, whatever the database's collation.
CREATE INDEX ix_subjects_name ON subjects (name COLLATE "C");
