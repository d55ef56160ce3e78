using System.Text.Json.Nodes;
using ActorKube.Models;
using FsCheck.Fluent;

namespace Models.Tests.Patches;

public sealed class JsonPatchTests
{
    static JsonNode? Apply(string document, string patch) => JsonPatch.Apply(Json.Of(document), Json.Of(patch)!.AsArray());

    [Theory]
    [InlineData("""{"foo":"bar"}""", """[{"op":"add","path":"/baz","value":"qux"}]""", """{"foo":"bar","baz":"qux"}""")]
    [InlineData("""{"foo":["bar","baz"]}""", """[{"op":"add","path":"/foo/1","value":"qux"}]""", """{"foo":["bar","qux","baz"]}""")]
    [InlineData("""{"foo":["bar"]}""", """[{"op":"add","path":"/foo/-","value":["abc"]}]""", """{"foo":["bar",["abc"]]}""")]
    [InlineData("""{"foo":["bar"]}""", """[{"op":"add","path":"/foo/1","value":1}]""", """{"foo":["bar",1]}""")]
    [InlineData("""{"foo":1}""", """[{"op":"add","path":"/foo","value":null}]""", """{"foo":null}""")]
    [InlineData("""{"foo":1}""", """[{"op":"add","path":"","value":[]}]""", "[]")]
    [InlineData("""{"baz":"qux","foo":"bar"}""", """[{"op":"remove","path":"/baz"}]""", """{"foo":"bar"}""")]
    [InlineData("""{"foo":["bar","qux","baz"]}""", """[{"op":"remove","path":"/foo/1"}]""", """{"foo":["bar","baz"]}""")]
    [InlineData("""{"baz":"qux"}""", """[{"op":"replace","path":"/baz","value":"boo"}]""", """{"baz":"boo"}""")]
    [InlineData("""[1,2]""", """[{"op":"replace","path":"/1","value":3}]""", "[1,3]")]
    [InlineData("""{"foo":{"bar":"baz","waldo":"fred"},"qux":{}}""", """[{"op":"move","from":"/foo/waldo","path":"/qux/thud"}]""", """{"foo":{"bar":"baz"},"qux":{"thud":"fred"}}""")]
    [InlineData("""{"foo":["all","grass","cows","eat"]}""", """[{"op":"move","from":"/foo/1","path":"/foo/3"}]""", """{"foo":["all","cows","eat","grass"]}""")]
    [InlineData("""{"a":{"b":1}}""", """[{"op":"copy","from":"/a","path":"/a/c"}]""", """{"a":{"b":1,"c":{"b":1}}}""")]
    [InlineData("""{"a":1}""", """[{"op":"move","from":"/a","path":"/a"}]""", """{"a":1}""")]
    [InlineData("""{"a/b":1,"m~n":2}""", """[{"op":"test","path":"/a~1b","value":1},{"op":"test","path":"/m~0n","value":2}]""", """{"a/b":1,"m~n":2}""")]
    [InlineData("""{"~1":1}""", """[{"op":"remove","path":"/~01"}]""", "{}")]
    [InlineData("""{"a":1.0}""", """[{"op":"test","path":"/a","value":1}]""", """{"a":1}""")]
    [InlineData("""{"a":null}""", """[{"op":"test","path":"/a","value":null}]""", """{"a":null}""")]
    [InlineData("""{"":1}""", """[{"op":"replace","path":"/","value":2}]""", """{"":2}""")]
    public void Carries_out_the_operations(string document, string patch, string result) => Json.Equal(result, Apply(document, patch));

    [Theory]
    [InlineData("""[{"op":"add","path":"/x/y","value":1}]""", "add operation does not apply: doc is missing path: '/x/y'")]
    [InlineData("""[{"op":"add","path":"/l/3","value":1}]""", "'3' in '/l/3' is no place in a list of 2")]
    [InlineData("""[{"op":"add","path":"/l/01","value":1}]""", "'01' in '/l/01' is no place in a list of 2")]
    [InlineData("""[{"op":"add","path":"/l/-1","value":1}]""", "'-1' in '/l/-1' is no place in a list of 2")]
    [InlineData("""[{"op":"add","path":"/a/b","value":1}]""", "doc is missing path: '/a/b'")]
    [InlineData("""[{"op":"remove","path":"/x"}]""", "remove operation does not apply: doc is missing path: '/x'")]
    [InlineData("""[{"op":"remove","path":"/l/-"}]""", "doc is missing path: '/l/-'")]
    [InlineData("""[{"op":"replace","path":"/x","value":1}]""", "doc is missing path: '/x'")]
    [InlineData("""[{"op":"move","from":"/x","path":"/y"}]""", "doc is missing path: '/x'")]
    [InlineData("""[{"op":"move","from":"/o","path":"/o/p/q"}]""", "'/o' cannot move into itself, to '/o/p/q'")]
    [InlineData("""[{"op":"copy","from":"/x","path":"/y"}]""", "copy operation does not apply: doc is missing path: '/x'")]
    [InlineData("""[{"op":"test","path":"/a","value":2}]""", "testing value '/a' failed")]
    [InlineData("""[{"op":"test","path":"/a","value":"1"}]""", "testing value '/a' failed")]
    [InlineData("""[{"op":"test","path":"/x","value":null}]""", "doc is missing path: '/x'")]
    [InlineData("""[{"op":"jump","path":"/x"}]""", "there is no such operation")]
    [InlineData("""[{"path":"/x"}]""", "it has no 'op'")]
    [InlineData("""[{"op":"remove"}]""", "it has no 'path'")]
    [InlineData("""[{"op":"remove","path":1}]""", "its 'path' is not a string")]
    [InlineData("""[{"op":"add","path":"/x"}]""", "it has no 'value'")]
    [InlineData("""[{"op":"copy","path":"/x"}]""", "it has no 'from'")]
    [InlineData("""[{"op":"remove","path":"a"}]""", "'a' is not a JSON pointer")]
    [InlineData("""[{"op":"remove","path":"/~2"}]""", "'/~2' is not a JSON pointer")]
    [InlineData("""["x"]""", "it is not an object")]
    public void What_does_not_apply_is_refused_whole(string patch, string problem)
    {
        var document = Json.Of("""{"a":1,"l":[1,2],"o":{"p":{}}}""");
        var untouched = document!.ToJsonString();
        var operations = Json.Of(patch)!.AsArray();
        operations.Insert(0, Json.Of("""{"op":"add","path":"/first","value":1}"""));
        var refusal = Assert.Throws<JsonPatchException>(() => JsonPatch.Apply(document, operations));
        Assert.Contains(problem, refusal.Message);
        Assert.Equal(1, refusal.Index);
        Assert.Equal(untouched, document.ToJsonString());
    }

    /// <summary>What kube-apiserver makes of patches that RFC 6902 refuses (its library is github.com/evanphx/json-patch, version 4).</summary>
    [Theory]
    [InlineData("""[{"op":"add","path":"/x"}]""", """{"a":1,"l":[1,2],"o":{"p":{}},"x":null}""")]
    [InlineData("""[{"op":"replace","path":"/x","value":1}]""", """{"a":1,"l":[1,2],"o":{"p":{}},"x":1}""")]
    [InlineData("""[{"op":"copy","from":"/x","path":"/y"}]""", """{"a":1,"l":[1,2],"o":{"p":{}},"y":null}""")]
    [InlineData("""[{"op":"test","path":"/x","value":null}]""", """{"a":1,"l":[1,2],"o":{"p":{}}}""")]
    [InlineData("""[{"op":"test","path":"/x"}]""", """{"a":1,"l":[1,2],"o":{"p":{}}}""")]
    [InlineData("""[{"op":"add","path":"/l/-1","value":9}]""", """{"a":1,"l":[1,2,9],"o":{"p":{}}}""")]
    [InlineData("""[{"op":"add","path":"/l/-3","value":9}]""", """{"a":1,"l":[9,1,2],"o":{"p":{}}}""")]
    [InlineData("""[{"op":"replace","path":"/l/-1","value":9}]""", """{"a":1,"l":[1,9],"o":{"p":{}}}""")]
    [InlineData("""[{"op":"remove","path":"/l/01"}]""", """{"a":1,"l":[1],"o":{"p":{}}}""")]
    [InlineData("""[{"op":"remove","path":"z/a"}]""", """{"l":[1,2],"o":{"p":{}}}""")]
    [InlineData("""[{"op":"replace","path":"","value":5}]""", """{"a":1,"l":[1,2],"o":{"p":{}}}""")]
    [InlineData("""[{"op":"replace","path":"","value":[5]}]""", "[5]")]
    [InlineData("""[{"op":"add","path":"/a~2","value":5}]""", """{"a":1,"l":[1,2],"o":{"p":{}},"a~2":5}""")]
    public void The_API_servers_rules_take_more(string patch, string result) => Json.Equal(result, Leniently(patch));

    [Theory]
    [InlineData("""[{"op":"remove","path":"/x"}]""")]
    [InlineData("""[{"op":"remove","path":"a"}]""")]
    [InlineData("""[{"op":"remove","path":""}]""")]
    [InlineData("""[{"op":"add","path":"","value":{}}]""")]
    [InlineData("""[{"op":"copy","from":"","path":"/b"}]""")]
    [InlineData("""[{"op":"move","from":"/x","path":"/y"}]""")]
    [InlineData("""[{"op":"move","from":"/o","path":"/o/p/q"}]""")]
    [InlineData("""[{"op":"add","path":"/l/-4","value":9}]""")]
    [InlineData("""[{"op":"replace","path":"/l/-3","value":9}]""")]
    [InlineData("""[{"op":"replace","path":"/l/2","value":9}]""")]
    [InlineData("""[{"op":"test","path":"/l/2","value":null}]""")]
    [InlineData("""[{"op":"test","path":"/a/b","value":null}]""")]
    [InlineData("""[{"op":"replace","path":"/x/y","value":9}]""")]
    [InlineData("""[{"op":"jump","path":"/a"}]""")]
    [InlineData("[null]")]
    public void The_API_servers_rules_do_not_take_everything(string patch) => Assert.Throws<JsonPatchException>(() => Leniently(patch));

    static JsonNode? Leniently(string patch) =>
        JsonPatch.Apply(Json.Of("""{"a":1,"l":[1,2],"o":{"p":{}}}"""), Json.Of(patch)!.AsArray(), rules: JsonPatchRules.ApiServer);

    [Fact]
    public void Who_owns_a_document_has_it_patched_itself()
    {
        var document = Json.Of("""{"a":1}""");
        Assert.Same(document, JsonPatch.ApplyInPlace(document, Json.Of("""[{"op":"add","path":"/b","value":2}]""")!.AsArray()));
        Json.Equal("""{"a":1,"b":2}""", document);
    }

    [Fact]
    public void A_patch_that_doubles_a_document_is_stopped()
    {
        var operations = new JsonArray();
        for (var i = 0; i < 60; i++) operations.Add(Json.Of($$"""{"op":"copy","from":"/a","path":"/a/x{{i}}"}"""));
        Assert.Contains("copies more than", Assert.Throws<JsonPatchException>(() => JsonPatch.Apply(Json.Of("""{"a":{"b":1}}"""), operations)).Message);
    }

    [Fact]
    public void Applying_a_difference_gives_the_other_document() => Property.Holds(
        from a in JsonGenerators.Nodes(nulls: true) from b in JsonGenerators.Nodes(nulls: true) select (a, b),
        t =>
        {
            var (a, b) = (t.a?.ToJsonString(), t.b?.ToJsonString());
            var patch = JsonPatch.Diff(t.a, t.b);
            Json.Equal(t.b, JsonPatch.Apply(t.a, patch));
            Assert.Equal(JsonNode.DeepEquals(t.a, t.b), patch.Count == 0);
            Assert.Equal((a, b), (t.a?.ToJsonString(), t.b?.ToJsonString()));
        },
        3000);

    [Theory]
    [InlineData("""{"l":[1,2,3,4]}""", """{"l":[1,2,9,3,4]}""", """[{"op":"add","path":"/l/2","value":9}]""")]
    [InlineData("""{"l":[1,2,3,4]}""", """{"l":[1,4]}""", """[{"op":"remove","path":"/l/2"},{"op":"remove","path":"/l/1"}]""")]
    [InlineData("""{"l":[{"n":1,"v":1},{"n":2}]}""", """{"l":[{"n":1,"v":2},{"n":2}]}""", """[{"op":"replace","path":"/l/0/v","value":2}]""")]
    public void A_difference_says_only_what_differs(string before, string after, string patch) =>
        Json.Equal(patch, JsonPatch.Diff(Json.Of(before), Json.Of(after)));
}
