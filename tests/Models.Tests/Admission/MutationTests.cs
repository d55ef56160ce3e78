using System.Text.Json.Nodes;
using ActorKube.Models;
using FsCheck.Fluent;
using k8s.Models;

namespace Models.Tests.Admission;

/// <summary>What a mutating webhook changes, and above all what it does not.</summary>
public sealed class MutationTests
{
    static async Task<JsonArray?> Patch(string made, IAdmissionHandler handler)
    {
        var request = AdmissionRequest.ToCreate(KubeObject.Parse(System.Text.Encoding.UTF8.GetBytes(made), KubeObjectOptions.Everything));
        var answer = AdmissionReviews.ReadAnswer(await AdmissionReviews.AnswerAsync(AdmissionReviews.Ask(request), handler));
        Assert.True(answer.Allowed, answer.Status?.Message);
        Assert.Equal(answer.Patch is null, answer.PatchType is null);
        return answer.Patch is { } patch ? KubeJson.ParseNode(patch)!.AsArray() : null;
    }

    static string Tab(string spec) => $$$"""{"apiVersion":"stable.example.com/v1","kind":"CronTab","metadata":{"name":"a","x-meta":1},"spec":{{{spec}}},"x-top":{"y":[]}}""";

    /// <summary>The spec after a change, on a server.</summary>
    static async Task<string> After(string spec, Action<CronTab> change)
    {
        var patch = await Patch(Tab(spec), AdmissionHandlers.Defaults(change));
        var patched = JsonPatch.Apply(JsonNode.Parse(Tab(spec)), patch ?? [], rules: JsonPatchRules.ApiServer)!;
        Assert.Equal(("1", """{"y":[]}"""), (patched["metadata"]!["x-meta"]!.ToJsonString(), patched["x-top"]!.ToJsonString()));
        return patched["spec"]!.ToJsonString();
    }

    [Fact]
    public async Task A_default_is_one_operation_and_what_the_class_does_not_know_stays()
    {
        var patch = await Patch(Tab("""{"cronSpec":"* * * * *","x":{"y":1}}"""), AdmissionHandlers.Defaults<CronTab>(tab => tab.Spec.Replicas ??= 1));

        JsonAssert.Equal("""[{"op":"add","path":"/spec/replicas","value":1}]""", patch!.ToJsonString());
    }

    [Theory]
    [InlineData("""{"replicas":3}""")]
    [InlineData("""{"replicas":3,"steps":[],"days":null,"x":0}""")]
    public async Task Where_nothing_changes_there_is_no_patch(string spec) => Assert.Null(await Patch(Tab(spec), AdmissionHandlers.Defaults<CronTab>(tab => tab.Spec.Replicas ??= 1)));

    [Theory]
    // Elements are known by their names: what the class does not know of each stays with it.
    [InlineData("""{"steps":[{"name":"a","x":1},{"name":"b","x":2}]}""", """{"steps":[{"name":"first"},{"name":"b","x":2,"image":"i"},{"name":"a","x":1,"image":"i"}]}""")]
    [InlineData("""{"steps":[]}""", """{"steps":[{"name":"first"}]}""")]
    [InlineData("{}", """{"steps":[{"name":"first"}]}""")]
    [InlineData("""{"steps":null,"x":null}""", """{"steps":[{"name":"first"}],"x":null}""")]
    public async Task Elements_may_be_changed_put_in_and_moved(string before, string after) => JsonAssert.Equal(after, await After(before, tab =>
    {
        var steps = tab.Spec.Steps?.Reverse().ToList() ?? [];
        foreach (var step in steps) step.Image = "i";
        tab.Spec.Steps = [new CronTab.Step { Name = "first" }, .. steps];
    }));

    [Fact]
    public async Task Elements_without_a_name_are_known_by_their_place() => JsonAssert.Equal(
        """{"steps":[{"x":1,"image":"i"},{"x":2,"image":"i"},{"image":"last"}]}""",
        await After("""{"steps":[{"x":1},{"x":2}]}""", tab =>
        {
            foreach (var step in tab.Spec.Steps!) step.Image = "i";
            tab.Spec.Steps.Add(new CronTab.Step { Image = "last" });
        }));

    [Fact]
    public async Task Elements_may_be_taken_out() => JsonAssert.Equal(
        """{"steps":[{"name":"b","x":2}],"days":["mon"]}""",
        await After("""{"steps":[{"name":"a","x":1},{"name":"b","x":2}],"days":["sun","mon"]}""", tab => { tab.Spec.Steps!.RemoveAt(0); tab.Spec.Days!.Remove("sun"); }));

    [Fact]
    public async Task Fields_may_be_taken_out_and_texts_that_need_escapes_put_in()
    {
        JsonAssert.Equal("""{"x":1}""", await After("""{"cronSpec":"a","x":1}""", tab => tab.Spec.CronSpec = null));
        var patch = await Patch(Tab("{}"), AdmissionHandlers.Defaults<CronTab>(tab => (tab.Metadata.Annotations ??= new Dictionary<string, string>())["a/b~c"] = "\"é\n"));
        JsonAssert.Equal("""[{"op":"add","path":"/metadata/annotations","value":{"a/b~c":"\"é\n"}}]""", patch!.ToJsonString());
        patch = await Patch("""{"apiVersion":"stable.example.com/v1","kind":"CronTab","metadata":{"annotations":{"x":"y"}}}""", AdmissionHandlers.Defaults<CronTab>(tab => tab.Metadata.Annotations["a/b~c"] = "1"));
        JsonAssert.Equal("""[{"op":"add","path":"/metadata/annotations/a~1b~0c","value":"1"}]""", patch!.ToJsonString());
    }

    [Fact]
    public async Task What_is_only_written_in_another_way_is_left_as_it_came()
    {
        var pod = """{"apiVersion":"v1","kind":"Pod","metadata":{"name":"a","labels":{},"creationTimestamp":null},"spec":{"containers":[{"name":"c","resources":{"limits":{"cpu":"1000m"}},"env":[]}],"newField":{"z":1}},"status":{}}""";

        var patch = await Patch(pod, AdmissionHandlers.Defaults<V1Pod>(value => value.Spec.Containers[0].Image = "i"));

        JsonAssert.Equal("""[{"op":"add","path":"/spec/containers/0/image","value":"i"}]""", patch!.ToJsonString());
        Assert.Null(await Patch(pod, AdmissionHandlers.Defaults<V1Pod>(value => value.Spec.Containers[0].Name = "c")));
    }

    [Fact]
    public async Task Objects_without_a_class_are_changed_likewise()
    {
        var patch = await Patch("""{"apiVersion":"x.test/v1","kind":"Thing","metadata":{"name":"a"},"spec":{"a":1.0,"b":null}}""", AdmissionHandlers.Defaults<Unstructured>(thing => thing.Set("c", "spec", "d")));

        JsonAssert.Equal("""[{"op":"add","path":"/spec/d","value":"c"}]""", patch!.ToJsonString());
    }

    [Fact]
    public async Task A_schemes_defaults_are_a_webhook()
    {
        var scheme = new SchemeBuilder().Add<CronTab>().Default<CronTab>(tab => tab.Spec.Replicas ??= 7).Build();

        JsonAssert.Equal("""[{"op":"add","path":"/spec/replicas","value":7}]""", (await Patch(Tab("{}"), AdmissionHandlers.Defaults<CronTab>(scheme)))!.ToJsonString());
    }

    [Fact]
    public async Task Deletions_are_not_filled_in_and_a_refusal_carries_no_patch()
    {
        var deletion = AdmissionRequest.ToDelete(new CronTab());
        var refused = await AdmissionReviews.DecideAsync(AdmissionRequest.ToCreate(new CronTab()), AdmissionHandlers.Of((IMutatingWebhook<CronTab>)new Says(request =>
        {
            request.Object!.Spec.Replicas = 1;
            return AdmissionResponse.Deny("no");
        })));

        Assert.True((await AdmissionReviews.DecideAsync(deletion, AdmissionHandlers.Defaults<CronTab>(_ => throw new InvalidOperationException("asked")))).IsAllowed);
        Assert.Equal((false, null), (refused.IsAllowed, refused.Patch));
    }

    [Fact]
    public void Whatever_changes_is_carried_over_whole() => Property.Holds(
        from before in JsonGenerators.Objects(nulls: true) from after in JsonGenerators.Objects(nulls: true) select (before, after),
        pair => JsonAssert.Equal(pair.after, TypedChange.Carry(pair.before.DeepClone(), pair.before, pair.after)));

    [Fact]
    public void Whatever_changes_what_the_class_does_not_know_stays() => Property.Holds(
        from before in JsonGenerators.Objects(nulls: false) from after in JsonGenerators.Objects(nulls: false) select (before, after),
        pair =>
        {
            // Each object has a member that the class does not know; objects within lists may go, those within objects go only where the change takes them out.
            var came = (JsonObject)Marked(pair.before)!;
            var carried = TypedChange.Carry(came, pair.before, pair.after);
            HasMarks(pair.before, pair.after, carried!);
            JsonAssert.Equal(pair.after, Unmarked(carried));
        });

    static JsonNode? Marked(JsonNode? node) => node switch
    {
        JsonObject members => new JsonObject(members.Select(member => KeyValuePair.Create(member.Key, Marked(member.Value))).Append(KeyValuePair.Create("unknown", (JsonNode?)1))),
        JsonArray elements => new JsonArray([.. elements.Select(Marked)]),
        _ => node?.DeepClone(),
    };

    static JsonNode? Unmarked(JsonNode? node) => node switch
    {
        JsonObject members => new JsonObject(members.Where(member => member.Key != "unknown").Select(member => KeyValuePair.Create(member.Key, Unmarked(member.Value)))),
        JsonArray elements => new JsonArray([.. elements.Select(Unmarked)]),
        _ => node?.DeepClone(),
    };

    static void HasMarks(JsonNode? before, JsonNode? after, JsonNode carried)
    {
        if (before is not JsonObject was || after is not JsonObject wanted) return;
        Assert.Equal(1, (int?)carried["unknown"]);
        foreach (var (name, value) in wanted)
        {
            if (was[name] is JsonObject inner && value is JsonObject) HasMarks(inner, value, carried[name]!);
        }
    }
}
