using System.Text.Json.Nodes;
using ActorKube.Models;
using FsCheck;
using FsCheck.Fluent;
using k8s.Models;

namespace Models.Tests;

public class YamlTests
{
    [Theory]
    [InlineData("yes", "true"), InlineData("Yes", "true"), InlineData("on", "true"), InlineData("ON", "true"), InlineData("y", "true"), InlineData("True", "true")]
    [InlineData("no", "false"), InlineData("off", "false"), InlineData("n", "false"), InlineData("FALSE", "false")]
    [InlineData("~", "null"), InlineData("null", "null"), InlineData("", "null")]
    [InlineData("0644", "420"), InlineData("0o644", "420"), InlineData("0x1F", "31"), InlineData("0b101", "5"), InlineData("1_000", "1000"), InlineData("-12", "-12"), InlineData("+3", "3")]
    [InlineData("1.5", "1.5"), InlineData("1e3", "1000"), InlineData(".5", "0.5"), InlineData("1.", "1"), InlineData("08", "8")]
    [InlineData("0.5", "0.5"), InlineData("-0.5", "-0.5"), InlineData("0.0", "0"), InlineData("0e5", "0"), InlineData("00.5", "0.5"), InlineData("-0", "0")]
    [InlineData("9223372036854775807", "9223372036854775807"), InlineData("18446744073709551615", "18446744073709551615")]
    [InlineData("1.2.3", "\"1.2.3\""), InlineData("12h", "\"12h\""), InlineData("yEs", "\"yEs\""), InlineData("-", "\"-\""), InlineData("0b2", "\"0b2\"")]
    [InlineData(".5_0", "\".5_0\""), InlineData("+18446744073709551615", "18446744073709551615.0"), InlineData("18446744073709551616", "18446744073709551616.0"), InlineData("-9223372036854775809", "-9223372036854775809.0")]
    [InlineData("0x1FFFFFFFFFFFFFFFF", "36893488147419103231"), InlineData("-0x1FFFFFFFFFFFFFFFF", "\"-0x1FFFFFFFFFFFFFFFF\""), InlineData("07777777777777777777777777", "7777777777777777777777777.0"), InlineData("1e999", "\"1e999\"")]
    [InlineData("2025-01-31", "\"2025-01-31\""), InlineData("2025-01-31T10:00:00Z", "\"2025-01-31T10:00:00Z\"")]
    [InlineData("\"yes\"", "\"yes\""), InlineData("'0644'", "\"0644\""), InlineData("!!str 12", "\"12\""), InlineData("!!int \"12\"", "12"), InlineData("!!binary aGk=", "\"hi\"")]
    public void Scalars_mean_what_kubernetes_takes_them_for(string yaml, string json)
    {
        // A dash alone would begin a list.
        var document = yaml == "-" ? "a: '-'" : $"a: {yaml}";

        JsonAssert.Equal(JsonNode.Parse($"{{\"a\":{json}}}"), KubeYaml.ParseNode(document));
    }

    [Fact]
    public void Keys_are_text_whatever_they_look_like() =>
        JsonAssert.Equal("""{"true":1,"12":2,"x":4,"yes":5,"10":6,"1.5":7}""", KubeYaml.ParseNode("on: 1\n12: 2\n0x0A: 6\n1.5: 7\nx: 4\n\"yes\": 5\n").ToJsonString());

    [Fact]
    public void Every_document_is_read_and_empty_ones_are_passed_over()
    {
        var all = KubeYaml.LoadAll("---\napiVersion: v1\nkind: A\n---\n# nothing\n---\nkind: B\n...\n---\n{\"kind\": \"C\"}\n");

        Assert.Equal(["A", "B", "C"], all.Select(o => o.Kind));
        Assert.Empty(KubeYaml.LoadAll(""));
    }

    [Fact]
    public void Anchors_aliases_and_merges_are_copies()
    {
        var node = KubeYaml.ParseNode("base: &b {a: 1, c: [1]}\nuse: *b\nmerged:\n  <<: *b\n  a: 2\nboth:\n  <<: [{a: 7}, *b]\n");

        JsonAssert.Equal("""{"base":{"a":1,"c":[1]},"use":{"a":1,"c":[1]},"merged":{"a":2,"c":[1]},"both":{"a":7,"c":[1]}}""", node.ToJsonString());
        node["use"]!["a"] = 9;
        Assert.Equal(1, node["base"]!["a"]!.GetValue<long>());
    }

    [Fact]
    public void Merged_keys_are_set_where_they_stand()
    {
        JsonAssert.Equal("""{"o":{"a":1},"before":{"a":1},"after":{"a":2},"both":{"a":3,"b":4}}""",
            KubeYaml.ParseNode("o: &o {a: 1}\nbefore: {a: 2, <<: *o}\nafter: {<<: *o, a: 2}\nboth: {<<: *o, <<: [{a: 3}, {a: 5, b: 4}]}\n").ToJsonString());

        // Strictly, that is a key twice, as for the server.
        var twice = new List<StrictProblem>();
        KubeYaml.ParseNode("o: &o {a: 1}\nafter: {<<: *o, a: 2}\nbefore:\n- {a: 2, <<: *o}\n", twice);
        Assert.Equal(["after.a", "before[0].a"], twice.Select(problem => problem.Field));
    }

    [Theory]
    [InlineData("a: [1, 2", "line 2")]
    [InlineData("a: 1\n b: 2", "line 2")]
    [InlineData("a: *missing", "anchor")]
    [InlineData("a: &x [*x]", "anchor")]
    [InlineData("a: .inf", "no JSON form")]
    [InlineData("? [1]\n: 2", "key is not text")]
    [InlineData("~: 1", "line 1, column 1: a key is null")]
    [InlineData("a: 1\n? : 1", "line 2")]
    [InlineData("<<: [1]", "merges a map")]
    [InlineData("a: !!int x", "!!int")]
    [InlineData("a: !!binary '*'", "Base64")]
    [InlineData("a: \"\\q\"", "line 1")]
    public void What_is_no_yaml_is_refused_with_its_place(string yaml, string says) =>
        Assert.Contains(says, Assert.Throws<KubeFormatException>(() => KubeYaml.ParseNodes(yaml)).Message);

    [Fact]
    public void One_document_is_one_document()
    {
        Assert.Contains("found 2", Assert.Throws<KubeFormatException>(() => KubeYaml.ParseNode("a: 1\n---\nb: 2")).Message);
        Assert.Contains("found 0", Assert.Throws<KubeFormatException>(() => KubeYaml.Load<V1Pod>("# nothing")).Message);
    }

    [Fact]
    public void Aliases_cannot_blow_a_document_up()
    {
        var bomb = "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n" + string.Concat(Enumerable.Range(1, 12).Select(i =>
            $"a{i}: &a{i} [{string.Join(",", Enumerable.Repeat($"*a{i - 1}", 10))}]\n"));

        Assert.Contains("beyond all measure", Assert.Throws<KubeFormatException>(() => KubeYaml.ParseNode(bomb)).Message);
    }

    [Fact]
    public void Numbers_of_a_million_digits_are_text()
    {
        var digits = new string('9', 1_000_000);

        Assert.Equal(digits, (string?)KubeYaml.ParseNode($"a: {digits}")["a"]);
        Assert.Equal("0x" + digits, (string?)KubeYaml.ParseNode($"a: 0x{digits}")["a"]);
    }

    [Fact]
    public void Bytes_that_are_no_utf8_are_refused_with_their_place() =>
        Assert.Equal(5, Assert.Throws<KubeFormatException>(() => ObjectCodec.For(ObjectCodec.Yaml).Read([.. "a: \"x"u8, 0xff, .. "\""u8])).Position);

    [Fact]
    public void Truncated_documents_are_an_error_or_a_shorter_document()
    {
        const string yaml = "apiVersion: v1\nkind: Pod\nmetadata: {name: \"a\", labels: {x: 'y'}}\nspec:\n  containers:\n  - &c {name: c}\n  - *c\n  text: |\n    a\n";
        for (var length = 0; length < yaml.Length; length++)
        {
            try
            {
                Assert.True(KubeYaml.ParseNodes(yaml[..length]).Count <= 1);
            }
            catch (KubeFormatException)
            {
                // Said with its place.
            }
        }
    }

    [Fact]
    public void Depth_is_bounded()
    {
        var deep = new string('[', 10_000) + new string(']', 10_000);

        Assert.Contains("deeper than", Assert.Throws<KubeFormatException>(() => KubeYaml.ParseNode(deep)).Message);
    }

    [Fact]
    public void A_typed_object_is_read_and_written()
    {
        var pod = KubeYaml.Load<V1Pod>("""
            apiVersion: v1
            kind: Pod
            metadata: {name: a, labels: {on: "yes"}}
            spec:
              hostNetwork: yes
              containers:
              - name: c
                image: busybox
                command: [sh, -c, "echo hi\nexit 0\n"]
                resources: {limits: {cpu: 500m, memory: 1Gi}}
            """);

        Assert.True(pod.Spec.HostNetwork);
        Assert.Equal("yes", pod.Metadata.Labels["true"]);
        Assert.Equal("500m", pod.Spec.Containers[0].Resources.Limits["cpu"].ToString());

        var yaml = KubeYaml.Serialize(pod);

        Assert.Contains("\n      exit 0\n", yaml);
        Assert.Contains("\"true\": \"yes\"", yaml);
        JsonAssert.Equal(KubeJson.SerializeToString(pod), KubeJson.SerializeToString(KubeYaml.Load<V1Pod>(yaml)));
    }

    [Theory, MemberData(nameof(Golden.Paths), MemberType = typeof(Golden))]
    public void What_servers_send_survives_yaml(string path)
    {
        var json = Golden.At(path).Json;

        JsonAssert.Equal(json, KubeYaml.ParseNode(KubeYaml.Serialize(json)));
    }

    [Fact]
    public void Any_text_survives_as_value_and_as_key()
    {
        var texts = Gen.OneOf(
            ArbMap.Default.GeneratorFor<string>().Where(text => text is not null && !text.Any(char.IsSurrogate)),
            Gen.Elements("", " ", "yes", "0644", "~", "a: b", "a #b", "- x", "\n", "a\n", "a\n\n", " a\nb", "a \nb", "\ta", "a\tb\n", "'", "\"", "%x", "@", "`", "!", "&a", "*a", "|", ">", "{}", "[]", "---", "...", "<<", "=", "é☃", "\u0085", "\u2028", "a:", ":a", "?", "2025-01-01", "1e3", "\r\n", "x\r", "#"));

        Prop.ForAll(texts.ToArbitrary(), text =>
        {
            JsonNode node = new JsonObject { [text] = JsonValue.Create(text), ["list"] = new JsonArray(JsonValue.Create(text)) };
            var yaml = KubeYaml.Serialize(node);
            JsonAssert.Equal(node, KubeYaml.ParseNode(yaml));
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Any_number_survives()
    {
        var random = new Random(7);
        for (var i = 0; i < 2000; i++)
        {
            JsonNode number = i % 2 == 0 ? JsonValue.Create(random.NextInt64(long.MinValue, long.MaxValue) >> random.Next(64)) : JsonValue.Create((random.NextDouble() - 0.5) * Math.Pow(10, random.Next(-20, 20)));
            JsonAssert.Equal(new JsonObject { ["a"] = number.DeepClone() }, KubeYaml.ParseNode(KubeYaml.Serialize(new JsonObject { ["a"] = number })));
        }
    }

    [Fact]
    public void Several_objects_are_several_documents()
    {
        var yaml = KubeYaml.SerializeAll<object>([new V1ConfigMap { Kind = "ConfigMap" }, new Unstructured("v1", "Secret"), new JsonObject()]);

        Assert.Equal("kind: ConfigMap\n---\napiVersion: v1\nkind: Secret\n--- {}\n", yaml);
    }
}
