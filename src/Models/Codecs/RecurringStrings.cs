using System.Buffers.Binary;
using System.Text;
using System.Text.Json;

namespace ActorKube.Models;

/// <summary>
/// Short texts that objects of a kind have in common, such as names of labels, <c>Always</c>, <c>TCP</c>: what was read lately is handed out again instead of made again.
/// Bounded; safe to use from any thread.
/// </summary>
/// <remarks>
/// A set has two places. What is found in the second moves to the first, and what is new takes the second, so that texts that never come again, such as names, push out only one another.
/// Two threads that meet in a set lose at most what one of them put there: a text that is not found is made.
/// </remarks>
internal sealed class RecurringStrings
{
    private const int Sets = 1024;
    private const int Longest = 40;

    /// <summary>What all that is decoded in this process has in common.</summary>
    public static readonly RecurringStrings Shared = new();

    private readonly string?[] places = new string?[2 * Sets];

    /// <summary>The text, or the name of a property, that the reader stands at.</summary>
    public string Read(ref Utf8JsonReader reader) => reader.HasValueSequence || reader.ValueIsEscaped
        ? reader.GetString()!
        : Find(reader.ValueSpan, out var place) ?? Keep(reader.GetString()!, place);

    /// <summary>The text of these bytes, where it was read lately.</summary>
    /// <param name="utf8">The text, which nobody has looked at: it may be no UTF-8.</param>
    /// <param name="place">Where <see cref="Keep"/> is to put the text, where it has to be made.</param>
    public string? Find(ReadOnlySpan<byte> utf8, out int place)
    {
        place = -1;
        if (utf8.Length is 0 or > Longest) return null;
        var set = 2 * (int)(Hash(utf8) % Sets);
        place = set + 1;
        if (places[set] is not { } first || !Ascii.Equals(utf8, first))
        {
            if (places[place] is not { } second || !Ascii.Equals(utf8, second)) return null;
            (places[set], places[place]) = (second, places[set]);
            return second;
        }
        return first;
    }

    /// <summary>Hands a text on that had to be made.</summary>
    public string Keep(string text, int place)
    {
        if (place >= 0) places[place] = text;
        return text;
    }

    // Both ends and the length tell apart what stands in objects.
    private static uint Hash(ReadOnlySpan<byte> utf8)
    {
        ulong mixed;
        if (utf8.Length >= sizeof(ulong))
        {
            mixed = BinaryPrimitives.ReadUInt64LittleEndian(utf8) ^ ulong.RotateLeft(BinaryPrimitives.ReadUInt64LittleEndian(utf8[^sizeof(ulong)..]), 29);
        }
        else
        {
            mixed = 0;
            foreach (var value in utf8) mixed = (mixed << 8) | value;
        }
        return (uint)(((mixed + (uint)utf8.Length) * 0x9E3779B97F4A7C15) >> 32);
    }
}
