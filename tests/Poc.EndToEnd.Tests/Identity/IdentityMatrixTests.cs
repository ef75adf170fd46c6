using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text.RegularExpressions;
using Google.Api;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Google.Rpc;
using Grpc.Core;
using Grpc.Net.Client;
using Poc.Contracts.Intake.V1;
using Poc.Grpc;
using Poc.Kernel;
using Poc.Testing;

namespace Poc.EndToEnd.Tests.Identity;

/// <summary>
/// Every method of every service, called with every identity on the running stack. What a method answers to an empty message does not matter here: only whether the
/// caller was let through. The methods come from the descriptors, what is expected from matrix.txt; a method that is missing there fails the test.
/// </summary>
[Collection(nameof(PlayedStack))]
public sealed partial class IdentityMatrixTests(PlayedStack played)
{
    private static readonly IdSource Ids = new(TimeProvider.System);
    private static readonly Marshaller<byte[]> Bytes = Marshallers.Create(static (byte[] message) => message, static message => message);

    // The package's name, the resource in the launcher and the audience of tokens for it.
    private static readonly Dictionary<string, string> Services = new(StringComparer.Ordinal)
    {
        ["poc.intake.v1"] = "intake",
        ["poc.statement_archive.v1"] = "archive",
        ["poc.review.v1"] = "review",
        ["poc.notification.v1"] = "notification",
    };

    private static CancellationToken Ended => TestContext.Current.CancellationToken;

    private static IReadOnlyList<MethodDescriptor> Methods { get; } =
    [
        .. typeof(IntakeService).Assembly.GetTypes()
            .Where(static type => type is { IsAbstract: true, IsSealed: true } && type.GetProperty("Descriptor")?.PropertyType == typeof(ServiceDescriptor))
            .SelectMany(static type => ((ServiceDescriptor)type.GetProperty("Descriptor")!.GetValue(null)!).Methods),
    ];

    private static IReadOnlyDictionary<string, IReadOnlySet<string>> Matrix { get; } =
        File.ReadLines(Checkout.Path("tests", "Poc.EndToEnd.Tests", "Identity", "matrix.txt")).Where(static line => line.Length > 0 && !line.StartsWith('#'))
            .Select(static line => line.Split(": "))
            .ToDictionary(static parts => parts[0], static parts => (IReadOnlySet<string>)parts[1].Split(", ").ToHashSet(StringComparer.Ordinal), StringComparer.Ordinal);

    [Fact]
    public void Every_method_has_its_row() =>
        Assert.Equal(Methods.Select(Name).Order(StringComparer.Ordinal), Matrix.Keys.Order(StringComparer.Ordinal));

    [Fact]
    public async Task Every_identity_is_let_through_exactly_where_the_matrix_says_so()
    {
        using var stack = await Callers.OfAsync(await played.RunningAsync());
        var wrong = new ConcurrentBag<string>();
        await Parallel.ForEachAsync(
            from method in Methods from identity in stack.Identities select (method, identity),
            new ParallelOptions { MaxDegreeOfParallelism = 4, CancellationToken = Ended },
            async (call, _) =>
            {
                var expected = call.identity.Expected(call.method, Matrix[Name(call.method)]);
                var actual = await stack.AskAsync(call.method, call.identity.HeadersFor(call.method), []);
                if (expected != (actual is Refused.Missing or Refused.Invalid or Refused.Role ? actual : ""))
                {
                    wrong.Add($"{Name(call.method)} as {call.identity.Name}: expected {(expected.Length == 0 ? "to be let through" : expected)}, was answered {actual}");
                }
            });

        Assert.True(wrong.IsEmpty, string.Join(Environment.NewLine, wrong.Order(StringComparer.Ordinal)));
    }

    [Fact]
    public async Task Another_partners_things_are_not_found_or_forbidden_whatever_the_method()
    {
        using var stack = await Callers.OfAsync(await played.RunningAsync());
        var (other, request) = await stack.OtherPartnerAsync();
        var asked = 0;
        foreach (var method in Methods.Where(method => Matrix[Name(method)].Contains(Roles.Partner) && !method.IsClientStreaming))
        {
            var rule = method.GetOptions()?.GetExtension(AnnotationsExtensions.Http);
            if (rule is null || Variable().Match(rule.Get.Length > 0 ? rule.Get : rule.Post) is not { Success: true } variable)
            {
                continue; // It names nobody's things: the partner comes from the credential.
            }

            var name = variable.Groups["collection"].Value switch
            {
                "" => other,
                "requests" => request,
                var collection => $"{other}/{collection}/{Ids.Next()}",
            };
            var message = (IMessage)Activator.CreateInstance(method.InputType.ClrType)!;
            var field = method.InputType.FindFieldByName(variable.Groups["field"].Value);
            field.Accessor.SetValue(message, name + variable.Groups["rest"].Value);
            if (method.InputType.FindFieldByName("request_id") is { } id)
            {
                id.Accessor.SetValue(message, Ids.Next().ToString());
            }

            var answer = await stack.AskAsync(method, stack.Partner, message.ToByteArray());
            Assert.True(answer.EndsWith("_NOT_FOUND", StringComparison.Ordinal) || answer == "PARENT_FORBIDDEN" || answer == "FIELD_INVALID", $"{Name(method)} for {name}: {answer}");
            asked++;
        }

        Assert.True(asked >= 6, $"Only {asked} methods name a partner's things.");
    }

    private static string Name(MethodDescriptor method) => $"{method.Service.FullName}/{method.Name}";

    [GeneratedRegex(@"\{(?<field>\w+)=partners/\*(/(?<collection>\w+)/\*(?<rest>[^}]*))?\}")]
    private static partial Regex Variable();

    /// <summary>How the door is shut.</summary>
    private static class Refused
    {
        public const string Missing = "CREDENTIAL_MISSING";
        public const string Invalid = "CREDENTIAL_INVALID";
        public const string Role = "ROLE_MISSING";
    }

    /// <summary>Somebody who calls.</summary>
    /// <param name="Name">For the message of a failure.</param>
    /// <param name="HeadersFor">The credential, which may depend on the callee.</param>
    /// <param name="Expected">How the door is shut for them at a method that is open to the roles given; empty when it is not.</param>
    private sealed record Identity(string Name, Func<MethodDescriptor, Metadata> HeadersFor, Func<MethodDescriptor, IReadOnlySet<string>, string> Expected);

    /// <summary>All identities against one stack.</summary>
    private sealed class Callers : IDisposable
    {
        private readonly Dictionary<string, GrpcChannel> _channels = new(StringComparer.Ordinal);
        private readonly string _staffKey;

        private Callers(string staffKey) => _staffKey = staffKey;

        public IReadOnlyList<Identity> Identities { get; private set; } = [];

        /// <summary>The credential of a partner with nothing of its own.</summary>
        public Metadata Partner { get; private set; } = [];

        public static async Task<Callers> OfAsync(LaunchedStack stack)
        {
            var keys = Path.Combine(stack.State, "keys");
            string Key(string name) => File.ReadAllText(Path.Combine(keys, name)).Trim();
            var callers = new Callers(Key("staff.key"));
            foreach (var service in Services.Values)
            {
                callers._channels.Add(service, GrpcChannel.ForAddress(await stack.AddressAsync(service, "grpc")));
            }

            var (_, partner, _) = await callers.NewPartnerAsync();
            callers.Partner = partner;
            var revoked = await callers.RevokedKeyAsync();
            var tokens = ((string[])["intake", "review"]).ToDictionary(static name => name, name => new ServiceTokens(name, Key($"{name}.key"), TimeProvider.System), StringComparer.Ordinal);
            callers.Identities =
            [
                new("anonymous", static _ => [], static (_, roles) => Open(roles) ? "" : Refused.Missing),
                // Keys are known at Intake alone; elsewhere the header means nothing.
                new("a partner", _ => partner, static (method, roles) => IsIntake(method) ? (Open(roles) || roles.Contains(Roles.Partner) ? "" : Refused.Role) : Open(roles) ? "" : Refused.Missing),
                new("a revoked key", _ => revoked, static (method, roles) => IsIntake(method) ? Refused.Invalid : Open(roles) ? "" : Refused.Missing),
                new("a nonsense token", static _ => Bearer("nonsense"), static (_, _) => Refused.Invalid),
                new("an expired token", _ => Bearer(callers.Staff(TimeSpan.FromHours(-2), [.. Roles.Staff])), static (_, _) => Refused.Invalid),
                new("a token of another key", static _ => Bearer(Forged()), static (_, _) => Refused.Invalid),
                new("a token for another audience", _ => Bearer(tokens["review"].For("somebody-else")), static (_, _) => Refused.Invalid),
                .. Roles.Staff.Select(role => new Identity(role, _ => Bearer(callers.Staff(TimeSpan.Zero, role)), (_, roles) => Open(roles) || roles.Contains(role) ? "" : Refused.Role)),
                // Who trusts whom is the launcher's wiring: Intake and Review call the archive.
                .. tokens.Select(static pair => new Identity(
                    $"the service {pair.Key}", method => Bearer(pair.Value.For(Services[method.Service.File.Package])),
                    (method, roles) => !IsTrusted(pair.Key, Services[method.Service.File.Package]) ? Refused.Invalid : Open(roles) || roles.Contains($"service-{pair.Key}") ? "" : Refused.Role)),
            ];
            return callers;
        }

        /// <summary>The reason of the refusal; "OK" when there is none.</summary>
        public async Task<string> AskAsync(MethodDescriptor method, Metadata headers, byte[] message)
        {
            var invoker = _channels[Services[method.Service.File.Package]].CreateCallInvoker();
            var raw = new Method<byte[], byte[]>(Type(method), method.Service.FullName, method.Name, Bytes, Bytes);
            // A watch that is let through goes on until it is given up.
            var options = new CallOptions(headers, method.IsServerStreaming ? TimeProvider.System.GetUtcNow().UtcDateTime.AddSeconds(10) : null, Ended);
            try
            {
                switch (raw.Type)
                {
                    case MethodType.Unary:
                        using (var call = invoker.AsyncUnaryCall(raw, null, options, message))
                        {
                            await call.ResponseAsync;
                        }

                        break;
                    case MethodType.ServerStreaming:
                        using (var call = invoker.AsyncServerStreamingCall(raw, null, options, message))
                        {
                            await call.ResponseHeadersAsync;
                            if (call.ResponseHeadersAsync.Result.Get("grpc-status") is null)
                            {
                                await call.ResponseStream.MoveNext(Ended);
                            }
                        }

                        break;
                    default:
                        using (var call = invoker.AsyncClientStreamingCall(raw, null, options))
                        {
                            await call.RequestStream.CompleteAsync();
                            await call.ResponseAsync;
                        }

                        break;
                }

                return "OK";
            }
            catch (RpcException refusal)
            {
                return refusal.GetRpcStatus()?.GetDetail<ErrorInfo>()?.Reason ?? refusal.StatusCode.ToString();
            }
        }

        /// <summary>A partner that is not <see cref="Partner"/>, and a request of theirs.</summary>
        public async Task<(string Name, string Request)> OtherPartnerAsync()
        {
            var (name, headers, _) = await NewPartnerAsync();
            var intake = new IntakeService.IntakeServiceClient(_channels["intake"]);
            var filed = await intake.SubmitRequestAsync(
                new SubmitRequestRequest
                {
                    RequestId = Ids.Next().ToString(),
                    Request = new Request
                    {
                        Kind = RequestKind.Evidence,
                        Subject = new SubjectReference { Subject = "subjects/nobody" },
                        Text = "Nobody else's business. (synthetic)",
                        Language = "en",
                        Relation = Relation.ThirdParty,
                        Synthetic = true,
                    },
                },
                headers, cancellationToken: Ended);
            return (name, filed.Request.Name);
        }

        public void Dispose()
        {
            foreach (var channel in _channels.Values)
            {
                channel.Dispose();
            }
        }

        private static bool Open(IReadOnlySet<string> roles) => roles.Contains(Roles.Anonymous);

        // Who calls whom: the archive answers Intake and Review, Intake answers Review.
        private static bool IsTrusted(string caller, string callee) => (caller, callee) is (_, "archive") or ("review", "intake");

        private static bool IsIntake(MethodDescriptor method) => method.Service.File.Package == "poc.intake.v1";

        private static Metadata Bearer(string token) => new() { { "authorization", $"Bearer {token}" } };

        private static MethodType Type(MethodDescriptor method) => (method.IsClientStreaming, method.IsServerStreaming) switch
        {
            (false, false) => MethodType.Unary,
            (false, true) => MethodType.ServerStreaming,
            (true, false) => MethodType.ClientStreaming,
            _ => throw new NotSupportedException($"{method.FullName} streams both ways: say how to ask it."),
        };

        private static string Forged()
        {
            using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            return DevelopmentTokens.Mint(Convert.ToBase64String(key.ExportPkcs8PrivateKey()), "mallory", Roles.Staff, TimeSpan.FromMinutes(5), TimeProvider.System);
        }

        private string Staff(TimeSpan ago, params string[] roles) => DevelopmentTokens.Mint(_staffKey, "matrix", roles, TimeSpan.FromMinutes(30), new Shifted(ago));

        private async Task<(string Name, Metadata Headers, string Key)> NewPartnerAsync()
        {
            var id = $"matrix-{RandomNumberGenerator.GetHexString(8, lowercase: true)}";
            var admin = new PartnerAdminService.PartnerAdminServiceClient(_channels["intake"]);
            var headers = Bearer(Staff(TimeSpan.Zero, Roles.Administrator));
            await admin.CreatePartnerAsync(
                new CreatePartnerRequest { RequestId = Ids.Next().ToString(), PartnerId = id, Partner = new Partner { DisplayName = id, Kind = Poc.Contracts.Intake.V1.Partner.Types.Kind.Section } }, headers, cancellationToken: Ended);
            var (secret, key) = (RandomNumberGenerator.GetBytes(32), RandomNumberGenerator.GetHexString(12, lowercase: true));
            await admin.RegisterApiKeyAsync(
                new RegisterApiKeyRequest { RequestId = Ids.Next().ToString(), Parent = $"partners/{id}", ApiKeyId = key, SecretSha256 = ByteString.CopyFrom(SHA256.HashData(secret)) }, headers, cancellationToken: Ended);
            return ($"partners/{id}", new Metadata { { "x-api-key", $"poc_{key}_{Base64Url.EncodeToString(secret)}" } }, $"partners/{id}/apiKeys/{key}");
        }

        private async Task<Metadata> RevokedKeyAsync()
        {
            var (_, headers, key) = await NewPartnerAsync();
            await new PartnerAdminService.PartnerAdminServiceClient(_channels["intake"]).RevokeApiKeyAsync(
                new RevokeApiKeyRequest { RequestId = Ids.Next().ToString(), Name = key }, Bearer(Staff(TimeSpan.Zero, Roles.Administrator)), cancellationToken: Ended);
            var submit = Methods.Single(static method => method.Name == "SubmitRequest");
            await Eventually.BecomesTrueAsync(async () => await AskAsync(submit, headers, []) == Refused.Invalid);
            return headers;
        }
    }

    /// <summary>A clock that is early or late.</summary>
    private sealed class Shifted(TimeSpan by) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + by;
    }
}
