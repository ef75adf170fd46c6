using System.Diagnostics;
using Microsoft.Extensions.Options;
using Poc.Contracts.Notification.V1;
using Poc.Postgres;

namespace Poc.Notification.Deliveries;

/// <summary>
/// Sends what is due, one mail after the other over one connection. While the server cannot be reached nothing is taken from the queue, so that an outage costs
/// no mail an attempt; what waited is sent when it is back.
/// </summary>
internal sealed class MailSender(
    MailQueue queue, MailComposition composition, IOptions<MailOptions> options, TimeProvider clock, ILogger<MailSender> logger) : BackgroundService
{
    private static readonly TimeSpan ShortestPause = TimeSpan.FromMilliseconds(50);

    private readonly Signal _wake = new(clock);

    /// <summary>Whether the server answered when it was last needed.</summary>
    public bool IsServerReachable { get; private set; } = true;

    /// <summary>There may be something to do.</summary>
    public void Wake() => _wake.Raise();

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var session = new SmtpSession(options);
        var failures = 0;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                var pause = await SendDueAsync(session, stoppingToken);
                failures = 0;
                await _wake.WaitAsync(pause, stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception problem)
            {
                // Whatever it is, the other mail must go on; a fault of ours is logged whole, a server that is away is not news each time.
                Report(problem);
                var pause = Backoff.After(++failures, ShortestPause, options.Value.Poll, Random.Shared.NextDouble());
                await Task.Delay(pause, clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    // Gives the time until there may be more to do.
    private async Task<TimeSpan> SendDueAsync(SmtpSession session, CancellationToken stopping)
    {
        if (await queue.NextAsync(stopping) is { } due && due <= TimeSpan.Zero)
        {
            do
            {
                await OpenAsync(session, stopping);
            }
            while (await SendNextAsync(session, stopping));
        }

        await session.CloseAsync();
        var wait = await queue.NextAsync(stopping) ?? options.Value.Poll;
        // What is due and could not be taken is being taken by another replica.
        return wait < ShortestPause ? ShortestPause : wait < options.Value.Poll ? wait : options.Value.Poll;
    }

    private async Task OpenAsync(SmtpSession session, CancellationToken stopping)
    {
        try
        {
            await session.OpenAsync(stopping);
        }
        catch (Exception trouble) when (SmtpSession.IsTrouble(trouble))
        {
            throw new MailServerUnreachableException(trouble);
        }

        if (!IsServerReachable)
        {
            IsServerReachable = true;
            logger.LogInformation("The mail server answers again");
        }
    }

    private async Task<bool> SendNextAsync(SmtpSession session, CancellationToken stopping)
    {
        if (await queue.ClaimAsync(stopping) is not { } mail)
        {
            return false;
        }

        ActivityContext.TryParse(mail.TraceParent, mail.TraceState, isRemote: true, out var cause);
        using var activity = NotificationTelemetry.Source.StartActivity("send mail", ActivityKind.Client, cause);
        activity?.SetTag("poc.delivery", ResourceNames.Delivery(mail.DeliveryId));
        activity?.SetTag("poc.attempt", mail.Attempt);
        var started = clock.GetTimestamp();
        var outcome = await AttemptAsync(session, mail);
        // Not cancelled by the stop: what the server has taken must be recorded, or it is sent again.
        var state = await queue.RecordAsync(mail, outcome, clock.GetElapsedTime(started), CancellationToken.None);
        Report(mail, outcome, state, activity);
        return !stopping.IsCancellationRequested;
    }

    private async Task<AttemptOutcome> AttemptAsync(SmtpSession session, DueMail mail)
    {
        try
        {
            using var message = composition.Compose(mail);
            using var timeout = new CancellationTokenSource(options.Value.AttemptTimeout, clock);
            return await session.SendAsync(message, timeout.Token);
        }
        catch (UnsafeAddressException)
        {
            return new AttemptOutcome(IsSent: false, "ADDRESS_UNSAFE", IsFinal: true);
        }
        catch (Exception problem)
        {
            // A fault of ours with this mail: it counts as an attempt, so that it ends, and does not stop the others. Its text may hold the address.
            logger.LogError("{Delivery} could not be made or handed over: {Problem}", mail, problem.GetType());
            await session.CloseAsync();
            return new AttemptOutcome(IsSent: false, "INTERNAL");
        }
    }

    private void Report(DueMail mail, AttemptOutcome outcome, Delivery.Types.State state, Activity? activity)
    {
        activity?.SetTag("poc.code", outcome.Code);
        NotificationTelemetry.Attempts.Add(1, new("code", outcome.Code), new("state", state.ToString()));
        if (outcome.IsSent)
        {
            NotificationTelemetry.Delay.Record((clock.GetUtcNow() - mail.CreatedAt).TotalSeconds);
            return;
        }

        activity?.SetStatus(ActivityStatusCode.Error, outcome.Code);
        var level = state == Delivery.Types.State.Dead ? LogLevel.Error : LogLevel.Warning;
        logger.Log(level, "Attempt {Attempt} to send {Delivery} failed with {Code}; it is {State}", mail.Attempt, mail, outcome.Code, state);
    }

    private void Report(Exception problem)
    {
        if (Transience.IsTransient(problem))
        {
            logger.LogWarning("The mail queue cannot be read ({Problem}); mail waits", problem.GetType().Name);
        }
        else if (problem is not MailServerUnreachableException)
        {
            logger.LogError(problem, "Sending mail was interrupted; it goes on");
        }
        else if (IsServerReachable)
        {
            IsServerReachable = false;
            logger.LogWarning("The mail server cannot be reached ({Problem}); mail waits", problem.InnerException!.GetType().Name);
        }
    }

    private sealed class MailServerUnreachableException(Exception inner) : Exception("The mail server cannot be reached.", inner);
}
