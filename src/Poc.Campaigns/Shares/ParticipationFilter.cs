using System.Runtime.CompilerServices;

namespace Poc.Campaigns.Shares;

/// <summary>The second look at participation, at what was found: drops pairs whose accounts hardly take part in what was found.</summary>
internal abstract class ParticipationFilter
{
    /// <summary>The filter of a mode.</summary>
    /// <param name="table">All shares.</param>
    /// <param name="groups">Which accounts are counted; null for all.</param>
    /// <param name="options">Mode and participation.</param>
    public static ParticipationFilter For(ShareTable table, ShareGroups? groups, ShareOptions options) =>
        options.Mode == ShareMode.Compat ? new EitherSide(table, groups, options.MinParticipation) : new BothSides(table, options.MinParticipation);

    /// <summary>Gets ready for pairs of these shares; further pairs must be of their contents.</summary>
    public abstract void Prepare(ReadOnlySpan<int> shares, ReadOnlySpan<int> others);

    /// <summary>The number by which this filter knows the content of a share; equal for equal contents, and 0 or more.</summary>
    public abstract int ContentOf(int share);

    /// <summary>Gives back what only <see cref="ContentOf"/> needs.</summary>
    public abstract void Seal();

    /// <summary>One that is as ready as this one and can work beside it.</summary>
    public abstract ParticipationFilter Fork();

    /// <summary>Drops the pairs that do not stay; the others keep their order.</summary>
    public abstract void Apply(PairColumns pairs);

    /// <summary>
    /// As the peer does it: counted are rows of the file whose content is in any pair, also rows about other objects; an account with enough of them makes its contents pass;
    /// and a pair stays when one of its two contents passes.
    /// </summary>
    private sealed class EitherSide(ShareTable table, ShareGroups? groups, int minParticipation) : ParticipationFilter
    {
        private const byte Found = 1, Passes = 2;
        private const int NoAccount = int.MaxValue;

        private int[] _rowsOfAccount = [];
        private int[] _found = [];
        private byte[] _state = [];

        // The accounts of all rows of each content, so that a look costs as much as there are pairs, and not as there are rows. Places of contents count from 1. Nearly every
        // content has one row: its account is held directly, and for the others, inverted, where their accounts begin in the list, the last one inverted too.
        private int[] _place = [];
        private int[] _account = [];
        private int[] _further = [];

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public override void Prepare(ReadOnlySpan<int> shares, ReadOnlySpan<int> others)
        {
            _place = new int[table.Contents.Count];
            var known = Number(others, Number(shares, 0));
            _account = new int[known + 1];
            var rows = new int[known + 1];
            var further = 0;
            for (var row = 0; row < table.Count; row++)
            {
                if (Counts(row))
                {
                    var place = _place[table.Content[row]];
                    _account[place] = table.Account[row];
                    rows[place]++;
                    further += rows[place] == 1 ? 0 : rows[place] == 2 ? 2 : 1;
                }
            }

            _further = new int[further];
            if (further > 0)
            {
                ListFurther(rows);
            }

            // A content of no row that counts has no account.
            for (var place = 0; place <= known; place++)
            {
                _account[place] = rows[place] == 0 ? NoAccount : _account[place];
            }

            _state = new byte[known + 1];
        }

        public override int ContentOf(int share) => _place[table.Content[share]];

        public override void Seal() => _place = [];

        public override ParticipationFilter Fork() => new EitherSide(table, groups, minParticipation) { _account = _account, _further = _further, _state = new byte[_state.Length] };

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public override void Apply(PairColumns pairs)
        {
            if (minParticipation < 1)
            {
                return;
            }

            var count = pairs.Count;
            var (older, newer) = (pairs.OlderContent, pairs.NewerContent);
            var most = (int)Math.Min(_state.Length, count * 2L);
            _found = _found.Length < most ? new int[most] : _found;
            _rowsOfAccount = _rowsOfAccount.Length == 0 ? new int[table.Accounts.Count] : _rowsOfAccount;
            var found = 0;
            for (var pair = 0; pair < count; pair++)
            {
                Find(older[pair], ref found);
                Find(newer[pair], ref found);
            }

            foreach (var place in _found.AsSpan(0, found))
            {
                foreach (var account in AccountsOf(place))
                {
                    _rowsOfAccount[Plain(account)]++;
                }
            }

            foreach (var place in _found.AsSpan(0, found))
            {
                foreach (var account in AccountsOf(place))
                {
                    if (_rowsOfAccount[Plain(account)] >= minParticipation)
                    {
                        _state[place] |= Passes;
                        break;
                    }
                }
            }

            pairs.Count = 0;
            for (var pair = 0; pair < count; pair++)
            {
                if (((_state[older[pair]] | _state[newer[pair]]) & Passes) != 0)
                {
                    pairs.Keep(pair);
                }
            }

            foreach (var place in _found.AsSpan(0, found))
            {
                _state[place] = 0;
                foreach (var account in AccountsOf(place))
                {
                    _rowsOfAccount[Plain(account)] = 0;
                }
            }
        }

        private static int Plain(int account) => account < 0 ? ~account : account;

        private int Number(ReadOnlySpan<int> shares, int known)
        {
            foreach (var share in shares)
            {
                ref var place = ref _place[table.Content[share]];
                place = place == 0 ? ++known : place;
            }

            return known;
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private void ListFurther(int[] rows)
        {
            var next = new int[rows.Length];
            var used = 0;
            for (var row = 0; row < table.Count; row++)
            {
                var place = Counts(row) ? _place[table.Content[row]] : 0;
                if (rows[place] < 2)
                {
                    continue;
                }

                if (next[place] == 0)
                {
                    next[place] = used + 1;
                    _account[place] = ~used;
                    used += rows[place];
                }

                var at = next[place]++ - 1;
                _further[at] = at + 1 == ~_account[place] + rows[place] ? ~table.Account[row] : table.Account[row];
            }
        }

        private bool Counts(int row) => _place[table.Content[row]] != 0 && (groups is null || groups.TakesPart(table.Account[row]));

        private void Find(int place, ref int found)
        {
            if ((_state[place] & Found) == 0)
            {
                _state[place] |= Found;
                _found[found++] = place;
            }
        }

        private ReadOnlySpan<int> AccountsOf(int place)
        {
            var account = _account[place];
            if (account >= 0)
            {
                return account == NoAccount ? [] : _account.AsSpan(place, 1);
            }

            var to = ~account;
            while (_further[to] >= 0)
            {
                to++;
            }

            return _further.AsSpan(~account, to + 1 - ~account);
        }
    }

    /// <summary>Mended: an account takes part with the different contents it has in pairs, both accounts of a pair must do so, and dropping goes on until that is true of all.</summary>
    private sealed class BothSides(ShareTable table, int minParticipation) : ParticipationFilter
    {
        private readonly Dictionary<int, HashSet<int>> _contents = [];

        public override void Prepare(ReadOnlySpan<int> shares, ReadOnlySpan<int> others)
        {
        }

        public override int ContentOf(int share) => table.Content[share];

        public override void Seal()
        {
        }

        public override ParticipationFilter Fork() => new BothSides(table, minParticipation);

        public override void Apply(PairColumns pairs)
        {
            if (minParticipation <= 1)
            {
                return;
            }

            var before = -1;
            while (before != pairs.Count)
            {
                before = pairs.Count;
                _contents.Clear();
                for (var pair = 0; pair < before; pair++)
                {
                    Add(pairs.OlderAccount[pair], pairs.OlderContent[pair]);
                    Add(pairs.NewerAccount[pair], pairs.NewerContent[pair]);
                }

                pairs.Count = 0;
                for (var pair = 0; pair < before; pair++)
                {
                    if (_contents[pairs.OlderAccount[pair]].Count >= minParticipation && _contents[pairs.NewerAccount[pair]].Count >= minParticipation)
                    {
                        pairs.Keep(pair);
                    }
                }
            }
        }

        private void Add(int account, int content)
        {
            if (!_contents.TryGetValue(account, out var contents))
            {
                _contents.Add(account, contents = []);
            }

            contents.Add(content);
        }
    }
}

/// <summary>What a <see cref="ParticipationFilter"/> looks at of pairs.</summary>
/// <param name="most">How many pairs there can be.</param>
internal sealed class PairColumns(int most)
{
    public int[] OlderAccount { get; } = new int[most];

    public int[] NewerAccount { get; } = new int[most];

    /// <summary>Contents, as the filter numbers them.</summary>
    public int[] OlderContent { get; } = new int[most];

    public int[] NewerContent { get; } = new int[most];

    /// <summary>Where each pair was, if that is of interest.</summary>
    public int[]? Origin { get; init; }

    public int Count { get; set; }

    /// <summary>Pairs of shares, each with its place as origin.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static PairColumns Of(ShareTable table, ParticipationFilter filter, ReadOnlySpan<int> older, ReadOnlySpan<int> newer)
    {
        var columns = new PairColumns(older.Length) { Origin = new int[older.Length], Count = older.Length };
        for (var pair = 0; pair < older.Length; pair++)
        {
            columns.Set(pair, table.Account[older[pair]], table.Account[newer[pair]], filter.ContentOf(older[pair]), filter.ContentOf(newer[pair]));
            columns.Origin[pair] = pair;
        }

        return columns;
    }

    public void Set(int pair, int olderAccount, int newerAccount, int olderContent, int newerContent)
    {
        OlderAccount[pair] = olderAccount;
        NewerAccount[pair] = newerAccount;
        OlderContent[pair] = olderContent;
        NewerContent[pair] = newerContent;
    }

    /// <summary>Moves a pair to the end of those that stay.</summary>
    public void Keep(int pair)
    {
        Set(Count, OlderAccount[pair], NewerAccount[pair], OlderContent[pair], NewerContent[pair]);
        if (Origin is { } origin)
        {
            origin[Count] = origin[pair];
        }

        Count++;
    }
}
