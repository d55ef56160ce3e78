using System.Numerics;

namespace Akka.Streams.Implementation;

/// <summary>
/// A bounded queue whose places are known by ever increasing numbers, so that one can come back to an element while it waits. Storage grows
/// with use: a generous bound costs nothing by itself.
/// </summary>
internal sealed class RingBuffer<T>(int capacity)
{
    private T[] _items = new T[Math.Min(16, (int)BitOperations.RoundUpToPowerOf2((uint)capacity))];
    private long _head;
    private long _tail;

    public int Count => (int)(_tail - _head);

    public bool IsEmpty => _head == _tail;

    public bool IsFull => _tail - _head >= capacity;

    /// <summary>The element with this number, which must still be waiting.</summary>
    public ref T this[long number] => ref _items[number & (_items.Length - 1)];

    /// <summary>The number of the oldest element.</summary>
    public long Head => _head;

    /// <summary>Adds an element and gives its number.</summary>
    public long Enqueue(T item)
    {
        if (Count == _items.Length) Grow();
        this[_tail] = item;
        return _tail++;
    }

    public T Dequeue()
    {
        ref var slot = ref this[_head++];
        var item = slot;
        slot = default!;
        return item;
    }

    public ref T Peek() => ref this[_head];

    public void DropHead() => Dequeue();

    public void DropTail() => this[--_tail] = default!;

    public void Clear()
    {
        Array.Clear(_items);
        _head = _tail;
    }

    private void Grow()
    {
        var items = new T[_items.Length * 2];
        for (var i = _head; i < _tail; i++) items[i & (items.Length - 1)] = this[i];
        _items = items;
    }
}
