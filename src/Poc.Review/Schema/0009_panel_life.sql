-- Members who take the seat of one that stepped back, and what a panel was told of the end of its term.

ALTER TABLE panel_members
    ADD COLUMN replaces text, -- who stepped back from this seat; null for who was seated first
    ADD CONSTRAINT fk_panel_members_replaces FOREIGN KEY (dossier, replaces) REFERENCES panel_members (dossier, staff),
    ADD CONSTRAINT uq_panel_members_replaces UNIQUE (dossier, replaces); -- a seat is given on once

-- Each term is told of twice at the most, whatever is restarted meanwhile: before it ends, and when it has ended and the ballots are sealed still.
CREATE TABLE panel_reminders (
    dossier        text        NOT NULL CONSTRAINT fk_panel_reminders_dossier REFERENCES dossiers,
    voting_ends_at timestamptz NOT NULL, -- a term that begins anew has an end, and reminders, of its own
    lapsed         boolean     NOT NULL,
    told_at        timestamptz NOT NULL,
    CONSTRAINT pk_panel_reminders PRIMARY KEY (dossier, voting_ends_at, lapsed)
);

CREATE TRIGGER tr_panel_reminders_kept BEFORE UPDATE OR DELETE ON panel_reminders FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER tr_panel_reminders_not_emptied BEFORE TRUNCATE ON panel_reminders FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE INDEX ix_dossiers_voting_ends_at ON dossiers (voting_ends_at) WHERE state = 'VOTING';
