using Grpc.Core;
using Grpc.Net.Client;
using Poc.Contracts.Intake.V1;
using Poc.Contracts.Notification.V1;
using Poc.Contracts.Review.V1;
using Poc.Contracts.StatementArchive.V1;
using Poc.Story.Script;
using Poc.Story.Telling;

namespace Poc.Story.Stack;

/// <summary>Everything a chapter needs: the script, the clients of the services, whose credentials to show, and how to call and to wait.</summary>
internal sealed class Stage : IDisposable
{
    private readonly List<GrpcChannel> _channels = [];
    private readonly Credentials _credentials;
    private readonly ResilientCalls _calls;

    public Stage(StoryScript script, StackAddresses addresses, string staffKey, Narrator narrator, TimeProvider clock)
    {
        Script = script;
        Narrator = narrator;
        Clock = clock;
        _credentials = new Credentials(script, staffKey, clock);
        _calls = new ResilientCalls(clock, narrator);
        Awaiting = new Awaiting(clock);
        Intake = new IntakeService.IntakeServiceClient(Open(addresses.Intake));
        Campaigns = new CampaignService.CampaignServiceClient(Open(addresses.Intake));
        Speakers = new SpeakerService.SpeakerServiceClient(Open(addresses.Intake));
        Admissibility = new AdmissibilityService.AdmissibilityServiceClient(Open(addresses.Intake));
        Partners = new PartnerAdminService.PartnerAdminServiceClient(Open(addresses.Intake));
        Archive = new StatementArchiveService.StatementArchiveServiceClient(Open(addresses.Archive));
        Review = new ReviewService.ReviewServiceClient(Open(addresses.Review));
        Register = new RegisterService.RegisterServiceClient(Open(addresses.Review));
        Notification = new NotificationService.NotificationServiceClient(Open(addresses.Notification));
        Mail = new Mailboxes(addresses.Mail, Awaiting);
    }

    public StoryScript Script { get; }

    public Narrator Narrator { get; }

    public TimeProvider Clock { get; }

    public Awaiting Awaiting { get; }

    public IntakeService.IntakeServiceClient Intake { get; }

    public CampaignService.CampaignServiceClient Campaigns { get; }

    public SpeakerService.SpeakerServiceClient Speakers { get; }

    public AdmissibilityService.AdmissibilityServiceClient Admissibility { get; }

    public PartnerAdminService.PartnerAdminServiceClient Partners { get; }

    public StatementArchiveService.StatementArchiveServiceClient Archive { get; }

    public ReviewService.ReviewServiceClient Review { get; }

    public RegisterService.RegisterServiceClient Register { get; }

    public NotificationService.NotificationServiceClient Notification { get; }

    public Mailboxes Mail { get; }

    /// <summary>What the table at the end compares.</summary>
    public Comparison Comparison { get; } = new();

    /// <summary>How many calls were tried again because a service did not answer.</summary>
    public int Retries => _calls.Retries;

    public Metadata Anyone => _credentials.Anyone;

    public Metadata Staff(string id) => _credentials.Staff(id);

    public Metadata Section(string id) => _credentials.Section(id);

    public Credentials Credentials => _credentials;

    /// <summary>Calls a method until it answers; see <see cref="ResilientCalls"/>.</summary>
    public Task<TResponse> AskAsync<TRequest, TResponse>(
        Func<TRequest, CallOptions, AsyncUnaryCall<TResponse>> method, TRequest request, Metadata headers, CancellationToken cancellation) =>
        _calls.AskAsync(method, request, headers, cancellation);

    /// <summary>Calls a method that must refuse; null when it did not.</summary>
    public async Task<Refusal?> AskInVainAsync<TRequest, TResponse>(
        Func<TRequest, CallOptions, AsyncUnaryCall<TResponse>> method, TRequest request, Metadata headers, CancellationToken cancellation)
    {
        try
        {
            await _calls.AskAsync(method, request, headers, cancellation);
            return null;
        }
        catch (RpcException problem)
        {
            return Refusal.From(problem);
        }
    }

    public void Dispose()
    {
        Mail.Dispose();
        _channels.ForEach(static channel => channel.Dispose());
    }

    private GrpcChannel Open(Uri address)
    {
        var channel = GrpcChannel.ForAddress(address, new GrpcChannelOptions
        {
            HttpHandler = new SocketsHttpHandler { EnableMultipleHttp2Connections = true, ConnectTimeout = TimeSpan.FromSeconds(3) },
            // grpc-dotnet waits ever longer between attempts to connect; a service that was killed is back in a second or two.
            MaxReconnectBackoff = TimeSpan.FromSeconds(1),
            InitialReconnectBackoff = TimeSpan.FromMilliseconds(200),
        });
        _channels.Add(channel);
        return channel;
    }
}
