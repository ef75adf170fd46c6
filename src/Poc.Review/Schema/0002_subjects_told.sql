-- Subjects that were recorded before their recording was an event: told now, once, as CreateSubject tells of new ones.

WITH known AS (
    SELECT gen_random_uuid() AS event_id, name, native_name, script, transliterations, recorded_at FROM subjects
)
INSERT INTO outbox (event_id, urn, aggregate, version, body)
SELECT event_id, 'poc.review.v1.subject-recorded', name, 1,
    json_build_object(
        'eventId', event_id, 'aggregate', name, 'version', 1, 'occurredAt', to_char(recorded_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"+00:00"'),
        'nativeName', native_name, 'script', script, 'transliterations', transliterations)::text
FROM known
ORDER BY recorded_at, name;
