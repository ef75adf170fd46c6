using Poc.Kernel.Text;

namespace Poc.Campaigns.Requests;

/// <summary>
/// Takes requests in the order of their arrival and raises campaigns. Deterministic: the same requests, templates and baseline give the same findings. Work and memory for each request
/// are bounded by <see cref="DetectorLimits"/>. Not safe for use by several threads at once.
/// </summary>
public sealed class CampaignDetector
{
    private const long Hour = 3_600;
    private const long Near = 86_400;
    private const int RareWords = 16;
    private const double RareWordRate = 0.2;
    private const int SmallestLinked = 2;

    private readonly Baseline baseline;
    private readonly Queue<Entry> window = new();
    private readonly KeyIndex bands = new();
    private readonly KeyIndex rareWords = new();
    private readonly List<WordingCluster> live = [];
    private readonly Dictionary<int, WordingCluster> liveById = [];
    private readonly List<WordingCluster> profiled = []; // those of the live ones that are large enough to have a profile
    private readonly List<Campaign> campaigns = [];
    private readonly UrlBursts urls;
    private readonly List<Entry> candidates = [];
    private long sequence;
    private long clock;
    private long tickedAt;
    private int clusterCount;
    private int campaignCount;
    private DetectorChanges changes = new();

    /// <summary>A detector that judges by this baseline, which must have learnt.</summary>
    public CampaignDetector(Baseline baseline)
    {
        this.baseline = baseline;
        urls = new UrlBursts(baseline);
    }

    /// <summary>Campaigns raised so far; those that became part of another are left out.</summary>
    public IEnumerable<Campaign> Campaigns => campaigns.Where(static campaign => campaign.PartOf is null);

    /// <summary>The time up to which requests were taken, Unix seconds: the next one is not older.</summary>
    public long Clock => clock;

    /// <summary>Requests in the window.</summary>
    public int WindowCount => window.Count;

    /// <summary>Clusters that may still grow.</summary>
    public int LiveClusters => live.Count;

    /// <summary>Links whose citations are held.</summary>
    public int OpenLinks => urls.Held;

    /// <summary>Takes the next request. Requests made from a declared template are counted as usual and not compared.</summary>
    /// <exception cref="ArgumentException">It is older than its predecessor.</exception>
    public void Add(Fingerprint print)
    {
        if (print.At < clock)
        {
            throw new ArgumentException("Requests are taken in the order of their arrival.", nameof(print));
        }

        clock = print.At;
        Expire();
        if (clock - tickedAt >= Hour)
        {
            Tick();
        }

        if (print.Template is not null)
        {
            return;
        }

        var entry = Entry(print);
        if (print.Signature.Length > 0)
        {
            Cluster(entry);
        }

        Index(entry);
        urls.Add(entry);
        if (entry.Cluster is { Campaign: null, Sources: >= DetectorLimits.Sources } cluster && cluster.Sources >= cluster.Judged * 1.15)
        {
            RaiseWording(cluster);
        }
    }

    /// <summary>What changed since this was asked last.</summary>
    public DetectorChanges TakeChanges() => Interlocked.Exchange(ref changes, new DetectorChanges());

    /// <summary>Puts a campaign back that was raised before; older ones first, before any request.</summary>
    public void Restore(Campaign campaign)
    {
        campaigns.Add(campaign);
        campaignCount = Math.Max(campaignCount, campaign.Number);
    }

    /// <summary>Puts a request back, in the order of arrival, with the place it had; nothing is judged anew.</summary>
    /// <param name="print">The request.</param>
    /// <param name="cluster">The cluster it was in, or null.</param>
    /// <param name="campaign">The campaign that holds the cluster, or that holds the request for its link; null for none.</param>
    /// <param name="joinedBy">What had joined it.</param>
    public void Restore(Fingerprint print, int? cluster, Campaign? campaign, string joinedBy)
    {
        clock = Math.Max(clock, print.At);
        tickedAt = clock;
        if (print.Template is not null)
        {
            return;
        }

        var entry = Entry(print);
        if (cluster is { } number)
        {
            if (!liveById.TryGetValue(number, out var known))
            {
                known = new WordingCluster(number, print.Language) { Campaign = campaign };
                campaign?.Clusters.Add(known);
                Keep(known);
                clusterCount = Math.Max(clusterCount, number);
            }

            Take(known, entry, joinedBy);
        }
        else if (campaign is not null)
        {
            campaign.LinkMembers.Add(new CampaignMember(print.Id, print.At, print.Source, print.Language, joinedBy));
            entry.ByLink = true;
        }

        Index(entry);
        urls.Add(entry);
        urls.Restore(entry, entry.ByLink ? campaign : null);
    }

    /// <summary>Numbers given by others are not given again.</summary>
    public void Reserve(int clusters, int raised) => (clusterCount, campaignCount) = (Math.Max(clusterCount, clusters), Math.Max(campaignCount, raised));

    /// <summary>Tells the time where nothing arrives: what waits for an hour to pass is looked at.</summary>
    public void Advance(long now)
    {
        if (now - tickedAt >= Hour && now >= clock)
        {
            clock = now;
            Expire();
            Tick();
        }
    }

    /// <summary>Looks once more at everything that is open; at the end of a file, or of a batch of requests.</summary>
    public void Settle() => Tick(final: true);

    private void Cluster(Entry entry)
    {
        var matches = Matches(entry);
        var best = matches.Where(static match => match.Cluster is not null).Select(static match => match.Cluster!).Distinct()
            .Select(cluster => (Cluster: cluster, Support: Support(cluster, entry)))
            .OrderByDescending(static pair => pair.Support).ThenBy(static pair => pair.Cluster.Id).FirstOrDefault();
        if (best.Cluster is not null && best.Support >= 0.5)
        {
            Enter(best.Cluster, entry, "wording");
            return;
        }

        // A paraphrase may be unlike each other paraphrase, and yet like what they have in common.
        var profile = profiled.Where(cluster => cluster.Language == entry.Print.Language && cluster.GoesOn(entry.Print.At))
            .Select(cluster => (Cluster: cluster, Excess: cluster.Profile!.Cosine(entry.Words) - cluster.ProfileThreshold))
            .Where(static pair => pair.Excess >= 0).OrderByDescending(static pair => pair.Excess).ThenBy(static pair => pair.Cluster.Id).FirstOrDefault();
        if (profile.Cluster is not null)
        {
            Enter(profile.Cluster, entry, "profile");
            return;
        }

        var singles = matches.Where(static match => match.Cluster is null).ToList();
        if (singles.Count > 0)
        {
            var cluster = new WordingCluster(++clusterCount, entry.Print.Language);
            foreach (var single in singles.OrderBy(static single => single.Sequence))
            {
                Enter(cluster, single, "wording");
            }

            Enter(cluster, entry, "wording");
            Keep(cluster);
        }
    }

    private void Enter(WordingCluster cluster, Entry entry, string joinedBy)
    {
        Take(cluster, entry, joinedBy);
        changes.Memberships.Add(new(entry.Print.Id, cluster.Id, null, joinedBy));
    }

    private void Take(WordingCluster cluster, Entry entry, string joinedBy)
    {
        var isNew = cluster.Profile is null;
        cluster.Add(entry, joinedBy, baseline);
        if (isNew && cluster.Profile is not null)
        {
            profiled.Add(cluster);
        }
    }

    private void Keep(WordingCluster cluster)
    {
        live.Add(cluster);
        liveById.Add(cluster.Id, cluster);
    }

    private void Forget(Predicate<WordingCluster> isOver)
    {
        foreach (var cluster in live)
        {
            if (isOver(cluster))
            {
                liveById.Remove(cluster.Id);
            }
        }

        live.RemoveAll(isOver);
        profiled.RemoveAll(isOver);
    }

    private List<Entry> Matches(Entry entry)
    {
        candidates.Clear();
        foreach (var key in entry.Bands)
        {
            CountCandidates(bands.Find(key), entry.Sequence);
        }

        foreach (var word in entry.RareWords)
        {
            CountCandidates(rareWords.Find(word), entry.Sequence);
        }

        var verified = candidates.Where(static candidate => candidate.Candidacy.Keys > 1 || candidate.Cluster is not null);
        if (candidates.Count > DetectorLimits.Verified)
        {
            verified = verified.OrderByDescending(static candidate => candidate.Candidacy.Keys).ThenByDescending(static candidate => candidate.Sequence).Take(DetectorLimits.Verified);
        }

        return [.. verified.Where(candidate => AreAlike(candidate, entry))];
    }

    private void CountCandidates(List<Entry>? found, long sequenceOf)
    {
        foreach (var candidate in found ?? [])
        {
            var (last, keys) = candidate.Candidacy;
            if (last == sequenceOf)
            {
                candidate.Candidacy = (last, keys + 1);
            }
            else
            {
                candidate.Candidacy = (sequenceOf, 1);
                candidates.Add(candidate);
            }
        }
    }

    private bool AreAlike(Entry one, Entry other) => AreAlike(one, other.Print, other.Words, Math.Abs(one.Print.At - other.Print.At) <= Near);

    private bool AreAlike(Entry one, Fingerprint other, WeighedWords words, bool near)
    {
        if (one.Print.Signature.Length == 0 || other.Signature.Length == 0)
        {
            return false;
        }

        var limits = baseline.Thresholds(other.Language, Math.Min(one.Words.Words.Length, words.Words.Length), near);
        return MinHash.Similarity(one.Print.Signature, other.Signature) >= limits.Jaccard
            || one.Print.Language == other.Language && one.Words.Cosine(words) >= limits.Cosine;
    }

    private double Support(WordingCluster cluster, Entry entry)
    {
        // A burst that is over is taken up again by the same form, not by one that resembles it.
        var over = cluster.IsBurst && !cluster.GoesOn(entry.Print.At);
        var (matched, compared) = (0, 0);
        foreach (var member in cluster.Compared())
        {
            compared++;
            matched += over ? MinHash.Similarity(member.Print.Signature, entry.Print.Signature) >= DetectorLimits.SameForm ? 1 : 0 : AreAlike(member, entry) ? 1 : 0;
        }

        return matched / (double)compared;
    }

    private Entry Entry(Fingerprint print)
    {
        var words = baseline.Weigh(print);
        return new Entry(print, words, sequence++) { RareWords = print.Signature.Length == 0 ? [] : Rare(words, (ulong)(uint)print.Language.Length << 32) };
    }

    private static ulong[] Rare(WeighedWords words, ulong language)
    {
        var least = (float)-Math.Log(RareWordRate);
        var order = new (float Weight, uint Word)[words.Words.Length];
        var count = 0;
        for (var i = 0; i < order.Length; i++)
        {
            if (words.Weights[i] >= least)
            {
                order[count++] = (-words.Weights[i], words.Words[i]);
            }
        }

        Array.Sort(order, 0, count);
        return [.. order.Take(Math.Min(count, RareWords)).Select(one => one.Word | language)];
    }

    private void Index(Entry entry)
    {
        window.Enqueue(entry);
        foreach (var key in entry.Bands)
        {
            bands.Add(key, entry);
        }

        foreach (var key in entry.RareWords)
        {
            rareWords.Add(key, entry);
        }
    }

    private void Expire()
    {
        while (window.Count > 0 && (window.Peek().Print.At < clock - DetectorLimits.WindowSeconds || window.Count >= DetectorLimits.WindowRequests))
        {
            var old = window.Dequeue();
            foreach (var key in old.Bands)
            {
                bands.Remove(key, old);
            }

            foreach (var key in old.RareWords)
            {
                rareWords.Remove(key, old);
            }
        }
    }

    private void Tick(bool final = false)
    {
        tickedAt = clock;
        // A copy: raising one may empty another.
        foreach (var cluster in live.ToList())
        {
            if (cluster is { Campaign: null, Changed: true, Sources: >= DetectorLimits.Sources })
            {
                RaiseWording(cluster);
            }
        }

        LinkClusters();
        foreach (var burst in urls.Due(clock, final))
        {
            JoinCiters(burst);
            RaiseUrl(burst);
        }

        foreach (var cluster in live)
        {
            cluster.Changed = false;
        }

        Forget(cluster => cluster.Last < clock - DetectorLimits.WindowSeconds);
        urls.Expire(clock);
    }

    private void RaiseWording(WordingCluster cluster)
    {
        cluster.Judged = cluster.Sources;
        Judge(cluster);
        var adjusted = Significance.Adjusted(cluster.P, live.Select(static other => other.P));
        if (adjusted >= DetectorLimits.AdjustedP || !Coheres(cluster))
        {
            return;
        }

        var quotation = Explanations.Quotation(cluster, baseline, urls);
        cluster.IsQuotation = quotation.Holds;
        if (quotation.Holds)
        {
            return;
        }

        var campaign = Open(cluster.P, adjusted, cluster.ChanceRate, "wording");
        campaign.Explanations = [quotation];
        Attach(campaign, cluster);
        Sweep(cluster);
    }

    /// <summary>The chance of so many so similar letters among so many that arrived.</summary>
    private void Judge(WordingCluster cluster)
    {
        var days = (cluster.Last - cluster.First) / 86_400.0;
        var length = (int)cluster.Compared().Average(static member => member.Words.Words.Length);
        // Kept: the longer it lives, the fewer letters are left outside its time to tell.
        cluster.OwnRate = Math.Max(cluster.OwnRate, OwnRate(cluster));
        var rate = Math.Max(baseline.Thresholds(cluster.Language, length, near: true).ChanceRate, cluster.OwnRate);
        var arrivals = Math.Max(1, baseline.PerDay(cluster.Language) * Math.Max(days, 1.0 / 24));
        cluster.ChanceRate = rate;
        // Each letter of the window could have been the first of such a cluster: that many places were looked at.
        var places = baseline.PerDay(cluster.Language) * 14;
        cluster.P = Math.Min(1, Significance.PoissonTail(cluster.Sources - 1, arrivals * rate) * Math.Max(1, places));
    }

    // How often letters like these meet one like them at other times: a form that is always around explains itself, and so do short letters made of stock phrases.
    private double OwnRate(WordingCluster cluster)
    {
        var (pairs, alike, letters) = (0, 0, 0);
        var compared = cluster.Compared().ToList();
        foreach (var (letter, words) in baseline.Sample(cluster.Language))
        {
            if (letter.At < cluster.First - DetectorLimits.WindowSeconds || letter.At > cluster.Last + DetectorLimits.WindowSeconds)
            {
                var before = alike;
                foreach (var member in compared)
                {
                    pairs++;
                    alike += AreAlike(member, letter, words, near: true) ? 1 : 0;
                }

                letters += alike > before ? 1 : 0;
            }
        }

        // Three deviations above what so small a sample says: the doubt is the cluster's.
        return alike >= 2 ? alike / (double)pairs * (1 + 3 / Math.Sqrt(letters)) : 0;
    }

    private bool Coheres(WordingCluster cluster)
    {
        var (pairs, alike) = (0, 0);
        var members = cluster.Spread;
        for (var i = 0; i < members.Count; i++)
        {
            for (var j = i + 1; j < members.Count; j++)
            {
                pairs++;
                alike += AreAlike(members[i], members[j]) ? 1 : 0;
            }
        }

        return pairs > 0 && alike >= 0.4 * pairs;
    }

    private Campaign Open(double p, double adjusted, double rate, string foundBy)
    {
        var campaign = new Campaign(++campaignCount, clock) { P = p, AdjustedP = adjusted, ChanceRate = rate, FoundBy = foundBy };
        campaigns.Add(campaign);
        changes.Campaigns.Add(campaign);
        return campaign;
    }

    private void Attach(Campaign campaign, WordingCluster cluster)
    {
        changes.Clusters[cluster.Id] = campaign.Number;
        changes.Campaigns.Add(campaign);
        cluster.Campaign = campaign;
        campaign.Clusters.Add(cluster);
    }

    /// <summary>Letters of the window that the cluster's profile explains and no campaign holds.</summary>
    private void Sweep(WordingCluster cluster)
    {
        if (cluster.Profile is null)
        {
            return;
        }

        foreach (var entry in window)
        {
            // What is cheap to ask comes first.
            if (entry.Print.At >= cluster.First - 6 * Hour && entry.Print.At <= cluster.Last + 6 * Hour
                && entry.Cluster?.Campaign is null && entry.Cluster != cluster && entry.Print.Signature.Length > 0
                && (entry.Cluster is null || entry.Cluster.Sources < DetectorLimits.Sources) && entry.Print.Language == cluster.Language
                && (cluster.Profile.Cosine(entry.Words) >= cluster.ProfileThreshold || Support(cluster, entry) >= 0.5))
            {
                entry.Cluster?.Members.RemoveAll(member => member.Id == entry.Print.Id);
                Enter(cluster, entry, "profile");
            }
        }

        Forget(static other => other.Members.Count == 0);
    }

    private void LinkClusters()
    {
        var able = live.Where(static cluster => cluster.Members.Count >= SmallestLinked && !cluster.IsQuotation).ToList();
        foreach (var one in able.Where(static cluster => cluster.Changed))
        {
            foreach (var other in able)
            {
                if (other == one || one.Campaign?.Current is { } mine && mine == other.Campaign?.Current || other.Changed && other.Id < one.Id)
                {
                    continue;
                }

                var link = ClusterLinks.Between(one, other, baseline, urls, AreAlike);
                if (link is not null && Stands(one) && Stands(other))
                {
                    Join(one, other, link);
                }
            }
        }

        foreach (var campaign in Campaigns)
        {
            foreach (var cluster in campaign.Clusters.Where(static cluster => cluster.Changed).ToList())
            {
                Sweep(cluster);
            }
        }
    }

    // A cluster that chance or one source explains joins nothing, whatever it shares.
    private bool Stands(WordingCluster cluster)
    {
        if (cluster.Campaign is not null)
        {
            return true;
        }

        Judge(cluster);
        return cluster.Sources >= SmallestLinked && cluster.P < 0.01 && !(cluster.IsQuotation = Explanations.IsQuotation(cluster, baseline, urls));
    }

    private void Join(WordingCluster one, WordingCluster other, CampaignLink link)
    {
        switch (one.Campaign?.Current, other.Campaign?.Current)
        {
            case ({ } mine, { } theirs):
                var (older, younger) = mine.Number < theirs.Number ? (mine, theirs) : (theirs, mine);
                foreach (var cluster in younger.Clusters)
                {
                    Attach(older, cluster);
                }

                older.LinkList.AddRange([.. younger.Links, link]);
                older.LinkMembers.AddRange(younger.LinkMembers);
                changes.Memberships.AddRange(younger.LinkMembers.Select(member => new Membership(member.Id, null, older.Number, member.JoinedBy)));
                older.FoundBy = FoundBy(older);
                younger.Clusters.Clear();
                younger.LinkMembers.Clear();
                changes.Campaigns.Add(younger);
                changes.Campaigns.Add(older);
                younger.PartOf = older;
                break;
            case ({ } mine, null):
                Attach(mine, other);
                mine.LinkList.Add(link);
                mine.FoundBy = FoundBy(mine);
                break;
            case (null, { } theirs):
                Attach(theirs, one);
                theirs.LinkList.Add(link);
                theirs.FoundBy = FoundBy(theirs);
                break;
            default:
                RaiseTogether(one, other, link);
                break;
        }
    }

    // Few in each language, enough together: the chances multiply, and every pair of clusters was a try.
    private void RaiseTogether(WordingCluster one, WordingCluster other, CampaignLink link)
    {
        var sources = one.Members.Concat(other.Members).Select(static member => member.Source).Distinct().Count();
        if (one.Language == other.Language)
        {
            // Two halves of one wording are no two findings: each must be one by itself, or they are left alone.
            return;
        }

        var p = one.P * other.P;
        var adjusted = Math.Min(1, p * Math.Max(1, live.Count * (live.Count - 1) / 2));
        if (sources < DetectorLimits.Sources || adjusted >= DetectorLimits.AdjustedP)
        {
            return;
        }

        var campaign = Open(p, adjusted, Math.Max(one.ChanceRate, other.ChanceRate), "wording");
        Attach(campaign, one);
        Attach(campaign, other);
        campaign.LinkList.Add(link);
        campaign.FoundBy = FoundBy(campaign);
    }

    private static string FoundBy(Campaign campaign) => campaign.Clusters.Select(static cluster => cluster.Language).Distinct().Count() > 1 ? "translations" : "wording";

    // Those who cite the campaign's own rare link, in its time, belong to it even where their wording is their own; only where most who cite it share its wording.
    private void JoinCiters(UrlBurst burst)
    {
        var holder = burst.Entries.Where(static entry => entry.Cluster?.Campaign is not null).GroupBy(static entry => entry.Cluster!.Campaign!.Current)
            .OrderByDescending(static group => group.Count()).ThenBy(static group => group.Key.Number).FirstOrDefault();
        if (holder is null || holder.Count() < 0.5 * burst.Entries.Count || holder.Count() < 0.5 * holder.Key.Members.Count())
        {
            return;
        }

        foreach (var entry in burst.Entries.Where(static entry => entry.Cluster?.Campaign is null && !entry.ByLink))
        {
            AddCiter(holder.Key, entry);
        }
    }

    private void RaiseUrl(UrlBurst burst)
    {
        var free = burst.Entries.Where(static entry => entry.Cluster?.Campaign is null && !entry.ByLink).ToList();
        if (burst.Campaign is { } raised)
        {
            foreach (var entry in free.Where(entry => entry.Print.At <= burst.Last))
            {
                AddCiter(raised, entry);
            }

            return;
        }

        if (free.Select(static entry => entry.Print.Source).Distinct().Count() < DetectorLimits.Sources || free.Count < 0.6 * burst.Entries.Count)
        {
            return;
        }

        var finding = urls.Judge(burst);
        if (finding.P * Math.Max(1, urls.Open) >= DetectorLimits.AdjustedP || finding.Score < UrlBursts.Raised)
        {
            return;
        }

        var campaign = Open(finding.P, Math.Min(1, finding.P * Math.Max(1, urls.Open)), 0, "url");
        campaign.Link = burst.Url;
        campaign.Explanations = finding.Explanations;
        burst.Campaign = campaign;
        foreach (var entry in free)
        {
            AddCiter(campaign, entry);
        }
    }

    private void AddCiter(Campaign campaign, Entry entry)
    {
        campaign.LinkMembers.Add(new CampaignMember(entry.Print.Id, entry.Print.At, entry.Print.Source, entry.Print.Language, "url"));
        entry.ByLink = true;
        changes.Memberships.Add(new(entry.Print.Id, null, campaign.Number, "url"));
        entry.Cluster?.Members.RemoveAll(member => member.Id == entry.Print.Id);
    }
}
