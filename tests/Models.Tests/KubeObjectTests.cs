using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using ActorKube.Models;
using FsCheck;
using FsCheck.Fluent;
using k8s.Models;

namespace Models.Tests;

public class KubeObjectTests
{
    private const string Pod = """
        { "kind": "Pod", "apiVersion": "v1", "metadata": { "name": "web-1", "namespace": "shop", "uid": "u-1", "resourceVersion": "42", "generation": 7,
          "creationTimestamp": "2025-01-31T12:00:00Z", "deletionTimestamp": "2025-02-01T00:00:00Z", "labels": {"app": "web", "quo\"te": "a\nb"},
          "annotations": {"note": "{\"metadata\":{\"name\":\"not me\"}}"}, "finalizers": ["a/b", "c"],
          "ownerReferences": [{"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": "web", "uid": "u-2", "controller": true, "blockOwnerDeletion": false}],
          "managedFields": [{"manager": "x", "fieldsV1": {"f:metadata": {}}}] }, "spec": {"containers": [{"name": "c"}]} }
        """;

    [Fact]
    public void Metadata_is_read_in_one_pass()
    {
        var pod = Parse(Pod);

        Assert.Equal(("v1", "Pod", "web-1", "shop", "u-1", "42", 7), (pod.ApiVersion, pod.Kind, pod.Name, pod.Namespace, pod.Uid, pod.ResourceVersion, pod.Generation));
        Assert.Equal(new NamespacedName("shop", "web-1"), pod.Key);
        Assert.Equal("2025-01-31T12:00:00Z", pod.CreationTimestamp);
        Assert.Equal(new DateTimeOffset(2025, 2, 1, 0, 0, 0, TimeSpan.Zero), pod.DeletionTimestamp);
        Assert.True(pod.IsDeleting);
        Assert.Equal(new Dictionary<string, string> { ["app"] = "web", ["quo\"te"] = "a\nb" }, pod.Labels);
        Assert.Equal("{\"metadata\":{\"name\":\"not me\"}}", pod.Annotations["note"]);
        Assert.Equal(["a/b", "c"], pod.Finalizers);
        Assert.Equal([new OwnerReference("apps/v1", "ReplicaSet", "web", "u-2", true, false)], pod.OwnerReferences);
        Assert.Equal("42", Encoding.UTF8.GetString(pod.ResourceVersionUtf8));
        Assert.Equal("Pod shop/web-1", pod.ToString());
    }

    [Fact]
    public void Managed_fields_are_left_behind_and_the_rest_is_kept()
    {
        var expected = (JsonObject)JsonNode.Parse(Pod)!;
        expected["metadata"]!.AsObject().Remove("managedFields");

        var pod = Parse(Pod);

        JsonAssert.Equal(expected, JsonNode.Parse(pod.ToJson()));
        Assert.Equal("c", pod.As<V1Pod>().Spec.Containers[0].Name);
        Assert.Null(pod.As<V1Pod>().Metadata.ManagedFields);
        JsonAssert.Equal(Pod, Parse(Pod, KubeObjectOptions.Everything).ToJson());
    }

    [Fact]
    public void Every_asker_gets_an_instance_of_his_own()
    {
        var pod = Parse(Pod);

        pod.As<V1Pod>().Metadata.Name = "spoilt";
        pod.ToUnstructured().Name = "spoilt";

        Assert.Equal("web-1", pod.As<V1Pod>().Metadata.Name);
        Assert.Equal("web-1", pod.ToUnstructured().Name);
    }

    [Fact]
    public void The_bytes_are_the_objects_own()
    {
        var bytes = Encoding.UTF8.GetBytes(Pod);
        var pod = KubeObject.Parse(bytes);

        Array.Clear(bytes);

        Assert.Equal("u-1", pod.Uid);
    }

    [Theory]
    [InlineData("{}"), InlineData("{\"metadata\":{}}"), InlineData("{ \"metadata\" : { \"name\" : \"a\" } }"), InlineData("\n{\n\"spec\":{}}")]
    public void What_a_list_says_of_its_items_is_restored(string item)
    {
        var restored = Parse(item, new KubeObjectOptions { Kind = new GroupVersionKind("apps", "v1", "Deployment") });

        Assert.Equal(("apps/v1", "Deployment"), (restored.ApiVersion, restored.Kind));
        var expected = (JsonObject)JsonNode.Parse(item)!;
        (expected["kind"], expected["apiVersion"]) = ("Deployment", "apps/v1");
        JsonAssert.Equal(expected, JsonNode.Parse(restored.ToJson()));
        Assert.Equal((string?)expected["metadata"]?["name"] ?? "", restored.Name);
        Assert.Equal("Deployment", restored.As<V1Deployment>().Kind);
    }

    [Fact]
    public void What_an_object_says_itself_is_believed() =>
        Assert.Equal("Pod", Parse(Pod, new KubeObjectOptions { Kind = new GroupVersionKind("apps", "v1", "Deployment") }).Kind);

    [Theory]
    [InlineData("")]
    [InlineData("   ")]
    [InlineData("[]")]
    [InlineData("{")]
    [InlineData("{\"metadata\"")]
    [InlineData("{\"metadata\":")]
    [InlineData("{\"metadata\":{\"name\":\"a\"")]
    [InlineData("{\"metadata\":{\"name\":\"a")]
    [InlineData("{\"metadata\":{\"name\":\"a\\")]
    [InlineData("{\"metadata\":{\"name\":7}}")]
    [InlineData("{\"metadata\":{\"generation\":\"7\"}}")]
    [InlineData("{\"metadata\":{\"generation\":1.5}}")]
    [InlineData("{\"metadata\":{\"labels\":\"a\"}}")]
    [InlineData("{\"metadata\":{}} x")]
    [InlineData("{\"metadata\":{},}")]
    [InlineData("{\"metadata\":{} \"a\":1}")]
    [InlineData("{metadata:{}}")]
    [InlineData("{\"a\":tru}")]
    [InlineData("{\"a\":}")]
    [InlineData("{\"a\":{\"b\":[1,2}")]
    [InlineData("{\"kind\":[\"Pod\"]}")]
    public void What_is_no_object_is_refused(string json)
    {
        var fault = Assert.Throws<KubeFormatException>(() => Parse(json));

        Assert.InRange(fault.Position, 0, json.Length);
    }

    [Fact]
    public void Nulls_are_absent()
    {
        var o = Parse("""{"kind":"Pod","metadata":{"name":"a","namespace":null,"labels":null,"finalizers":null,"ownerReferences":null,"deletionTimestamp":null,"generation":null,"creationTimestamp":null}}""");

        Assert.Equal(("", 0), (o.Namespace, o.Generation));
        Assert.Empty(o.Labels);
        Assert.Empty(o.Finalizers);
        Assert.Empty(o.OwnerReferences);
        Assert.Null(o.DeletionTimestamp);
        Assert.Null(o.CreationTimestamp);
        Assert.False(o.IsDeleting);
        Assert.Empty(Parse("""{"metadata":null}""").Name);
    }

    [Fact]
    public void Stopping_after_the_metadata_finds_the_same()
    {
        var pod = Parse(Pod, new KubeObjectOptions { MetadataOnly = true });

        Assert.Equal(Parse(Pod).ToJson(), pod.ToJson());
        Assert.Equal("web-1", pod.Name);
    }

    [Fact]
    public void A_pass_allocates_what_it_returns_and_nothing_else()
    {
        var json = Encoding.UTF8.GetBytes(Pod);
        for (var i = 0; i < 100; i++) KubeObject.Parse(json);

        var before = GC.GetAllocatedBytesForCurrentThread();
        var pod = KubeObject.Parse(json);
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        // The object with its ranges, its bytes, and its name; kind, version and namespace are shared.
        Assert.InRange(allocated, pod.Bytes.Length, pod.Bytes.Length + 300);

        // Protobuf likewise, although managedFields are left out of its middle.
        var managed = KubeJson.Deserialize<V1Pod>(json);
        managed.Metadata.ManagedFields = [new V1ManagedFieldsEntry { Manager = new string('m', 2000) }];
        var protobuf = KubeProtobuf.Serialize(managed);
        for (var i = 0; i < 100; i++) KubeObject.ParseProtobuf(protobuf);

        before = GC.GetAllocatedBytesForCurrentThread();
        pod = KubeObject.ParseProtobuf(protobuf);
        allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        Assert.InRange(pod.Bytes.Length, 1, protobuf.Length - 2000);
        Assert.InRange(allocated, pod.Bytes.Length, pod.Bytes.Length + 400);
    }

    [Fact]
    public void What_is_made_from_a_typed_object_says_what_it_is()
    {
        var made = KubeObject.From(new V1Pod { Metadata = new V1ObjectMeta { Name = "a", NamespaceProperty = "b" } });

        Assert.Equal(("v1", "Pod", "b", "a"), (made.ApiVersion, made.Kind, made.Namespace, made.Name));
        Assert.Equal("Job", KubeObject.From(new Unstructured("batch/v1", "Job")).Kind);
        Assert.Equal("Other", KubeObject.From(new V1Pod { ApiVersion = "v1", Kind = "Other" }).Kind);
    }

    [Fact]
    public void Lists_give_objects_that_know_what_they_are()
    {
        const string json = """
            {"kind":"PodList","apiVersion":"v1","metadata":{"resourceVersion":"99","continue":"next","remainingItemCount":3},
             "items":[{"metadata":{"name":"a","managedFields":[{}],"resourceVersion":"1"},"spec":{}},{"metadata":{"name":"b"}}]}
            """;

        var list = KubeList.Parse(Encoding.UTF8.GetBytes(json));

        Assert.Equal(("99", "next", 3L), (list.ResourceVersion, list.Continue, list.RemainingItemCount));
        Assert.Equal(["a", "b"], list.Items.Select(item => item.Name));
        Assert.All(list.Items, item => Assert.Equal(("v1", "Pod"), (item.ApiVersion, item.Kind)));
        JsonAssert.Equal("""{"kind":"Pod","apiVersion":"v1","metadata":{"name":"a","resourceVersion":"1"},"spec":{}}""", list.Items[0].ToJson());
    }

    [Theory]
    [InlineData("""{"items":null,"kind":"PodList","apiVersion":"v1"}""", 0)]
    [InlineData("""{"items":[],"metadata":null}""", 0)]
    [InlineData("""{"metadata":{"remainingItemCount":null}}""", 0)]
    [InlineData("""{"items":[{}],"kind":"PodList","apiVersion":"v1","metadata":{}}""", 1)]
    public void Lists_may_lack_almost_everything(string json, int count)
    {
        var list = KubeList.Parse(Encoding.UTF8.GetBytes(json));

        Assert.Equal(count, list.Items.Count);
        Assert.Null(list.RemainingItemCount);
        Assert.All(list.Items, item => Assert.Equal("Pod", item.Kind));
    }

    [Theory, MemberData(nameof(Golden.Paths), MemberType = typeof(Golden))]
    public void Lists_are_alike_in_both_encodings(string path)
    {
        var golden = Golden.At(path);
        if (!golden.IsList) return;

        var fromJson = KubeList.Parse(golden.JsonBytes);
        var fromProtobuf = KubeList.ParseProtobuf(golden.Protobuf);

        Assert.NotEmpty(fromJson.Items);
        Assert.Equal((fromJson.Kind, fromJson.ResourceVersion, fromJson.Continue), (fromProtobuf.Kind, fromProtobuf.ResourceVersion, fromProtobuf.Continue));
        foreach (var (a, b) in fromJson.Items.Zip(fromProtobuf.Items))
        {
            Assert.Equal(a.Key, b.Key);
            Assert.Equal(a.Kind, b.Kind);
            JsonAssert.Equal(KubeObject.From(a.As<Unstructured>()).As<Unstructured>().ToJson().Replace("\"creationTimestamp\":null,", ""), b.ToJson());
        }
    }

    [Theory, MemberData(nameof(Golden.Watches), MemberType = typeof(Golden))]
    public void Watch_frames_are_alike_in_both_encodings(string path)
    {
        var golden = Golden.At(path);
        var frames = golden.Protobuf.AsSpan();
        foreach (var expected in (JsonArray)golden.Json)
        {
            var length = System.Buffers.Binary.BinaryPrimitives.ReadInt32BigEndian(frames);
            var protobuf = WatchFrame.ParseProtobuf(frames.Slice(4, length));
            var json = WatchFrame.ParseJson(Encoding.UTF8.GetBytes(expected!.ToJsonString() + "\n"));
            frames = frames[(4 + length)..];

            Assert.Equal(expected["type"]!.GetValue<string>(), protobuf.Type);
            Assert.Equal(protobuf.Type, json.Type);
            Assert.Equal(json.ToObject().Key, protobuf.ToObject().Key);
            Assert.Equal(json.ToObject().ResourceVersion, protobuf.ToObject().ResourceVersion);
            JsonAssert.Equal(json.ToObject().As<Unstructured>().ToJson(), protobuf.ToObject().ToJson());
        }
        Assert.True(frames.IsEmpty);
    }

    [Theory]
    [InlineData("{}", "no type"), InlineData("""{"type":"ADDED"}""", "no object"), InlineData("""{"type":"ADDED","object":{}""", "ends"), InlineData("""{"type":1,"object":{}}""", "text")]
    public void What_is_no_frame_is_refused(string json, string says) =>
        Assert.Contains(says, Assert.Throws<KubeFormatException>(() => WatchFrame.ParseJson(Encoding.UTF8.GetBytes(json))).Message);

    [Fact]
    public void Truncated_or_garbled_protobuf_is_an_error_and_never_a_crash()
    {
        var golden = Golden.At("/api/v1/namespaces/golden/pods/p").Protobuf;
        // What follows the message in the envelope, its encoding and media type, may be missing.
        var end = ProtobufEnvelope.Open(golden).Raw.End;
        for (var length = 0; length < end; length++)
        {
            var part = golden.AsSpan(0, length).ToArray();
            Assert.Throws<KubeFormatException>(() => KubeObject.ParseProtobuf(part));
        }
        var random = new Random(1);
        for (var i = 0; i < 3000; i++)
        {
            var garbled = golden.ToArray();
            for (var n = 0; n < 3; n++) garbled[random.Next(4, garbled.Length)] = (byte)random.Next(256);
            try
            {
                KubeObject.ParseProtobuf(garbled).As<V1Pod>();
            }
            catch (KubeFormatException)
            {
            }
        }
    }

    [Fact]
    public void Truncated_json_is_an_error_and_never_a_crash()
    {
        var json = Encoding.UTF8.GetBytes(Pod.TrimEnd());
        for (var length = 0; length < json.Length; length++)
        {
            var part = json.AsSpan(0, length).ToArray();
            Assert.Throws<KubeFormatException>(() => KubeObject.Parse(part));
            Assert.Throws<KubeFormatException>(() => KubeJson.Deserialize<V1Pod>(part));
        }
    }

    [Fact]
    public void Protobuf_nested_without_end_is_an_error_and_not_a_crash()
    {
        // A schema in a schema in a schema: field 24 (items) of JSONSchemaProps, whose field 1 is a schema.
        byte[] message = [];
        for (var i = 0; i < 5000; i++)
        {
            var writer = new ProtobufWriter(64);
            writer.Raw(message);
            writer.Close(1, 0);
            writer.Close(24, 0);
            message = writer.Written.ToArray();
            writer.Dispose();
        }

        Assert.Contains("nested deeper", Assert.Throws<KubeFormatException>(() => KubeProtobuf.DeserializeMessage<V1JSONSchemaProps>(message)).Message);
    }

    [Fact]
    public void Json_within_the_protobuf_envelope_is_json()
    {
        // What a server does with a custom resource for a client that prefers protobuf.
        var writer = new ProtobufWriter(64);
        writer.String("application/json");
        writer.Tag(4, WireType.Bytes);
        writer.Bytes("""{"kind":"At","apiVersion":"e.com/v1","metadata":{"name":"a"}}"""u8);
        writer.Tag(2, WireType.Bytes);
        writer.Raw(ProtobufEnvelope.Magic);

        var o = KubeObject.ParseProtobuf(writer.Written);

        Assert.Equal((KubeEncoding.Json, "At", "a"), (o.Encoding, o.Kind, o.Name));
    }

    [Fact]
    public void The_scanner_finds_every_field_that_a_parser_finds()
    {
        Prop.ForAll(Documents().ToArbitrary(), node =>
        {
            var root = new JsonObject { ["metadata"] = new JsonObject { ["before"] = node?.DeepClone(), ["managedFields"] = node?.DeepClone(), ["name"] = "n" }, ["kind"] = "K", ["x"] = node?.DeepClone() };
            foreach (var indented in (bool[])[false, true])
            {
                var json = Encoding.UTF8.GetBytes(root.ToJsonString(new JsonSerializerOptions { WriteIndented = indented, MaxDepth = 1000 }));
                var parsed = KubeObject.Parse(json);
                Assert.Equal("n", parsed.Name);
                var expected = (JsonObject)root.DeepClone();
                expected["metadata"]!.AsObject().Remove("managedFields");
                JsonAssert.Equal(expected, JsonNode.Parse(parsed.ToJson()));
            }
        }).QuickCheckThrowOnFailure();
    }

    [Theory]
    [InlineData("\"name\":\"n\",\"managedFields\":[1]"), InlineData("\"managedFields\":[1],\"name\":\"n\""), InlineData("\"managedFields\":[1]"), InlineData(" \"managedFields\" : [1] "), InlineData(" \"a\" : 1 , \"managedFields\" : [1] , \"name\" : \"n\" ")]
    public void A_cut_takes_one_comma_wherever_it_is(string metadata)
    {
        var json = "{\"metadata\":{" + metadata + "},\"kind\":\"K\"}";
        var expected = (JsonObject)JsonNode.Parse(json)!;
        expected["metadata"]!.AsObject().Remove("managedFields");

        var parsed = Parse(json);

        JsonAssert.Equal(expected, JsonNode.Parse(parsed.ToJson()));
        Assert.Equal((string?)expected["metadata"]!["name"] ?? "", parsed.Name);
    }

    private static KubeObject Parse(string json, KubeObjectOptions? options = null) => KubeObject.Parse(Encoding.UTF8.GetBytes(json), options);

    // Documents with what trips scanners: quotes, backslashes, brackets in texts, and lengths around 64 bytes.
    private static Gen<JsonNode?> Documents()
    {
        var text = Gen.OneOf(
            Gen.Elements("", "\"", "\\", "\\\\", "\\\"", "{", "}", "[]", "}{", "a\"b\\", new string('\\', 63), new string('\\', 64), new string('"', 65), new string('x', 62), new string('x', 63), new string('x', 127) + "\\", "é☃"),
            ArbMap.Default.GeneratorFor<NonNull<string>>().Select(value => value.Get).Where(value => !value.Any(char.IsSurrogate)));
        return Gen.Sized(size => Node(Math.Min(size, 30)));

        Gen<JsonNode?> Node(int size) => size <= 1
            ? Gen.OneOf(text.Select(value => (JsonNode?)JsonValue.Create(value)), Gen.Choose(-1000, 1000).Select(value => (JsonNode?)JsonValue.Create(value)), Gen.Elements<JsonNode?>(null, JsonValue.Create(true), JsonValue.Create(1.5e10)).Select(value => value?.DeepClone()))
            : Gen.OneOf(
                Node(1),
                Node(size / 3).ListOf(3).Select(items => (JsonNode?)new JsonArray([.. items.Select(item => item?.DeepClone())])),
                text.ListOf(3).SelectMany(names => Node(size / 3).ListOf(3).Select(values => (JsonNode?)new JsonObject(names.Distinct().Zip(values, (name, value) => KeyValuePair.Create(name, value?.DeepClone()))))));
    }

    [Theory]
    [InlineData("""{"kind":"Pod","apiVersion":"v1","metadata":{"managedFields":[{"manager":"m"}],"name":"a","namespace":"n","uid":"u","resourceVersion":"7","labels":{"k":"v"}},"spec":{"nodeName":"x"}}""")]
    [InlineData("""{ "metadata" : {"name":"a","managedFields":[],"namespace":"n","uid":"u","resourceVersion":"7","labels":{"k":"v"}} , "kind":"PartialObjectMetadata","apiVersion":"meta.k8s.io/v1" }""")]
    [InlineData("""{"spec":{},"metadata":{"name":"a","namespace":"n","uid":"u","resourceVersion":"7","labels":{"k":"v"}}}""")]
    public void Metadata_alone_can_be_kept_of_whatever_comes(string json)
    {
        var kept = KubeObject.Parse(System.Text.Encoding.UTF8.GetBytes(json), KubeObjectOptions.Default with { KeepOnlyMetadata = true });
        Assert.Equal("""{"kind":"PartialObjectMetadata","apiVersion":"meta.k8s.io/v1","metadata":{"name":"a","namespace":"n","uid":"u","resourceVersion":"7","labels":{"k":"v"}}}""", kept.ToJson());
        Assert.Equal(("PartialObjectMetadata", "a", "n", "u", "7", "v"), (kept.Kind, kept.Name, kept.Namespace, kept.Uid, kept.ResourceVersion, kept.Labels["k"]));
    }

    [Fact]
    public void Managed_fields_are_dropped_from_protobuf_however_it_was_written()
    {
        // An unknown field before the metadata, and a length in two bytes where one would do.
        byte[] message = [0x78, 1, 0x0a, 0x86, 0x00, 0x0a, 1, (byte)'a', 0x8a, 0x01, 0, 0x12, 2, 0x52, 0];

        var pod = KubeObject.ParseProtobuf(message, new KubeObjectOptions { Kind = new GroupVersionKind("", "v1", "Pod") });

        Assert.Equal([0x78, 1, 0x0a, 3, 0x0a, 1, (byte)'a', 0x12, 2, 0x52, 0], pod.Bytes.ToArray());
        Assert.Equal("a", pod.Name);
        Assert.Equal("a", pod.As<V1Pod>().Metadata.Name);
    }
}
