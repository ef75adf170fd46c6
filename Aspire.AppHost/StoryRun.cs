using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Poc.AppHost;

/// <summary>Runs the stack for the length of the reference story.</summary>
internal static class StoryRun
{
    private const string Story = "story";
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    /// <summary>Starts the application, shows the story's lines as they are written, and stops everything when the story has ended.</summary>
    /// <param name="app">The application with the resource <c>story</c>.</param>
    /// <param name="transcript">The file that the story writes its lines to.</param>
    /// <returns>The story's exit code; 1 if it could not start; 130 after Ctrl-C.</returns>
    public static async Task<int> ToItsEndAsync(DistributedApplication app, string transcript)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(transcript)!);
        File.Delete(transcript); // An earlier run's.
        await using (app)
        {
            try
            {
                await app.StartAsync();
            }
            catch (DistributedApplicationException reason)
            {
                await Console.Error.WriteLineAsync(reason.Message);
                await app.StopAsync();
                return 1;
            }

            var stopping = app.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping;
            using var ended = CancellationTokenSource.CreateLinkedTokenSource(stopping);
            var showing = ShowAsync(transcript, ended.Token);
            var exitCode = await EndOfStoryAsync(app, stopping);
            await ended.CancelAsync();
            await showing;
            await app.StopAsync();
            return exitCode;
        }
    }

    private static async Task<int> EndOfStoryAsync(DistributedApplication app, CancellationToken stopping)
    {
        try
        {
            var end = await app.ResourceNotifications.WaitForResourceAsync(Story,
                change => change.Snapshot.State is { } state && KnownResourceStates.TerminalStates.Contains(state.Text), stopping);
            return end.Snapshot.ExitCode ?? 1;
        }
        catch (OperationCanceledException)
        {
            return 130;
        }
    }

    private static async Task ShowAsync(string transcript, CancellationToken ended)
    {
        StreamReader? reader = null;
        try
        {
            while (true)
            {
                // Read once more after the end: its last lines were written just before.
                var last = ended.IsCancellationRequested;
                if (reader is null && File.Exists(transcript))
                {
                    reader = new(new FileStream(transcript, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete));
                }

                if (reader is not null)
                {
                    await Console.Out.WriteAsync(await reader.ReadToEndAsync(CancellationToken.None));
                }

                if (last)
                {
                    return;
                }

                await Task.Delay(Pause, TimeProvider.System, ended).ContinueWith(_ => { }, TaskScheduler.Default);
            }
        }
        finally
        {
            reader?.Dispose();
        }
    }
}
