namespace ActorKube.Models;

/// <summary>Bytes in their packed form. Immutable.</summary>
internal sealed class PackedBytes(byte[] packed, int length, PackDictionary dictionary)
{
    /// <summary>How many bytes they are.</summary>
    public int Length => length;

    /// <summary>How many bytes are held; the dictionary is everybody's.</summary>
    public int Held => packed.Length;

    /// <param name="bytes">Gets them: exactly <see cref="Length"/> long.</param>
    public void CopyTo(Span<byte> bytes) => Lz.Unpack(packed, dictionary.Bytes, bytes);
}
