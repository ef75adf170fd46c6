namespace Poc.Campaigns.Requests;

/// <summary>Entries by key; under each key only the newest <see cref="DetectorLimits.NewestPerKey"/>.</summary>
internal sealed class KeyIndex
{
    private readonly Dictionary<ulong, List<Entry>> entries = [];

    internal void Add(ulong key, Entry entry)
    {
        if (!entries.TryGetValue(key, out var list))
        {
            entries[key] = list = new List<Entry>(1);
        }
        else if (list.Count == DetectorLimits.NewestPerKey)
        {
            list.RemoveAt(0);
        }

        list.Add(entry);
    }

    internal void Remove(ulong key, Entry entry)
    {
        if (entries.TryGetValue(key, out var list) && list.Remove(entry) && list.Count == 0)
        {
            entries.Remove(key);
        }
    }

    internal List<Entry>? Find(ulong key) => entries.GetValueOrDefault(key);
}
