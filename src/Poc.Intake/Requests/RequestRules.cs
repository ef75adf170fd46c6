using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Google.Protobuf.Collections;
using Poc.Contracts.Intake.V1;
using Poc.Grpc;
using Poc.Intake.Attachments;

namespace Poc.Intake.Requests;

/// <summary>What a filing must look like; pure. The limits are those that intake.proto states.</summary>
internal static partial class RequestRules
{
    public const int MaxText = 100_000;
    public const int MaxLinks = 50;
    public const int MaxLinkLength = 2_000;
    public const int MaxCitedStatements = 50;
    public const int MaxCriteria = 20;
    public const int MaxUrgencyReason = 2_000;
    public const int MaxPartnerReference = 200;
    public const int MaxName = 200;
    public const int MaxTransliterations = 10;
    public const int MaxRequesterContact = 500;
    public const int MaxRequesterNote = 2_000;
    public const string StatementPattern = "subjects/{subject}/statements/{statement}";

    /// <exception cref="RpcError">INVALID_ARGUMENT (FIELD_INVALID) with everything that is wrong.</exception>
    public static void Check(SubmitRequestRequest message) => Find(message).ThrowIfAny();

    /// <summary>Everything that is wrong, fields being named from the message on.</summary>
    public static Violations Find(SubmitRequestRequest message)
    {
        var wrong = new Violations().Uuid("request_id", message.RequestId);
        if (message.Request is { } request)
        {
            Check(request, wrong);
        }
        else
        {
            wrong.Require(false, "request", "is required");
        }

        if (message.Requester is { } requester)
        {
            Check(requester, wrong);
        }

        return wrong;
    }

    private static void Check(Requester requester, Violations wrong) => wrong
        .NotBlank("requester.name", requester.Name)
        .MaxLength("requester.name", requester.Name, MaxName)
        .Require(PersonName.IsPlain(requester.Name), "requester.name", PersonName.Rule)
        .MaxLength("requester.contact", requester.Contact, MaxRequesterContact)
        .MaxLength("requester.note", requester.Note, MaxRequesterNote);

    private static void Check(Request request, Violations wrong)
    {
        wrong.Specified("request.kind", request.Kind)
            .Specified("request.relation", request.Relation)
            .NotBlank("request.text", request.Text)
            .MaxLength("request.text", request.Text, MaxText)
            .Require(IsStorable(request.Text), "request.text", "must not have the character U+0000 nor half of a surrogate pair")
            .Require(IsLanguageTag(request.Language), "request.language", "must be a BCP 47 language tag such as uk or zh-Hant")
            .MaxCount("request.links", request.Links.Count, MaxLinks)
            .MaxCount("request.cited_statements", request.CitedStatements.Count, MaxCitedStatements)
            .MaxCount("request.attachments", request.Attachments.Count, AttachmentRules.MaxPerRequest)
            .Require(request.Attachments.Distinct(StringComparer.Ordinal).Count() == request.Attachments.Count, "request.attachments", "must name each file once")
            .MaxCount("request.criteria", request.Criteria.Count, MaxCriteria)
            .MaxLength("request.urgency_reason", request.UrgencyReason, MaxUrgencyReason)
            .Require(IsStorable(request.UrgencyReason), "request.urgency_reason", "must not have the character U+0000 nor half of a surrogate pair")
            .MaxLength("request.partner_reference", request.PartnerReference, MaxPartnerReference)
            .Require(IsStorable(request.PartnerReference), "request.partner_reference", "must not have the character U+0000 nor half of a surrogate pair");

        // An oversized list is one violation, not thousands.
        ForEach("links", request.Links, MaxLinks, (field, link) => wrong.Require(IsLink(link), field, "must be an absolute http or https URL of at most 2000 characters"));
        ForEach("cited_statements", request.CitedStatements, MaxCitedStatements, (field, name) => wrong.Name(field, name, StatementPattern));
        ForEach("attachments", request.Attachments, AttachmentRules.MaxPerRequest, (field, name) => wrong.Require(AttachmentName.TryParse(name, out _), field, $"must be a name like {AttachmentName.Pattern}"));
        ForEach("criteria", request.Criteria, MaxCriteria, (field, id) => wrong.Require(CriterionId().IsMatch(id), field, "must be a criterion's id such as advocacy-of-violence"));
        CheckSubject(request, wrong);
        if (request.Kind == RequestKind.Withdraw)
        {
            wrong.Require(RequestName.TryParse(request.Withdraws, out _), "request.withdraws", $"must be a name like {RequestName.Pattern}");
        }
        else
        {
            wrong.Require(request.Withdraws.Length == 0, "request.withdraws", "is for the kind WITHDRAW only");
        }
    }

    private static void ForEach(string list, RepeatedField<string> values, int limit, Action<string, string> check)
    {
        for (var i = 0; i < values.Count && i < limit; i++)
        {
            check(string.Create(CultureInfo.InvariantCulture, $"request.{list}[{i}]"), values[i]);
        }
    }

    private static void CheckSubject(Request request, Violations wrong)
    {
        switch (request.Subject?.ReferenceCase)
        {
            case SubjectReference.ReferenceOneofCase.Subject:
                wrong.Name("request.subject.subject", request.Subject.Subject, "subjects/{subject}");
                break;
            case SubjectReference.ReferenceOneofCase.Description:
                var person = request.Subject.Description;
                wrong.NotBlank("request.subject.description.native_name", person.NativeName)
                    .MaxLength("request.subject.description.native_name", person.NativeName, MaxName)
                    .Require(PersonName.IsPlain(person.NativeName), "request.subject.description.native_name", PersonName.Rule)
                    .Require(person.Script.Length == 0 || ScriptCode().IsMatch(person.Script), "request.subject.description.script", "must be an ISO 15924 code such as Cyrl")
                    .MaxCount("request.subject.description.transliterations", person.Transliterations.Count, MaxTransliterations);
                for (var i = 0; i < person.Transliterations.Count && i < MaxTransliterations; i++)
                {
                    var field = string.Create(CultureInfo.InvariantCulture, $"request.subject.description.transliterations[{i}]");
                    wrong.NotBlank(field, person.Transliterations[i])
                        .MaxLength(field, person.Transliterations[i], MaxName)
                        .Require(PersonName.IsPlain(person.Transliterations[i]), field, PersonName.Rule);
                }

                break;
            case SubjectReference.ReferenceOneofCase.None:
                wrong.Require(false, "request.subject", "must have either subject or description");
                break;
            default:
                wrong.Require(request.Kind == RequestKind.Withdraw, "request.subject", "is required");
                break;
        }
    }

    /// <summary>Whether it is a well-formed tag of RFC 5646 in outline: subtags of 1 to 8 letters and digits, the first one letters; at most 35 characters.</summary>
    public static bool IsLanguageTag(string text) => text.Length <= 35 && LanguageTag().IsMatch(text);

    /// <summary>Whether it is an absolute http or https URL without characters that a URL cannot have.</summary>
    public static bool IsLink(string text) =>
        text.Length is > 0 and <= MaxLinkLength
        && !text.Any(static c => char.IsWhiteSpace(c) || char.IsControl(c) || char.IsSurrogate(c))
        && Uri.TryCreate(text, UriKind.Absolute, out var uri)
        && (uri.Scheme == Uri.UriSchemeHttp || uri.Scheme == Uri.UriSchemeHttps)
        && uri.Host.Length > 0;

    /// <summary>Whether PostgreSQL can store the text as it came: UTF-8 has no halves of surrogate pairs, and a text column no U+0000.</summary>
    public static bool IsStorable(string text)
    {
        for (ReadOnlySpan<char> rest = text; !rest.IsEmpty;)
        {
            var next = rest.IndexOfAnyInRange('\uD800', '\uDFFF');
            var plain = next < 0 ? rest : rest[..next];
            if (plain.Contains('\0'))
            {
                return false;
            }

            if (next < 0)
            {
                return true;
            }

            if (Rune.DecodeFromUtf16(rest[next..], out _, out var consumed) != System.Buffers.OperationStatus.Done)
            {
                return false;
            }

            rest = rest[(next + consumed)..];
        }

        return true;
    }

    [GeneratedRegex("^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*\\z", RegexOptions.CultureInvariant)]
    private static partial Regex LanguageTag();

    [GeneratedRegex("^[A-Z][a-z]{3}\\z", RegexOptions.CultureInvariant)]
    private static partial Regex ScriptCode();

    [GeneratedRegex("^(?=.{1,64}\\z)[a-z0-9]+(-[a-z0-9]+)*\\z", RegexOptions.CultureInvariant)]
    private static partial Regex CriterionId();
}
