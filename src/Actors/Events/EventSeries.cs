namespace ActorKube.Actors;

/// <summary>
/// Keeps events few, as client-go's recorder of <c>events.k8s.io/v1</c> does: the first of its kind is told, the second makes it a series and is told, and from then on a series is
/// told now and then, and once more when it is finished. Events are of one kind whatever their message. Remembers so many and no more.
/// </summary>
sealed class EventSeries(EventOptions options) : IEventCorrelator
{
    readonly LruMap<string, CorrelatedEvent> _told = new(options.Remembered);
    DateTimeOffset? _refreshedAt;

    /// <inheritdoc/>
    public TimeSpan? TickEvery => options.SeriesFinish < options.SeriesRefresh ? options.SeriesFinish : options.SeriesRefresh;

    /// <inheritdoc/>
    public CorrelatedEvent? Correlate(EventFacts facts)
    {
        _refreshedAt ??= facts.At;
        var key = $"{facts.Subject}|{facts.Type}|{facts.Reason}";
        var known = _told.TryGet(key, out var before);
        var told = known ? before with { Facts = before.Facts with { At = facts.At }, Count = before.Count + 1 } : new CorrelatedEvent(facts.NewName, facts, 1, facts.At);
        _told.Set(key, told);
        return told.Count <= 2 ? told : null;
    }

    /// <inheritdoc/>
    public IReadOnlyList<CorrelatedEvent> Tick(DateTimeOffset now)
    {
        var refresh = now - _refreshedAt >= options.SeriesRefresh;
        if (refresh)
            _refreshedAt = now;
        var toTell = new List<CorrelatedEvent>();
        foreach (var (key, told) in _told.ToArray())
        {
            var finished = now - told.Facts.At >= options.SeriesFinish;
            if (finished)
                _told.Remove(key);
            // Of two events both were told as they came.
            if (told.Count > 2 && (finished || refresh))
                toTell.Add(told);
        }
        return toTell;
    }
}
