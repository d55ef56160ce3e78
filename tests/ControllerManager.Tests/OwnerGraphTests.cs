using ActorKube.Models;
using ActorKube.Transport;

namespace ActorKube.ControllerManager.Tests;

public sealed class OwnerGraphTests
{
    private static readonly DeletionState Foreground = new(true, true, false);
    private static readonly DeletionState Orphaning = new(true, false, true);
    private readonly OwnerGraph _graph = new();

    [Fact]
    public void An_owner_that_nobody_has_seen_is_looked_for_once_however_many_name_it()
    {
        Assert.Equal(["o"], _graph.Observe(Map("a"), [Owner("o")], default).ToAttempt);
        Assert.Empty(_graph.Observe(Map("b"), [Owner("o")], default).ToAttempt);
        Assert.Equal(Map("o"), _graph.Find("o")!.Identity);

        Assert.Empty(_graph.Observe(Map("o"), [], default).ToAttempt);
        Assert.Equal(["a", "b"], _graph.Find("o")!.Dependents.Select(d => d.Identity.Uid).Order());
    }

    [Fact]
    public void Dependents_are_looked_at_when_their_owner_goes_or_is_found_never_to_have_been()
    {
        _graph.Observe(Map("o"), [], default);
        _graph.Observe(Map("a"), [Owner("o")], default);
        _graph.Observe(Map("b"), [Owner("never")], default);

        Assert.Equal(["a"], _graph.Gone("o").ToAttempt);
        Assert.Equal(["b"], _graph.Absent(Map("never")).ToAttempt);
        Assert.True(_graph.IsAbsent(Owner("o"), "default"));
        Assert.True(_graph.IsAbsent(Owner("never"), "default"));
        Assert.Null(_graph.Find("never"));
    }

    [Fact]
    public void An_owner_in_another_namespace_is_told_whoever_comes_first()
    {
        _graph.Observe(Map("o") with { Namespace = "other" }, [], default);
        var after = _graph.Observe(Map("a"), [Owner("o")], default);
        _graph.Observe(Map("b"), [Owner("p")], default);
        var before = _graph.Observe(Map("p") with { Namespace = "other" }, [], default);
        var clusterWide = _graph.Observe(Map("c") with { Namespace = "" }, [Owner("o")], default);

        Assert.Equal(("a", "o"), after.Strangers.Select(s => (s.Dependent.Uid, s.Owner.Uid)).Single());
        Assert.Equal(("b", "p"), before.Strangers.Select(s => (s.Dependent.Uid, s.Owner.Uid)).Single());
        Assert.Equal(("c", "o"), clusterWide.Strangers.Select(s => (s.Dependent.Uid, s.Owner.Uid)).Single());
        Assert.Equal(["a", "b", "c"], [.. after.ToAttempt, .. before.ToAttempt, .. clusterWide.ToAttempt]);
    }

    [Fact]
    public void An_owner_without_a_namespace_is_meant_from_all()
    {
        _graph.Observe(Map("a"), [Owner("o")], default);

        var news = _graph.Observe(Map("o") with { Namespace = "" }, [], default);

        Assert.Empty(news.Strangers);
        Assert.Empty(news.ToAttempt);
    }

    [Fact]
    public void Where_dependents_disagree_on_who_a_uid_is_each_guess_is_tried()
    {
        _graph.Observe(Map("a"), [Owner("o")], default);
        Assert.Equal(["b"], _graph.Observe(Map("b"), [Owner("o") with { Name = "else" }], default).ToAttempt);

        var first = _graph.Absent(Map("o"));

        Assert.Equal(["a"], first.ToAttempt);
        Assert.Equal(["o"], first.ToGuess);
        Assert.Equal("else", _graph.Find("o")!.Identity.Name);
        _graph.Gone("a");
        Assert.Equal(["b"], _graph.Absent(Map("o") with { Name = "else" }).ToAttempt);
        Assert.Null(_graph.Find("o"));
    }

    [Fact]
    public void A_guess_from_outside_of_namespaces_holds_nobody_up_who_is_in_one()
    {
        var guess = Map("o") with { Namespace = "" };
        Assert.Equal(["o"], _graph.Observe(Map("c") with { Namespace = "" }, [Owner("o")], default).ToAttempt);
        _graph.Observe(Map("a"), [Owner("o")], default);

        Assert.Equal(["o"], _graph.Misplaced(guess).ToAttempt);
        Assert.Equal(Map("o"), _graph.Find("o")!.Identity);
        _graph.Gone("a");
        Assert.Empty(_graph.Misplaced(guess).ToAttempt);
        Assert.False(_graph.IsAbsent(Owner("o"), "default"));
    }

    [Fact]
    public void Who_waits_for_what_it_owns_is_looked_at_again_for_each_that_lets_go()
    {
        _graph.Observe(Map("o"), [], default);
        _graph.Observe(Map("a"), [Owner("o", blocks: true)], default);
        _graph.Observe(Map("b"), [Owner("o", blocks: true)], default);
        _graph.Observe(Map("c"), [Owner("o")], default);

        Assert.Equal(["a", "b", "c", "o"], _graph.Observe(Map("o"), [], Foreground).ToAttempt.Order());
        Assert.Empty(_graph.Observe(Map("o"), [], Foreground).ToAttempt);
        Assert.Equal([true, true, false], _graph.Find("o")!.Dependents.OrderBy(d => d.Identity.Uid).Select(d => d.Blocks));
        Assert.Equal(["o"], _graph.Gone("a").ToAttempt);
        Assert.Equal(["o"], _graph.Observe(Map("b"), [Owner("o")], default).ToAttempt);
        Assert.Equal(["d"], _graph.Observe(Map("d"), [Owner("o", blocks: true)], default).ToAttempt);
    }

    [Fact]
    public void An_owner_is_asked_once_to_leave_what_it_owns_behind()
    {
        Assert.Equal(["o"], _graph.Observe(Map("o"), [], Orphaning).ToOrphan);
        Assert.Empty(_graph.Observe(Map("o"), [], Orphaning).ToOrphan);
    }

    [Fact]
    public void Absent_owners_are_remembered_within_bounds()
    {
        var absent = new AbsentOwners(capacity: 2);
        foreach (var uid in (string[])["a", "b", "b", "c"])
        {
            absent.Add(Map(uid));
        }

        Assert.Equal([false, true, true], ((string[])["a", "b", "c"]).Select(uid => absent.Has(Owner(uid), "default")));
        Assert.False(absent.Has(Owner("b"), "other"));
    }

    [Theory]
    [InlineData("", "", "Keep")]
    [InlineData("Lives", "", "Keep")]
    [InlineData("Lives,Absent", "", "Cut 1")]
    [InlineData("WaitsForDependents,Lives,Absent", "", "Cut 0,2")]
    [InlineData("Absent,Absent", "", "Background")]
    [InlineData("WaitsForDependents", "", "Background")]
    [InlineData("WaitsForDependents", "still", "Foreground")]
    [InlineData("WaitsForDependents", "waits", "Foreground, unblocked")]
    [InlineData("Absent,NotServed", "", "WaitForKind")]
    [InlineData("Misplaced", "", "Keep")]
    [InlineData("Absent,Misplaced", "", "Cut 0")]
    public void What_becomes_of_an_object_follows_from_its_owners(string owners, string dependents, string verdict)
    {
        var states = owners.Split(',', StringSplitOptions.RemoveEmptyEntries).Select((s, i) => ($"{i}", Enum.Parse<OwnerState>(s))).ToList();
        List<GraphDependent> owned = dependents.Length == 0 ? [] : [new(Map("d"), true, dependents == "waits")];

        var came = CollectorVerdict.Of(KubeObject.Parse("""{"metadata":{"name":"x"}}"""u8), states, owned) switch
        {
            CollectorVerdict.Cut cut => $"Cut {string.Join(',', cut.Owners)}",
            CollectorVerdict.Delete delete => $"{delete.Propagation}{(delete.Unblock ? ", unblocked" : "")}",
            var other => other.GetType().Name,
        };

        Assert.Equal(verdict, came);
    }

    [Theory]
    [InlineData("orphan", "Orphan")]
    [InlineData("foregroundDeletion", "Foreground")]
    public void Who_has_asked_for_an_objects_deletion_before_has_said_how(string finalizer, string propagation)
    {
        var found = KubeObject.Parse(System.Text.Encoding.UTF8.GetBytes($$$"""{"metadata":{"name":"x","finalizers":["{{{finalizer}}}"]}}"""));

        var verdict = CollectorVerdict.Of(found, [("o", OwnerState.Absent)], []);

        Assert.Equal(propagation, Assert.IsType<CollectorVerdict.Delete>(verdict).Propagation.ToString());
    }

    [Fact]
    public void What_a_group_had_that_cannot_be_asked_now_is_still_watched()
    {
        var (pods, widgets) = (Discovered("", "Pod", "pods", "delete", "list", "watch"), Discovered("example.com", "Widget", "widgets", "delete", "list", "watch"));
        var events = Discovered("", "Event", "events", "delete", "list", "watch");
        var reviews = Discovered("", "Review", "reviews", "create");
        var before = CollectableResources.Of(Api([pods, events, reviews, widgets]), CollectableResources.None);
        var failing = new DiscoveredApi(Api([pods]).Groups, new Dictionary<GroupVersion, string> { [new GroupVersion("example.com", "v1")] = "down" });

        Assert.Equal(["pods", "widgets"], before.Watched.Keys.Select(k => k.Resource).Order());
        Assert.NotNull(before.Find(reviews.Definition.Kind));
        Assert.Equal(["pods", "widgets"], CollectableResources.Of(failing, before).Watched.Keys.Select(k => k.Resource).Order());
        Assert.NotNull(CollectableResources.Of(failing, before).Find(widgets.Definition.Kind));
        Assert.Equal(["pods"], CollectableResources.Of(Api([pods]), before).Watched.Keys.Select(k => k.Resource));
    }

    private static DiscoveredApi Api(DiscoveredResource[] resources) => new(
        [.. resources.GroupBy(r => r.Definition.Kind.Group).Select(g => new DiscoveredGroup(g.Key, "v1", [new DiscoveredVersion(new GroupVersion(g.Key, "v1"), [.. g])]))],
        new Dictionary<GroupVersion, string>());

    private static DiscoveredResource Discovered(string group, string kind, string plural, params string[] verbs) =>
        new(new ResourceDefinition(new GroupVersionKind(group, "v1", kind), plural, true), "", [], [], verbs, []);

    private static ObjectIdentity Map(string uid) => new("v1", "ConfigMap", "default", uid, uid);

    private static OwnerReference Owner(string uid, bool blocks = false) => new("v1", "ConfigMap", uid, uid, false, blocks);
}
