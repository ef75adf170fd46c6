-- What a panel casts lies here as ciphertext until its ballots open, under a key of its round (docs/adr/0009). The tables assessments and ballots have what was opened, and nothing else:
-- the service's own role finds nothing early, whatever it asks.

-- A round's secret, under a master key that is in the configuration and in no database.
CREATE TABLE round_keys (
    dossier    text        CONSTRAINT pk_round_keys PRIMARY KEY CONSTRAINT fk_round_keys_dossier REFERENCES dossiers,
    master_key text        NOT NULL, -- its id
    sealed     bytea       NOT NULL, -- AES-256-GCM, bound to the dossier
    made_at    timestamptz NOT NULL
);

CREATE TABLE sealed_assessments (
    dossier   text        NOT NULL,
    reviewer  text        NOT NULL,
    statement text        NOT NULL,
    sealed    bytea       NOT NULL, -- poc.review.v1.Assessment, AES-256-GCM, bound to the row
    cast_at   timestamptz NOT NULL,
    CONSTRAINT pk_sealed_assessments PRIMARY KEY (dossier, reviewer, statement),
    CONSTRAINT fk_sealed_assessments_member FOREIGN KEY (dossier, reviewer) REFERENCES panel_members,
    CONSTRAINT fk_sealed_assessments_statement FOREIGN KEY (dossier, statement) REFERENCES dossier_statements,
    CONSTRAINT fk_sealed_assessments_key FOREIGN KEY (dossier) REFERENCES round_keys
);

CREATE TABLE sealed_ballots (
    dossier  text        NOT NULL,
    reviewer text        NOT NULL,
    sealed   bytea       NOT NULL, -- poc.review.v1.Ballot, AES-256-GCM, bound to the row
    cast_at  timestamptz NOT NULL,
    CONSTRAINT pk_sealed_ballots PRIMARY KEY (dossier, reviewer),
    CONSTRAINT fk_sealed_ballots_member FOREIGN KEY (dossier, reviewer) REFERENCES panel_members,
    CONSTRAINT fk_sealed_ballots_key FOREIGN KEY (dossier) REFERENCES round_keys
);

DO $$
DECLARE kept text;
BEGIN
    FOREACH kept IN ARRAY ARRAY['round_keys', 'sealed_assessments', 'sealed_ballots'] LOOP
        EXECUTE format('CREATE TRIGGER tr_%1$s_kept BEFORE UPDATE OR DELETE ON %1$I FOR EACH ROW EXECUTE FUNCTION refuse_change()', kept);
        EXECUTE format('CREATE TRIGGER tr_%1$s_not_emptied BEFORE TRUNCATE ON %1$I FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()', kept);
    END LOOP;
END $$;

-- Nothing comes into the tables of what is open before the dossier's ballots are; also not from a replica of an older version.
CREATE FUNCTION refuse_in_the_clear() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM dossiers AS d WHERE d.name = NEW.dossier AND d.ballots_opened_at IS NOT NULL) THEN
        RAISE EXCEPTION '% of % are sealed', TG_TABLE_NAME, NEW.dossier USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER tr_assessments_opened BEFORE INSERT ON assessments FOR EACH ROW EXECUTE FUNCTION refuse_in_the_clear();
CREATE TRIGGER tr_ballots_opened BEFORE INSERT ON ballots FOR EACH ROW EXECUTE FUNCTION refuse_in_the_clear();

-- Append-only as before, but for what an older version wrote in the clear, in rounds that are sealed still: it goes when the same row is there as ciphertext.
CREATE FUNCTION keep_opened() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND NOT EXISTS (SELECT 1 FROM dossiers AS d WHERE d.name = OLD.dossier AND d.ballots_opened_at IS NOT NULL)
        AND (TG_TABLE_NAME = 'ballots' AND EXISTS (SELECT 1 FROM sealed_ballots AS s WHERE s.dossier = OLD.dossier AND s.reviewer = OLD.reviewer)
            OR EXISTS (SELECT 1 FROM sealed_assessments AS s WHERE s.dossier = OLD.dossier AND s.reviewer = OLD.reviewer AND s.statement = to_jsonb(OLD) ->> 'statement')) THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;

DROP TRIGGER tr_assessments_kept ON assessments;
DROP TRIGGER tr_ballots_kept ON ballots;
CREATE TRIGGER tr_assessments_kept BEFORE UPDATE OR DELETE ON assessments FOR EACH ROW EXECUTE FUNCTION keep_opened();
CREATE TRIGGER tr_ballots_kept BEFORE UPDATE OR DELETE ON ballots FOR EACH ROW EXECUTE FUNCTION keep_opened();

-- Whoever reads for a caller has the caller's own ciphertexts; whose they are is no secret, what they say is.
GRANT SELECT ON sealed_ballots, sealed_assessments TO poc_review_reader;
ALTER TABLE sealed_ballots ENABLE ROW LEVEL SECURITY;
ALTER TABLE sealed_assessments ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON sealed_ballots TO poc_review_reader USING (reviewer = current_setting('poc.caller'));
CREATE POLICY own ON sealed_assessments TO poc_review_reader USING (reviewer = current_setting('poc.caller'));

-- Answers that repeat what was sealed: in rounds that are open still a repetition is told that it was cast.
DELETE FROM writes AS w USING panel_members AS m, dossiers AS d
WHERE w.method IN ('poc.review.v1.CastBallotRequest', 'poc.review.v1.CastAssessmentRequest') AND m.staff = w.caller AND d.name = m.dossier AND d.state = 'VOTING';
