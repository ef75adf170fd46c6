namespace Poc.Campaigns.Report;

/// <summary>Places the nodes of a small network: connected ones attract, all repel (Fruchterman and Reingold 1991). The same network always gets the same picture.</summary>
internal static class NetworkLayout
{
    private const int Rounds = 150;
    private const double Margin = 20;

    /// <summary>Positions by label, inside a square of the given size.</summary>
    public static IReadOnlyDictionary<string, (double X, double Y)> Place(IReadOnlyList<NetworkEdge> edges, double size)
    {
        var labels = edges.SelectMany(edge => (string[])[edge.From, edge.To]).Distinct().ToArray();
        var place = labels.Select((label, index) => (label, index)).ToDictionary(pair => pair.label, pair => pair.index);
        // The golden angle spreads the start evenly without chance.
        var at = labels.Select((_, i) => (X: Math.Sqrt((i + .5) / labels.Length) * Math.Cos(i * 2.399963), Y: Math.Sqrt((i + .5) / labels.Length) * Math.Sin(i * 2.399963))).ToArray();
        var spring = Math.Sqrt(4.0 / labels.Length);
        var pull = new (double X, double Y)[labels.Length];
        for (var round = 0; round < Rounds; round++)
        {
            Array.Clear(pull);
            for (var i = 0; i < labels.Length; i++)
            {
                for (var j = 0; j < i; j++)
                {
                    var (dx, dy) = (at[i].X - at[j].X, at[i].Y - at[j].Y);
                    var push = spring * spring / Math.Max(1e-6, (dx * dx) + (dy * dy));
                    pull[i] = (pull[i].X + (dx * push), pull[i].Y + (dy * push));
                    pull[j] = (pull[j].X - (dx * push), pull[j].Y - (dy * push));
                }
            }

            foreach (var edge in edges)
            {
                var (i, j) = (place[edge.From], place[edge.To]);
                var (dx, dy) = (at[i].X - at[j].X, at[i].Y - at[j].Y);
                var draw = Math.Sqrt((dx * dx) + (dy * dy)) / spring;
                pull[i] = (pull[i].X - (dx * draw), pull[i].Y - (dy * draw));
                pull[j] = (pull[j].X + (dx * draw), pull[j].Y + (dy * draw));
            }

            var furthest = .1 * (1 - ((double)round / Rounds));
            for (var i = 0; i < labels.Length; i++)
            {
                // A little gravity keeps parts that hang together with nothing from drifting off.
                var (dx, dy) = (pull[i].X - (at[i].X * .3), pull[i].Y - (at[i].Y * .3));
                var length = Math.Max(1e-9, Math.Sqrt((dx * dx) + (dy * dy)));
                var move = Math.Min(length, furthest) / length;
                at[i] = (at[i].X + (dx * move), at[i].Y + (dy * move));
            }
        }

        var (left, top) = (at.Min(point => point.X), at.Min(point => point.Y));
        var scale = (size - (2 * Margin)) / Math.Max(1e-9, Math.Max(at.Max(point => point.X) - left, at.Max(point => point.Y) - top));
        return labels.Select((label, i) => (label, Point: (Margin + ((at[i].X - left) * scale), Margin + ((at[i].Y - top) * scale)))).ToDictionary(pair => pair.label, pair => pair.Point);
    }
}
