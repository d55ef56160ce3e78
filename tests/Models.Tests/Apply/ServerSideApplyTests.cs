using System.Text.Json.Nodes;
using ActorKube.Models;
using FsCheck.Fluent;

namespace Models.Tests.Apply;

public sealed class ServerSideApplyTests
{
    readonly FixedTime _time = new();

    static readonly MergeSchema ConfigMap = MergeSchema.For(new GroupVersionKind("", "v1", "ConfigMap"))!;
    static readonly MergeSchema Deployment = MergeSchema.For(new GroupVersionKind("apps", "v1", "Deployment"))!;

    static readonly MergeSchema Patchable = MergeSchema.ForCustomResource(Json.Object("""
        {
          "type": "object",
          "properties": {
            "spec": {
              "type": "object",
              "properties": {
                "size": { "type": "integer" },
                "tags": { "type": "array", "x-kubernetes-list-type": "set", "items": { "type": "string" } },
                "ports": {
                  "type": "array", "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["port"],
                  "items": { "type": "object", "properties": { "port": { "type": "integer" }, "name": { "type": "string" } } }
                },
                "plain": { "type": "array", "items": { "type": "string" } },
                "opts": { "type": "object", "additionalProperties": { "type": "string" } },
                "unit": { "type": "object", "x-kubernetes-map-type": "atomic", "additionalProperties": { "type": "string" } }
              }
            },
            "status": { "type": "object", "properties": { "phase": { "type": "string" } } }
          }
        }
        """));

    JsonObject Apply(JsonObject? live, string manager, string applied, MergeSchema schema, bool force = false, string subresource = "")
    {
        var configuration = Json.Object(applied);
        return new ServerSideApply(_time).Apply(live, configuration, new FieldWrite(manager, (string)configuration["apiVersion"]!, schema, subresource), force);
    }

    JsonObject ApplyData(JsonObject? live, string manager, string data, bool force = false) =>
        Apply(live, manager, $$$"""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"one"},"data":{{{data}}}}""", ConfigMap, force);

    static void Owns(string fields, JsonObject value, string manager, string subresource = "") =>
        Json.Equal(fields, ManagedFields.Of(value).Applied(manager, subresource).ToFieldsV1());

    static JsonNode? TimeOf(JsonObject value, string manager) =>
        value["metadata"]!["managedFields"]!.AsArray().Single(entry => (string)entry!["manager"]! == manager)!["time"];

    [Fact]
    public void Creates_what_is_not_there()
    {
        var created = Apply(null, "alpha", """{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"one","namespace":"n","labels":{"l":"x"}},"data":{"a":"1"}}""", ConfigMap);
        Json.Equal(
            """
            {"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"one","namespace":"n","labels":{"l":"x"},"managedFields":[
              {"manager":"alpha","operation":"Apply","apiVersion":"v1","time":"2025-01-02T03:04:05Z","fieldsType":"FieldsV1","fieldsV1":{"f:data":{"f:a":{}},"f:metadata":{"f:labels":{"f:l":{}}}}}]},
             "data":{"a":"1"}}
            """,
            created);
    }

    [Fact]
    public void Someone_elses_value_is_a_conflict_unless_it_is_the_same_or_forced()
    {
        var live = ApplyData(null, "alpha", """{"a":"1","b":"1"}""");
        var conflict = Assert.Throws<ApplyConflictException>(() => ApplyData(live, "beta", """{"a":"2"}"""));
        Assert.Equal("Apply failed with 1 conflict: conflict with \"alpha\": .data.a", conflict.Message);
        var cause = Assert.Single(conflict.Conflicts);
        Assert.Equal(("conflict with \"alpha\"", ".data.a"), (cause.Message, cause.Field.ToString()));

        var shared = ApplyData(live, "beta", """{"a":"1"}""");
        Owns("""{"f:data":{"f:a":{},"f:b":{}}}""", shared, "alpha");
        Owns("""{"f:data":{"f:a":{}}}""", shared, "beta");
        Assert.NotNull(TimeOf(shared, "alpha"));
        // Nothing but ownership changed: as the recording patch-apply-conflict has it, there is no time.
        Assert.Null(TimeOf(shared, "beta"));

        var forced = ApplyData(shared, "beta", """{"a":"3"}""", force: true);
        Owns("""{"f:data":{"f:b":{}}}""", forced, "alpha");
        Owns("""{"f:data":{"f:a":{}}}""", forced, "beta");
        Json.Equal("""{"a":"3","b":"1"}""", forced["data"]);
        Assert.NotNull(TimeOf(forced, "beta"));
    }

    [Fact]
    public void Several_conflicts_are_told_by_owner()
    {
        var live = ApplyData(ApplyData(null, "alpha", """{"a":"1","b":"1"}"""), "gamma", """{"c":"1"}""");
        new ManagedFieldsUpdater(_time).Update(live.DeepClone().AsObject(), Edit(live, "data", "d", "1"), new FieldWrite("edit", "v1", ConfigMap));
        var conflict = Assert.Throws<ApplyConflictException>(() => ApplyData(live, "beta", """{"a":"2","b":"2","c":"2","d":"2"}"""));
        Assert.Equal(
            "Apply failed with 4 conflicts: conflicts with \"alpha\":\n- .data.a\n- .data.b\nconflicts with \"edit\" using v1:\n- .data.d\nconflicts with \"gamma\":\n- .data.c",
            conflict.Message);

        static JsonObject Edit(JsonObject value, string parent, string name, string text)
        {
            value[parent]![name] = text;
            return value;
        }
    }

    [Fact]
    public void What_is_left_out_goes_unless_another_holds_it_too()
    {
        var live = ApplyData(null, "alpha", """{"a":"1","b":"1","c":"1"}""");
        live = ApplyData(live, "beta", """{"b":"1"}""");
        live = ApplyData(live, "alpha", """{"a":"1"}""");
        Json.Equal("""{"a":"1","b":"1"}""", live["data"]);
        Owns("""{"f:data":{"f:a":{}}}""", live, "alpha");
        live = Apply(live, "beta", """{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"one"}}""", ConfigMap);
        Json.Equal("""{"a":"1"}""", live["data"]);
        live = Apply(live, "alpha", """{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"one"}}""", ConfigMap);
        Json.Equal("""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"one"}}""", live);
    }

    [Fact]
    public void Elements_of_lists_are_owned_by_key()
    {
        const string alpha = """{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"web"},"spec":{"selector":{"matchLabels":{"app":"web"}},"replicas":1,"template":{"metadata":{"labels":{"app":"web"}},"spec":{"containers":[{"name":"main","image":"m:1","env":[{"name":"A","value":"1"}]}]}}}}""";
        const string beta = """{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"web"},"spec":{"template":{"metadata":{"labels":{"app":"web"}},"spec":{"containers":[{"name":"side","image":"s:1","ports":[{"containerPort":80}]}]}}}}""";
        var live = Apply(Apply(null, "alpha", alpha, Deployment), "beta", beta, Deployment);
        Owns(
            """{"f:spec":{"f:replicas":{},"f:selector":{},"f:template":{"f:metadata":{"f:labels":{"f:app":{}}},"f:spec":{"f:containers":{"k:{\"name\":\"main\"}":{".":{},"f:env":{"k:{\"name\":\"A\"}":{".":{},"f:name":{},"f:value":{}}},"f:image":{},"f:name":{}}}}}}}""",
            live, "alpha");
        Owns(
            """{"f:spec":{"f:template":{"f:metadata":{"f:labels":{"f:app":{}}},"f:spec":{"f:containers":{"k:{\"name\":\"side\"}":{".":{},"f:image":{},"f:name":{},"f:ports":{"k:{\"containerPort\":80,\"protocol\":\"TCP\"}":{".":{},"f:containerPort":{}}}}}}}}}""",
            live, "beta");
        Assert.Equal(["main", "side"], live["spec"]!["template"]!["spec"]!["containers"]!.AsArray().Select(container => (string)container!["name"]!));

        var conflict = Assert.Throws<ApplyConflictException>(() => Apply(live, "beta", beta.Replace("side", "main").Replace("s:1", "m:2"), Deployment));
        Assert.Equal("Apply failed with 1 conflict: conflict with \"alpha\": .spec.template.spec.containers[name=\"main\"].image", conflict.Message);

        live = Apply(live, "beta", """{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"web"},"spec":{}}""", Deployment);
        Owns("""{"f:spec":{}}""", live, "beta");
        Assert.Equal(["main"], live["spec"]!["template"]!["spec"]!["containers"]!.AsArray().Select(container => (string)container!["name"]!));
    }

    [Fact]
    public void A_custom_resource_merges_by_its_own_schema()
    {
        static string Custom(string spec) => $$"""{"apiVersion":"widgets.example.test/v1","kind":"Patchable","metadata":{"name":"one"},"spec":{{spec}}}""";
        var live = Apply(null, "alpha", Custom("""{"size":1,"tags":["a"],"ports":[{"port":1,"name":"x"}],"plain":["p"],"opts":{"k":"1"},"unit":{"a":"1"}}"""), Patchable);
        Owns("""{"f:spec":{"f:opts":{"f:k":{}},"f:plain":{},"f:ports":{"k:{\"port\":1}":{".":{},"f:name":{},"f:port":{}}},"f:size":{},"f:tags":{"v:\"a\"":{}},"f:unit":{}}}""", live, "alpha");
        live = Apply(live, "beta", Custom("""{"tags":["b"],"ports":[{"port":2}],"opts":{"l":"2"}}"""), Patchable);
        Json.Equal("""{"size":1,"tags":["a","b"],"ports":[{"port":1,"name":"x"},{"port":2}],"plain":["p"],"opts":{"k":"1","l":"2"},"unit":{"a":"1"}}""", live["spec"]);
        Assert.EndsWith(": .spec.plain", Assert.Throws<ApplyConflictException>(() => Apply(live, "beta", Custom("""{"plain":["q"]}"""), Patchable)).Message);
        Assert.EndsWith(": .spec.unit", Assert.Throws<ApplyConflictException>(() => Apply(live, "beta", Custom("""{"unit":{"b":"2"}}"""), Patchable)).Message);
        live = Apply(live, "alpha", Custom("""{"size":1}"""), Patchable);
        Json.Equal("""{"size":1,"tags":["b"],"ports":[{"port":2}],"opts":{"l":"2"}}""", live["spec"]);
    }

    [Fact]
    public void Without_a_schema_objects_merge_and_lists_do_not()
    {
        var schema = MergeSchema.ForCustomResource(null);
        static string Custom(string spec) => $$"""{"apiVersion":"x.test/v1","kind":"Free","metadata":{"name":"one"},"spec":{{spec}}}""";
        var live = Apply(null, "alpha", Custom("""{"list":[1],"map":{"a":1}}"""), schema);
        Owns("""{"f:spec":{".":{},"f:list":{},"f:map":{".":{},"f:a":{}}}}""", live, "alpha");
        live = Apply(live, "beta", Custom("""{"map":{"b":2}}"""), schema);
        Json.Equal("""{"list":[1],"map":{"a":1,"b":2}}""", live["spec"]);
        Assert.Throws<ApplyConflictException>(() => Apply(live, "beta", Custom("""{"list":[2]}"""), schema));
    }

    [Fact]
    public void A_subresource_is_an_owner_of_its_own()
    {
        var live = Apply(null, "ctl", """{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"web"},"spec":{"replicas":1}}""", Deployment);
        live = Apply(live, "ctl", """{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"web"},"status":{"replicas":1,"conditions":[{"type":"Available","status":"True"}]}}""", Deployment, subresource: "status");
        Owns("""{"f:spec":{"f:replicas":{}}}""", live, "ctl");
        Owns("""{"f:status":{"f:conditions":{"k:{\"type\":\"Available\"}":{".":{},"f:status":{},"f:type":{}}},"f:replicas":{}}}""", live, "ctl", "status");
        Assert.Contains("conflict with \"ctl\" with subresource \"status\"", Assert.Throws<ApplyConflictException>(() =>
            Apply(live, "other", """{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"web"},"status":{"replicas":2}}""", Deployment, subresource: "status")).Message);
    }

    [Fact]
    public void Ignored_fields_are_never_owned()
    {
        var configuration = Json.Object("""{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"web"},"spec":{"replicas":1},"status":{"replicas":5}}""");
        var write = new FieldWrite("alpha", "apps/v1", Deployment) { Ignored = FieldSet.Of(FieldPath.Of("status")) };
        Owns("""{"f:spec":{"f:replicas":{}}}""", new ServerSideApply(_time).Apply(null, configuration, write), "alpha");
    }

    [Fact]
    public void What_was_there_before_the_first_apply_has_an_owner()
    {
        var live = Json.Object("""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"one"},"data":{"a":"1"}}""");
        Assert.Contains("conflict with \"before-first-apply\" using v1: .data.a", Assert.Throws<ApplyConflictException>(() => ApplyData(live, "alpha", """{"a":"2"}""")).Message);
        Json.Equal("""{"a":"1","b":"1"}""", ApplyData(live, "alpha", """{"b":"1"}""")["data"]);
    }

    [Theory]
    [InlineData("""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"one"},"bogus":1}""", 500, "failed to create typed patch object (/one; /v1, Kind=ConfigMap): .bogus: field not declared in schema")]
    [InlineData("""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"one","namespace":"n"},"data":"x","bogus":1}""", 500, "failed to create typed patch object (n/one; /v1, Kind=ConfigMap): errors:\n  .data: expected map, got &{x}\n  .bogus: field not declared in schema")]
    [InlineData("""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"one"},"bogus":1,"more":2}""", 500, "Kind=ConfigMap): .bogus: field not declared in schema")]
    [InlineData("""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"one"},"data":["a",{"b":[null,"c d",1.5]}]}""", 500, ".data: expected map, got &{[a map[b:[<nil> c d 1.5]]]}")]
    [InlineData("""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"one","finalizers":{"a":1}}}""", 500, ".metadata.finalizers: expected list, got &{map[a:1]}")]
    [InlineData("""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"one","finalizers":["a",null]}}""", 500, ".metadata.finalizers: element 1: associative list without keys has an element that's an explicit null")]
    [InlineData("""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"one","finalizers":[{"a":"b"}]}}""", 500, ".metadata.finalizers: element 0: associative list without keys has an element that's a map type")]
    [InlineData("""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"one","ownerReferences":["x",{"name":7}]}}""", 500, "Kind=ConfigMap): .metadata.ownerReferences: element 0: associative list with keys may not have non-map elements")]
    [InlineData("""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"one","ownerReferences":[null]}}""", 500, ".metadata.ownerReferences: element 0: associative list with keys may not have a null element")]
    [InlineData("""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"one","managedFields":[]}}""", 400, "metadata.managedFields must be nil")]
    [InlineData("""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"one","ownerReferences":[{"name":"x"}]}}""", 500, ".metadata.ownerReferences: element 0: associative list with keys has an element that omits key field \"uid\"")]
    [InlineData("""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"one","finalizers":["a","a"]}}""", 500, ".metadata.finalizers: duplicate entries for key [=\"a\"]")]
    [InlineData("""{"apiVersion":"v1","kind":[],"metadata":{"name":7,"namespace":{}},"bogus":1}""", 500, "failed to create typed patch object (/")]
    public void A_malformed_configuration_is_refused(string applied, int status, string problem)
    {
        var refusal = Assert.Throws<ApplyRefusedException>(() => Apply(null, "alpha", applied, ConfigMap));
        Assert.Equal(status, refusal.StatusCode);
        Assert.Contains(problem, refusal.Message);
    }

    [Fact]
    public void A_configuration_in_another_version_is_refused() => Assert.Equal(
        "Incorrect version specified in apply patch. Specified patch version: v1, expected: apps/v1",
        Assert.Throws<ApplyRefusedException>(() => new ServerSideApply(_time).Apply(null, Json.Object("""{"apiVersion":"v1","kind":"Deployment"}"""), new FieldWrite("a", "apps/v1", Deployment))).Message);

    [Fact]
    public void A_configuration_whose_version_is_no_text_is_refused() => Assert.Equal(
        "Incorrect version specified in apply patch. Specified patch version: , expected: v1",
        Assert.Throws<ApplyRefusedException>(() => new ServerSideApply(_time).Apply(null, Json.Object("""{"apiVersion":1,"kind":[]}"""), new FieldWrite("a", "v1", ConfigMap))).Message);

    // Server-owned names are left out of what is generated: they have no owners. So are empty lists: a list that merges is
    // owned by its elements alone, so that applying an empty one says nothing (as structured-merge-diff has it).
    static JsonObject Configuration(JsonObject generated)
    {
        var configuration = (JsonObject)generated.DeepClone();
        configuration["apiVersion"] = "x.test/v1";
        configuration["kind"] = "Workload";
        if (configuration["metadata"] is not JsonObject metadata) configuration["metadata"] = metadata = [];
        metadata.Remove("managedFields");
        metadata["name"] = "one";
        DropEmptyLists(configuration);
        return configuration;
    }

    static void DropEmptyLists(JsonNode? node)
    {
        if (node is JsonArray elements)
        {
            foreach (var element in elements) DropEmptyLists(element);
        }
        if (node is not JsonObject members) return;
        foreach (var name in members.Select(member => member.Key).ToArray())
        {
            if (members[name] is JsonArray { Count: 0 }) members.Remove(name);
            else DropEmptyLists(members[name]);
        }
    }

    static JsonObject Bare(JsonObject value)
    {
        var bare = (JsonObject)value.DeepClone();
        (bare["metadata"] as JsonObject)?.Remove("managedFields");
        return bare;
    }

    static readonly FieldWrite Alpha = new("alpha", "x.test/v1", Schemas.Workload), Beta = new("beta", "x.test/v1", Schemas.Workload);

    [Fact]
    public void Applying_twice_changes_nothing() => Property.Holds(
        from a in ObjectGenerators.Workloads from b in ObjectGenerators.Workloads select (Configuration(a), Configuration(b)),
        t =>
        {
            var apply = new ServerSideApply(_time);
            var (a, b) = (t.Item1.ToJsonString(), t.Item2.ToJsonString());
            var live = apply.Apply(apply.Apply(null, t.Item1, Alpha), t.Item2, Beta, force: true);
            Json.Equal(live, apply.Apply(live, t.Item2, Beta));
            Assert.Equal((a, b), (t.Item1.ToJsonString(), t.Item2.ToJsonString()));
        },
        500);

    [Fact]
    public void A_single_manager_gets_exactly_what_it_applies() => Property.Holds(
        from a in ObjectGenerators.Workloads from b in ObjectGenerators.Workloads select (Configuration(a), Configuration(b)),
        t =>
        {
            var apply = new ServerSideApply(_time);
            var live = apply.Apply(apply.Apply(null, t.Item1, Alpha), t.Item2, Alpha);
            var wanted = TypedFieldSet.Of(t.Item2, Schemas.Workload);
            Assert.Equal(wanted, TypedFieldSet.Of(Bare(live), Schemas.Workload));
            Assert.Equal(FieldOwnership.Ownable(wanted), ManagedFields.Of(live).Applied("alpha"));
        },
        500);

    [Fact]
    public void What_one_manager_applied_and_withdrew_leaves_no_trace() => Property.Holds(
        from a in ObjectGenerators.Workloads from b in ObjectGenerators.Workloads select (Configuration(a), Configuration(b)),
        t =>
        {
            var apply = new ServerSideApply(_time);
            var before = apply.Apply(null, t.Item1, Alpha);
            JsonObject both;
            try
            {
                both = apply.Apply(before, t.Item2, Beta);
            }
            catch (ApplyConflictException)
            {
                return;
            }
            var after = apply.Apply(both, Configuration([]), Beta);
            Assert.Equal(TypedFieldSet.Of(Bare(before), Schemas.Workload), TypedFieldSet.Of(Bare(after), Schemas.Workload));
            Assert.Empty(ManagedFields.Of(after).Applied("beta").Paths());
        },
        500);
}
