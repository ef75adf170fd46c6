using System.Globalization;
using Poc.Contracts.Review.V1;
using Poc.Grpc;
using Poc.Postgres;

namespace Poc.Review.Dossiers;

/// <summary>What each request below a campaign's entry says of its own. The words are Intake's; which requests they are is Review's, so that nobody needs to know how large the campaign is.</summary>
internal sealed class ListResidues(Database database, Intake intake, PageTokens tokens)
{
    private const int MaxPage = 100;

    /// <exception cref="RpcError">
    /// INVALID_ARGUMENT FIELD_INVALID, NOT_FOUND DOSSIER_NOT_FOUND, ENTRY_NOT_FOUND, UNAVAILABLE INTAKE_UNAVAILABLE.
    /// </exception>
    public async Task<ListResiduesResponse> HandleAsync(ListResiduesRequest request, CancellationToken cancellation)
    {
        new Violations().Name("dossier", request.Dossier, Names.Dossier).Name("campaign", request.Campaign, Names.Campaign).ThrowIfAny();
        var size = PageSize.Coerce(request.PageSize, 50, MaxPage);
        var from = tokens.Read(request, request.PageToken) is { } cursor ? int.Parse(cursor, CultureInfo.InvariantCulture) : 0;
        var dossier = await database.ReadAsync(tx => DossierView.ReadAsync(tx, request.Dossier), cancellation) ?? throw ReviewErrors.DossierNotFound(request.Dossier);
        var entry = dossier.Entries.SingleOrDefault(entry => entry.Campaign == request.Campaign) ?? throw ReviewErrors.EntryNotFound(request.Campaign);
        var page = entry.Requests.Skip(from).Take(size).ToList();
        var residues = (await intake.ResiduesAsync(entry.Campaign, page, cancellation)).ToDictionary(static residue => residue.Request, static residue => residue.Text, StringComparer.Ordinal);
        return new ListResiduesResponse
        {
            Residues = { page.Where(residues.ContainsKey).Select(name => new Residue { Request = name, Text = residues[name] }) },
            NextPageToken = from + page.Count < entry.Requests.Count ? tokens.Issue(request, (from + page.Count).ToString(CultureInfo.InvariantCulture)) : "",
        };
    }
}
