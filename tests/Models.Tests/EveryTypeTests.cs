using System.Text.Json.Nodes;
using ActorKube.Models;
using FsCheck;
using FsCheck.Fluent;
using k8s;
using k8s.Models;

namespace Models.Tests;

/// <summary>Every generated type, with values in all of its fields, through both encodings.</summary>
public class EveryTypeTests
{
    public static TheoryData<string> Kinds => new(BuiltInKinds.All.Where(kind => kind.Schema.Field("apiVersion") is not null).Select(kind => kind.Kind.ToString()));

    [Theory, MemberData(nameof(Kinds))]
    public void Whatever_an_object_says_survives_json_protobuf_copy_and_comparison(string kind)
    {
        var known = BuiltInKinds.All.Single(candidate => candidate.Kind.ToString() == kind);
        var random = new Random(kind.Sum(c => c));
        for (var round = 0; round < 3; round++)
        {
            // The first round fills every field, the others some.
            var json = (JsonObject)Value(ModelOpenApi.Of(known.Schema), random, round == 0 ? 1 : 0.4, "");
            (json["apiVersion"], json["kind"]) = (known.Kind.ApiVersion, known.Kind.Kind);

            var typed = Read(known.Schema, json);

            JsonAssert.Equal(json, JsonNode.Parse(KubeJson.SerializeToString(typed)));
            if (known.Schema.HasProtobuf) JsonAssert.Equal(OnTheWire(known.Schema, json, isTop: true), JsonNode.Parse(ToJson(known, KubeProtobuf.Serialize(typed))));
            var copy = typed.DeepCopy();
            Assert.True(typed.SemanticallyEquals(copy));
            JsonAssert.Equal(json, JsonNode.Parse(KubeJson.SerializeToString(copy)));
        }
    }

    [Fact]
    public void Every_field_has_its_place_in_protobuf()
    {
        var missing = new List<string>();
        var seen = new HashSet<Type>();
        foreach (var kind in BuiltInKinds.All.Where(kind => kind.Schema.HasProtobuf)) Visit(kind.Schema);

        Assert.Empty(missing);
        Assert.Equal(["Table"], BuiltInKinds.All.Where(kind => !kind.Schema.HasProtobuf).Select(kind => kind.Kind.Kind));
        Assert.True(seen.Count > 400, $"only {seen.Count} types");

        void Visit(ModelSchema schema)
        {
            if (!seen.Add(schema.Type)) return;
            var isKind = schema.Type.IsAssignableTo(typeof(IKubernetesObject));
            foreach (var field in schema.Fields)
            {
                if (field.ProtobufNumber == 0 && !(isKind && field.JsonName is "apiVersion" or "kind")) missing.Add($"{schema.Type.Name}.{field.JsonName}");
                if (field.Element is { } element) Visit(element);
            }
        }
    }

    [Fact]
    public void Unknown_fields_of_protobuf_survive()
    {
        var writer = new ProtobufWriter(64);
        writer.String("later");
        writer.Tag(900, WireType.Bytes);
        writer.Varint(7);
        writer.Tag(901, WireType.Varint);
        writer.Raw(KubeProtobuf.SerializeMessage(new V1ConfigMap { Data = new Dictionary<string, string> { ["a"] = "b" } }));
        var bytes = writer.Written.ToArray();
        writer.Dispose();

        var map = KubeProtobuf.DeserializeMessage<V1ConfigMap>(bytes);
        map.Data["c"] = "d";
        var again = KubeProtobuf.DeserializeMessage<V1ConfigMap>(KubeProtobuf.SerializeMessage(map));

        Assert.Equal("d", again.Data["c"]);
        Assert.Equal(map.UnknownProtobuf, again.UnknownProtobuf);
        Assert.Contains("later", System.Text.Encoding.UTF8.GetString(again.UnknownProtobuf!));
    }

    [Fact]
    public void Unknown_fields_without_number_are_no_way_to_keep_a_reader_busy()
    {
        // Two bytes a field: collecting them one by one would copy a terabyte.
        var bytes = new byte[3_000_000];
        for (var i = 0; i < bytes.Length; i += 2) (bytes[i], bytes[i + 1]) = (15 << 3, 1);

        Assert.Equal(bytes, KubeProtobuf.DeserializeMessage<V1ConfigMap>(bytes).UnknownProtobuf);
    }

    [Fact]
    public void Garbled_objects_are_objects_or_errors_in_every_form()
    {
        var pod = Golden.All.First(golden => !golden.IsWatch && golden.Kind.Kind == "Pod");
        var yaml = System.Text.Encoding.UTF8.GetBytes(KubeYaml.Serialize(pod.Json));
        var protobuf = KubeProtobuf.Serialize(KubeJson.Deserialize<V1Pod>(pod.JsonBytes));
        var random = new Random(20261128);
        foreach (var (bytes, codec) in (ReadOnlySpan<(byte[], string)>)[(pod.JsonBytes, ObjectCodec.Json), (yaml, ObjectCodec.Yaml), (protobuf, ObjectCodec.Protobuf)])
        {
            for (var round = 0; round < 300; round++)
            {
                byte[] garbled = [.. bytes];
                for (var change = random.Next(1, 4); change > 0; change--) garbled[random.Next(garbled.Length)] = (byte)random.Next(256);
                if (random.Next(3) == 0) garbled = garbled[..random.Next(garbled.Length)];
                try
                {
                    Assert.NotNull(Scheme.BuiltIn.Decode(garbled, codec));
                }
                catch (FormatException)
                {
                    // Said with its place: see the tests of each form.
                }
            }
        }
    }

    [Fact]
    public void Any_bytes_at_all_are_an_object_or_an_error()
    {
        Prop.ForAll<byte[]>(bytes =>
        {
            foreach (var read in (Action[])[() => KubeProtobuf.DeserializeMessage<V1Pod>(bytes), () => KubeJson.Deserialize<V1Pod>(bytes), () => KubeObject.Parse(bytes), () => KubeList.Parse(bytes), () => KubeObject.ParseProtobuf([.. "k8s\0"u8, .. bytes]), () => WatchFrame.ParseProtobuf(bytes)])
            {
                try
                {
                    read();
                }
                catch (KubeFormatException)
                {
                }
            }
        }).QuickCheckThrowOnFailure();
    }

    private static string ToJson(BuiltInKind kind, byte[] protobuf)
    {
        if (kind.Schema.Field("metadata") is not null) return KubeObject.ParseProtobuf(protobuf, KubeObjectOptions.Everything).ToJson();
        // Discovery documents and the like have no metadata and are no objects.
        var envelope = ProtobufEnvelope.Open(protobuf);
        var model = KubeProtobuf.ReadMessage(kind.Schema, envelope.Raw.Of(protobuf));
        (((IKubernetesObject)model).ApiVersion, ((IKubernetesObject)model).Kind) = (envelope.ApiVersion, envelope.Kind);
        return KubeJson.SerializeToString(model);
    }

    // What whole objects within others say they are is not in their messages: only the envelope names a type.
    private static JsonNode? OnTheWire(ModelSchema schema, JsonNode? node, bool isTop = false)
    {
        if (node is not JsonObject map) return node?.DeepClone();
        var wire = new JsonObject();
        foreach (var (name, value) in map)
        {
            var field = schema.Field(name)!;
            if (field.ProtobufNumber == 0 && !isTop) continue;
            wire[name] = (field.Element, field.Shape) switch
            {
                (null, _) => value?.DeepClone(),
                (var element, FieldShape.List) => new JsonArray([.. value!.AsArray().Select(item => OnTheWire(element, item))]),
                (var element, FieldShape.Map) => new JsonObject(value!.AsObject().Select(entry => KeyValuePair.Create(entry.Key, OnTheWire(element, entry.Value)))),
                (var element, _) => OnTheWire(element, value),
            };
        }
        return wire;
    }

    private static KubeModel Read(ModelSchema schema, JsonObject json)
    {
        var reader = new System.Text.Json.Utf8JsonReader(KubeJson.Serialize(json), new System.Text.Json.JsonReaderOptions { MaxDepth = KubeJson.MaxDepth });
        reader.Read();
        return schema.ReadJson(ref reader);
    }

    // Values that mean something in both encodings: nothing empty, times to the second, canonical quantities.
    internal static JsonNode Value(JsonObject schema, Random random, double share, string name)
    {
        if ((bool?)schema["x-kubernetes-int-or-string"] == true)
            return schema["pattern"] is not null ? JsonValue.Create($"{random.Next(1, 900)}Mi") : random.Next(2) == 0 ? JsonValue.Create(random.Next(1, 65536)) : JsonValue.Create("http");
        switch (((string?)schema["type"], (string?)schema["format"]))
        {
            case ("string", "byte"): return JsonValue.Create(Convert.ToBase64String([1, 2, (byte)random.Next(256)]));
            case ("string", "date-time"): return JsonValue.Create(Time(name, random));
            case ("string", _): return JsonValue.Create($"text {random.Next(1000)} é\n\"");
            case ("boolean", _): return JsonValue.Create(true);
            case ("integer", "int32"): return JsonValue.Create((long)random.Next(1, int.MaxValue));
            case ("integer", _): return JsonValue.Create(random.NextInt64(1, long.MaxValue));
            case ("number", _): return JsonValue.Create(random.Next(1, 1000) + 0.5);
            case ("array", _): return new JsonArray(Value(schema["items"]!.AsObject(), random, share, name), Value(schema["items"]!.AsObject(), random, share, name));
            case ("object", _) when schema["properties"] is JsonObject { Count: > 0 } properties:
                var map = new JsonObject();
                foreach (var (field, value) in properties)
                {
                    // Times that are not optional are always there.
                    var always = schema["required"]?.AsArray().Any(required => (string?)required == field) == true;
                    if (always || random.NextDouble() < share) map[field] = Value(value!.AsObject(), random, share, field);
                }
                return map;
            case ("object", _) when schema["additionalProperties"] is JsonObject values: return new JsonObject { ["b"] = Value(values, random, share, name), ["a"] = Value(values, random, share, name) };
            // The three places where a JSON schema takes one of two forms; elsewhere any JSON will do.
            case (null, _) when name is "items" or "dependencies" or "additionalItems" or "additionalProperties": return new JsonObject { ["type"] = "string" };
            case (null, _): return new JsonObject { ["any"] = new JsonArray(1L, "x", true) };
            default: return new JsonObject();
        }
    }

    private static string Time(string name, Random random)
    {
        var time = new DateTimeOffset(2025, 1, 1, 0, 0, 0, TimeSpan.Zero).AddSeconds(random.Next(100_000_000));
        return name is "acquireTime" or "renewTime" or "eventTime" or "lastObservedTime" ? KubeTime.FormatMicro(time.AddTicks(random.Next(1_000_000) * 10)) : KubeTime.Format(time);
    }
}
