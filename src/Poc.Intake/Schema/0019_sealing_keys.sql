-- The keys that seals were made with, so that one can be taken out of use for good; and the runs that wrap old seals anew.

CREATE TABLE sealing_keys (
    id            text        NOT NULL,
    first_used_at timestamptz NOT NULL DEFAULT now(),
    retired_at    timestamptz,
    retired_by    text,
    CONSTRAINT pk_sealing_keys PRIMARY KEY (id),
    CONSTRAINT ck_sealing_keys_retired CHECK ((retired_at IS NULL) = (retired_by IS NULL))
);
COMMENT ON TABLE sealing_keys IS 'Ids alone: the keys are in the configuration and never here.';
COMMENT ON COLUMN sealing_keys.retired_at IS 'From then on nothing is sealed with it, whatever a replica is configured with.';
INSERT INTO sealing_keys (id) SELECT DISTINCT key_id FROM sealed_requesters;

CREATE INDEX ix_sealed_requesters_key ON sealed_requesters (key_id, request);

-- Notes the key, and share-locks it until the seal is committed: who retires it waits, and then sees the seal. As the owner, because a partner's call may not see keys.
CREATE FUNCTION sealed_requesters_key() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    INSERT INTO public.sealing_keys (id) VALUES (NEW.key_id) ON CONFLICT ON CONSTRAINT pk_sealing_keys DO NOTHING;
    PERFORM FROM public.sealing_keys WHERE id = NEW.key_id AND retired_at IS NULL FOR SHARE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'sealing key % is retired', NEW.key_id USING ERRCODE = 'check_violation', CONSTRAINT = 'ck_sealed_requesters_key';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER tr_sealed_requesters_key BEFORE INSERT OR UPDATE OF key_id ON sealed_requesters FOR EACH ROW EXECUTE FUNCTION sealed_requesters_key();

CREATE TABLE requester_rewraps (
    id          uuid        NOT NULL,
    key_id      text        NOT NULL,
    state       text        NOT NULL,
    total       bigint      NOT NULL,
    done        bigint      NOT NULL,
    failed      bigint      NOT NULL,
    at_request  uuid,
    started_by  text        NOT NULL,
    started_at  timestamptz NOT NULL,
    updated_at  timestamptz NOT NULL,
    finished_at timestamptz,
    CONSTRAINT pk_requester_rewraps PRIMARY KEY (id),
    CONSTRAINT fk_requester_rewraps_key FOREIGN KEY (key_id) REFERENCES sealing_keys (id),
    CONSTRAINT ck_requester_rewraps_state CHECK (state IN ('RUNNING', 'FINISHED', 'SUPERSEDED')),
    CONSTRAINT ck_requester_rewraps_finished CHECK ((state = 'RUNNING') = (finished_at IS NULL))
);
CREATE UNIQUE INDEX uq_requester_rewraps_running ON requester_rewraps ((true)) WHERE state = 'RUNNING';
CREATE INDEX ix_requester_rewraps_started_at ON requester_rewraps (started_at DESC, id DESC);
COMMENT ON COLUMN requester_rewraps.at_request IS 'Seals of requests up to this one have been looked at.';
