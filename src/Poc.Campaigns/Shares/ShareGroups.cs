using System.Runtime.CompilerServices;

namespace Poc.Campaigns.Shares;

/// <summary>
/// The shares of accounts that take part often enough, by object, of objects with two and more. Objects, and the shares of one object, are in the order in which the peer meets them: accounts by first
/// appearance, within an account by row.
/// </summary>
internal sealed class ShareGroups
{
    private readonly int[] _participation;
    private readonly int _minParticipation;

    private ShareGroups(int[] participation, int minParticipation, int[] rows, int[] starts, int duplicates)
    {
        _participation = participation;
        _minParticipation = minParticipation;
        Rows = rows;
        Starts = starts;
        Duplicates = duplicates;
    }

    /// <summary>Rows of the table, object after object.</summary>
    public int[] Rows { get; }

    /// <summary>Where each object begins in <see cref="Rows"/>, and at the end where the last one ends.</summary>
    public int[] Starts { get; }

    /// <summary>How many objects there are.</summary>
    public int Count => Starts.Length - 1;

    /// <summary>Repeated rows that were left out (corrected mode only).</summary>
    public int Duplicates { get; }

    /// <summary>Whether the account takes part often enough.</summary>
    public bool TakesPart(int account) => _participation[account] >= _minParticipation;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static ShareGroups Of(ShareTable table, ShareOptions options)
    {
        var n = table.Count;
        var account = table.Account.AsSpan(0, n);

        // Account numbers are in the order of first appearance: a stable counting sort by them is the peer's order.
        var ends = new int[table.Accounts.Count];
        foreach (var a in account)
        {
            ends[a]++;
        }

        var participation = ends.AsSpan().ToArray();
        var sum = 0;
        for (var a = 0; a < ends.Length; a++)
        {
            (ends[a], sum) = (sum, sum + ends[a]);
        }

        var byAccount = GC.AllocateUninitializedArray<int>(n);
        for (var row = 0; row < n; row++)
        {
            byAccount[ends[account[row]]++] = row;
        }

        var duplicates = options.Mode == ShareMode.Corrected ? DropDuplicates(table, byAccount, ends, participation) : 0;

        // Rows without object take part in the count above only; but where loops are kept, the peer groups them as one more object. An object with one row has no pair.
        var (@object, keepsMissing) = (table.Object, options is { Mode: ShareMode.Compat, RemoveLoops: false });
        var sizes = new int[table.Objects.Count + 1];
        foreach (var row in byAccount)
        {
            if (row >= 0 && participation[account[row]] >= options.MinParticipation && (@object[row] >= 0 || keepsMissing))
            {
                sizes[@object[row] >= 0 ? @object[row] : ^1]++;
            }
        }

        var (count, total) = (0, 0);
        foreach (var size in sizes)
        {
            (count, total) = size < 2 ? (count, total) : (count + 1, total + size);
        }

        // Objects by first appearance in that order. A size turns into the place behind what is placed of its object, marked by its sign.
        var starts = new int[count + 1];
        var rows = GC.AllocateUninitializedArray<int>(total);
        (count, total) = (0, 0);
        foreach (var row in byAccount)
        {
            if (row < 0 || participation[account[row]] < options.MinParticipation || (@object[row] < 0 && !keepsMissing))
            {
                continue;
            }

            ref var size = ref sizes[@object[row] >= 0 ? @object[row] : ^1];
            if (size == 1)
            {
                continue;
            }

            if (size > 1)
            {
                starts[count++] = total;
                (size, total) = (~total, total + size);
            }

            rows[~size] = row;
            size--;
        }

        starts[count] = total;
        return new(participation, options.MinParticipation, rows, starts, duplicates);
    }

    /// <summary>Takes out rows that repeat another in all columns, and counts as participation the different contents of an account.</summary>
    private static int DropDuplicates(ShareTable table, int[] byAccount, int[] ends, int[] participation)
    {
        var dropped = 0;
        var lastAccount = new int[table.Contents.Count];
        Array.Fill(lastAccount, -1);
        var seen = new HashSet<(int Object, int Content, long Time)>();
        for (var a = 0; a < ends.Length; a++)
        {
            var rows = byAccount.AsSpan(a == 0 ? 0 : ends[a - 1], participation[a]);
            var contents = 0;
            foreach (var row in rows)
            {
                if (lastAccount[table.Content[row]] != a)
                {
                    lastAccount[table.Content[row]] = a;
                    contents++;
                }
            }

            participation[a] = contents;
            if (contents == rows.Length)
            {
                continue;
            }

            seen.Clear();
            foreach (ref var row in rows)
            {
                if (!seen.Add((table.Object[row], table.Content[row], table.Time[row])))
                {
                    row = -1;
                    dropped++;
                }
            }
        }

        return dropped;
    }
}
