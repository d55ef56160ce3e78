using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using ActorKube.Models;
using k8s;
using k8s.Models;

namespace Models.Tests;

public class JsonTests
{
    [Fact]
    public void Fields_that_a_type_does_not_know_survive_at_every_level()
    {
        const string json = """{"kind":"Pod","metadata":{"name":"a","new":[1,2.50]},"spec":{"containers":[{"name":"c","later":{"x":null}}]},"extra":1e400}""";

        var pod = KubeJson.Deserialize<V1Pod>(json);
        pod.Metadata.Name = "b";

        var again = KubeJson.SerializeToString(pod);
        Assert.Contains("\"new\":[1,2.50]", again);
        Assert.Contains("\"later\":{\"x\":null}", again);
        Assert.Contains("\"extra\":1e400", again);
        Assert.Contains("\"name\":\"b\"", again);
    }

    [Fact]
    public void What_is_null_or_absent_is_not_written_and_what_is_set_is()
    {
        var pod = KubeJson.Deserialize<V1Pod>("""{"metadata":{"name":null,"labels":{},"finalizers":[]},"spec":{"hostNetwork":false,"priority":0,"containers":null,"nodeName":""},"status":null}""");

        Assert.Null(pod.Metadata.Name);
        Assert.False(pod.Spec.HostNetwork);
        Assert.Equal(0, pod.Spec.Priority);
        JsonAssert.Equal("""{"metadata":{},"spec":{"hostNetwork":false,"priority":0,"nodeName":""}}""", KubeJson.SerializeToString(pod));
    }

    [Fact]
    public void Empty_lists_are_written_where_go_writes_them()
    {
        Assert.Equal("""{"items":[]}""", KubeJson.SerializeToString(new V1PodList { Items = [] }));
        Assert.Equal("""{"rules":[]}""", KubeJson.SerializeToString(new V1Role { Rules = [] }));
        Assert.Equal("{}", KubeJson.SerializeToString(new V1ConfigMap { Data = new Dictionary<string, string>() }));
    }

    [Fact]
    public void Nulls_within_lists_and_maps_are_what_go_makes_of_them()
    {
        var pod = KubeJson.Deserialize<V1Pod>("""{"metadata":{"labels":{"a":null}},"spec":{"containers":[null]}}""");

        Assert.Equal("", pod.Metadata.Labels["a"]);
        Assert.NotNull(pod.Spec.Containers[0]);
    }

    [Theory]
    [InlineData("2025-01-31T12:00:00Z", "2025-01-31T12:00:00Z", "2025-01-31T12:00:00.000000Z")]
    [InlineData("2025-01-31T12:00:00.123456789Z", "2025-01-31T12:00:00Z", "2025-01-31T12:00:00.123456Z")]
    [InlineData("2025-01-31T12:00:00.5+02:00", "2025-01-31T10:00:00Z", "2025-01-31T10:00:00.500000Z")]
    [InlineData("0001-01-01T00:00:01Z", "0001-01-01T00:00:01Z", "0001-01-01T00:00:01.000000Z")]
    public void Times_are_utc_to_the_second_and_micro_times_have_six_digits(string text, string time, string micro)
    {
        var lease = KubeJson.Deserialize<V1Lease>($$$"""{"metadata":{"creationTimestamp":"{{{text}}}"},"spec":{"renewTime":"{{{text}}}"}}""");

        JsonAssert.Equal($$$"""{"metadata":{"creationTimestamp":"{{{time}}}"},"spec":{"renewTime":"{{{micro}}}"}}""", KubeJson.SerializeToString(lease));
    }

    [Fact]
    public void A_time_of_this_machine_is_written_as_utc()
    {
        var local = DateTime.SpecifyKind(new DateTime(2025, 1, 31, 12, 0, 0), DateTimeKind.Utc).ToLocalTime();

        Assert.Contains("2025-01-31T12:00:00Z", KubeJson.SerializeToString(new V1ObjectMeta { CreationTimestamp = local }));
        Assert.Contains("2025-01-31T12:00:00Z", KubeJson.SerializeToString(new V1ObjectMeta { CreationTimestamp = new DateTime(2025, 1, 31, 12, 0, 0) }));
    }

    [Theory]
    [InlineData("1", 1), InlineData("1.0", 1), InlineData("1e2", 100), InlineData("-0", 0)]
    public void Whole_numbers_may_be_written_as_json_schema_allows(string text, int value) =>
        Assert.Equal(value, KubeJson.Deserialize<V1Pod>("{\"spec\":{\"priority\":" + text + "}}").Spec.Priority);

    [Theory]
    [InlineData("""{"spec":{"priority":1.5}}""", ".spec.priority", "not whole")]
    [InlineData("""{"spec":{"priority":3000000000}}""", ".spec.priority", "32 bits")]
    [InlineData("""{"spec":{"priority":1e999999}}""", ".spec.priority", "not whole")]
    [InlineData("""{"spec":{"priority":"1"}}""", ".spec.priority", "but found text")]
    [InlineData("""{"spec":[]}""", ".spec", "Expected an object but found a list")]
    [InlineData("""{"spec":{"containers":[{"name":"a"},{"name":7}]}}""", ".spec.containers[1].name", "Expected text but found a number")]
    [InlineData("""{"spec":{"containers":[{"resources":{"limits":{"cpu":"1 cpu"}}}]}}""", ".spec.containers[0].resources.limits.cpu", "")]
    [InlineData("""{"metadata":{"creationTimestamp":"yesterday"}}""", ".metadata.creationTimestamp", "RFC 3339")]
    [InlineData("""{"metadata":{"creationTimestamp":"2025-01-31"}}""", ".metadata.creationTimestamp", "RFC 3339")]
    [InlineData("""{"metadata":{"creationTimestamp":"2025-01-31T12:00:00 Z"}}""", ".metadata.creationTimestamp", "RFC 3339")]
    [InlineData("""{"metadata":{"creationTimestamp":"2025/01/31T12:00:00Z"}}""", ".metadata.creationTimestamp", "RFC 3339")]
    [InlineData("""{"metadata":{"creationTimestamp":"2025-01-31T24:00:00Z"}}""", ".metadata.creationTimestamp", "RFC 3339")]
    [InlineData("""{"metadata":{"creationTimestamp":"2025-01-31T12:00:60+01:00"}}""", ".metadata.creationTimestamp", "RFC 3339")]
    [InlineData("""{"metadata":{"creationTimestamp":"2025-01-31T12:00:00.Z"}}""", ".metadata.creationTimestamp", "RFC 3339")]
    [InlineData("""{"metadata":{"creationTimestamp":"2025-02-30T12:00:00+01:00"}}""", ".metadata.creationTimestamp", "RFC 3339")]
    [InlineData("""[]""", null, "Expected an object")]
    [InlineData("""{"metadata":{"name":"a"},}""", null, "Not valid JSON")]
    [InlineData("""{"metadata":{"name":"a\x"}}""", ".metadata.name", "Not valid JSON")]
    [InlineData("""{"metadata":{}} {}""", null, "Not valid JSON")]
    [InlineData("""{"metadata":{"name":"a """, ".metadata.name", "Not valid JSON")]
    [InlineData("", null, "Not valid JSON")]
    [InlineData("nul", null, "Not valid JSON")]
    public void What_is_wrong_is_said_with_its_place(string json, string? path, string says)
    {
        var fault = Assert.Throws<KubeFormatException>(() => KubeJson.Deserialize<V1Pod>(json));

        Assert.Contains(says, fault.Message);
        Assert.Equal(path, fault.Path);
        Assert.InRange(fault.Position, 0, json.Length);
    }

    [Fact]
    public void Secrets_are_not_quoted_in_errors()
    {
        var fault = Assert.Throws<KubeFormatException>(() => KubeJson.Deserialize<V1Secret>("""{"data":{"password":"aHVudGVyMg==hunter2"}}"""));

        Assert.DoesNotContain("hunter2", fault.ToString());
        Assert.Equal(".data.password", fault.Path);
    }

    [Fact]
    public void Ten_thousand_levels_are_an_error_and_not_a_crash()
    {
        var schemas = string.Concat(Enumerable.Repeat("""{"properties":{"a":""", 10_000));
        var lists = $$"""{"spec":{"unknown":{{new string('[', 10_000)}}""";
        var crd = $$$"""{"spec":{"versions":[{"schema":{"openAPIV3Schema":{{{schemas}}}""";

        foreach (var json in (string[])[lists, crd, lists + new string(']', 10_000) + "}}"])
        {
            Assert.Throws<KubeFormatException>(() => KubeJson.Deserialize<V1CustomResourceDefinition>(json));
            Assert.Throws<KubeFormatException>(() => Unstructured.Parse(json));
            Assert.Throws<KubeFormatException>(() => KubeObject.Parse(Encoding.UTF8.GetBytes(json)));
        }
    }

    [Fact]
    public void Numbers_of_a_million_digits_are_an_error_or_kept_as_they_are()
    {
        var digits = new string('9', 1_000_000);

        Assert.Equal(".spec.priority", Assert.Throws<KubeFormatException>(() => KubeJson.Deserialize<V1Pod>("{\"spec\":{\"priority\":" + digits + "}}")).Path);
        Assert.Throws<KubeFormatException>(() => KubeJson.Deserialize<V1Pod>("{\"spec\":{\"overhead\":{\"cpu\":" + digits + "}}}"));
        Assert.Throws<KubeFormatException>(() => KubeObject.Parse(Encoding.UTF8.GetBytes("{\"metadata\":{\"generation\":" + digits + "}}")));
        Assert.Contains(digits, KubeJson.SerializeToString(KubeJson.Deserialize<V1Pod>("{\"unknown\":" + digits + "}")));
        Assert.Contains(digits, Unstructured.Parse("{\"a\":" + digits + "}").ToJson());
    }

    [Fact]
    public void As_deep_as_is_allowed_is_read_and_written()
    {
        var levels = (KubeJson.MaxDepth - 10) / 2;
        var nested = string.Concat(Enumerable.Repeat("""{"properties":{"a":""", levels)) + "{}" + string.Concat(Enumerable.Repeat("}}", levels));

        var schema = KubeJson.Deserialize<V1JSONSchemaProps>(nested);

        Assert.Equal(nested, KubeJson.SerializeToString(schema));
        Assert.Equal(nested, Unstructured.Parse(nested).ToJson());
        var wrapped = new V1CustomResourceValidation { OpenAPIV3Schema = KubeJson.Deserialize<V1JSONSchemaProps>("""{"items":{"type":"string"}}""") };
        Assert.Equal(KubeJson.SerializeToString(wrapped), KubeJson.SerializeToString(KubeProtobuf.DeserializeMessage<V1CustomResourceValidation>(KubeProtobuf.SerializeMessage(wrapped))));
    }

    [Fact]
    public void Of_repeated_names_the_last_wins()
    {
        const string json = """{"metadata":{"name":"a","name":"b","labels":{"x":"1","x":"2"}},"unknown":1,"unknown":2}""";

        var pod = KubeJson.Deserialize<V1Pod>(json);

        Assert.Equal("b", pod.Metadata.Name);
        Assert.Equal("2", pod.Metadata.Labels["x"]);
        Assert.Contains("\"unknown\":2", KubeJson.SerializeToString(pod));
        Assert.Equal("b", Unstructured.Parse(json).Name);
        Assert.Equal("b", KubeObject.Parse(Encoding.UTF8.GetBytes(json)).Name);
    }

    [Fact]
    public void Bytes_that_are_no_utf8_are_refused_with_their_place()
    {
        byte[] json = [.. "{\"metadata\":{\"name\":\""u8, 0xff, 0xfe, .. "\"}}"u8];

        Assert.Equal(21, Assert.Throws<KubeFormatException>(() => KubeJson.Deserialize<V1Pod>(json)).Position);
        Assert.Throws<KubeFormatException>(() => KubeJson.ParseNode(json));
        Assert.Throws<KubeFormatException>(() => KubeObject.Parse(json));
    }

    [Fact]
    public void Names_are_case_sensitive()
    {
        var pod = KubeJson.Deserialize<V1Pod>("""{"Metadata":{"name":"a"}}""");

        Assert.Null(pod.Metadata);
        Assert.Contains("\"Metadata\"", KubeJson.SerializeToString(pod));
    }

    [Fact]
    public void Escaped_names_are_names() =>
        Assert.Equal("a", KubeJson.Deserialize<V1Pod>("""{"metad\u0061ta":{"n\u0061me":"\u0061"}}""").Metadata.Name);

    [Fact]
    public void System_text_json_reads_and_writes_generated_types_within_ones_own()
    {
        var json = """{"apiVersion":"example.com/v1","kind":"Backup","metadata":{"name":"a","new":1},"spec":{"schedule":"* * * * *","size":"1Gi","port":"http","mode":"Full","last":"2025-01-31T12:00:00Z","pod":{"spec":{"containers":[{"name":"c"}]}}}}""";

        var backup = KubeJson.Deserialize<Backup>(json);

        Assert.Equal("a", backup.Metadata.Name);
        Assert.Equal("c", backup.Spec!.Pod!.Spec.Containers[0].Name);
        Assert.Equal(BackupMode.Full, backup.Spec.Mode);
        JsonAssert.Equal(json, KubeJson.SerializeToString(backup));
        JsonAssert.Equal(json, JsonSerializer.Serialize(JsonSerializer.Deserialize<Backup>(json, KubeJson.Options), KubeJson.Options));
        JsonAssert.Equal("""{"metadata":{"name":"x"}}""", JsonSerializer.Serialize(JsonSerializer.Deserialize<V1Pod>("""{"metadata":{"name":"x"}}""")));
        Assert.Equal(".spec.last", Assert.Throws<KubeFormatException>(() => KubeJson.Deserialize<Backup>("""{"spec":{"last":"soon"}}""")).Path);
    }

    [Fact]
    public void Generated_types_are_read_by_system_text_json_from_streams_in_pieces()
    {
        var json = new string(' ', 20_000) + """{"metadata":{"name":"a","unknown":{"x":[1]}}}""";

        var pod = JsonSerializer.Deserialize<V1Pod>(new MemoryStream(Encoding.UTF8.GetBytes(json)), new JsonSerializerOptions { DefaultBufferSize = 16 })!;

        Assert.Equal("""{"metadata":{"name":"a","unknown":{"x":[1]}}}""", KubeJson.SerializeToString(pod));
    }

    [Fact]
    public void Any_json_may_be_given_as_element_node_text_or_object()
    {
        foreach (var data in (object[])[JsonElement.Parse("""{"a":1}"""), JsonNode.Parse("""{"a":1}""")!, new Dictionary<string, int> { ["a"] = 1 }, new { A = 1 }])
        {
            var revision = new V1ControllerRevision { Data = data, Revision = 1 };
            Assert.Equal("""{"data":{"a":1},"revision":1}""", KubeJson.SerializeToString(revision));
            var again = KubeProtobuf.Deserialize<V1ControllerRevision>(KubeProtobuf.Serialize(revision));
            JsonAssert.Equal("""{"apiVersion":"apps/v1","kind":"ControllerRevision","data":{"a":1},"revision":1}""", KubeJson.SerializeToString(again));
        }
    }

    [Fact]
    public void Every_built_in_kind_can_be_made_read_and_written()
    {
        foreach (var kind in BuiltInKinds.All)
        {
            var model = kind.New();
            var definition = ResourceDefinition.TryFor(model.GetType())!;
            Assert.Equal(kind.Kind, definition.Kind);
            Assert.Equal(kind.Namespaced, definition.Namespaced);
            Assert.Same(ModelSchema.For(kind.Kind), ModelSchema.For(model.GetType()));
            if (!kind.Schema.HasProtobuf) continue;
            var bytes = KubeProtobuf.Serialize(model);
            Assert.Equal(kind.Kind.Kind, ProtobufEnvelope.Open(bytes).Kind);
        }
        Assert.True(BuiltInKinds.All.Count > 100);
    }

    private enum BackupMode
    {
        Incremental,
        Full,
    }

    [KubernetesEntity(Group = "example.com", ApiVersion = "v1", Kind = "Backup", PluralName = "backups")]
    private sealed class Backup : IKubernetesObject<V1ObjectMeta>, ISpec<BackupSpec?>
    {
        public string ApiVersion { get; set; } = "";
        public string Kind { get; set; } = "";
        public V1ObjectMeta Metadata { get; set; } = new();
        public BackupSpec? Spec { get; set; }
    }

    private sealed class BackupSpec
    {
        [JsonPropertyName("schedule")]
        public string? When { get; set; }

        public ResourceQuantity? Size { get; set; }
        public IntOrString? Port { get; set; }
        public BackupMode Mode { get; set; }
        public DateTimeOffset? Last { get; set; }
        public V1PodTemplateSpec? Pod { get; set; }
    }
}
