using Poc.Testing;

namespace Poc.Intake.Tests.Operations;

/// <summary>Many requests in the database at once, as if they had been filed over a while yesterday.</summary>
internal static class StoredRequests
{
    public static Task AddAsync(TestDatabase database, string partner, int count) => database.ExecuteAsync(
        """
        INSERT INTO requests (id, partner_id, request_id, body_sha256, received_at, kind, subject, text, text_sha256, language, links, cited_statements, criteria, relation,
            withdraws, urgency_reason, partner_reference, synthetic, state, state_sequence, state_reason, state_detail)
        SELECT gen_random_uuid(), $1, gen_random_uuid(), '\x00', now() - interval '1 day' + i / 7 * interval '1 ms', 'WITHDRAW', 'subjects/a', repeat('Words. ', 50), '\x00', 'en', '{}', '{}', '{}',
            'FAMILY', 'partners/p/requests/00000000-0000-7000-8000-000000000000', '', '', true, 'RECEIVED', 1, '', ''
        FROM generate_series(1, $2) AS i
        """,
        partner["partners/".Length..], count);
}
