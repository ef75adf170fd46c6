namespace Poc.Campaigns.Report;

/// <summary>What a report page shows, whatever was analysed. Texts are plain: the page escapes them.</summary>
/// <param name="Title">Heading of the page.</param>
/// <param name="Summary">What was found, in a few sentences; the first thing read.</param>
/// <param name="Facts">Numbers that belong to the whole: name and value.</param>
/// <param name="Sections">The parts of the page, in order.</param>
public sealed record CampaignReport(string Title, IReadOnlyList<string> Summary, IReadOnlyList<ReportFact> Facts, IReadOnlyList<ReportSection> Sections);

/// <summary>One number or word with its name.</summary>
public sealed record ReportFact(string Name, string Value);

/// <summary>A part of the page with a heading of its own.</summary>
/// <param name="Title">Its heading.</param>
/// <param name="Explanation">How to read it; empty for none.</param>
public abstract record ReportSection(string Title, string Explanation);

/// <summary>Arrivals over time against what is usual: bars with a line, and the same as a table.</summary>
/// <param name="Title">Its heading.</param>
/// <param name="Explanation">How to read it.</param>
/// <param name="Unit">What is counted, in the plural: "requests", "pairs".</param>
/// <param name="Buckets">In the order of time, all of the same length.</param>
public sealed record TimelineSection(string Title, string Explanation, string Unit, IReadOnlyList<TimelineBucket> Buckets) : ReportSection(Title, Explanation);

/// <summary>One bar.</summary>
/// <param name="Start">When it begins.</param>
/// <param name="Observed">How many there were.</param>
/// <param name="Baseline">How many would be usual.</param>
public sealed record TimelineBucket(DateTimeOffset Start, double Observed, double Baseline);

/// <summary>Who is connected with whom: a picture of the strongest connections, and the same as a table.</summary>
/// <param name="Title">Its heading.</param>
/// <param name="Explanation">How to read it.</param>
/// <param name="Connections">How many connections there are in all.</param>
/// <param name="Edges">The heaviest of them; the page draws at most <see cref="ReportPage.DrawnEdges"/> and says how many it left out.</param>
public sealed record NetworkSection(string Title, string Explanation, int Connections, IReadOnlyList<NetworkEdge> Edges) : ReportSection(Title, Explanation);

/// <summary>One connection.</summary>
/// <param name="From">Label of one end.</param>
/// <param name="To">Label of the other.</param>
/// <param name="Weight">How strong it is, more than 0.</param>
public sealed record NetworkEdge(string From, string To, double Weight);

/// <summary>Texts that members have in common, each with where it occurs.</summary>
/// <param name="Title">Its heading.</param>
/// <param name="Explanation">How to read it.</param>
/// <param name="Passages">The texts, the most telling first.</param>
public sealed record PassagesSection(string Title, string Explanation, IReadOnlyList<Passage> Passages) : ReportSection(Title, Explanation);

/// <summary>One shared text.</summary>
/// <param name="Text">Its words.</param>
/// <param name="Language">BCP 47 tag, so that it is read aloud in its language; null where unknown.</param>
/// <param name="Occurrences">In how many members it occurs; null where that is not counted.</param>
/// <param name="Where">Some of the members.</param>
public sealed record Passage(string Text, string? Language, int? Occurrences, IReadOnlyList<string> Where);

/// <summary>Anything that is a table.</summary>
/// <param name="Title">Its heading.</param>
/// <param name="Explanation">How to read it.</param>
/// <param name="Columns">Names of the columns.</param>
/// <param name="Rows">As many texts as there are columns.</param>
public sealed record TableSection(string Title, string Explanation, IReadOnlyList<string> Columns, IReadOnlyList<IReadOnlyList<string>> Rows) : ReportSection(Title, Explanation);
