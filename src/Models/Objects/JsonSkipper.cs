using System.Numerics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace ActorKube.Models;

/// <summary>
/// Finds the end of an object or list by counting brackets outside of texts, 64 bytes at a step: each step makes one bit a byte for
/// quotes, backslashes and brackets, and works on those words.
/// </summary>
internal static class JsonSkipper
{
    public const int Unfinished = -1, TooDeep = -2;

    private const int Step = 64;

    /// <summary>The position after the bracket that closes the one at <paramref name="start"/>; <see cref="Unfinished"/> or <see cref="TooDeep"/>.</summary>
    public static int EndOf(ReadOnlySpan<byte> json, int start, int maxDepth)
    {
        Span<byte> padded = stackalloc byte[Step];
        var depth = 0;
        ulong insideCarry = 0, escapeCarry = 0;
        for (var at = start; at < json.Length; at += Step)
        {
            scoped var block = json[at..];
            if (block.Length < Step)
            {
                padded.Clear();
                block.CopyTo(padded);
                block = padded;
            }
            var (quotes, backslashes, opens, closes) = Classify(block);

            if ((backslashes | escapeCarry) != 0) quotes &= ~Escaped(backslashes, ref escapeCarry);
            var inside = PrefixXor(quotes) ^ insideCarry;
            insideCarry = (ulong)((long)inside >> 63);
            opens &= ~inside;
            closes &= ~inside;

            var closing = BitOperations.PopCount(closes);
            if (closing < depth)
            {
                depth += BitOperations.PopCount(opens) - closing;
                if (depth > maxDepth) return TooDeep;
                continue;
            }
            for (var brackets = opens | closes; brackets != 0; brackets &= brackets - 1)
            {
                depth += (opens & brackets & (0 - brackets)) != 0 ? 1 : -1;
                if (depth == 0) return at + BitOperations.TrailingZeroCount(brackets) + 1;
                if (depth > maxDepth) return TooDeep;
            }
        }
        return Unfinished;
    }

    private static (ulong Quotes, ulong Backslashes, ulong Opens, ulong Closes) Classify(ReadOnlySpan<byte> block)
    {
        ref var first = ref MemoryMarshal.GetReference(block);
        var low = Vector256.LoadUnsafe(ref first);
        var high = Vector256.LoadUnsafe(ref first, 32);
        // The two kinds of brackets differ in one bit only.
        var one = Vector256.Create((byte)0x20);
        return (
            Bits(low, high, (byte)'"'),
            Bits(low, high, (byte)'\\'),
            Bits(low | one, high | one, (byte)'{'),
            Bits(low | one, high | one, (byte)'}'));
    }

    private static ulong Bits(Vector256<byte> low, Vector256<byte> high, byte value)
    {
        var wanted = Vector256.Create(value);
        return Vector256.Equals(low, wanted).ExtractMostSignificantBits() | (ulong)Vector256.Equals(high, wanted).ExtractMostSignificantBits() << 32;
    }

    /// <summary>One bit for each byte that a backslash escapes; the carry says whether the first byte of the next step is one.</summary>
    private static ulong Escaped(ulong backslashes, ref ulong carry)
    {
        var escaped = carry;
        backslashes &= ~carry;
        carry = 0;
        while (backslashes != 0)
        {
            var at = BitOperations.TrailingZeroCount(backslashes);
            if (at == Step - 1)
            {
                carry = 1;
                break;
            }
            escaped |= 2UL << at;
            backslashes &= ~(3UL << at);
        }
        return escaped;
    }

    /// <summary>Each bit of the result says whether an odd number of bits is set up to there: whether a text is open.</summary>
    private static ulong PrefixXor(ulong bits)
    {
        bits ^= bits << 1;
        bits ^= bits << 2;
        bits ^= bits << 4;
        bits ^= bits << 8;
        bits ^= bits << 16;
        return bits ^ (bits << 32);
    }
}
