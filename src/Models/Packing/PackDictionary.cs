namespace ActorKube.Models;

/// <summary>What objects packed with it have in common: the tails of a few of them, and where each sequence stands in those. Immutable.</summary>
internal sealed class PackDictionary
{
    /// <summary>Half of the window is left to the objects.</summary>
    public const int MaxLength = Lz.Window / 2;

    public static readonly PackDictionary Empty = new([]);

    private readonly byte[] _bytes;
    private readonly ushort[] _index;

    private PackDictionary(byte[] bytes) => (_bytes, _index) = (bytes, Lz.Index(bytes));

    public ReadOnlySpan<byte> Bytes => _bytes;

    public ReadOnlySpan<ushort> Index => _index;

    /// <summary>This dictionary with one more sample; itself where there is no room.</summary>
    public PackDictionary With(ReadOnlySpan<byte> sample) => _bytes.Length + sample.Length <= MaxLength ? new([.. _bytes, .. sample]) : this;
}
