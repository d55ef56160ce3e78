using System.Text;
using ActorKube.Models;

namespace ActorKube.Cluster;

/// <summary>Which slice of a sharded controller a key belongs to: the same on every node, in every process and in every version.</summary>
/// <remarks>
/// The slice is <c>mix(FNV-1a-64(utf8("namespace/name"))) mod slices</c>, where mix is the 64-bit finaliser of MurmurHash3; a cluster-scoped object's namespace is empty, the slash stays.
/// No seed, no culture, no machine word. docs/cluster.md has test vectors for implementations in other languages.
/// </remarks>
public static class KeySlices
{
    const ulong FnvOffset = 14695981039346656037;
    const ulong FnvPrime = 1099511628211;
    const int OnStack = 512;

    /// <summary>The slice of a key. Thread-safe, allocates nothing for names that Kubernetes allows.</summary>
    /// <param name="key">The key.</param>
    /// <param name="slices">How many slices there are; the same number on all nodes.</param>
    /// <returns>A number from 0 to <paramref name="slices"/> - 1.</returns>
    public static int Of(NamespacedName key, int slices)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(slices, 1);
        return (int)(Hash(key) % (uint)slices);
    }

    /// <summary>The hash itself.</summary>
    internal static ulong Hash(NamespacedName key)
    {
        var hash = Add(FnvOffset, key.Namespace);
        hash = (hash ^ (byte)'/') * FnvPrime;
        return Mix(Add(hash, key.Name));
    }

    static ulong Add(ulong hash, string text)
    {
        var size = Encoding.UTF8.GetMaxByteCount(text.Length);
        var bytes = size <= OnStack ? stackalloc byte[OnStack] : new byte[size];
        foreach (var b in bytes[..Encoding.UTF8.GetBytes(text, bytes)])
            hash = (hash ^ b) * FnvPrime;
        return hash;
    }

    // FNV's low bits alone divide names that differ in their last letter badly.
    static ulong Mix(ulong hash)
    {
        hash = (hash ^ (hash >> 33)) * 0xff51afd7ed558ccd;
        hash = (hash ^ (hash >> 33)) * 0xc4ceb9fe1a85ec53;
        return hash ^ (hash >> 33);
    }
}
