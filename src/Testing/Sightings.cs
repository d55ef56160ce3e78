namespace ActorKube.Testing;

/// <summary>What was seen so far, in order, and which of it was expected. Thread-safe; whoever waits is woken by what comes, not by a clock.</summary>
sealed class Sightings<T>(TimeSpan patience, Func<T, string> tell)
{
    readonly Lock _lock = new();
    readonly List<(T Seen, bool Expected)> _all = [];
    TaskCompletionSource _more = NewSource();

    public IReadOnlyList<T> All
    {
        get
        {
            lock (_lock)
                return [.. _all.Select(static s => s.Seen)];
        }
    }

    public void Add(T seen)
    {
        TaskCompletionSource woken;
        lock (_lock)
        {
            _all.Add((seen, false));
            (woken, _more) = (_more, NewSource());
        }
        woken.TrySetResult();
    }

    public void Forget()
    {
        lock (_lock)
        {
            for (var i = 0; i < _all.Count; i++)
                _all[i] = (_all[i].Seen, true);
        }
    }

    public async Task<T> NextAsync(Func<T, bool> wanted, string what, Func<string>? hint = null)
    {
        using var limit = new CancellationTokenSource(patience);
        while (true)
        {
            Task more;
            lock (_lock)
            {
                var at = _all.FindIndex(s => !s.Expected && wanted(s.Seen));
                if (at >= 0)
                {
                    _all[at] = (_all[at].Seen, true);
                    return _all[at].Seen;
                }
                more = _more.Task;
            }
            try
            {
                await more.WaitAsync(limit.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                throw new KubeExpectationException($"Expected {what}, and none came within {patience.TotalSeconds:0} s. {Told(_ => true)}{hint?.Invoke()}");
            }
        }
    }

    public void RefuseAny(Func<T, bool> unwanted, string what)
    {
        bool any;
        lock (_lock)
            any = _all.Exists(s => !s.Expected && unwanted(s.Seen));
        if (any)
            throw new KubeExpectationException($"Expected {what}. {Told(unwanted)}");
    }

    string Told(Func<T, bool> which)
    {
        lock (_lock)
        {
            var told = _all.Where(s => !s.Expected && which(s.Seen)).Select(s => tell(s.Seen)).ToArray();
            return told.Length == 0 ? "Nothing else happened." : $"Not expected so far: {string.Join("; ", told.TakeLast(20))}.";
        }
    }

    static TaskCompletionSource NewSource() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
