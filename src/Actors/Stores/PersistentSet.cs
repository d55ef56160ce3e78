using System.Collections;
using System.Numerics;

namespace ActorKube.Actors;

/// <summary>An immutable hash set of items that know their keys: a change makes a new set that shares all but the few nodes on the changed key's path.</summary>
/// <remarks>
/// A compressed hash-array-mapped trie, 32 ways a level: a lookup in 100,000 keys touches four small arrays and takes no lock, whoever writes. A writer with
/// many changes passes an <see cref="Edit"/>: nodes made under it may be changed in place by it, and by nobody once the edit is forgotten.
/// An item is a struct, so that an array of them is as small as it can be and finding an item's key is no call: caches hold hundreds of thousands.
/// </remarks>
sealed class PersistentSet<TKey, TItem> : IReadOnlyCollection<TItem>
    where TKey : notnull, IEquatable<TKey>
    where TItem : struct, IKeyed<TKey>
{
    /// <summary>The right to change nodes in place that were made under the same edit.</summary>
    public sealed class Edit
    {
        /// <summary>Which edit it was, for who has many.</summary>
        public long Number { get; init; }
    }

    /// <summary>Where an item lies. The default is nowhere.</summary>
    /// <param name="values">The items it lies among.</param>
    /// <param name="index">Which of them it is.</param>
    /// <param name="madeBy">The edit that made the node; null where none did, and other nodes may share the items.</param>
    public readonly struct Slot(TItem[] values, int index, Edit? madeBy)
    {
        /// <summary>Whether it is the place of an item.</summary>
        public bool IsThere => values is not null;

        /// <summary>What lies there.</summary>
        public TItem Item => values[index];

        /// <summary>Under which edit the place was made.</summary>
        public Edit? MadeBy => madeBy;

        /// <summary>
        /// Puts an item of the same key there, for all sets that share the node: whether any of them must not change is for the caller to know. An item of one reference is
        /// read whole by whoever reads at the same time.
        /// </summary>
        public void Replace(TItem item) => values[index] = item;
    }

    const int Bits = 5;
    const int HashBits = 32;

    /// <summary>The set without items.</summary>
    public static readonly PersistentSet<TKey, TItem> Empty = new(new Node(0, 0, [], [], null), 0);

    readonly Node _root;

    PersistentSet(Node root, int count)
    {
        _root = root;
        Count = count;
    }

    /// <summary>How many items there are.</summary>
    public int Count { get; }

    /// <summary>Looks an item up by its key.</summary>
    public bool TryGet(TKey key, out TItem item)
    {
        var slot = Find(key);
        item = slot.IsThere ? slot.Item : default;
        return slot.IsThere;
    }

    /// <summary>Finds where an item lies.</summary>
    public Slot Find(TKey key)
    {
        var hash = (uint)key.GetHashCode();
        var node = _root;
        for (var shift = 0; shift < HashBits; shift += Bits)
        {
            var bit = 1u << (int)((hash >> shift) & 31);
            if ((node.Entries & bit) != 0)
            {
                var index = Index(node.Entries, bit);
                return node.Values[index].Key.Equals(key) ? node.SlotOf(index) : default;
            }
            if ((node.Children & bit) == 0)
                break;
            node = node.Nodes[Index(node.Children, bit)];
            if (node.IsCollision)
            {
                var index = IndexOf(node.Values, key);
                return index >= 0 ? node.SlotOf(index) : default;
            }
        }
        return default;
    }

    // Not a lambda's: what it closes over would be made at each look, whether or not there are collisions.
    static int IndexOf(TItem[] values, TKey key)
    {
        for (var i = 0; i < values.Length; i++)
        {
            if (values[i].Key.Equals(key))
                return i;
        }
        return -1;
    }

    /// <summary>A set with an item, in place of the one that had its key.</summary>
    public PersistentSet<TKey, TItem> Set(TItem item, Edit? edit = null)
    {
        var added = false;
        var key = item.Key;
        var root = Set(_root, key, item, (uint)key.GetHashCode(), 0, edit, ref added);
        return ReferenceEquals(root, _root) && !added && edit is null ? this : new PersistentSet<TKey, TItem>(root, added ? Count + 1 : Count);
    }

    /// <summary>A set without the item of a key; the same set where it has none.</summary>
    public PersistentSet<TKey, TItem> Remove(TKey key, Edit? edit = null)
    {
        var removed = false;
        var root = Remove(_root, key, (uint)key.GetHashCode(), 0, edit, ref removed);
        return removed ? new PersistentSet<TKey, TItem>(root, Count - 1) : this;
    }

    /// <inheritdoc/>
    public IEnumerator<TItem> GetEnumerator() => new Enumerator(_root);

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    static int Index(uint map, uint bit) => BitOperations.PopCount(map & (bit - 1));

    static Node Set(Node node, TKey key, TItem item, uint hash, int shift, Edit? edit, ref bool added)
    {
        if (node.IsCollision)
            return SetInCollision(node, key, item, edit, ref added);
        var bit = 1u << (int)((hash >> shift) & 31);
        if ((node.Children & bit) != 0)
        {
            var at = Index(node.Children, bit);
            var child = Set(node.Nodes[at], key, item, hash, shift + Bits, edit, ref added);
            return ReferenceEquals(child, node.Nodes[at]) ? node : node.WithChild(at, child, edit);
        }
        if ((node.Entries & bit) == 0)
        {
            added = true;
            return node.WithEntryAdded(bit, item, edit);
        }
        var index = Index(node.Entries, bit);
        var present = node.Values[index];
        if (present.Key.Equals(key))
            return node.WithEntry(index, item, edit);
        added = true;
        var below = Split(present, (uint)present.Key.GetHashCode(), item, hash, shift + Bits, edit);
        return node.WithEntryMovedDown(bit, below, edit);
    }

    static Node SetInCollision(Node node, TKey key, TItem item, Edit? edit, ref bool added)
    {
        var at = IndexOf(node.Values, key);
        if (at >= 0)
            return node.WithEntry(at, item, edit);
        added = true;
        return Node.Collision([.. node.Values, item], edit);
    }

    static Node Split(TItem one, uint oneHash, TItem other, uint otherHash, int shift, Edit? edit)
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
            var at = IndexOf(node.Values, key);
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
        // A node left with one entry and no children moves up, so that a set's shape never depends on its history.
        return child is { Children: 0, Values.Length: 1 } ? node.WithChildMovedUp(bit, child.Values[0], edit) : node.WithChild(childAt, child, edit);
    }

    sealed class Node(uint entries, uint children, TItem[] values, Node[] nodes, Edit? edit)
    {
        public uint Entries = entries;
        public uint Children = children;
        public TItem[] Values = values;
        public Node[] Nodes = nodes;
        readonly Edit? _edit = edit;

        /// <summary>All bits of the hash are used up: entries are told apart by comparing keys.</summary>
        public bool IsCollision => Entries == 0 && Children == 0 && Values.Length > 0;

        public Slot SlotOf(int index) => new(Values, index, _edit);

        public static Node Collision(TItem[] values, Edit? edit) => new(0, 0, values, [], edit);

        public Node WithEntry(int index, TItem item, Edit? edit)
        {
            if (Owns(edit))
            {
                Values[index] = item;
                return this;
            }
            var values = (TItem[])Values.Clone();
            values[index] = item;
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

        public Node WithEntryAdded(uint bit, TItem item, Edit? edit) =>
            Become(Entries | bit, Children, Insert(Values, Index(Entries, bit), item), Nodes, edit);

        public Node WithEntryRemoved(uint bit, Edit? edit) =>
            Become(Entries & ~bit, Children, Delete(Values, Index(Entries, bit)), Nodes, edit);

        public Node WithEntryMovedDown(uint bit, Node child, Edit? edit) =>
            Become(Entries & ~bit, Children | bit, Delete(Values, Index(Entries, bit)), Insert(Nodes, Index(Children, bit), child), edit);

        public Node WithChildMovedUp(uint bit, TItem item, Edit? edit) =>
            Become(Entries | bit, Children & ~bit, Insert(Values, Index(Entries, bit), item), Delete(Nodes, Index(Children, bit)), edit);

        Node Become(uint entries, uint children, TItem[] values, Node[] nodes, Edit? edit)
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

    sealed class Enumerator(Node root) : IEnumerator<TItem>
    {
        readonly Stack<(Node Node, int Child)> _path = new([(root, 0)]);
        Node _node = root;
        int _entry = -1;

        public TItem Current => _node.Values[_entry];

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

        public void Reset() => throw new NotSupportedException("Ask the set for a new enumerator.");

        public void Dispose()
        {
        }
    }
}
