using System.Globalization;
using ActorKube.Models;
using FsCheck;
using FsCheck.Fluent;

namespace ActorKube.Cluster.Tests.Sharding;

/// <summary>The hash that divides keys: nodes of different versions must agree on it, so its values are fixed here.</summary>
public sealed class KeySlicesTests
{
    [Theory]
    [InlineData("default", "a", 0x8a486932515c845dUL, 29)]
    [InlineData("default", "nginx", 0xa0c76fc5453ee3ffUL, 63)]
    [InlineData("kube-system", "coredns-5d78c9869d-abcde", 0x31db45b1a39d7b19UL, 25)]
    [InlineData("", "node-1", 0xb33ad0b79c7e69d7UL, 23)]
    [InlineData("default", "käse", 0x042aa4b32563e8dbUL, 27)]
    public void Hash_is_the_same_on_every_node_and_in_every_version(string @namespace, string name, ulong hash, int slice)
    {
        var key = new NamespacedName(@namespace, name);
        Assert.Equal(hash, KeySlices.Hash(key));
        Assert.Equal(slice, KeySlices.Of(key, 64));
    }

    [Fact]
    public void Hash_is_FNV_1a_with_the_finaliser_of_MurmurHash3_as_documented()
    {
        static ulong Plain(string text)
        {
            var hash = 0xcbf29ce484222325UL;
            foreach (var b in System.Text.Encoding.UTF8.GetBytes(text))
                hash = (hash ^ b) * 0x100000001b3UL;
            hash = (hash ^ (hash >> 33)) * 0xff51afd7ed558ccdUL;
            hash = (hash ^ (hash >> 33)) * 0xc4ceb9fe1a85ec53UL;
            return hash ^ (hash >> 33);
        }
        Check.QuickThrowOnFailure(Prop.ForAll<NonNull<string>, NonNull<string>>((ns, name) =>
            IsWellFormed(ns.Get) is false || IsWellFormed(name.Get) is false || KeySlices.Hash(new NamespacedName(ns.Get, name.Get)) == Plain($"{ns.Get}/{name.Get}")));
        Assert.Equal(Plain($"default/{new string('x', 5000)}"), KeySlices.Hash(new NamespacedName("default", new string('x', 5000))));
    }

    // A lone surrogate is no Unicode, and UTF-8 replaces it by how it is cut.
    static bool IsWellFormed(string text)
    {
        try
        {
            return new System.Text.UTF8Encoding(false, throwOnInvalidBytes: true).GetByteCount(text) >= 0;
        }
        catch (System.Text.EncoderFallbackException)
        {
            return false;
        }
    }

    [Theory]
    [InlineData(16)]
    [InlineData(64)]
    [InlineData(100)]
    public void Keys_are_divided_evenly_whatever_their_names_have_in_common(int slices)
    {
        const int keys = 20_000;
        foreach (var name in new Func<int, string>[] { static i => $"pod-{i}", static i => $"web-{i:x8}-abcde", static i => i.ToString(CultureInfo.InvariantCulture).PadLeft(40, '0') })
        {
            var counts = new int[slices];
            for (var i = 0; i < keys; i++)
                counts[KeySlices.Of(new NamespacedName("default", name(i)), slices)]++;
            // Six standard deviations of a fair division.
            var fair = (double)keys / slices;
            Assert.All(counts, count => Assert.InRange(count, fair - (6 * Math.Sqrt(fair)), fair + (6 * Math.Sqrt(fair))));
        }
    }

    [Fact]
    public void Namespace_and_name_are_told_apart() =>
        Assert.NotEqual(KeySlices.Hash(new NamespacedName("a", "b-c")), KeySlices.Hash(new NamespacedName("a-b", "c")));

    [Fact]
    public void There_is_at_least_one_slice() => Assert.Throws<ArgumentOutOfRangeException>(() => KeySlices.Of(new NamespacedName("a", "b"), 0));
}
