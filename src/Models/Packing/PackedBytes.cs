namespace ActorKube.Models;

/// <summary>Bytes as they were just packed, still on the desk of the thread that packed them: to be copied before it packs others. The default is nothing that was packed.</summary>
/// <param name="packed">The packed form.</param>
/// <param name="length">How many bytes they are.</param>
/// <param name="dictionary">What is needed to unpack them.</param>
internal readonly ref struct PackedBytes(ReadOnlySpan<byte> packed, int length, PackDictionary dictionary)
{
    public ReadOnlySpan<byte> Packed { get; } = packed;

    public int Length { get; } = length;

    /// <summary>Null where nothing was packed.</summary>
    public PackDictionary? Dictionary { get; } = dictionary;
}
