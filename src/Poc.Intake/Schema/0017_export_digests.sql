-- What a finished export is, so that whoever downloaded it can tell that it is whole. Exports of the version before have none.
ALTER TABLE exports ADD COLUMN size_bytes bigint, ADD COLUMN sha256 bytea;
COMMENT ON COLUMN exports.sha256 IS 'Of the pieces one after the other, in order of last_line; with size_bytes set where the state becomes SUCCEEDED.';
