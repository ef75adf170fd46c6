-- Requests of like wording at any time are found by fewer and longer keys than the detector's own: 42 keys a row took most of the time of counting, and chance alone made letters share one.
-- A key is the first eight bytes of its sixteen in the signature, combined with the other eight: see MinHash.WordingKeys.
ALTER TABLE fingerprints ADD COLUMN wording_keys bigint[];

UPDATE fingerprints
SET wording_keys = CASE WHEN signature = '' THEN ARRAY[]::bigint[] ELSE ARRAY(
    SELECT ('x' || encode(substr(signature, 16 * n + 1, 8), 'hex'))::bit(64)::bigint # ('x' || encode(substr(signature, 16 * n + 9, 8), 'hex'))::bit(64)::bigint
    FROM generate_series(0, 11) AS n ORDER BY n) END;

ALTER TABLE fingerprints ALTER COLUMN wording_keys SET NOT NULL, DROP COLUMN band_keys;
CREATE INDEX ix_fingerprints_wording_keys ON fingerprints USING gin (wording_keys);
