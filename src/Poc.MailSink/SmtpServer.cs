using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Poc.MailSink;

/// <summary>Listens for SMTP on the loopback address: mail that a development stack sends must never come from, or go to, anywhere else.</summary>
internal sealed class SmtpServer(MailFolder folder, MailSinkOptions options, Refusals refusals, TimeProvider clock, ILogger<SmtpServer> logger)
    : BackgroundService, IHealthCheck
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, options.SmtpPort);
    private readonly ConcurrentDictionary<Task, bool> _sessions = new();

    /// <summary>The port it listens on; 0 before it does.</summary>
    public int Port { get; private set; }

    /// <summary>Binds the port before the host reports that it has started.</summary>
    /// <exception cref="InvalidOperationException">The port is taken.</exception>
    public override Task StartAsync(CancellationToken cancellationToken)
    {
        try
        {
            _listener.Start();
        }
        catch (SocketException problem) when (problem.SocketErrorCode == SocketError.AddressAlreadyInUse)
        {
            throw new InvalidOperationException($"Port {options.SmtpPort} is taken: set MailSink:SmtpPort to another one, or to 0 for any.", problem);
        }

        Port = ((IPEndPoint)_listener.LocalEndpoint).Port;
        logger.LogInformation("SMTP on 127.0.0.1:{Port}", Port);
        return base.StartAsync(cancellationToken);
    }

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(Port != 0 && ExecuteTask is { IsCompleted: false }
            ? HealthCheckResult.Healthy()
            : new HealthCheckResult(context.Registration.FailureStatus, "The SMTP server does not listen."));

    public override void Dispose()
    {
        _listener.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (true)
            {
                var client = await _listener.AcceptTcpClientAsync(stoppingToken);
                var session = ServeAsync(client, stoppingToken);
                _sessions.TryAdd(session, true);
                _ = session.ContinueWith(
                    done => _sessions.TryRemove(done, out _), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
            }
        }
        catch (OperationCanceledException)
        {
            _listener.Stop();
            await Task.WhenAll(_sessions.Keys);
        }
    }

    private async Task ServeAsync(TcpClient client, CancellationToken stopping)
    {
        await Task.Yield(); // The next client is accepted meanwhile.
        using (client)
        {
            try
            {
                client.NoDelay = true;
                await using var connection = client.GetStream();
                if (_sessions.Count > options.MaxSessions)
                {
                    await connection.WriteAsync("421 localhost has too many sessions\r\n"u8.ToArray(), stopping);
                    return;
                }

                await new SmtpSession(connection, folder, options, refusals, clock, logger).RunAsync(stopping);
            }
            catch (Exception problem) when (problem is IOException or SocketException or OperationCanceledException)
            {
                logger.LogDebug(problem, "A client hung up");
            }
        }
    }
}
