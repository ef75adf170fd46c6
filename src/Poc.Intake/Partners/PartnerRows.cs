using Poc.Grpc;
using Poc.Postgres;

namespace Poc.Intake.Partners;

/// <summary>
/// A partner's call sees that partner's rows, whatever its SQL asks for: the policies of <c>0018_row_level_security.sql</c> hold behind the checks of the methods. Not so for
/// <see cref="Requests.GroupCommit"/>, which writes the filings of many partners with one statement, each under the partner that its own call proved.
/// </summary>
internal sealed class PartnerRows : IRowScopes
{
    private const string Role = "poc_intake_partner";
    private const string Setting = "poc.partner";

    /// <inheritdoc />
    public RowScope? Current => Caller.Current is { } caller && caller.Is(Roles.Partner) ? new RowScope(Role, Setting, caller.Id["partners/".Length..]) : null;
}
