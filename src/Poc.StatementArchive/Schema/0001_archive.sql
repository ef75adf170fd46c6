-- What people said, the ledgers about it, and the log that proves that neither was changed.
-- Nothing here is edited or removed: the triggers "append_only" refuse it, for the service and for whoever mends by hand alike.

CREATE EXTENSION IF NOT EXISTS pg_trgm;

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;

-- The log ------------------------------------------------------------------------------------------------------------------------------------------

-- One row: how many entries there are. Whoever appends holds it until commit, so indices have no gaps and no later entry is visible before an earlier one.
CREATE TABLE log_head (
    one_row boolean CONSTRAINT pk_log_head PRIMARY KEY DEFAULT true CONSTRAINT ck_log_head_one_row CHECK (one_row),
    size    bigint  NOT NULL CONSTRAINT ck_log_head_size CHECK (size >= 0)
) WITH (fillfactor = 50);
INSERT INTO log_head (size) VALUES (0);

-- Who signs the log. Written with the first tree head; a service configured with another origin or key refuses to sign.
CREATE TABLE log_identity (
    one_row      boolean CONSTRAINT pk_log_identity PRIMARY KEY DEFAULT true CONSTRAINT ck_log_identity_one_row CHECK (one_row),
    origin       text NOT NULL,
    verifier_key text NOT NULL
);

CREATE TABLE log_entries (
    index       bigint      NOT NULL CONSTRAINT pk_log_entries PRIMARY KEY,
    entry_id    uuid        NOT NULL CONSTRAINT uq_log_entries_entry_id UNIQUE,
    object_id   uuid        NOT NULL,
    kind        text        NOT NULL,
    -- Canonical JSON. The leaf is SHA-256(0x00 || body); all other columns only find it.
    body        bytea       NOT NULL CONSTRAINT ck_log_entries_body CHECK (octet_length(body) <= 65536),
    appended_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX ix_log_entries_object_id ON log_entries (object_id, index DESC);

CREATE FUNCTION log_entries_sequence() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE log_head SET size = size + 1 RETURNING size - 1 INTO STRICT NEW.index;
    RETURN NEW;
END $$;
CREATE TRIGGER tr_log_entries_sequence BEFORE INSERT ON log_entries FOR EACH ROW EXECUTE FUNCTION log_entries_sequence();

-- The perfect subtrees of the Merkle tree (RFC 6962), each stored when it is complete: level 0 are the leaves.
CREATE TABLE log_nodes (
    level smallint NOT NULL,
    index bigint   NOT NULL,
    hash  bytea    NOT NULL,
    CONSTRAINT pk_log_nodes PRIMARY KEY (level, index)
);

-- A wrong hash cannot be stored, whoever computes it: the database computes it again from the entry or from the children.
CREATE FUNCTION log_nodes_check() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM added LEFT JOIN log_entries e ON e.index = added.index
               WHERE added.level = 0 AND added.hash IS DISTINCT FROM sha256('\x00'::bytea || e.body))
    OR EXISTS (SELECT 1 FROM added
               LEFT JOIN log_nodes l ON l.level = added.level - 1 AND l.index = 2 * added.index
               LEFT JOIN log_nodes r ON r.level = added.level - 1 AND r.index = 2 * added.index + 1
               WHERE added.level > 0 AND added.hash IS DISTINCT FROM sha256('\x01'::bytea || l.hash || r.hash)) THEN
        RAISE EXCEPTION 'a node of the log is not the hash of what is below it'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ck_log_nodes_hash', TABLE = 'log_nodes';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER tr_log_nodes_check AFTER INSERT ON log_nodes REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION log_nodes_check();

-- Root of the tree over the first entries, from the nodes stored.
CREATE FUNCTION log_root(tree_size bigint) RETURNS bytea LANGUAGE plpgsql STABLE AS $$
DECLARE
    root    bytea;
    subtree bytea;
BEGIN
    IF tree_size = 0 THEN
        RETURN sha256(''::bytea);
    END IF;
    -- One perfect subtree for each bit of the size, the smallest and rightmost first.
    FOR bit IN 0..62 LOOP
        IF (tree_size >> bit) & 1 = 1 THEN
            SELECT hash INTO STRICT subtree FROM log_nodes WHERE level = bit AND index = (tree_size >> bit) - 1;
            root := CASE WHEN root IS NULL THEN subtree ELSE sha256('\x01'::bytea || subtree || root) END;
        END IF;
    END LOOP;
    RETURN root;
END $$;

-- The trees that may be signed: a chain in which each has one predecessor and at most one successor, so that two signers cannot both go on from the same tree.
CREATE TABLE log_tree_heads (
    size          bigint      NOT NULL CONSTRAINT pk_log_tree_heads PRIMARY KEY,
    root_hash     bytea       NOT NULL,
    previous_size bigint      CONSTRAINT fk_log_tree_heads_previous_size REFERENCES log_tree_heads, -- null for the empty tree alone
    fence         bigint      NOT NULL, -- number under which the integrator held its lock
    integrated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT uq_log_tree_heads_previous_size UNIQUE NULLS NOT DISTINCT (previous_size),
    CONSTRAINT ck_log_tree_heads_growth CHECK (CASE WHEN previous_size IS NULL THEN size = 0 ELSE size > previous_size END)
);

CREATE FUNCTION log_tree_heads_check() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.root_hash IS DISTINCT FROM log_root(NEW.size) THEN
        RAISE EXCEPTION 'the root hash is not that of the entries'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ck_log_tree_heads_root_hash', TABLE = 'log_tree_heads';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER tr_log_tree_heads_check BEFORE INSERT ON log_tree_heads FOR EACH ROW EXECUTE FUNCTION log_tree_heads_check();

-- What was signed: only tree heads that are already on disk, so that a crash between the two leaves nothing that anybody could have seen.
CREATE TABLE log_checkpoints (
    size      bigint      NOT NULL CONSTRAINT pk_log_checkpoints PRIMARY KEY CONSTRAINT fk_log_checkpoints_size REFERENCES log_tree_heads,
    note      text        NOT NULL, -- C2SP signed note over a C2SP checkpoint
    signed_at timestamptz NOT NULL DEFAULT now()
);

CREATE FUNCTION log_checkpoints_check() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF split_part(NEW.note, E'\n\n', 1) IS DISTINCT FROM (
        SELECT i.origin || E'\n' || h.size || E'\n' || encode(h.root_hash, 'base64') FROM log_identity i, log_tree_heads h WHERE h.size = NEW.size) THEN
        RAISE EXCEPTION 'the note is not over the tree head of that size'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ck_log_checkpoints_note', TABLE = 'log_checkpoints';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER tr_log_checkpoints_check BEFORE INSERT ON log_checkpoints FOR EACH ROW EXECUTE FUNCTION log_checkpoints_check();

-- Random ids that stand for people and services in the log, which names nobody.
CREATE TABLE actors (
    actor_id uuid NOT NULL CONSTRAINT pk_actors PRIMARY KEY,
    caller   text NOT NULL CONSTRAINT uq_actors_caller UNIQUE
);

-- Statements ---------------------------------------------------------------------------------------------------------------------------------------

-- Hashed into the entry, with the nonce: content (as UTF-8) and record, each for itself. The other columns find the row; name is also in the record.
CREATE TABLE statements (
    statement_id uuid        NOT NULL CONSTRAINT pk_statements PRIMARY KEY, -- random; the entry's object
    name         text        NOT NULL CONSTRAINT uq_statements_name UNIQUE,
    subject      text        NOT NULL,
    content      text        NOT NULL,
    record       text        NOT NULL, -- canonical JSON of everything recorded with the content: speaker, dates, claims…
    nonce        bytea       NOT NULL CONSTRAINT ck_statements_nonce CHECK (octet_length(nonce) = 32),
    entry_id     uuid        NOT NULL CONSTRAINT fk_statements_entry_id REFERENCES log_entries (entry_id) DEFERRABLE INITIALLY DEFERRED,
    captured_at  timestamptz NOT NULL
);
CREATE INDEX ix_statements_captured_at ON statements (captured_at DESC, statement_id DESC);
CREATE INDEX ix_statements_subject ON statements (subject, captured_at DESC, statement_id DESC);

CREATE TABLE translations (
    statement_id uuid        NOT NULL CONSTRAINT fk_translations_statement_id REFERENCES statements,
    language     text        NOT NULL,
    version      int         NOT NULL CONSTRAINT ck_translations_version CHECK (version > 0), -- from 1 within the language
    content      text        NOT NULL,
    record       text        NOT NULL,
    nonce        bytea       NOT NULL CONSTRAINT ck_translations_nonce CHECK (octet_length(nonce) = 32),
    entry_id     uuid        NOT NULL CONSTRAINT fk_translations_entry_id REFERENCES log_entries (entry_id) DEFERRABLE INITIALLY DEFERRED,
    added_at     timestamptz NOT NULL,
    CONSTRAINT pk_translations PRIMARY KEY (statement_id, language, version)
);

CREATE TABLE retraction_entries (
    statement_id uuid        NOT NULL CONSTRAINT fk_retraction_entries_statement_id REFERENCES statements,
    number       int         NOT NULL CONSTRAINT ck_retraction_entries_number CHECK (number > 0), -- in order of recording, from 1
    record       text        NOT NULL, -- canonical JSON of the whole ledger entry
    nonce        bytea       NOT NULL CONSTRAINT ck_retraction_entries_nonce CHECK (octet_length(nonce) = 32),
    entry_id     uuid        NOT NULL CONSTRAINT fk_retraction_entries_entry_id REFERENCES log_entries (entry_id) DEFERRABLE INITIALLY DEFERRED,
    recorded_at  timestamptz NOT NULL,
    CONSTRAINT pk_retraction_entries PRIMARY KEY (statement_id, number)
);

-- What each ledger folds to, for search. Derived: it can be rebuilt from retraction_entries at any time.
CREATE TABLE retraction_states (
    statement_id uuid NOT NULL CONSTRAINT pk_retraction_states PRIMARY KEY CONSTRAINT fk_retraction_states_statement_id REFERENCES statements,
    state        text NOT NULL
) WITH (fillfactor = 80);

-- Decisions of Review whose hash is in the log.
CREATE TABLE decisions (
    decision_id uuid NOT NULL CONSTRAINT pk_decisions PRIMARY KEY, -- random; the entry's object
    name        text NOT NULL CONSTRAINT uq_decisions_name UNIQUE,
    sha256      bytea NOT NULL CONSTRAINT ck_decisions_sha256 CHECK (octet_length(sha256) = 32),
    entry_id    uuid NOT NULL CONSTRAINT fk_decisions_entry_id REFERENCES log_entries (entry_id) DEFERRABLE INITIALLY DEFERRED
);

-- Working copies to search in: folded (case, accents, width), one for the original and one for each translation. Derived, never evidence.
CREATE TABLE search_texts (
    statement_id uuid   NOT NULL CONSTRAINT fk_search_texts_statement_id REFERENCES statements,
    language     text   NOT NULL, -- empty for the original
    version      int    NOT NULL,
    words        text   NOT NULL,
    bigrams      text[] NOT NULL, -- of scripts that do not space their words: single characters and pairs, which trigrams do not find
    CONSTRAINT pk_search_texts PRIMARY KEY (statement_id, language, version)
);
CREATE INDEX ix_search_texts_words ON search_texts USING gin (words gin_trgm_ops);
CREATE INDEX ix_search_texts_bigrams ON search_texts USING gin (bigrams);

DO $$
DECLARE
    evidence text;
BEGIN
    FOREACH evidence IN ARRAY ARRAY[
        'log_identity', 'log_entries', 'log_nodes', 'log_tree_heads', 'log_checkpoints', 'actors',
        'statements', 'translations', 'retraction_entries', 'decisions'
    ] LOOP
        EXECUTE format(
            'CREATE TRIGGER tr_%1$s_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON %1$s FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()',
            evidence);
    END LOOP;
END $$;
