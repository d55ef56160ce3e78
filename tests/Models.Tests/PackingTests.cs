using ActorKube.Models;
using FsCheck;
using FsCheck.Fluent;
using k8s.Models;

namespace Models.Tests;

/// <summary>What is packed comes back as it was, and takes little.</summary>
public sealed class PackingTests
{
    static byte[] Pack(byte[] dictionary, byte[] bytes)
    {
        byte[] both = [.. dictionary, .. bytes];
        var output = new byte[bytes.Length + (bytes.Length / 100) + 16];
        var written = Lz.Pack(both, dictionary.Length, Lz.Index(dictionary), new ushort[Lz.IndexLength], output);
        Assert.InRange(written, 1, output.Length);
        return output[..written];
    }

    static byte[] Unpack(byte[] packed, byte[] dictionary, int length)
    {
        var bytes = new byte[length];
        Lz.Unpack(packed, dictionary, bytes);
        return bytes;
    }

    /// <summary>Bytes with runs, repeats of what stands before (in the dictionary too) and noise.</summary>
    static byte[] Make(System.Random random, byte[] before, int length)
    {
        List<byte> made = [.. before];
        while (made.Count < before.Length + length)
        {
            switch (random.Next(3))
            {
                case 0:
                    made.AddRange(Enumerable.Repeat((byte)random.Next(256), random.Next(1, 700)));
                    break;
                case 1 when made.Count > 4:
                    var from = random.Next(made.Count);
                    made.AddRange(made.Skip(from).Take(random.Next(1, 400)).ToArray());
                    break;
                default:
                    var noise = new byte[random.Next(1, 300)];
                    random.NextBytes(noise);
                    made.AddRange(noise);
                    break;
            }
        }
        return [.. made.Skip(before.Length).Take(length)];
    }

    [Fact]
    public void Whatever_is_packed_comes_back_with_and_without_a_dictionary() => Property.Holds(
        from seed in Gen.Choose(0, int.MaxValue) from some in Gen.Choose(0, 15_000) from more in Gen.Choose(0, 15_000) select (seed, some, more),
        sizes =>
        {
            var random = new System.Random(sizes.seed);
            var dictionary = Make(random, [], sizes.some);
            var bytes = Make(random, dictionary, sizes.more);
            Assert.Equal(bytes, Unpack(Pack(dictionary, bytes), dictionary, bytes.Length));
        });

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(14)]
    [InlineData(15)]
    [InlineData(16)]
    [InlineData(269)]
    [InlineData(270)]
    [InlineData(271)]
    [InlineData(5000)]
    public void Lengths_at_the_edges_of_the_form_come_back(int length)
    {
        var run = Enumerable.Repeat((byte)'x', length).ToArray();
        var noise = new byte[length];
        new System.Random(1).NextBytes(noise);
        foreach (var bytes in new[] { run, noise, [.. noise, .. run], [.. run, .. noise, .. noise] })
            Assert.Equal(bytes, Unpack(Pack([], bytes), [], bytes.Length));
    }

    [Fact]
    public void Copy_that_begins_in_the_dictionary_may_go_on_into_the_input()
    {
        var dictionary = "abcdabcd"u8.ToArray();
        var bytes = "abcdabcdabcdabcdabcdX"u8.ToArray();
        Assert.Equal(bytes, Unpack(Pack(dictionary, bytes), dictionary, bytes.Length));
    }

    [Fact]
    public void Packed_object_says_all_that_the_whole_one_says()
    {
        foreach (var golden in Golden.All.Where(pair => !pair.IsWatch && !pair.IsList))
        {
            var packer = new ObjectPacker();
            foreach (var options in new[] { KubeObjectOptions.Default, KubeObjectOptions.Everything })
            {
                // Twice, so that the second has a dictionary to go by.
                for (var turn = 0; turn < 2; turn++)
                {
                    Same(KubeObject.Parse(golden.JsonBytes, options), KubeObject.Parse(golden.JsonBytes, options with { Packer = packer }));
                    Same(KubeObject.ParseProtobuf(golden.Protobuf, options), KubeObject.ParseProtobuf(golden.Protobuf, options with { Packer = packer }));
                }
            }
        }

        static void Same(KubeObject whole, KubeObject packed)
        {
            Assert.Equal(whole.Bytes.ToArray(), packed.Bytes.ToArray());
            Assert.Equal((whole.Length, whole.Length), (packed.Length, packed.Bytes.Length));
            Assert.InRange(packed.HeldBytes, 1, whole.HeldBytes);
            Assert.Equal((whole.Key, whole.Kind, whole.ApiVersion, whole.Uid, whole.ResourceVersion), (packed.Key, packed.Kind, packed.ApiVersion, packed.Uid, packed.ResourceVersion));
            Assert.Equal(whole.Labels, packed.Labels);
            Assert.Equal(whole.Annotations, packed.Annotations);
            Assert.Equal(whole.OwnerReferences, packed.OwnerReferences);
            Assert.Equal(whole.Finalizers, packed.Finalizers);
            Assert.Equal(whole.DeletionTimestamp, packed.DeletionTimestamp);
            Assert.Equal(whole.CreationTimestamp, packed.CreationTimestamp);
            Assert.Equal(whole.ToJson(), packed.ToJson());
        }
    }

    static byte[] Pod(int number) => KubeJson.Serialize(new V1Pod
    {
        ApiVersion = "v1",
        Kind = "Pod",
        Metadata = new V1ObjectMeta { Name = $"pod-{number}", NamespaceProperty = "default", Uid = Guid.NewGuid().ToString(), ResourceVersion = $"{number}" },
        Spec = new V1PodSpec
        {
            NodeName = $"node-{number % 7}",
            Containers =
            [
                .. Enumerable.Range(0, 4).Select(i => new V1Container
                {
                    Name = $"container-{i}",
                    Image = $"registry.example.test/team/service-{i}:1.2.{number % 5}",
                    Env = [.. Enumerable.Range(0, 10).Select(e => new V1EnvVar { Name = $"VARIABLE_{e}", Value = $"{number * e}" })],
                }),
            ],
        },
    });

    [Fact]
    public void Objects_of_one_kind_take_a_third_at_most_and_decode_as_before()
    {
        var packer = new ObjectPacker();
        var (whole, held) = (0L, 0L);
        for (var i = 0; i < 500; i++)
        {
            var json = Pod(i);
            var packed = KubeObject.Parse(json, new KubeObjectOptions { Packer = packer });
            Assert.Equal(KubeJson.Serialize(KubeJson.Deserialize<V1Pod>(json)), KubeJson.Serialize(packed.As<V1Pod>()));
            whole += packed.Length;
            held += packed.HeldBytes;
        }
        Assert.InRange(held, 1, whole / 3);
    }

    [Fact]
    public void One_packer_serves_many_threads()
    {
        var packer = new ObjectPacker();
        Parallel.For(0, 4000, new ParallelOptions { MaxDegreeOfParallelism = 8 }, i =>
        {
            var json = Pod(i % 50 == 0 ? i * 1000 : i);
            Assert.Equal(json, KubeObject.Parse(json, new KubeObjectOptions { Packer = packer }).Bytes.ToArray());
        });
    }

    [Fact]
    public void What_is_too_short_too_long_or_like_nothing_else_stays_as_it_is()
    {
        var packer = new ObjectPacker();
        Assert.Null(packer.TryPack(new byte[ObjectPacker.MinLength - 1]).Dictionary);
        Assert.Null(packer.TryPack(new byte[ObjectPacker.MaxLength + 1]).Dictionary);
        Assert.NotNull(packer.TryPack(new byte[ObjectPacker.MaxLength]).Dictionary);
        var random = new System.Random(5);
        var noise = new byte[2000];
        // Each is learned, until the dictionary is full.
        for (var i = 0; i < PackDictionary.MaxLength / noise.Length; i++)
        {
            random.NextBytes(noise);
            packer.TryPack(noise);
        }
        random.NextBytes(noise);
        Assert.Null(packer.TryPack(noise).Dictionary);
    }

    [Fact]
    public void Packed_protobuf_is_sent_whole_again()
    {
        var packer = new ObjectPacker();
        var sent = KubeProtobuf.Serialize(KubeJson.Deserialize<V1Pod>(Pod(1)));
        KubeObject.ParseProtobuf(sent, KubeObjectOptions.Everything with { Packer = packer });
        var packed = KubeObject.ParseProtobuf(sent, KubeObjectOptions.Everything with { Packer = packer });
        Assert.True(packed.HeldBytes < packed.Length);
        Assert.Equal(sent, packed.ToProtobuf());
    }

    [Fact]
    public void States_of_an_object_share_their_name_and_know_each_other_in_either_form()
    {
        static KubeObject State(string name, string uid, string version) => KubeObject.Parse(System.Text.Encoding.UTF8.GetBytes(
            $$$"""{"kind":"Pod","apiVersion":"v1","metadata":{"name":"{{{name}}}","uid":"{{{uid}}}","resourceVersion":"{{{version}}}"}}"""));
        var (old, same, newer, another) = (State("a", "u", "1"), State("a", "u", "1"), State("a", "u", "2"), State("a", "v", "1"));
        Assert.True(same.IsSameStateAs(old) && same.IsSameObjectAs(old));
        Assert.True(!newer.IsSameStateAs(old) && newer.IsSameObjectAs(old));
        Assert.False(another.IsSameStateAs(old) || another.IsSameObjectAs(old));
        var protobuf = KubeObject.ParseProtobuf(KubeProtobuf.Serialize(old.As<V1Pod>()));
        Assert.True(protobuf.IsSameStateAs(old) && old.IsSameStateAs(protobuf) && !protobuf.IsSameStateAs(newer) && protobuf.IsSameObjectAs(newer));

        Assert.NotSame(old.Name, newer.Name);
        newer.ShareName(old);
        Assert.Same(old.Name, newer.Name);
        var other = State("b", "w", "3");
        other.ShareName(old);
        Assert.Equal("b", other.Name);
    }

    [Fact]
    public void Owners_in_the_same_words_are_known_without_reading_them()
    {
        static KubeObject Owned(string owners) => KubeObject.Parse(System.Text.Encoding.UTF8.GetBytes(
            $$$"""{"kind":"Pod","apiVersion":"v1","metadata":{"name":"a","ownerReferences":[{{{owners}}}]}}"""));
        const string one = """{"apiVersion":"apps/v1","kind":"ReplicaSet","name":"r","uid":"u","controller":true}""";
        Assert.True(Owned(one).HasSameOwnersAs(Owned(one)));
        Assert.False(Owned(one).HasSameOwnersAs(Owned(one.Replace("\"u\"", "\"v\"", StringComparison.Ordinal))));
        Assert.False(Owned(one).HasSameOwnersAs(Owned("")));
        var none = KubeObject.Parse("""{"kind":"Pod","apiVersion":"v1","metadata":{"name":"a"}}"""u8);
        Assert.True(none.HasSameOwnersAs(none));
        Assert.False(none.HasSameOwnersAs(Owned(one)));
        var protobuf = KubeObject.ParseProtobuf(KubeProtobuf.Serialize(Owned(one).As<V1Pod>()));
        Assert.False(protobuf.HasSameOwnersAs(protobuf));
    }
}
