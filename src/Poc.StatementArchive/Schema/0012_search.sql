-- The working copy that is searched, anew: words as lexemes instead of trigrams of whole texts, which were ten times as large and stalled whoever appended. It follows the
-- log (Search/SearchIndexer.cs), which fills it from the statements themselves; so it can be emptied at any time.

DROP TABLE search_texts;

-- A part of a rendering: 4,000 words of it at most. Derived, never evidence.
CREATE TABLE search_texts (
    statement_id uuid        NOT NULL,
    language     text        NOT NULL,
    version      int         NOT NULL, -- 0 is the original
    part         int         NOT NULL,
    captured_at  timestamptz NOT NULL,
    -- When it can have been said; both null when nobody knows.
    said_from    date,
    said_until   date,
    -- Folded words with their places; for scripts without spaces, characters and pairs of them. Those that begin with = are no words: what can be asked for besides.
    lexemes      tsvector    NOT NULL,
    likeness     bigint[]    NOT NULL, -- what it shares one of with those that are nearly the same
    CONSTRAINT pk_search_texts PRIMARY KEY (statement_id, language, version, part)
);
-- A long list of what is still to be sorted in would be read by every search.
CREATE INDEX ix_search_texts_lexemes ON search_texts USING gin (lexemes) WITH (gin_pending_list_limit = 1024);
CREATE INDEX ix_search_texts_likeness ON search_texts USING gin (likeness);
CREATE INDEX ix_search_texts_captured_at ON search_texts (captured_at DESC, statement_id DESC);

-- The words there are, to find longer ones and those that are spelt nearly so. A word goes with the last text that has it.
CREATE TABLE search_words (
    word text   NOT NULL CONSTRAINT pk_search_words PRIMARY KEY,
    uses bigint NOT NULL -- parts of renderings that have it
) WITH (fillfactor = 80);
CREATE INDEX ix_search_words_word ON search_words USING gin (word gin_trgm_ops);

-- How far it has followed the log, and by which rules words were folded: by others, it begins anew.
CREATE TABLE search_progress (
    one_row    boolean CONSTRAINT pk_search_progress PRIMARY KEY DEFAULT true CONSTRAINT ck_search_progress_one_row CHECK (one_row),
    rules      int     NOT NULL,
    next_index bigint  NOT NULL
) WITH (fillfactor = 50);
INSERT INTO search_progress (rules, next_index) VALUES (0, 0);
