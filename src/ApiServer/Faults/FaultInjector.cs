namespace ActorKube.ApiServer;

/// <summary>
/// Makes a server misbehave on purpose. Rules are tried in the order in which they were added; the first that meets a request acts.
/// Thread-safe.
/// </summary>
public sealed class FaultInjector
{
    private readonly Lock _lock = new();
    private readonly List<ActiveRule> _rules = [];
    private readonly Dictionary<long, OpenWatch> _watches = [];
    private readonly Random _random;
    private long _nextWatch;

    /// <param name="seed">Seed of the generator behind <see cref="FaultRule.Probability"/>.</param>
    public FaultInjector(int seed = 0) => _random = new Random(seed);

    /// <summary>Adds a rule; disposing what is returned removes it.</summary>
    public IDisposable Add(FaultRule rule)
    {
        ArgumentNullException.ThrowIfNull(rule);
        ArgumentOutOfRangeException.ThrowIfNegative(rule.After);
        if (rule.Probability is < 0 or > 1)
        {
            throw new ArgumentOutOfRangeException(nameof(rule), rule.Probability, "A rule's Probability lies between 0 and 1.");
        }
        var active = new ActiveRule(rule) { Skip = rule.After, Left = rule.Times ?? int.MaxValue };
        lock (_lock)
        {
            _rules.Add(active);
        }
        return new Removal(this, active);
    }

    /// <summary>Removes all rules.</summary>
    public void Clear()
    {
        lock (_lock)
        {
            _rules.Clear();
        }
    }

    /// <summary>Breaks the connections of open watches of a resource (all, where null); answers how many.</summary>
    public int CutWatches(string? resource = null) => EndWatches(resource, static w => w.Abort = true);

    /// <summary>Ends open watches cleanly; answers how many.</summary>
    public int CloseWatches(string? resource = null) => EndWatches(resource, static _ => { });

    /// <summary>Ends open watches with a 410 ERROR event; answers how many.</summary>
    public int ExpireWatches(string? resource = null) =>
        EndWatches(resource, static w => w.Failure = Errors.Expired("The resourceVersion for the provided watch is too old."));

    private int EndWatches(string? resource, Action<OpenWatch> how)
    {
        List<OpenWatch> ended;
        lock (_lock)
        {
            ended = [.. _watches.Values.Where(w => resource is null || w.Target.Resource == resource)];
        }
        foreach (var watch in ended)
        {
            how(watch);
            watch.End();
        }
        return ended.Count;
    }

    /// <summary>How many watches are open.</summary>
    public int OpenWatches
    {
        get
        {
            lock (_lock)
            {
                return _watches.Count;
            }
        }
    }

    /// <summary>The rule that meets a request, or null. Counts as used.</summary>
    internal FaultRule? Take(FaultTarget target)
    {
        lock (_lock)
        {
            foreach (var active in _rules)
            {
                if (active.Left <= 0 || !active.Rule.Meets(target))
                {
                    continue;
                }
                if (active.Skip > 0)
                {
                    active.Skip--;
                    continue;
                }
                if (active.Rule.Probability < 1 && _random.NextDouble() >= active.Rule.Probability)
                {
                    continue;
                }
                active.Left--;
                return active.Rule;
            }
            return null;
        }
    }

    internal OpenWatch Watching(FaultTarget target, CancellationTokenSource end)
    {
        lock (_lock)
        {
            var watch = new OpenWatch(this, _nextWatch++, target, end);
            _watches.Add(watch.Id, watch);
            return watch;
        }
    }

    private void Remove(ActiveRule rule)
    {
        lock (_lock)
        {
            _rules.Remove(rule);
        }
    }

    private void Remove(OpenWatch watch)
    {
        lock (_lock)
        {
            _watches.Remove(watch.Id);
        }
    }

    private sealed class ActiveRule(FaultRule rule)
    {
        public FaultRule Rule { get; } = rule;

        public int Skip { get; set; }

        public int Left { get; set; }
    }

    private sealed class Removal(FaultInjector injector, ActiveRule rule) : IDisposable
    {
        public void Dispose() => injector.Remove(rule);
    }

    /// <summary>One open watch, and how it was ended.</summary>
    internal sealed class OpenWatch(FaultInjector injector, long id, FaultTarget target, CancellationTokenSource end) : IDisposable
    {
        public long Id => id;

        public FaultTarget Target => target;

        public ApiException? Failure { get; set; }

        public bool Abort { get; set; }

        public void End()
        {
            try
            {
                end.Cancel();
            }
            catch (ObjectDisposedException)
            {
                // It ended by itself meanwhile.
            }
        }

        public void Dispose() => injector.Remove(this);
    }
}

/// <summary>What a fault rule looks at.</summary>
internal readonly record struct FaultTarget(string Verb, string Group, string Resource, string? Namespace, string? Name);

internal static class FaultRuleExtensions
{
    public static bool Meets(this FaultRule rule, FaultTarget target) =>
        (rule.Verb is null || rule.Verb == target.Verb) && (rule.Resource is null || rule.Resource == target.Resource) &&
        (rule.Group is null || rule.Group == target.Group) && (rule.Namespace is null || rule.Namespace == target.Namespace) &&
        (rule.Name is null || rule.Name == target.Name);
}
