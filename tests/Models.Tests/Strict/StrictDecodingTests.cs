using System.ComponentModel.DataAnnotations;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using ActorKube.Models;
using k8s;
using k8s.Models;

namespace Models.Tests.Strict;

public sealed class StrictDecodingTests
{
    static byte[] Bytes(string json) => Encoding.UTF8.GetBytes(json);

    static string[] Told<T>(string json) => [.. StrictDecoding.Check<T>(Bytes(json)).Select(problem => problem.ToString())];

    [Theory]
    [InlineData("""{"metadata":{"name":"a"},"spec":{"containers":[{"name":"c","image":"i"}]}}""")]
    [InlineData("""{"metadata":{"labels":{"any":"x","Any":"y"},"managedFields":[{"fieldsV1":{"f:x":{},"f:x":{}}}]}}""")]
    [InlineData("""{"spec":null,"status":{"conditions":[]}}""")]
    public void What_a_kind_knows_passes(string json) => Assert.Empty(Told<V1Pod>(json));

    [Fact]
    public void Unknown_and_repeated_fields_are_told_with_their_paths_in_the_servers_words()
    {
        const string json = """
            {"metadata":{"name":"a","name":"b","lables":{"x":"1"},"labels":{"x":"1","x":"2"}},
             "spec":{"containers":[{"name":"c"},{"name":"d","imag":"i","Image":"j","ports":[{"containerPort":80,"containerPort":81,"prot":{"a":{"b":1}}}]}],"nodeSelector":{"a":"1","a":"1","a":"1"}},
             "spek":{"a":1,"a":2}}
            """;

        Assert.Equal(
            [
                "duplicate field \"metadata.name\"", "unknown field \"metadata.lables\"", "duplicate field \"metadata.labels.x\"",
                "unknown field \"spec.containers[1].imag\"", "unknown field \"spec.containers[1].Image\"", "duplicate field \"spec.containers[1].ports[0].containerPort\"",
                "unknown field \"spec.containers[1].ports[0].prot\"", "duplicate field \"spec.nodeSelector.a\"", "unknown field \"spek\"",
            ], Told<V1Pod>(json));
    }

    [Fact]
    public void A_strict_reader_refuses_what_a_lenient_one_takes()
    {
        var json = Bytes("""{"spec":{"replica":3,"replicas":2,"replicas":4}}""");

        var refused = Assert.Throws<StrictDecodingException>(() => StrictDecoding.Read<V1Deployment>(json));

        Assert.Equal("strict decoding error: unknown field \"spec.replica\", duplicate field \"spec.replicas\"", refused.Message);
        Assert.Equal([new StrictProblem("spec.replica", false), new StrictProblem("spec.replicas", true)], refused.Problems);
        Assert.Equal(4, KubeJson.Deserialize<V1Deployment>(json).Spec.Replicas);
        Assert.Equal(2, StrictDecoding.Read<V1Deployment>(Bytes("""{"spec":{"replicas":2}}""")).Spec.Replicas);
    }

    [Fact]
    public void What_is_malformed_is_told_first() =>
        Assert.Equal(".spec.replicas", Assert.Throws<KubeFormatException>(() => StrictDecoding.Read<V1Deployment>(Bytes("""{"spec":{"replica":1,"replicas":"x"}}"""))).Path);

    [Fact]
    public void Yaml_is_read_as_strictly()
    {
        const string yaml = """
            metadata:
              name: a
              name: b
            data:
              x: "1"
              x: "2"
            dat: {}
            """;

        var refused = Assert.Throws<StrictDecodingException>(() => StrictDecoding.ReadYaml<V1ConfigMap>(yaml));

        Assert.Equal(["duplicate field \"metadata.name\"", "duplicate field \"data.x\"", "unknown field \"dat\""], refused.Problems.Select(problem => problem.ToString()));
        Assert.Equal("b", KubeYaml.Load<V1ConfigMap>(yaml).Metadata.Name);
        Assert.Equal("a", StrictDecoding.ReadYaml<V1ConfigMap>("metadata: {name: a}").Metadata.Name);
    }

    [Fact]
    public void A_class_knows_its_properties_and_what_it_has_no_words_for()
    {
        Assert.Equal(
            ["unknown field \"specc\"", "unknown field \"spec.Size\"", "unknown field \"spec.parts[0].nam\"", "unknown field \"spec.byName.a.nam\"", "unknown field \"spec.template.spec.container\"", "duplicate field \"spec.open.known\""],
            Told<Box>("""{"specc":1,"spec":{"Size":"1","size":"1","parts":[{"nam":"x"}],"byName":{"a":{"nam":1}},"template":{"spec":{"container":[]}},"free":{"x":1,"x":2},"open":{"known":1,"known":2,"other":{"y":1}}}}"""));
    }

    [Fact]
    public void Without_a_class_only_repetition_is_wrong() =>
        Assert.Equal(["duplicate field \"a[1].b\"", "duplicate field \"c\""], Told<Unstructured>("""{"a":[1,{"b":1,"b":2}],"c":{},"c":[]}"""));

    [Fact]
    public void A_scheme_reads_strictly()
    {
        var kind = new GroupVersionKind("", "v1", "Pod");
        Assert.IsType<V1Pod>(Scheme.BuiltIn.DecodeStrict(Bytes("""{"metadata":{"name":"a"}}"""), kind));
        Assert.Throws<StrictDecodingException>(() => Scheme.BuiltIn.DecodeStrict(Bytes("""{"apiVersion":"v1","kind":"Pod","sepc":{}}""")));
        Assert.Throws<StrictDecodingException>(() => Scheme.BuiltIn.DecodeStrict(Bytes("""{"apiVersion":"x.test/v1","kind":"Own","a":1,"a":1}""")));
    }

    [Fact]
    public void Hostile_input_is_told_of_within_limits()
    {
        var many = "{" + string.Join(",", Enumerable.Range(0, 10_000).Select(i => $"\"x{i}\":1")) + "}";
        Assert.Equal(StrictDecoding.MostProblems, StrictDecoding.Check<V1Pod>(Bytes(many)).Count);
        Assert.Throws<KubeFormatException>(() => StrictDecoding.Check<Unstructured>(Bytes(new string('[', 10_000))));
        Assert.Throws<KubeFormatException>(() => StrictDecoding.Check<V1Pod>(Bytes("{\"spec\":")));
    }

    [Theory, MemberData(nameof(Golden.Paths), MemberType = typeof(Golden))]
    public void What_servers_send_is_strict(string path)
    {
        var golden = Golden.At(path);
        Assert.Empty(StrictDecoding.Check(ModelSchema.For(golden.Kind)!.Type, golden.JsonBytes));
    }

    [KubernetesEntity(Group = "x.test", ApiVersion = "v1", Kind = "Box", PluralName = "boxes")]
    sealed class Box : IKubernetesObject<V1ObjectMeta>
    {
        public string ApiVersion { get; set; } = "";
        public string Kind { get; set; } = "";
        public V1ObjectMeta Metadata { get; set; } = new();
        public BoxSpec? Spec { get; set; }
    }

    sealed class BoxSpec
    {
        public ResourceQuantity? Size { get; set; }
        public List<Part>? Parts { get; set; }
        public Dictionary<string, Part>? ByName { get; set; }
        public V1PodTemplateSpec? Template { get; set; }
        public JsonElement Free { get; set; }
        public Open? Open { get; set; }
    }

    sealed class Part
    {
        [Required]
        public string? Name { get; set; }
    }

    sealed class Open
    {
        public int Known { get; set; }

        [JsonExtensionData]
        public Dictionary<string, JsonElement>? Others { get; set; }
    }
}
