using System.Globalization;
using ActorKube.Models;

namespace ActorKube.Actors;

/// <summary>What is to be said of an object.</summary>
/// <param name="Kind">The object's kind.</param>
/// <param name="Key">The object.</param>
/// <param name="Uid">Its uid; empty where it is gone.</param>
/// <param name="ResourceVersion">The version it had; empty where unknown.</param>
/// <param name="Type"><c>Normal</c> or <c>Warning</c>.</param>
/// <param name="Reason">One word.</param>
/// <param name="Message">A sentence.</param>
/// <param name="At">When it happened.</param>
sealed record EventFacts(GroupVersionKind Kind, NamespacedName Key, string Uid, string ResourceVersion, string Type, string Reason, string Message, DateTimeOffset At);

/// <summary>What becomes of it: a new event, or one more count of an event that exists.</summary>
/// <param name="Name">The event's name.</param>
/// <param name="Facts">What it says, the message perhaps generalised.</param>
/// <param name="Count">How often it happened.</param>
/// <param name="First">When it happened first.</param>
sealed record CorrelatedEvent(string Name, EventFacts Facts, int Count, DateTimeOffset First)
{
    /// <summary>It is on the server already, and only its count, message and time change.</summary>
    public bool IsRepeat => Count > 1;
}

/// <summary>
/// Keeps events few, as client-go does: the same event again is counted, many like it are told as one, and an object that makes too many is not listened to
/// for a while. Remembers so many objects and no more. Not thread-safe: one actor owns it.
/// </summary>
sealed class EventCorrelator
{
    const int Remembered = 4096;
    const int DistinctMessages = 10;
    const int SpamBurst = 25;
    const double SpamPerSecond = 1d / 300;
    static readonly TimeSpan AggregationWindow = TimeSpan.FromSeconds(600);

    readonly LruMap<string, TokenBucket> _spam = new(Remembered);
    readonly LruMap<string, Aggregate> _aggregates = new(Remembered);
    readonly LruMap<string, CorrelatedEvent> _told = new(Remembered);

    /// <returns>What to tell; null where the object made too many events.</returns>
    public CorrelatedEvent? Correlate(EventFacts facts)
    {
        var subject = $"{facts.Kind}|{facts.Key}|{facts.Uid}";
        if (!_spam.GetOrAdd(subject, static () => new TokenBucket(SpamPerSecond, SpamBurst)).TryTake(facts.At))
            return null;

        var similar = $"{subject}|{facts.Type}|{facts.Reason}";
        var aggregate = _aggregates.GetOrAdd(similar, static () => new Aggregate());
        var key = $"{similar}|{facts.Message}";
        if (aggregate.Add(facts, AggregationWindow) >= DistinctMessages)
        {
            key = similar;
            facts = facts with { Message = "(combined from similar events): " + facts.Message };
        }

        var name = string.Create(CultureInfo.InvariantCulture, $"{facts.Key.Name}.{(facts.At.UtcTicks - DateTimeOffset.UnixEpoch.Ticks) * 100:x}");
        var told = _told.TryGet(key, out var before)
            ? before with { Facts = facts, Count = before.Count + 1 }
            : new CorrelatedEvent(name, facts, 1, facts.At);
        _told.Set(key, told);
        return told;
    }

    /// <summary>The server lost an event that we count on (events expire): the next one like it is new.</summary>
    public CorrelatedEvent Anew(CorrelatedEvent lost) => lost with { Count = 1, First = lost.Facts.At };

    sealed class Aggregate
    {
        readonly HashSet<string> _messages = [];
        DateTimeOffset _last;

        public int Add(EventFacts facts, TimeSpan window)
        {
            if (facts.At - _last > window)
                _messages.Clear();
            _last = facts.At;
            if (_messages.Count < DistinctMessages)
                _messages.Add(facts.Message);
            return _messages.Count;
        }
    }
}

/// <summary>A map that forgets what was used least recently.</summary>
sealed class LruMap<TKey, TValue>(int capacity)
    where TKey : notnull
{
    readonly Dictionary<TKey, LinkedListNode<KeyValuePair<TKey, TValue>>> _nodes = [];
    readonly LinkedList<KeyValuePair<TKey, TValue>> _order = new();

    public int Count => _nodes.Count;

    public bool TryGet(TKey key, out TValue value)
    {
        if (!_nodes.TryGetValue(key, out var node))
        {
            value = default!;
            return false;
        }
        _order.Remove(node);
        _order.AddFirst(node);
        value = node.Value.Value;
        return true;
    }

    public TValue GetOrAdd(TKey key, Func<TValue> make)
    {
        if (TryGet(key, out var value))
            return value;
        Set(key, value = make());
        return value;
    }

    public void Set(TKey key, TValue value)
    {
        if (_nodes.Remove(key, out var old))
            _order.Remove(old);
        _nodes[key] = _order.AddFirst(KeyValuePair.Create(key, value));
        if (_nodes.Count <= capacity)
            return;
        _nodes.Remove(_order.Last!.Value.Key);
        _order.RemoveLast();
    }
}
