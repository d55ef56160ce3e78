using System.Text.Json.Nodes;
using ActorKube.Models;
using k8s.Models;

namespace Models.Tests;

public class UnstructuredTests
{
    [Fact]
    public void Every_kind_of_value_is_set_and_got_by_path()
    {
        var o = new Unstructured();
        var time = new DateTimeOffset(2025, 1, 31, 12, 0, 0, TimeSpan.Zero);

        o.Set("a", "spec", "text");
        o.Set(true, "spec", "truth");
        o.Set(7, "spec", "whole");
        o.Set(1.5, "spec", "real");
        o.Set(time, "spec", "time");
        o.Set(new[] { "x", "y" }, "spec", "list");
        o.Set(new Dictionary<string, string> { ["k"] = "v" }, "spec", "map");
        o.Set(new V1Container { Name = "c" }, "spec", "containers", "0");

        Assert.Equal("a", o.GetString("spec", "text"));
        Assert.True(o.GetBool("spec", "truth"));
        Assert.Equal(7, o.GetInt64("spec", "whole"));
        Assert.Equal(7, o.GetDouble("spec", "whole"));
        Assert.Equal(1.5, o.GetDouble("spec", "real"));
        Assert.Equal(time, o.GetTime("spec", "time"));
        Assert.Equal(["x", "y"], o.GetStringList("spec", "list"));
        Assert.Equal("v", o.GetStringMap("spec", "map")!["k"]);
        Assert.Equal("c", o.Get<V1Container>("spec", "containers", "0")!.Name);
        Assert.Equal("y", o.GetString("spec", "list", "1"));
        Assert.Null(o.Get("spec", "list", "2"));
        Assert.Null(o.GetString("nothing", "at", "all"));
        Assert.Null(o.GetInt64("nothing"));
        Assert.Null(o.GetList("nothing"));
    }

    [Fact]
    public void Elements_of_lists_are_set_appended_and_removed()
    {
        var o = Unstructured.Parse("""{"list":[1,2]}""");

        o.Set(9, "list", "0");
        o.Set(3, "list", "2");
        Assert.True(o.Remove("list", "1"));
        Assert.False(o.Remove("list", "7"));

        Assert.Equal("""{"list":[9,3]}""", o.ToJson());
        Assert.Contains("no place '5'", Assert.Throws<KubeFormatException>(() => o.Set(1, "list", "5")).Message);
    }

    [Fact]
    public void Null_removes_and_removing_nothing_is_fine()
    {
        var o = Unstructured.Parse("""{"a":{"b":1}}""");

        o.Set(null, "a", "b");
        o.Set(null, "x", "y", "z");

        Assert.Equal("""{"a":{}}""", o.ToJson());
        Assert.True(o.Remove("a"));
        Assert.False(o.Remove("a"));
    }

    [Theory]
    [InlineData("a", "text")]
    [InlineData("b", "true or false")]
    [InlineData("c", "whole number")]
    [InlineData("d", "an object")]
    public void Another_shape_than_expected_is_an_error_with_its_path(string field, string expected)
    {
        var o = Unstructured.Parse("""{"a":1,"b":"x","c":1.5,"d":[]}""");

        var fault = Assert.Throws<KubeFormatException>(() => _ = field switch
        {
            "a" => (object?)o.GetString("a"),
            "b" => o.GetBool("b"),
            "c" => o.GetInt64("c"),
            _ => o.GetMap("d"),
        });

        Assert.Contains(expected, fault.Message);
        Assert.Equal("." + field, fault.Path);
        Assert.Throws<KubeFormatException>(() => o.Get("a", "deeper"));
        Assert.Throws<KubeFormatException>(() => o.Set(1, "b", "deeper"));
        Assert.Throws<KubeFormatException>(() => o.Remove("b", "deeper"));
    }

    [Fact]
    public void Metadata_is_read_and_written()
    {
        var time = new DateTimeOffset(2025, 1, 31, 12, 0, 0, TimeSpan.Zero);
        var o = new Unstructured("example.com/v1", "At")
        {
            Name = "a", Namespace = "b", Uid = "u", ResourceVersion = "7", Generation = 3, GenerateName = "a-", CreationTimestamp = time, DeletionTimestamp = time,
            Labels = new Dictionary<string, string> { ["l"] = "1" }, Annotations = new Dictionary<string, string> { ["n"] = "2" }, Finalizers = ["f"],
            OwnerReferences = [new V1OwnerReference { Kind = "K", Controller = true }],
        };

        var typed = o.As<V1ConfigMap>();

        Assert.Equal(("example.com/v1", "At", "a", "b", "u", "7", 3L, "a-"), (typed.ApiVersion, typed.Kind, typed.Metadata.Name, typed.Metadata.NamespaceProperty, typed.Metadata.Uid, typed.Metadata.ResourceVersion, typed.Metadata.Generation!.Value, typed.Metadata.GenerateName));
        Assert.Equal(time.UtcDateTime, typed.Metadata.CreationTimestamp);
        Assert.Equal(new GroupVersionKind("example.com", "v1", "At"), o.GroupVersionKind);
        Assert.Equal(new NamespacedName("b", "a"), o.Key);
        Assert.Equal((time, time), (o.CreationTimestamp, o.DeletionTimestamp));
        Assert.Equal("1", o.Labels["l"]);
        Assert.Equal(["f"], o.Finalizers);
        Assert.True(o.OwnerReferences[0].Controller);

        (o.Name, o.Labels, o.Finalizers, o.OwnerReferences, o.Generation, o.CreationTimestamp) = ("", new Dictionary<string, string>(), [], [], 0, null);
        (o.Namespace, o.Uid, o.ResourceVersion, o.GenerateName, o.DeletionTimestamp, o.Annotations) = ("", "", "", "", null, new Dictionary<string, string>());
        Assert.Equal("{}", o.Root["metadata"]!.ToJsonString());
    }

    [Fact]
    public void Lists_show_their_items()
    {
        var list = Unstructured.Parse("""{"kind":"List","items":[{"kind":"A"},{"kind":"B"}]}""");

        Assert.True(list.IsList);
        Assert.Equal(["A", "B"], list.Items.Select(item => item.Kind));
        Assert.False(list.Items.First().IsList);
        Assert.Empty(list.Items.First().Items);
    }

    [Fact]
    public void A_copy_shares_nothing_and_a_node_set_twice_is_copied()
    {
        var o = Unstructured.Parse("""{"a":{"b":1}}""");
        var copy = o.DeepCopy();
        copy.Set(2, "a", "b");
        Assert.Equal(1, o.GetInt64("a", "b"));

        o.Set(o.Get("a"), "c");
        o.Set(5, "c", "b");
        Assert.Equal(1, o.GetInt64("a", "b"));
    }

    [Fact]
    public void Typed_objects_convert_both_ways()
    {
        var pod = new V1Pod { Metadata = new V1ObjectMeta { Name = "a" }, Spec = new V1PodSpec { Containers = [new V1Container { Name = "c" }] } };

        var o = Unstructured.From(pod);

        Assert.Equal(("v1", "Pod", "c"), (o.ApiVersion, o.Kind, o.GetString("spec", "containers", "0", "name")));
        Assert.Equal("c", o.As<V1Pod>().Spec.Containers[0].Name);
        Assert.Equal("Pod /a".Replace("/", ""), o.ToString());
    }

    [Theory]
    [InlineData("9223372036854775807"), InlineData("-1"), InlineData("1.5"), InlineData("1E+400"), InlineData("true"), InlineData("null")]
    public void Numbers_keep_their_value(string number) =>
        JsonAssert.Equal(JsonNode.Parse($"[{number}]")!.ToJsonString(), JsonNode.Parse(Unstructured.Parse($"{{\"a\":[{number}]}}").Get("a")!.ToJsonString())!.ToJsonString());

    [Fact]
    public void Objects_within_others_are_written_as_what_they_are()
    {
        var inner = Unstructured.Parse("""{"kind":"A"}""");
        var revision = new V1ControllerRevision { Data = inner };

        Assert.Equal("""{"data":{"kind":"A"},"revision":0}""", KubeJson.SerializeToString(revision));
        revision.Data = KubeObject.From(inner);
        Assert.Equal("""{"data":{"kind":"A"},"revision":0}""", KubeJson.SerializeToString(revision));
        Assert.Equal("""{"o":{"kind":"A"}}""", System.Text.Json.JsonSerializer.Serialize(System.Text.Json.JsonSerializer.Deserialize<Dictionary<string, Unstructured>>("""{"o":{"kind":"A"}}""")));
    }

    [Theory]
    [InlineData("[]"), InlineData("1"), InlineData("null"), InlineData("{")]
    public void Only_an_object_is_one(string json) => Assert.Throws<KubeFormatException>(() => Unstructured.Parse(json));
}
