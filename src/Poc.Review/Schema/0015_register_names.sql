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

-- The register is listed by name, whatever the database's collation.
CREATE INDEX ix_subjects_name ON subjects (name COLLATE "C");
