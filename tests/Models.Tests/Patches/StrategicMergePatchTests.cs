using System.Text.Json.Nodes;
using ActorKube.Models;
using FsCheck.Fluent;

namespace Models.Tests.Patches;

public sealed class StrategicMergePatchTests
{
    static JsonObject Apply(string target, string patch) => StrategicMergePatch.Apply(Json.Object(target), Json.Object(patch), Schemas.Workload);

    static JsonObject Diff(string before, string after) => StrategicMergePatch.Diff(Json.Object(before), Json.Object(after), Schemas.Workload);

    // What a 1.32 server answered, container by container (recordings patch-strategic-containers and patch-strategic-directives).
    [Theory]
    [InlineData("""[{"name":"main","image":"m"}]""", """[{"name":"side","image":"s"}]""", """[{"name":"side","image":"s"},{"name":"main","image":"m"}]""")]
    [InlineData("""[{"name":"side"},{"name":"main","image":"m"}]""", """[{"name":"main","env":[{"name":"A","value":"1"}]}]""", """[{"name":"side"},{"name":"main","image":"m","env":[{"name":"A","value":"1"}]}]""")]
    [InlineData("""[{"name":"main","env":[{"name":"A","value":"1"},{"name":"B","value":"2"}]}]""", """[{"name":"main","env":[{"name":"B","value":"3"},{"name":"C","value":"4"}]}]""", """[{"name":"main","env":[{"name":"A","value":"1"},{"name":"B","value":"3"},{"name":"C","value":"4"}]}]""")]
    [InlineData("""[{"name":"side","ports":[{"containerPort":80,"protocol":"TCP"}]}]""", """[{"name":"side","ports":[{"containerPort":80,"name":"http"},{"containerPort":81}]}]""", """[{"name":"side","ports":[{"containerPort":80,"protocol":"TCP","name":"http"},{"containerPort":81}]}]""")]
    [InlineData("""[{"name":"side"},{"name":"aux"},{"name":"main"}]""", """[{"name":"side","$patch":"delete"}]""", """[{"name":"aux"},{"name":"main"}]""")]
    [InlineData("""[{"name":"aux"},{"name":"main"}]""", """[{"$patch":"replace"},{"name":"only","image":"o"}]""", """[{"name":"only","image":"o"}]""")]
    [InlineData("""[{"name":"a"}]""", """[{"name":"a","$patch":"replace"},{"name":"b"}]""", """[{"name":"b"}]""")]
    [InlineData("""[{"name":"a"}]""", "null", null)]
    [InlineData(null, """[{"name":"a","image":null},{"name":"b","$patch":"delete"}]""", """[{"name":"a"}]""")]
    [InlineData("""[{"name":"a","image":"i"}]""", """[{"name":"a","image":null}]""", """[{"name":"a"}]""")]
    public void Merges_lists_by_key(string? containers, string patch, string? result) => Json.Equal(
        result is null ? """{"spec":{}}""" : $$$"""{"spec":{"containers":{{{result}}}}}""",
        Apply(containers is null ? """{"spec":{}}""" : $$$"""{"spec":{"containers":{{{containers}}}}}""", $$$"""{"spec":{"containers":{{{patch}}}}}"""));

    [Theory]
    [InlineData("""{"spec":{"containers":[{"name":"aux"},{"name":"main"}]}}""", """{"spec":{"$setElementOrder/containers":[{"name":"main"},{"name":"aux"}]}}""", """{"spec":{"containers":[{"name":"main"},{"name":"aux"}]}}""")]
    [InlineData("""{"spec":{"containers":[{"name":"x"},{"name":"a"},{"name":"b"}]}}""", """{"spec":{"$setElementOrder/containers":[{"name":"b"},{"name":"a"}],"containers":[{"name":"a","image":"2"}]}}""", """{"spec":{"containers":[{"name":"x"},{"name":"b"},{"name":"a","image":"2"}]}}""")]
    [InlineData("""{"metadata":{"finalizers":["a","b"]}}""", """{"metadata":{"finalizers":["c"]}}""", """{"metadata":{"finalizers":["c","a","b"]}}""")]
    [InlineData("""{"metadata":{"finalizers":["a","b"]}}""", """{"metadata":{"$deleteFromPrimitiveList/finalizers":["a"]}}""", """{"metadata":{"finalizers":["b"]}}""")]
    [InlineData("""{"metadata":{"finalizers":["a","b"]}}""", """{"metadata":{"$setElementOrder/finalizers":["c","b"],"$deleteFromPrimitiveList/finalizers":["a"],"finalizers":["c"]}}""", """{"metadata":{"finalizers":["c","b"]}}""")]
    [InlineData("""{"metadata":{"labels":{"a":"1"}}}""", """{"metadata":{"labels":{"$patch":"replace","b":"2"}}}""", """{"metadata":{"labels":{"b":"2"}}}""")]
    [InlineData("""{"metadata":{"labels":{"a":"1"}}}""", """{"metadata":{"labels":{"$patch":"delete"}}}""", """{"metadata":{"labels":{}}}""")]
    [InlineData("""{"metadata":{"labels":{"a":"1"}}}""", """{"metadata":{"labels":{"$patch":"merge","b":"2"}}}""", """{"metadata":{"labels":{"a":"1","b":"2"}}}""")]
    [InlineData("""{"spec":{"strategy":{"type":"RollingUpdate","rollingUpdate":{"maxSurge":1}}}}""", """{"spec":{"strategy":{"$retainKeys":["type"],"type":"Recreate"}}}""", """{"spec":{"strategy":{"type":"Recreate"}}}""")]
    [InlineData("""{"spec":{"volumes":[{"name":"v","emptyDir":{}}]}}""", """{"spec":{"volumes":[{"$retainKeys":["name","hostPath"],"name":"v","hostPath":{"path":"/x"}}]}}""", """{"spec":{"volumes":[{"name":"v","hostPath":{"path":"/x"}}]}}""")]
    [InlineData("""{"spec":{"args":["a","b"]}}""", """{"spec":{"args":["c"]}}""", """{"spec":{"args":["c"]}}""")]
    [InlineData("""{"spec":{"replaced":{"a":"1"}}}""", """{"spec":{"replaced":{"b":"2"}}}""", """{"spec":{"replaced":{"b":"2"}}}""")]
    [InlineData("""{"status":{"conditions":[{"type":"A"}]}}""", """{"status":{"conditions":[{"type":"B"}]}}""", """{"status":{"conditions":[{"type":"B"}]}}""")]
    [InlineData("""{"spec":{"replicas":1}}""", """{"$patch":"replace","metadata":{"name":"x"}}""", """{"metadata":{"name":"x"}}""")]
    [InlineData("""{"metadata":{"finalizers":["a"]}}""", """{"metadata":{"$deleteFromPrimitiveList/finalizers":"a"}}""", """{"metadata":{"finalizers":["a"]}}""")]
    [InlineData("""{"spec":{"containers":[{"name":"a"}]}}""", """{"spec":{"$deleteFromPrimitiveList/containers":[{"name":"a"}]}}""", """{"spec":{"containers":[{"name":"a"}]}}""")]
    public void Follows_directives(string target, string patch, string result) => Json.Equal(result, Apply(target, patch));

    [Theory]
    [InlineData("""{"spec":{"containers":[{"image":"x"}]}}""", 500, "does not contain declared merge key: name")]
    [InlineData("""{"spec":{"containers":[{"$patch":"delete","image":"x"}]}}""", 500, "does not contain declared merge key: name")]
    [InlineData("""{"spec":{"containers":[{"$patch":"explode","name":"a"}]}}""", 500, "unknown patch type: explode in map")]
    [InlineData("""{"metadata":{"labels":{"$patch":"explode"}}}""", 500, "unknown patch type: explode in map")]
    [InlineData("""{"spec":{"containers":[["x"]]}}""", 422, "lists of lists are not supported")]
    [InlineData("""{"spec":{"containers":["x"]}}""", 500, "list element types are not identical: [[map[name:a]] [x]]")]
    [InlineData("""{"spec":{"$deleteFromPrimitiveList/containers":["a"]}}""", 500, "list element types are not identical: [[map[name:a]] [a]]")]
    [InlineData("""{"spec":{"$setElementOrder/containers":["a"],"containers":[{"name":"a"}]}}""", 500, "expected a map[string]interface {}, but received a string")]
    [InlineData("""{"metadata":{"$setElementOrder/finalizers":["b"],"finalizers":["c"]}}""", 500, "The order in patch list:\n[c]\n doesn't match $setElementOrder list:\n[b]\n")]
    [InlineData("""{"spec":{"strategy":{"$retainKeys":"type"}}}""", 400, "invalid patch format of retainKeys")]
    [InlineData("""{"spec":{"strategy":{"$retainKeys":[1]}}}""", 400, "invalid patch format of retainKeys")]
    [InlineData("""{"spec":{"strategy":{"$retainKeys":["type"],"rollingUpdate":{}}}}""", 400, "invalid patch format of retainKeys")]
    [InlineData("""{"metadata":{"$deleteFromPrimitiveList/finalizers":[{"x":1}]}}""", 500, "] [map[x:1]]]")]
    [InlineData("""{"spec":{"$setElementOrder/containers":{},"containers":[{"name":"a"}]}}""", 500, "expected a []interface {}, but received a")]
    [InlineData("""{"spec":{"$setElementOrder/containers":[{"name":"a"},{"name":"b"}],"containers":[{"name":"b"},{"name":"a"}]}}""", 500, "doesn't match $setElementOrder list")]
    [InlineData("""{"spec":{"$setElementOrder/containers":[{"name":"a"}],"containers":[{"name":"a"},{"name":"b"}]}}""", 500, "doesn't match $setElementOrder list")]
    public void A_malformed_patch_is_refused(string patch, int status, string problem)
    {
        var refusal = Assert.Throws<StrategicMergePatchException>(() => Apply(
            """{"metadata":{"labels":{"a":"1"},"finalizers":["a"]},"spec":{"containers":[{"name":"a"}],"strategy":{"type":"x"}}}""", patch));
        Assert.Equal(status, refusal.StatusCode);
        Assert.Contains(problem, refusal.Message);
    }

    [Theory]
    [InlineData("""{"spec":{"replicas":1}}""", """{"spec":{"replicas":1}}""", "{}")]
    [InlineData("""{"spec":{"containers":[{"name":"a","image":"1"},{"name":"b"}]}}""", """{"spec":{"containers":[{"name":"a","image":"2"},{"name":"b"}]}}""", """{"spec":{"containers":[{"name":"a","image":"2"}],"$setElementOrder/containers":[{"name":"a"},{"name":"b"}]}}""")]
    [InlineData("""{"spec":{"containers":[{"name":"a"},{"name":"b"}]}}""", """{"spec":{"containers":[{"name":"b"}]}}""", """{"spec":{"containers":[{"$patch":"delete","name":"a"}],"$setElementOrder/containers":[{"name":"b"}]}}""")]
    [InlineData("""{"metadata":{"finalizers":["a","b"]}}""", """{"metadata":{"finalizers":["b","c"]}}""", """{"metadata":{"finalizers":["c"],"$deleteFromPrimitiveList/finalizers":["a"],"$setElementOrder/finalizers":["b","c"]}}""")]
    [InlineData("""{"spec":{"strategy":{"type":"a","rollingUpdate":{}}}}""", """{"spec":{"strategy":{"type":"b"}}}""", """{"spec":{"strategy":{"type":"b","rollingUpdate":null,"$retainKeys":["type"]}}}""")]
    public void A_difference_says_only_what_differs(string before, string after, string patch) => Json.Equal(patch, Diff(before, after));

    [Fact]
    public void Applying_a_difference_gives_the_other_object() => Property.Holds(
        from a in ObjectGenerators.Workloads from b in ObjectGenerators.Workloads select (a, b),
        t =>
        {
            var (a, b) = (t.a.ToJsonString(), t.b.ToJsonString());
            var patch = StrategicMergePatch.Diff(t.a, t.b, Schemas.Workload);
            Json.Equal(t.b, StrategicMergePatch.Apply(t.a, patch, Schemas.Workload));
            Assert.Equal(JsonNode.DeepEquals(t.a, t.b), patch.Count == 0);
            Assert.Equal((a, b), (t.a.ToJsonString(), t.b.ToJsonString()));
        },
        2000);

    [Fact]
    public void Lists_that_cannot_be_merged_are_replaced()
    {
        const string before = """{"spec":{"containers":[{"name":"a"},{"name":"a","image":"2"}]}}""";
        const string after = """{"spec":{"containers":[{"image":"1"},{"name":"a"}]}}""";
        Json.Equal(after, StrategicMergePatch.Apply(Json.Object(before), Diff(before, after), Schemas.Workload));
        Json.Equal(before, StrategicMergePatch.Apply(Json.Object(after), Diff(after, before), Schemas.Workload));
    }

    [Fact]
    public void What_others_added_survives_a_three_way_difference()
    {
        var patch = StrategicMergePatch.ThreeWayDiff(
            original: Json.Object("""{"metadata":{"labels":{"mine":"1","gone":"1"}},"spec":{"containers":[{"name":"a","image":"1"},{"name":"b"}]}}"""),
            modified: Json.Object("""{"metadata":{"labels":{"mine":"2"}},"spec":{"containers":[{"name":"a","image":"2"}]}}"""),
            current: Json.Object("""{"metadata":{"labels":{"mine":"1","gone":"1","theirs":"1"}},"spec":{"replicas":3,"containers":[{"name":"injected"},{"name":"a","image":"1"},{"name":"b"}]}}"""),
            Schemas.Workload);
        Json.Equal(
            """{"metadata":{"labels":{"mine":"2","gone":null}},"spec":{"containers":[{"name":"a","image":"2"},{"$patch":"delete","name":"b"}],"$setElementOrder/containers":[{"name":"a"}]}}""",
            patch);
        Json.Equal(
            """{"metadata":{"labels":{"mine":"2","theirs":"1"}},"spec":{"replicas":3,"containers":[{"name":"injected"},{"name":"a","image":"2"}]}}""",
            StrategicMergePatch.Apply(Json.Object("""{"metadata":{"labels":{"mine":"1","gone":"1","theirs":"1"}},"spec":{"replicas":3,"containers":[{"name":"injected"},{"name":"a","image":"1"},{"name":"b"}]}}"""), patch, Schemas.Workload));
    }

    [Theory]
    [InlineData("""{"spec":{"replicas":1}}""", """{"spec":{"replicas":1}}""", false)]
    [InlineData("""{"spec":{"replicas":1}}""", """{"spec":{"replicas":2}}""", true)]
    [InlineData("""{"spec":{"replicas":1}}""", """{"spec":{"replicas":null}}""", true)]
    [InlineData("""{"spec":{"replicas":1}}""", """{"metadata":{"labels":{"a":"1"}}}""", false)]
    [InlineData("""{"spec":{"containers":[{"name":"a","image":"1"}]}}""", """{"spec":{"containers":[{"name":"b","image":"2"}]}}""", false)]
    [InlineData("""{"spec":{"containers":[{"name":"a","image":"1"}]}}""", """{"spec":{"containers":[{"name":"a","image":"2"}]}}""", true)]
    [InlineData("""{"spec":{"containers":[{"name":"a","image":"1"}]}}""", """{"spec":{"containers":[{"name":"a","$patch":"delete"}]}}""", true)]
    [InlineData("""{"spec":{"args":["a"]}}""", """{"spec":{"args":["b"]}}""", true)]
    [InlineData("""{"metadata":{"finalizers":["a"]}}""", """{"metadata":{"finalizers":["b"]}}""", false)]
    [InlineData("""{"metadata":{"finalizers":["a"]}}""", """{"metadata":{"$deleteFromPrimitiveList/finalizers":["a"]}}""", true)]
    [InlineData("""{"spec":{"strategy":{"$retainKeys":["type"],"type":"a"}}}""", """{"spec":{"strategy":{"rollingUpdate":{}}}}""", true)]
    [InlineData("""{"spec":{"$setElementOrder/containers":[{"name":"a"}]}}""", """{"spec":{"$setElementOrder/containers":[{"name":"b"}]}}""", false)]
    public void Patches_that_disagree_are_in_conflict(string left, string right, bool conflict)
    {
        Assert.Equal(conflict, StrategicMergePatch.HaveConflict(Json.Object(left), Json.Object(right), Schemas.Workload));
        Assert.Equal(conflict, StrategicMergePatch.HaveConflict(Json.Object(right), Json.Object(left), Schemas.Workload));
    }

    [Fact]
    public void An_optimistic_lock_names_the_version_it_started_from() => Json.Equal(
        """{"metadata":{"resourceVersion":"41"},"spec":{"replicas":2}}""",
        StrategicMergePatch.DiffWithOptimisticLock(
            Json.Object("""{"metadata":{"resourceVersion":"41"},"spec":{"replicas":1}}"""), Json.Object("""{"metadata":{"resourceVersion":"41"},"spec":{"replicas":2}}"""), Schemas.Workload));
}
