-- Whose words a renunciation is, and how that was made sure: a label is not ended in another's name.

CREATE TABLE renunciations (
    episode      text NOT NULL,
    sequence     int  NOT NULL,
    declared_by  text NOT NULL CONSTRAINT ck_renunciations_declared_by CHECK (declared_by IN ('subject', 'counsel')),
    declared_on  date NOT NULL,
    verified_how text NOT NULL CONSTRAINT ck_renunciations_verified_how CHECK (verified_how <> ''),
    statement    text, -- in the archive, where the words are
    CONSTRAINT pk_renunciations PRIMARY KEY (episode, sequence),
    CONSTRAINT fk_renunciations_change FOREIGN KEY (episode, sequence) REFERENCES designation_changes
);

CREATE TRIGGER tr_renunciations_kept BEFORE UPDATE OR DELETE ON renunciations FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER tr_renunciations_not_emptied BEFORE TRUNCATE ON renunciations FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
