using ActorKube.Models;
using System.Text.Json;
using System.Text.Json.Nodes;
using k8s;

namespace Models.Tests;

/// <summary>Every object that a real server sent in both encodings: JSON and protobuf mean the same here as there.</summary>
public class GoldenTests
{
    [Theory, MemberData(nameof(Golden.Paths), MemberType = typeof(Golden))]
    public void Json_reads_and_writes_back_equal(string path)
    {
        var golden = Golden.At(path);

        var again = Write(ReadJson(golden));

        JsonAssert.Equal(WithoutNulls(golden.Json), JsonNode.Parse(again));
    }

    [Theory, MemberData(nameof(Golden.Paths), MemberType = typeof(Golden))]
    public void Protobuf_decodes_to_the_object_that_its_json_is(string path)
    {
        var golden = Golden.At(path);

        var fromProtobuf = ReadProtobuf(golden.Kind, golden.Protobuf);

        JsonAssert.Equal(WithoutNulls(golden.Json), JsonNode.Parse(Write(fromProtobuf)));
    }

    [Theory, MemberData(nameof(Golden.Paths), MemberType = typeof(Golden))]
    public void Protobuf_that_was_written_decodes_the_same(string path)
    {
        var golden = Golden.At(path);

        var bytes = KubeProtobuf.Serialize(ReadJson(golden));

        JsonAssert.Equal(WithoutNulls(golden.Json), JsonNode.Parse(Write(ReadProtobuf(golden.Kind, bytes))));
    }

    [Theory, MemberData(nameof(Golden.Paths), MemberType = typeof(Golden))]
    public void Both_encodings_give_the_same_raw_metadata(string path)
    {
        var golden = Golden.At(path);
        if (golden.IsList) return;

        var fromJson = KubeObject.Parse(golden.JsonBytes);
        var fromProtobuf = KubeObject.ParseProtobuf(golden.Protobuf);

        Assert.Equal(Describe(fromJson), Describe(fromProtobuf));
        Assert.Equal((string?)golden.Json["metadata"]!["resourceVersion"] ?? "", fromJson.ResourceVersion);
        var expected = (JsonObject)WithoutNulls(golden.Json)!;
        (expected["metadata"] as JsonObject)?.Remove("managedFields");
        JsonAssert.Equal(expected, WithoutNulls(JsonNode.Parse(fromJson.ToJson())));
        JsonAssert.Equal(expected, JsonNode.Parse(fromProtobuf.ToJson()));
    }

    private static KubeModel ReadJson(Golden golden)
    {
        var reader = new Utf8JsonReader(golden.JsonBytes);
        reader.Read();
        return ModelSchema.For(golden.Kind)!.ReadJson(ref reader);
    }

    private static KubeModel ReadProtobuf(GroupVersionKind kind, byte[] bytes)
    {
        var envelope = ProtobufEnvelope.Open(bytes);
        Assert.Equal((kind.ApiVersion, kind.Kind), (envelope.ApiVersion, envelope.Kind));
        var model = KubeProtobuf.ReadMessage(ModelSchema.For(kind)!, envelope.Raw.Of(bytes));
        ((IKubernetesObject)model).ApiVersion = envelope.ApiVersion;
        ((IKubernetesObject)model).Kind = envelope.Kind;
        return model;
    }

    private static string Write(KubeModel model) => KubeJson.SerializeToString(model);

    private static string Describe(KubeObject o) => JsonSerializer.Serialize(new
    {
        o.ApiVersion, o.Kind, o.Name, o.Namespace, o.Uid, o.ResourceVersion, o.Generation, o.CreationTimestamp, o.DeletionTimestamp,
        Labels = o.Labels.OrderBy(entry => entry.Key), Annotations = o.Annotations.OrderBy(entry => entry.Key), o.Finalizers, o.OwnerReferences,
    });

    // A null is a field that is absent: Go writes one for a creationTimestamp that is not set.
    private static JsonNode? WithoutNulls(JsonNode? node) => node switch
    {
        JsonObject map => new JsonObject(map.Where(entry => entry.Value is not null).Select(entry => KeyValuePair.Create(entry.Key, WithoutNulls(entry.Value)))),
        JsonArray list => new JsonArray([.. list.Select(WithoutNulls)]),
        _ => node?.DeepClone(),
    };
}
