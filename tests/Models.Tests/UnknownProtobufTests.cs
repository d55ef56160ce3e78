using ActorKube.Models;
using k8s.Models;

namespace Models.Tests;

/// <summary>Fields of protobuf that this version's classes do not know: carried on where they were, and told.</summary>
public sealed class UnknownProtobufTests
{
    /// <summary>Field 99, the number 5.</summary>
    static readonly byte[] Unknown = [0x98, 0x06, 5];

    static byte[] Message(int number, params byte[] content) => [(byte)(number << 3 | 2), (byte)content.Length, .. content];

    /// <summary>A pod (spec 2) with a volume (1), whose source (2) is a Go struct embedded in it, and a container (2); what is unknown is where the test says.</summary>
    static V1Pod Pod(byte[] inPod, byte[] inContainer, byte[] inVolume, byte[] inSource)
    {
        byte[] volume = [.. Message(1, (byte)'v'), .. Message(2, [.. Message(2, []), .. inSource]), .. inVolume];
        byte[] container = [.. Message(1, (byte)'c'), .. inContainer];
        return KubeProtobuf.DeserializeItem<V1Pod>([.. Message(2, [.. Message(1, volume), .. Message(2, container)]), .. inPod], new GroupVersionKind("", "v1", "Pod"));
    }

    public static TheoryData<int> Places => [0, 1, 2, 3];

    [Theory]
    [MemberData(nameof(Places))]
    public void They_are_written_back_where_they_were(int place)
    {
        byte[] At(int number) => number == place ? Unknown : [];
        var pod = Pod(At(0), At(1), At(2), At(3));
        Assert.True(KubeProtobuf.HoldsUnknownFields(pod));
        Assert.NotNull(pod.Spec.Volumes[0].EmptyDir);

        var again = KubeProtobuf.Deserialize<V1Pod>(KubeProtobuf.Serialize(pod));
        Assert.True(KubeProtobuf.HoldsUnknownFields(again));
        Assert.True(pod.SemanticallyEquals(again));
        Assert.Equal(place == 0 ? Unknown : null, again.UnknownProtobuf);
        Assert.Equal(place == 1 ? Unknown : null, again.Spec.Containers[0].UnknownProtobuf);
        // In an embedded message they stay in it: at the level above, their numbers would mean something else.
        Assert.Equal(place == 2 ? Unknown : place == 3 ? Message(2, Unknown) : null, again.Spec.Volumes[0].UnknownProtobuf);
        Assert.Equal(KubeProtobuf.Serialize(pod), KubeProtobuf.Serialize(again));
        Assert.True(KubeProtobuf.HoldsUnknownFields(pod.DeepCopy()));
    }

    [Fact]
    public void What_comes_twice_is_one_as_protobuf_has_it()
    {
        // Its specification (Encoding, "Last One Wins"): singular messages are merged, their scalars replaced, their lists and maps added to.
        var pod = KubeProtobuf.DeserializeItem<V1Pod>(
            [
                .. Message(1, [.. Message(1, (byte)'a'), .. Message(11, [.. Message(1, (byte)'k'), .. Message(2, (byte)'1')])]),
                .. Message(2, [.. Message(2, Message(1, (byte)'x')), .. Unknown]),
                .. Message(1, [.. Message(1, (byte)'b'), .. Message(5, (byte)'u'), .. Message(11, [.. Message(1, (byte)'l'), .. Message(2, (byte)'2')])]),
                .. Message(2, [.. Message(2, Message(1, (byte)'y')), .. Unknown]),
            ], new GroupVersionKind("", "v1", "Pod"));
        Assert.Equal(("b", "u"), (pod.Metadata.Name, pod.Metadata.Uid));
        Assert.Equal(new Dictionary<string, string> { ["k"] = "1", ["l"] = "2" }, pod.Metadata.Labels);
        Assert.Equal(["x", "y"], pod.Spec.Containers.Select(container => container.Name));
        Assert.Equal([.. Unknown, .. Unknown], pod.Spec.UnknownProtobuf!);
    }

    [Fact]
    public void Where_there_are_none_none_are_told()
    {
        Assert.False(KubeProtobuf.HoldsUnknownFields(Pod([], [], [], [])));
        Assert.False(KubeProtobuf.HoldsUnknownFields(new V1Pod()));
        Assert.False(KubeProtobuf.HoldsUnknownFields(KubeJson.Deserialize<V1Pod>("""{"later":1,"spec":{"containers":[{"later":2}]}}"""u8)));
        Assert.False(KubeProtobuf.HoldsUnknownFields("no model"));
    }

    [Fact]
    public void An_object_as_received_goes_back_into_its_envelope()
    {
        var sent = KubeProtobuf.Serialize(Pod(Unknown, [], [], []));
        Assert.Equal(sent, KubeObject.ParseProtobuf(sent, KubeObjectOptions.Everything).ToProtobuf());
        Assert.Throws<InvalidOperationException>(() => KubeObject.Parse("""{"kind":"Pod","apiVersion":"v1","metadata":{"name":"a"}}"""u8).ToProtobuf());
    }
}
