namespace Poc.Campaigns.Shares;

/// <summary>The second look at participation, at what was found: drops pairs whose accounts hardly take part in what was found.</summary>
internal abstract class ParticipationFilter
{
    private protected ParticipationFilter(ShareTable table, int minParticipation)
    {
        Table = table;
        MinParticipation = minParticipation;
    }

    protected ShareTable Table { get; }

    protected int MinParticipation { get; }

    /// <summary>The filter of a mode.</summary>
    /// <param name="table">All shares.</param>
    /// <param name="groups">Which accounts are counted; null for all.</param>
    /// <param name="options">Mode and participation.</param>
    public static ParticipationFilter For(ShareTable table, ShareGroups? groups, ShareOptions options) =>
        options.Mode == ShareMode.Compat ? new EitherSide(table, groups, options.MinParticipation) : new BothSides(table, options.MinParticipation);

    /// <summary>Gets ready for pairs of these shares; further pairs must be of their contents.</summary>
    public abstract void Prepare(ReadOnlySpan<int> shares, ReadOnlySpan<int> others);

    /// <summary>One that is as ready as this one and can work beside it.</summary>
    public abstract ParticipationFilter Fork();

    /// <summary>Moves the pairs that stay to the front, in their order, and returns how many these are.</summary>
    /// <param name="older">One side.</param>
    /// <param name="newer">The other side.</param>
    /// <param name="count">How many pairs there are.</param>
    /// <param name="along">Moved along; may be left out.</param>
    public abstract int Apply(int[] older, int[] newer, int count, int[]? along = null);

    private static int Keep(int[] older, int[] newer, int count, int[]? along, Func<int, int, bool> stays)
    {
        var kept = 0;
        for (var pair = 0; pair < count; pair++)
        {
            if (stays(older[pair], newer[pair]))
            {
                (older[kept], newer[kept]) = (older[pair], newer[pair]);
                if (along is not null)
                {
                    along[kept] = along[pair];
                }

                kept++;
            }
        }

        return kept;
    }

    /// <summary>
    /// As the peer does it: counted are rows of the file whose content is in any pair, also rows about other objects; an account with enough of them makes its contents pass;
    /// and a pair stays when one of its two contents passes.
    /// </summary>
    private sealed class EitherSide(ShareTable table, ShareGroups? groups, int minParticipation) : ParticipationFilter(table, minParticipation)
    {
        private const byte Found = 1, Passes = 2;

        private readonly int[] _rowsOfAccount = new int[table.Accounts.Count];
        private readonly List<int> _found = [];
        private byte[] _state = [];

        // The accounts of all rows of each content, so that a look costs as much as there are pairs, and not as there are rows. Places of contents count from 1.
        private int[] _place = [];
        private int[] _starts = [];
        private int[] _accounts = [];

        public override void Prepare(ReadOnlySpan<int> shares, ReadOnlySpan<int> others)
        {
            _place = new int[Table.Contents.Count];
            var known = Number(others, Number(shares, 0));
            _starts = new int[known + 2];
            for (var row = 0; row < Table.Count; row++)
            {
                if (Counts(row))
                {
                    _starts[_place[Table.Content[row]] + 1]++;
                }
            }

            for (var i = 1; i < _starts.Length; i++)
            {
                _starts[i] += _starts[i - 1];
            }

            _accounts = new int[_starts[^1]];
            var next = _starts.AsSpan().ToArray();
            for (var row = 0; row < Table.Count; row++)
            {
                if (Counts(row))
                {
                    _accounts[next[_place[Table.Content[row]]]++] = Table.Account[row];
                }
            }

            _state = new byte[known + 1];
        }

        public override ParticipationFilter Fork() =>
            new EitherSide(Table, groups, MinParticipation) { _place = _place, _starts = _starts, _accounts = _accounts, _state = new byte[_state.Length] };

        public override int Apply(int[] older, int[] newer, int count, int[]? along = null)
        {
            if (MinParticipation < 1)
            {
                return count;
            }

            _found.Clear();
            for (var pair = 0; pair < count; pair++)
            {
                Find(_place[Table.Content[older[pair]]]);
                Find(_place[Table.Content[newer[pair]]]);
            }

            foreach (var place in _found)
            {
                foreach (var account in AccountsOf(place))
                {
                    _rowsOfAccount[account]++;
                }
            }

            foreach (var place in _found)
            {
                foreach (var account in AccountsOf(place))
                {
                    if (_rowsOfAccount[account] >= MinParticipation)
                    {
                        _state[place] |= Passes;
                        break;
                    }
                }
            }

            var kept = Keep(older, newer, count, along, (one, other) => ((_state[_place[Table.Content[one]]] | _state[_place[Table.Content[other]]]) & Passes) != 0);
            foreach (var place in _found)
            {
                _state[place] = 0;
                foreach (var account in AccountsOf(place))
                {
                    _rowsOfAccount[account] = 0;
                }
            }

            return kept;
        }

        private int Number(ReadOnlySpan<int> shares, int known)
        {
            foreach (var share in shares)
            {
                ref var place = ref _place[Table.Content[share]];
                place = place == 0 ? ++known : place;
            }

            return known;
        }

        private bool Counts(int row) => _place[Table.Content[row]] != 0 && (groups is null || groups.TakesPart(Table.Account[row]));

        private void Find(int place)
        {
            if ((_state[place] & Found) == 0)
            {
                _state[place] |= Found;
                _found.Add(place);
            }
        }

        private ReadOnlySpan<int> AccountsOf(int place) => _accounts.AsSpan(_starts[place], _starts[place + 1] - _starts[place]);
    }

    /// <summary>Mended: an account takes part with the different contents it has in pairs, both accounts of a pair must do so, and dropping goes on until that is true of all.</summary>
    private sealed class BothSides(ShareTable table, int minParticipation) : ParticipationFilter(table, minParticipation)
    {
        private readonly Dictionary<int, HashSet<int>> _contents = [];

        public override void Prepare(ReadOnlySpan<int> shares, ReadOnlySpan<int> others)
        {
        }

        public override ParticipationFilter Fork() => new BothSides(Table, MinParticipation);

        public override int Apply(int[] older, int[] newer, int count, int[]? along = null)
        {
            if (MinParticipation <= 1)
            {
                return count;
            }

            while (true)
            {
                _contents.Clear();
                for (var pair = 0; pair < count; pair++)
                {
                    Add(older[pair]);
                    Add(newer[pair]);
                }

                var kept = Keep(older, newer, count, along, (one, other) => Enough(one) && Enough(other));
                if (kept == count)
                {
                    return count;
                }

                count = kept;
            }
        }

        private void Add(int share)
        {
            if (!_contents.TryGetValue(Table.Account[share], out var contents))
            {
                _contents.Add(Table.Account[share], contents = []);
            }

            contents.Add(Table.Content[share]);
        }

        private bool Enough(int share) => _contents[Table.Account[share]].Count >= MinParticipation;
    }
}
