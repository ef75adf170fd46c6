-- For the records of partners. Partial: a request is not in it when it is filed, which costs submissions nothing.
CREATE INDEX ix_requests_outcome ON requests (kind, outcome, partner_id) WHERE outcome IS NOT NULL;
CREATE INDEX ix_requests_speaker_mismatch ON requests (partner_id) WHERE speaker_standing = 'MISMATCH';
