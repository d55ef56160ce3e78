using System.Text.Json.Nodes;
using ActorKube.Models;
using FsCheck.Fluent;

namespace Models.Tests.Patches;

public sealed class JsonMergePatchTests
{
    // The table in RFC 7386, appendix A.
    [Theory]
    [InlineData("""{"a":"b"}""", """{"a":"c"}""", """{"a":"c"}""")]
    [InlineData("""{"a":"b"}""", """{"b":"c"}""", """{"a":"b","b":"c"}""")]
    [InlineData("""{"a":"b"}""", """{"a":null}""", "{}")]
    [InlineData("""{"a":"b","b":"c"}""", """{"a":null}""", """{"b":"c"}""")]
    [InlineData("""{"a":["b"]}""", """{"a":"c"}""", """{"a":"c"}""")]
    [InlineData("""{"a":"c"}""", """{"a":["b"]}""", """{"a":["b"]}""")]
    [InlineData("""{"a":{"b":"c"}}""", """{"a":{"b":"d","c":null}}""", """{"a":{"b":"d"}}""")]
    [InlineData("""{"a":[{"b":"c"}]}""", """{"a":[1]}""", """{"a":[1]}""")]
    [InlineData("""["a","b"]""", """["c","d"]""", """["c","d"]""")]
    [InlineData("""{"a":"b"}""", """["c"]""", """["c"]""")]
    [InlineData("""{"a":"foo"}""", "null", "null")]
    [InlineData("""{"a":"foo"}""", "\"bar\"", "\"bar\"")]
    [InlineData("""{"e":null}""", """{"a":1}""", """{"e":null,"a":1}""")]
    [InlineData("[1,2]", """{"a":"b","c":null}""", """{"a":"b"}""")]
    [InlineData("{}", """{"a":{"bb":{"ccc":null}}}""", """{"a":{"bb":{}}}""")]
    public void Applies_as_the_RFC_says(string target, string patch, string result) => Json.Equal(result, JsonMergePatch.Apply(Json.Of(target), Json.Of(patch)));

    [Fact]
    public void Applying_a_difference_gives_the_other_document() => Property.Holds(
        from a in JsonGenerators.Objects(nulls: false) from b in JsonGenerators.Objects(nulls: false) select (a, b),
        t =>
        {
            var (a, b) = (t.a.ToJsonString(), t.b.ToJsonString());
            var patch = JsonMergePatch.Diff(t.a, t.b);
            Json.Equal(t.b, JsonMergePatch.Apply(t.a, patch));
            Assert.Equal(JsonNode.DeepEquals(t.a, t.b), patch!.AsObject().Count == 0);
            Assert.Equal((a, b), (t.a.ToJsonString(), t.b.ToJsonString()));
        },
        3000);

    [Fact]
    public void A_difference_says_only_what_differs() => Json.Equal(
        """{"metadata":{"labels":{"gone":null,"new":"1"}},"spec":{"list":[1,3]}}""",
        JsonMergePatch.Diff(
            Json.Of("""{"metadata":{"name":"x","labels":{"gone":"1","kept":"1"}},"spec":{"list":[1,2],"same":{"deep":true}}}"""),
            Json.Of("""{"metadata":{"name":"x","labels":{"new":"1","kept":"1"}},"spec":{"list":[1,3],"same":{"deep":true}}}""")));

    [Fact]
    public void A_null_in_the_wanted_document_is_an_absent_member() =>
        Json.Equal("""{"a":null}""", JsonMergePatch.Diff(Json.Of("""{"a":1}"""), Json.Of("""{"a":null,"b":null}""")));

    [Fact]
    public void An_optimistic_lock_names_the_version_it_started_from()
    {
        var before = Json.Object("""{"metadata":{"name":"x","resourceVersion":"41"},"data":{"a":"1"}}""");
        var after = Json.Object("""{"metadata":{"name":"x","resourceVersion":"41"},"data":{"a":"2"}}""");
        Json.Equal("""{"metadata":{"resourceVersion":"41"},"data":{"a":"2"}}""", JsonMergePatch.DiffWithOptimisticLock(before, after));
        Json.Equal("""{"metadata":{"resourceVersion":"41"}}""", JsonMergePatch.DiffWithOptimisticLock(before, before));
        Assert.Throws<ArgumentException>(() => JsonMergePatch.DiffWithOptimisticLock(Json.Object("{}"), after));
    }
}
