-- An entry bundle (C2SP tlog-tiles) gives the length of an entry in 16 bits: 65,536 bytes cannot be said. No entry came near it.
ALTER TABLE log_entries DROP CONSTRAINT ck_log_entries_body;
ALTER TABLE log_entries ADD CONSTRAINT ck_log_entries_body CHECK (octet_length(body) <= 65535);

-- PostgreSQL keeps the plan of a function's query as long as statistics are not renewed. One made while the log was small reads all of it for each added row: a log
-- that grows quickly took minutes for 65,000 entries. The rows are looked up by their primary keys, whatever the size.
ALTER FUNCTION log_nodes_check() SET enable_seqscan = off;
ALTER FUNCTION log_nodes_check() SET enable_hashjoin = off;
ALTER FUNCTION log_nodes_check() SET enable_mergejoin = off;
