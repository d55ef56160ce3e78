using System.Collections;
using System.Diagnostics.CodeAnalysis;
using System.Numerics;

namespace ActorKube.Actors;

/// <summary>An immutable hash map: a change makes a new map that shares all but the few nodes on the changed key's path.</summary>
/// <remarks>
/// A compressed hash-array-mapped trie, 32 ways a level: a lookup in 100,000 keys touches four small arrays and takes no lock, whoever writes. A writer with
/// many changes passes an <see cref="Edit"/>: nodes made under it may be changed in place by it, and by nobody once the edit is forgotten.
/// </remarks>
sealed class PersistentMap<TKey, TValue> : IReadOnlyCollection<KeyValuePair<TKey, TValue>>
    where TKey : notnull, IEquatable<TKey>
{
    /// <summary>The right to change nodes in place that were made under the same edit.</summary>
    public sealed class Edit;

    const int Bits = 5;
    const int HashBits = 32;

    /// <summary>The map without entries.</summary>
    public static readonly PersistentMap<TKey, TValue> Empty = new(new Node(0, 0, [], [], null), 0);

    readonly Node _root;

    PersistentMap(Node root, int count)
    {
        _root = root;
        Count = count;
    }

    /// <summary>How many entries there are.</summary>
    public int Count { get; }

    /// <summary>Looks a key up.</summary>
    public bool TryGetValue(TKey key, [MaybeNullWhen(false)] out TValue value)
    {
        var hash = (uint)key.GetHashCode();
        var node = _root;
        for (var shift = 0; shift < HashBits; shift += Bits)
        {
            var bit = 1u << (int)((hash >> shift) & 31);
            if ((node.Entries & bit) != 0)
            {
                ref readonly var entry = ref node.Values[Index(node.Entries, bit)];
                if (entry.Key.Equals(key))
                {
                    value = entry.Value;
                    return true;
                }
                break;
            }
            if ((node.Children & bit) == 0)
                break;
            node = node.Nodes[Index(node.Children, bit)];
            if (node.IsCollision)
            {
                foreach (ref readonly var entry in node.Values.AsSpan())
                {
                    if (!entry.Key.Equals(key))
                        continue;
                    value = entry.Value;
                    return true;
                }
                break;
            }
        }
        value = default;
        return false;
    }

    /// <summary>A map in which <paramref name="key"/> has <paramref name="value"/>.</summary>
    public PersistentMap<TKey, TValue> Set(TKey key, TValue value, Edit? edit = null)
    {
        var added = false;
        var root = Set(_root, key, value, (uint)key.GetHashCode(), 0, edit, ref added);
        return ReferenceEquals(root, _root) && !added && edit is null ? this : new PersistentMap<TKey, TValue>(root, added ? Count + 1 : Count);
    }

    /// <summary>A map without <paramref name="key"/>; the same map where it has none.</summary>
    public PersistentMap<TKey, TValue> Remove(TKey key, Edit? edit = null)
    {
        var removed = false;
        var root = Remove(_root, key, (uint)key.GetHashCode(), 0, edit, ref removed);
        return removed ? new PersistentMap<TKey, TValue>(root, Count - 1) : this;
    }

    /// <inheritdoc/>
    public IEnumerator<KeyValuePair<TKey, TValue>> GetEnumerator() => new Enumerator(_root);

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    static int Index(uint map, uint bit) => BitOperations.PopCount(map & (bit - 1));

    static Node Set(Node node, TKey key, TValue value, uint hash, int shift, Edit? edit, ref bool added)
    {
        if (node.IsCollision)
            return SetInCollision(node, key, value, edit, ref added);
        var bit = 1u << (int)((hash >> shift) & 31);
        if ((node.Children & bit) != 0)
        {
            var at = Index(node.Children, bit);
            var child = Set(node.Nodes[at], key, value, hash, shift + Bits, edit, ref added);
            return ReferenceEquals(child, node.Nodes[at]) ? node : node.WithChild(at, child, edit);
        }
        if ((node.Entries & bit) == 0)
        {
            added = true;
            return node.WithEntryAdded(bit, new Entry(key, value), edit);
        }
        var index = Index(node.Entries, bit);
        var present = node.Values[index];
        if (present.Key.Equals(key))
            return node.WithEntry(index, new Entry(key, value), edit);
        added = true;
        var below = Split(present, (uint)present.Key.GetHashCode(), new Entry(key, value), hash, shift + Bits, edit);
        return node.WithEntryMovedDown(bit, below, edit);
    }

    static Node SetInCollision(Node node, TKey key, TValue value, Edit? edit, ref bool added)
    {
        for (var i = 0; i < node.Values.Length; i++)
        {
            if (node.Values[i].Key.Equals(key))
                return node.WithEntry(i, new Entry(key, value), edit);
        }
        added = true;
        return Node.Collision([.. node.Values, new Entry(key, value)], edit);
    }

    static Node Split(Entry one, uint oneHash, Entry other, uint otherHash, int shift, Edit? edit)
    {
        if (shift >= HashBits)
            return Node.Collision([one, other], edit);
        var oneBit = 1u << (int)((oneHash >> shift) & 31);
        var otherBit = 1u << (int)((otherHash >> shift) & 31);
        if (oneBit == otherBit)
            return new Node(0, oneBit, [], [Split(one, oneHash, other, otherHash, shift + Bits, edit)], edit);
        return new Node(oneBit | otherBit, 0, oneBit < otherBit ? [one, other] : [other, one], [], edit);
    }

    static Node Remove(Node node, TKey key, uint hash, int shift, Edit? edit, ref bool removed)
    {
        if (node.IsCollision)
        {
            var at = Array.FindIndex(node.Values, e => e.Key.Equals(key));
            if (at < 0)
                return node;
            removed = true;
            return Node.Collision([.. node.Values[..at], .. node.Values[(at + 1)..]], edit);
        }
        var bit = 1u << (int)((hash >> shift) & 31);
        if ((node.Entries & bit) != 0)
        {
            var index = Index(node.Entries, bit);
            if (!node.Values[index].Key.Equals(key))
                return node;
            removed = true;
            return node.WithEntryRemoved(bit, edit);
        }
        if ((node.Children & bit) == 0)
            return node;
        var childAt = Index(node.Children, bit);
        var child = Remove(node.Nodes[childAt], key, hash, shift + Bits, edit, ref removed);
        if (!removed)
            return node;
        // A node left with one entry and no children moves up, so that a map's shape never depends on its history.
        return child is { Children: 0, Values.Length: 1 } ? node.WithChildMovedUp(bit, child.Values[0], edit) : node.WithChild(childAt, child, edit);
    }

    readonly record struct Entry(TKey Key, TValue Value);

    sealed class Node(uint entries, uint children, Entry[] values, Node[] nodes, Edit? edit)
    {
        public uint Entries = entries;
        public uint Children = children;
        public Entry[] Values = values;
        public Node[] Nodes = nodes;
        readonly Edit? _edit = edit;

        /// <summary>All bits of the hash are used up: entries are told apart by comparing keys.</summary>
        public bool IsCollision => Entries == 0 && Children == 0 && Values.Length > 0;

        public static Node Collision(Entry[] values, Edit? edit) => new(0, 0, values, [], edit);

        public Node WithEntry(int index, Entry entry, Edit? edit)
        {
            if (Owns(edit))
            {
                Values[index] = entry;
                return this;
            }
            var values = (Entry[])Values.Clone();
            values[index] = entry;
            return new Node(Entries, Children, values, Own(Nodes, edit), edit);
        }

        public Node WithChild(int index, Node child, Edit? edit)
        {
            if (Owns(edit))
            {
                Nodes[index] = child;
                return this;
            }
            var nodes = (Node[])Nodes.Clone();
            nodes[index] = child;
            return new Node(Entries, Children, Own(Values, edit), nodes, edit);
        }

        public Node WithEntryAdded(uint bit, Entry entry, Edit? edit) =>
            Become(Entries | bit, Children, Insert(Values, Index(Entries, bit), entry), Nodes, edit);

        public Node WithEntryRemoved(uint bit, Edit? edit) =>
            Become(Entries & ~bit, Children, Delete(Values, Index(Entries, bit)), Nodes, edit);

        public Node WithEntryMovedDown(uint bit, Node child, Edit? edit) =>
            Become(Entries & ~bit, Children | bit, Delete(Values, Index(Entries, bit)), Insert(Nodes, Index(Children, bit), child), edit);

        public Node WithChildMovedUp(uint bit, Entry entry, Edit? edit) =>
            Become(Entries | bit, Children & ~bit, Insert(Values, Index(Entries, bit), entry), Delete(Nodes, Index(Children, bit)), edit);

        Node Become(uint entries, uint children, Entry[] values, Node[] nodes, Edit? edit)
        {
            if (!Owns(edit))
            {
                return new Node(
                    entries,
                    children,
                    ReferenceEquals(values, Values) ? Own(values, edit) : values,
                    ReferenceEquals(nodes, Nodes) ? Own(nodes, edit) : nodes,
                    edit);
            }
            (Entries, Children, Values, Nodes) = (entries, children, values, nodes);
            return this;
        }

        // An array shared with an older node may be read by anybody; an edit writes in place, so it needs its own.
        static T[] Own<T>(T[] array, Edit? edit) => edit is null || array.Length == 0 ? array : (T[])array.Clone();

        bool Owns(Edit? edit) => edit is not null && ReferenceEquals(edit, _edit);

        static T[] Insert<T>(T[] array, int index, T item)
        {
            var result = new T[array.Length + 1];
            Array.Copy(array, result, index);
            result[index] = item;
            Array.Copy(array, index, result, index + 1, array.Length - index);
            return result;
        }

        static T[] Delete<T>(T[] array, int index)
        {
            if (array.Length == 1)
                return [];
            var result = new T[array.Length - 1];
            Array.Copy(array, result, index);
            Array.Copy(array, index + 1, result, index, array.Length - index - 1);
            return result;
        }
    }

    sealed class Enumerator(Node root) : IEnumerator<KeyValuePair<TKey, TValue>>
    {
        readonly Stack<(Node Node, int Child)> _path = new([(root, 0)]);
        Node _node = root;
        int _entry = -1;

        public KeyValuePair<TKey, TValue> Current => new(_node.Values[_entry].Key, _node.Values[_entry].Value);

        object IEnumerator.Current => Current;

        public bool MoveNext()
        {
            if (++_entry < _node.Values.Length)
                return true;
            while (_path.TryPop(out var at))
            {
                if (at.Child == at.Node.Nodes.Length)
                    continue;
                _path.Push((at.Node, at.Child + 1));
                _node = at.Node.Nodes[at.Child];
                _path.Push((_node, 0));
                _entry = 0;
                if (_node.Values.Length > 0)
                    return true;
            }
            _entry = _node.Values.Length;
            return false;
        }

        public void Reset() => throw new NotSupportedException("Ask the map for a new enumerator.");

        public void Dispose()
        {
        }
    }
}
