namespace ActorKube.Actors;

/// <summary>
/// Keeps events few, as client-go's recorder of core events does: the same event again is counted, many like it are told as one, and an object that makes too many is not
/// listened to for a while, though what it says then is still counted. Remembers so many objects and no more.
/// </summary>
sealed class EventCorrelator(EventOptions options) : IEventCorrelator
{
    readonly LruMap<string, TokenBucket> _spam = new(options.Remembered);
    readonly LruMap<string, Aggregate> _aggregates = new(options.Remembered);
    readonly LruMap<string, CorrelatedEvent> _told = new(options.Remembered);

    /// <inheritdoc/>
    public TimeSpan? TickEvery => null;

    /// <inheritdoc/>
    public CorrelatedEvent? Correlate(EventFacts facts)
    {
        var similar = $"{facts.Subject}|{facts.Type}|{facts.Reason}";
        var key = $"{similar}|{facts.Message}";
        if (_aggregates.GetOrAdd(similar, static () => new Aggregate()).Reaches(options.AggregateFrom, facts, options.AggregateWindow))
        {
            key = similar;
            facts = facts with { Message = "(combined from similar events): " + facts.Message };
        }
        var told = _told.TryGet(key, out var before) ? before with { Facts = facts, Count = before.Count + 1 } : new CorrelatedEvent(facts.NewName, facts, 1, facts.At);
        _told.Set(key, told);
        return _spam.GetOrAdd(facts.Subject, () => new TokenBucket(options.SpamPerSecond, options.SpamBurst)).TryTake(facts.At) ? told : null;
    }

    /// <inheritdoc/>
    public IReadOnlyList<CorrelatedEvent> Tick(DateTimeOffset now) => [];

    /// <summary>The distinct messages of similar events.</summary>
    sealed class Aggregate
    {
        readonly HashSet<string> _messages = [];
        DateTimeOffset _last;

        public bool Reaches(int limit, EventFacts facts, TimeSpan window)
        {
            if (facts.At - _last > window)
                _messages.Clear();
            _last = facts.At;
            _messages.Add(facts.Message);
            if (_messages.Count < limit)
                return false;
            // One makes room for the next, so that each further distinct message reaches the limit again and one that was told before is still counted by itself.
            _messages.Remove(facts.Message);
            return true;
        }
    }
}
