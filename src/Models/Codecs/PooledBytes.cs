using System.Buffers;

namespace ActorKube.Models;

/// <summary>Bytes that are put one after another, in an array of the pool's. For one thread.</summary>
internal sealed class PooledBytes : IDisposable
{
    private byte[] _array = ArrayPool<byte>.Shared.Rent(4096);

    /// <summary>What was put in.</summary>
    public ReadOnlySpan<byte> Written => _array.AsSpan(0, Count);

    /// <summary>How many they are.</summary>
    public int Count { get; private set; }

    public void Append(scoped ReadOnlySpan<byte> bytes)
    {
        if (_array.Length - Count < bytes.Length) Grow(bytes.Length);
        bytes.CopyTo(_array.AsSpan(Count));
        Count += bytes.Length;
    }

    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(_array);
        _array = [];
        Count = 0;
    }

    private void Grow(int more)
    {
        var larger = ArrayPool<byte>.Shared.Rent(Math.Max(checked(Count + more), (int)Math.Min(Array.MaxLength, 2L * _array.Length)));
        Written.CopyTo(larger);
        ArrayPool<byte>.Shared.Return(_array);
        _array = larger;
    }
}
