namespace Poc.Campaigns.Requests;

/// <summary>One request as the detector sees it.</summary>
/// <param name="Id">The request's own id; unique in one run.</param>
/// <param name="At">When it was received, in Unix seconds.</param>
/// <param name="Account">Who sent it: an opaque id, compared and never shown.</param>
/// <param name="Organisation">The organisation it was sent for; empty for an individual. An organisation counts as one source however often it writes.</param>
/// <param name="Language">BCP 47 tag, may be empty. Only the primary subtag is used, and only to know what is usual in that language.</param>
/// <param name="Text">The letter.</param>
/// <param name="Urls">Links given beside the text; links inside the text are found as well.</param>
public sealed record CampaignRequest(string Id, long At, string Account, string Organisation, string Language, string Text, IReadOnlyList<string> Urls);
