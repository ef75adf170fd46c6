namespace Poc.EndToEnd.Tests;

[Collection(nameof(PlayedStack))]
public sealed class StoryTests(PlayedStack played)
{
    [Fact]
    public void One_command_plays_the_story_to_its_end_with_every_outcome_agreed()
    {
        var summary = Summary(played.Transcript);
        Assert.True(played.ExitCode == 0, $"The story ended with {played.ExitCode}.\n{played.Shown}\n{string.Join('\n', played.Transcript)}");
        Assert.Matches(@"^\d{2,} outcomes agreed, 0 differ; ", summary);
        Assert.DoesNotContain(played.Transcript, static line => line.Contains('✗', StringComparison.Ordinal));
    }

    [Fact]
    public void The_launcher_shows_the_lines_of_the_story() => Assert.Contains(Summary(played.Transcript), played.Shown, StringComparison.Ordinal);

    [Fact]
    public void The_end_of_the_story_leaves_no_process_behind() => Assert.Empty(played.Leftovers);

    [Fact]
    public async Task A_second_start_finds_its_data_and_a_second_run_agrees_without_repeating_anything()
    {
        var stack = await played.RunningAsync();

        var (code, lines) = await stack.PlayAsync();

        Assert.True(code == 0, $"The second run ended with {code}.\n{string.Join('\n', lines)}");
        var first = Rows(played.Transcript);
        var second = Rows(lines);
        // What could be asked in both runs has the same answers; what could not is marked, and is little.
        Assert.Equal(first.Keys.Order(), second.Keys.Order());
        var asked = second.Where(static row => !row.Value.EndsWith('·')).Select(static row => row.Key).ToList();
        Assert.True(first.Count - asked.Count <= 12, $"{first.Count - asked.Count} rows could not be asked again.");
        Assert.All(asked, row => Assert.Equal(first[row], second[row]));
    }

    [Fact]
    public async Task Ctrl_C_leaves_no_process_behind()
    {
        var stack = await played.RunningAsync();
        Assert.NotEmpty(stack.Processes());

        await stack.InterruptAsync();

        Assert.Empty(await stack.LeftoversAsync());
    }

    private static string Summary(IReadOnlyList<string> lines) => lines.LastOrDefault(static line => line.Contains("outcomes agreed", StringComparison.Ordinal)) ?? "no summary";

    // The table's rows by group and name: everything after the heading that ends in a mark.
    private static Dictionary<string, string> Rows(IReadOnlyList<string> lines)
    {
        var rows = new Dictionary<string, string>(StringComparer.Ordinal);
        var (group, title) = ("", "");
        foreach (var line in lines.SkipWhile(static line => !line.StartsWith('─')).Skip(1))
        {
            if (!line.StartsWith(' '))
            {
                group = line;
            }
            else if (line.EndsWith('✓') || line.EndsWith('✗') || line.EndsWith('·'))
            {
                var isLong = line.StartsWith("    ", StringComparison.Ordinal);
                var name = isLong ? title : string.Join(' ', line.Trim().Split("  ", 2)[0]);
                rows[$"{group}/{name}"] = string.Join(' ', line.Split(' ', StringSplitOptions.RemoveEmptyEntries));
            }
            else if (!line.StartsWith("    ", StringComparison.Ordinal))
            {
                title = line.Trim();
            }
        }

        return rows;
    }
}
