using System.Collections;

namespace ActorKube.Actors;

/// <summary>A map that forgets what was used least recently.</summary>
sealed class LruMap<TKey, TValue>(int capacity) : IEnumerable<KeyValuePair<TKey, TValue>>
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
        Remove(key);
        _nodes[key] = _order.AddFirst(KeyValuePair.Create(key, value));
        if (_nodes.Count <= capacity)
            return;
        _nodes.Remove(_order.Last!.Value.Key);
        _order.RemoveLast();
    }

    public void Remove(TKey key)
    {
        if (_nodes.Remove(key, out var old))
            _order.Remove(old);
    }

    public IEnumerator<KeyValuePair<TKey, TValue>> GetEnumerator() => _order.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
