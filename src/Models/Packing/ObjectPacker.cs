namespace ActorKube.Models;

/// <summary>
/// Packs what follows the metadata of objects of one kind, which differ little from each other: to a fifth or a tenth, in a few microseconds. Learns as it goes: what
/// packs badly becomes part of the dictionary for those after it.
/// </summary>
/// <remarks>
/// For caches, where most objects are held for hours and looked into now and then. The metadata stays as it is, so keys, labels, owners and versions are read at no
/// more cost than before; decoding the whole costs a microsecond or two more. Thread-safe; give each kind a packer of its own.
/// </remarks>
/// <example><code>
/// var options = KubeObjectOptions.Default with { Packer = new ObjectPacker() };
/// var pods = KubeList.Parse(bytes, options);
/// </code></example>
public sealed class ObjectPacker
{
    /// <summary>Less is not worth the reference to it.</summary>
    internal const int MinLength = 256;

    /// <summary>More does not fit behind a dictionary.</summary>
    internal const int MaxLength = Lz.Window - PackDictionary.MaxLength - 1;

    /// <summary>What packs worse than one to this many is something that the dictionary does not know yet.</summary>
    private const int GoodRatio = 4;

    [ThreadStatic]
    private static Desk? t_desk;

    private volatile PackDictionary _dictionary = PackDictionary.Empty;

    /// <returns>Without a dictionary where packing is not worth it.</returns>
    internal PackedBytes TryPack(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length is < MinLength or > MaxLength) return default;
        var dictionary = _dictionary;
        var packed = Pack(bytes, dictionary);
        if ((packed.Dictionary is null || packed.Packed.Length * GoodRatio > bytes.Length) && dictionary.With(bytes) is { } richer && richer != dictionary)
        {
            // Where two threads learn at once, one sample is lost, and comes again.
            _dictionary = richer;
            packed = Pack(bytes, richer);
        }
        return packed;
    }

    private static PackedBytes Pack(ReadOnlySpan<byte> bytes, PackDictionary dictionary)
    {
        var desk = t_desk ??= new Desk();
        // Half the size at least, or it is not worth the work of unpacking.
        var output = desk.Output.AsSpan(0, bytes.Length / 2);
        var written = Lz.Pack(desk.Lay(bytes, dictionary), dictionary.Bytes.Length, dictionary.Index, desk.Index, output);
        return written < 0 ? default : new PackedBytes(output[..written], bytes.Length, dictionary);
    }

    /// <summary>One thread's room to work in. A dictionary stays where it lies until another is needed.</summary>
    private sealed class Desk
    {
        private readonly byte[] _bytes = new byte[Lz.Window];
        private PackDictionary _dictionary = PackDictionary.Empty;

        public ushort[] Index { get; } = new ushort[Lz.IndexLength];

        public byte[] Output { get; } = new byte[MaxLength / 2];

        /// <returns>The dictionary with the input behind it.</returns>
        public ReadOnlySpan<byte> Lay(ReadOnlySpan<byte> input, PackDictionary dictionary)
        {
            if (_dictionary != dictionary) dictionary.Bytes.CopyTo(_bytes);
            _dictionary = dictionary;
            input.CopyTo(_bytes.AsSpan(dictionary.Bytes.Length));
            return _bytes.AsSpan(0, dictionary.Bytes.Length + input.Length);
        }
    }
}
