using System.Text;

namespace ActorKube.Models;

/// <summary>
/// Strings that thousands of objects share: kinds, API versions and namespaces. A small table of recent ones, indexed by a hash of the
/// bytes; races only cost a second copy.
/// </summary>
internal static class Interned
{
    private const int Slots = 1024;
    private const int MaxLength = 64;

    private static readonly string?[] Recent = new string?[Slots];

    public static string Get(ReadOnlySpan<byte> utf8)
    {
        if (utf8.IsEmpty) return "";
        if (utf8.Length > MaxLength) return Encoding.UTF8.GetString(utf8);
        var hash = 2166136261u;
        foreach (var b in utf8) hash = (hash ^ b) * 16777619;
        ref var slot = ref Recent[hash % Slots];
        if (slot is { } known && Matches(known, utf8)) return known;
        return slot = Encoding.UTF8.GetString(utf8);
    }

    private static bool Matches(string text, ReadOnlySpan<byte> utf8) => System.Text.Ascii.Equals(utf8, text);
}
