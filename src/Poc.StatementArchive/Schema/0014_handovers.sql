-- To whom evidentiary copies went, and what for (HandoverDocument in Poc.Kernel). The entry of kind custody has the document's SHA-256. Kept when the object is erased: who has a copy must be told.
CREATE TABLE handovers (
    entry_id  uuid  NOT NULL CONSTRAINT pk_handovers PRIMARY KEY CONSTRAINT fk_handovers_entry_id REFERENCES log_entries (entry_id) DEFERRABLE INITIALLY DEFERRED,
    object_id uuid  NOT NULL,
    document  bytea NOT NULL
);
CREATE TRIGGER tr_handovers_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON handovers FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
