using System.Collections.Concurrent;
using System.Diagnostics;
using Microsoft.Extensions.Logging;

namespace Poc.Notification.Tests;

/// <summary>Everything that a stack writes into its logs and traces.</summary>
internal sealed class Evidence : ILoggerProvider, ISupportExternalScope
{
    private readonly ActivityListener _listener;
    private IExternalScopeProvider? _scopes;

    public Evidence()
    {
        _listener = new ActivityListener
        {
            ShouldListenTo = static source => source.Name.StartsWith("Poc.", StringComparison.Ordinal)
                || source.Name is "MassTransit" or "Npgsql" or "Microsoft.AspNetCore" or "Grpc.Net.Client",
            Sample = static (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = activity => Activities.Add(activity),
        };
        ActivitySource.AddActivityListener(_listener);
    }

    public ConcurrentBag<Activity> Activities { get; } = [];

    public ConcurrentBag<string> Lines { get; } = [];

    /// <summary>All of it as text.</summary>
    public IEnumerable<string> Texts => Lines.Concat(Activities.SelectMany(static activity => activity.TagObjects
        .Concat(activity.Events.SelectMany(static entry => entry.Tags))
        .Select(static tag => $"{tag.Key}={tag.Value}")
        .Concat([activity.DisplayName, activity.StatusDescription ?? ""])
        .Concat(activity.Baggage.Select(static item => $"{item.Key}={item.Value}"))));

    public ILogger CreateLogger(string categoryName) => new Writer(this, categoryName);

    public void SetScopeProvider(IExternalScopeProvider scopeProvider) => _scopes = scopeProvider;

    public void Dispose() => _listener.Dispose();

    private sealed class Writer(Evidence evidence, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            var scopes = new List<string>();
            evidence._scopes?.ForEachScope(static (scope, all) => all.Add(scope?.ToString() ?? ""), scopes);
            evidence.Lines.Add($"{logLevel} {category} {formatter(state, exception)} {exception} {string.Join(' ', scopes)}");
        }
    }
}
