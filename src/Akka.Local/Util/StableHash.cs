#nullable disable
using System.Buffers.Binary;
using System.Text;

namespace Akka.Util;

/// <summary>A stable hash of keys: the same in every process (MurmurHash3, 32 bits).</summary>
internal static class StableHash
{
    private const uint C1 = 0xcc9e2d51;
    private const uint C2 = 0x1b873593;

    public static int Of(string text) => Of(Encoding.UTF8.GetBytes(text));

    public static int Of(ReadOnlySpan<byte> bytes)
    {
        var hash = 0x9747b28cu;
        var length = (uint)bytes.Length;
        while (bytes.Length >= 4)
        {
            hash ^= Mix(BinaryPrimitives.ReadUInt32LittleEndian(bytes));
            hash = uint.RotateLeft(hash, 13) * 5 + 0xe6546b64;
            bytes = bytes[4..];
        }

        if (bytes.Length > 0)
        {
            Span<byte> tail = stackalloc byte[4];
            tail.Clear();
            bytes.CopyTo(tail);
            hash ^= Mix(BinaryPrimitives.ReadUInt32LittleEndian(tail));
        }

        hash ^= length;
        hash = (hash ^ (hash >> 16)) * 0x85ebca6b;
        hash = (hash ^ (hash >> 13)) * 0xc2b2ae35;
        return (int)(hash ^ (hash >> 16));
    }

    private static uint Mix(uint part) => uint.RotateLeft(part * C1, 15) * C2;
}
