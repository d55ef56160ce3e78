using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace ActorKube.Models;

/// <summary>
/// Packs bytes as copies of what stands before them, a dictionary included: fast to write, faster to read, best where many inputs are alike. The form is that of an
/// LZ4 block: a token of two half bytes (literals, length of the copy less 4, 15 meaning that more bytes follow), the literals, two bytes of distance.
/// </summary>
internal static class Lz
{
    /// <summary>Dictionary and input together: what a distance of two bytes reaches.</summary>
    public const int Window = 64 * 1024;

    private const int MinMatch = 4;
    private const int HashBits = 12;

    /// <summary>The length of an index.</summary>
    public const int IndexLength = 1 << HashBits;

    /// <summary>Where each hash stands last among a dictionary's bytes, plus one: the start of every packing with it.</summary>
    public static ushort[] Index(ReadOnlySpan<byte> dictionary)
    {
        var table = new ushort[IndexLength];
        for (var at = 0; at + MinMatch <= dictionary.Length; at++) table[Hash(Read(dictionary, at))] = (ushort)(at + 1);
        return table;
    }

    /// <summary>Packs what follows the dictionary.</summary>
    /// <param name="bytes">The dictionary and, right behind it, the input; no longer than <see cref="Window"/> less one.</param>
    /// <param name="start">Where the input starts.</param>
    /// <param name="dictionary">The dictionary's <see cref="Index"/>.</param>
    /// <param name="index">Room for the input's own; any content.</param>
    /// <param name="packed">Where to write.</param>
    /// <returns>How many bytes were written; -1 where they do not fit.</returns>
    public static int Pack(ReadOnlySpan<byte> bytes, int start, ReadOnlySpan<ushort> dictionary, Span<ushort> index, Span<byte> packed)
    {
        index.Clear();
        var (at, literals, written) = (start, start, 0);
        var misses = 0;
        while (at + MinMatch <= bytes.Length)
        {
            var word = Read(bytes, at);
            var hash = Hash(word);
            var candidate = (index[hash] != 0 ? index[hash] : dictionary[hash]) - 1;
            index[hash] = (ushort)(at + 1);
            if (candidate < 0 || Read(bytes, candidate) != word)
            {
                // The longer nothing is found, the larger the steps.
                at += 1 + (misses++ >> 5);
                continue;
            }
            misses = 0;
            var length = MinMatch + bytes[(at + MinMatch)..].CommonPrefixLength(bytes[(candidate + MinMatch)..]);
            while (at > literals && candidate > 0 && bytes[at - 1] == bytes[candidate - 1])
            {
                at--;
                candidate--;
                length++;
            }
            if (!Write(packed, ref written, bytes[literals..at], length - MinMatch, at - candidate)) return -1;
            at += length;
            literals = at;
        }
        return Write(packed, ref written, bytes[literals..], 0, 0) ? written : -1;
    }

    /// <summary>Reads what <see cref="Pack"/> wrote.</summary>
    /// <param name="packed">The packed bytes.</param>
    /// <param name="dictionary">The dictionary they were packed with.</param>
    /// <param name="bytes">Gets the input: exactly as long as it was.</param>
    public static void Unpack(ReadOnlySpan<byte> packed, ReadOnlySpan<byte> dictionary, Span<byte> bytes)
    {
        var (from, at) = (0, 0);
        while (true)
        {
            var token = packed[from++];
            var literals = Length(packed, ref from, token >> 4);
            packed.Slice(from, literals).CopyTo(bytes[at..]);
            from += literals;
            at += literals;
            if (from >= packed.Length) return;
            var distance = BinaryPrimitives.ReadUInt16LittleEndian(packed[from..]);
            from += sizeof(ushort);
            var length = MinMatch + Length(packed, ref from, token & 15);
            if (distance > at)
            {
                // The copy begins in the dictionary, and may go on into the input.
                var inDictionary = Math.Min(length, distance - at);
                dictionary.Slice(dictionary.Length - (distance - at), inDictionary).CopyTo(bytes[at..]);
                at += inDictionary;
                length -= inDictionary;
            }
            if (length == 0) continue;
            if (distance >= length) bytes.Slice(at - distance, length).CopyTo(bytes[at..]);
            else for (var i = 0; i < length; i++) bytes[at + i] = bytes[at + i - distance];
            at += length;
        }
    }

    private static bool Write(Span<byte> packed, ref int written, ReadOnlySpan<byte> literals, int more, int distance)
    {
        if (written + literals.Length + (literals.Length / 255) + (more / 255) + 5 > packed.Length) return false;
        ref var token = ref packed[written++];
        token = (byte)(Math.Min(literals.Length, 15) << 4 | Math.Min(more, 15));
        Extend(packed, ref written, literals.Length);
        literals.CopyTo(packed[written..]);
        written += literals.Length;
        if (distance == 0) return true;
        BinaryPrimitives.WriteUInt16LittleEndian(packed[written..], (ushort)distance);
        written += sizeof(ushort);
        Extend(packed, ref written, more);
        return true;
    }

    private static void Extend(Span<byte> packed, ref int written, int length)
    {
        if (length < 15) return;
        for (length -= 15; length >= 255; length -= 255) packed[written++] = 255;
        packed[written++] = (byte)length;
    }

    private static int Length(ReadOnlySpan<byte> packed, ref int from, int half)
    {
        if (half < 15) return half;
        byte more;
        do half += more = packed[from++];
        while (more == 255);
        return half;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Read(ReadOnlySpan<byte> bytes, int at) => Unsafe.ReadUnaligned<uint>(ref Unsafe.Add(ref MemoryMarshal.GetReference(bytes), at));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Hash(uint word) => (int)((word * 2654435761u) >> (32 - HashBits));
}
