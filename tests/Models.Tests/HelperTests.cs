using ActorKube.Models;
using k8s.Models;

namespace Models.Tests;

public class HelperTests
{
    private static V1ReplicaSet Owner(string name = "web", string? ns = "shop", string uid = "u-1") =>
        new() { Metadata = new V1ObjectMeta { Name = name, NamespaceProperty = ns, Uid = uid } };

    private static V1Pod Pod(string? ns = "shop") => new() { Metadata = new V1ObjectMeta { Name = "web-1", NamespaceProperty = ns } };

    [Fact]
    public void A_controller_is_set_and_brought_up_to_date()
    {
        var pod = Pod();

        pod.SetControllerReference(Owner());
        pod.SetControllerReference(Owner(uid: "u-2"), blockOwnerDeletion: false);

        var reference = Assert.Single(pod.OwnerReferences());
        Assert.Equal(("apps/v1", "ReplicaSet", "web", "u-2", true, false), (reference.ApiVersion, reference.Kind, reference.Name, reference.Uid, reference.Controller, reference.BlockOwnerDeletion));
        Assert.True(pod.IsControlledBy(Owner(uid: "u-2")));
        Assert.False(pod.IsControlledBy(Owner(uid: "u-1")));
        Assert.Same(reference, pod.GetController());
    }

    [Fact]
    public void A_second_controller_is_refused()
    {
        var pod = Pod();
        pod.SetControllerReference(Owner());

        var fault = Assert.Throws<AlreadyOwnedException>(() => pod.SetControllerReference(Owner("other", uid: "u-3")));

        Assert.Equal("web", fault.Owner.Name);
        Assert.Contains("Pod shop/web-1", fault.Message);
        Assert.Single(pod.OwnerReferences());
    }

    [Fact]
    public void A_second_owner_without_control_is_fine()
    {
        var pod = Pod();
        pod.SetControllerReference(Owner());

        pod.SetOwnerReference(Owner("other", uid: "u-3"));
        pod.SetOwnerReference(Owner("other", uid: "u-4"));

        Assert.Equal(["u-1", "u-4"], pod.OwnerReferences().Select(reference => reference.Uid));
        Assert.Equal("web", pod.GetController().Name);
    }

    [Theory]
    [InlineData("shop", "bar", "same namespace")]
    [InlineData("shop", null, "which is in none")]
    public void Owners_of_another_namespace_are_refused(string ownerNamespace, string? ownedNamespace, string says)
    {
        var pod = Pod(ownedNamespace);

        Assert.Contains(says, Assert.Throws<ArgumentException>(() => pod.SetControllerReference(Owner(ns: ownerNamespace))).Message);
        Assert.Contains(says, Assert.Throws<ArgumentException>(() => pod.SetOwnerReference(Owner(ns: ownerNamespace))).Message);
        Assert.Null(pod.OwnerReferences());
    }

    [Fact]
    public void An_owner_of_the_whole_cluster_owns_anything()
    {
        var node = new V1Node { Metadata = new V1ObjectMeta { Name = "n", Uid = "u" } };
        var pod = Pod();

        pod.SetControllerReference(node);

        Assert.True(pod.IsOwnedBy(node));
    }

    [Fact]
    public void An_owner_that_was_not_created_is_refused()
    {
        Assert.Contains("uid", Assert.Throws<ArgumentException>(() => Pod().SetControllerReference(Owner(uid: ""))).Message);
        Assert.Contains("uid", Assert.Throws<ArgumentException>(() => Pod().SetOwnerReference(Owner(name: ""))).Message);
    }

    [Fact]
    public void References_are_found_and_removed()
    {
        var pod = Pod();
        pod.SetControllerReference(Owner());
        pod.AddOwnerReference(new V1OwnerReference { Kind = "X" });

        Assert.Equal("web", pod.GetOwnerReference(Owner()).Name);
        Assert.Equal("web", pod.RemoveOwnerReference(Owner()).Name);
        Assert.Null(pod.RemoveOwnerReference(Owner()));
        Assert.False(pod.RemoveOwnerReferences(Owner()));
        Assert.True(pod.RemoveOwnerReferences(reference => reference.Kind == "X"));
        Assert.Empty(pod.OwnerReferences());
    }

    [Fact]
    public void Finalizers_are_added_once_and_removed_wholly()
    {
        var pod = new V1Pod();

        Assert.True(pod.AddFinalizer("a/b"));
        Assert.False(pod.AddFinalizer("a/b"));
        Assert.True(pod.HasFinalizer("a/b"));
        pod.Metadata.Finalizers = ["a/b", "c", "a/b"];
        Assert.True(pod.RemoveFinalizer("a/b"));
        Assert.False(pod.RemoveFinalizer("a/b"));
        Assert.Equal(["c"], pod.Finalizers());
        Assert.Throws<ArgumentException>(() => pod.AddFinalizer(""));
    }

    [Fact]
    public void Labels_and_annotations_are_set_and_removed()
    {
        var pod = new V1Pod();

        pod.SetLabel("a", "1");
        pod.SetAnnotation("b", "2");

        Assert.Equal(("1", "2"), (pod.GetLabel("a"), pod.GetAnnotation("b")));
        pod.SetLabel("a", null);
        pod.SetAnnotation("b", null);
        Assert.Null(pod.GetLabel("a"));
        Assert.Null(pod.GetAnnotation("b"));
        Assert.Equal(new NamespacedName("shop", "web-1"), Pod().Key());
    }

    [Fact]
    public void A_condition_that_changes_gets_a_new_transition_time_and_one_that_does_not_keeps_it()
    {
        var time = new ManualTime();
        IList<V1Condition> conditions = [];
        V1Condition Ready(string status, string message) => new() { Type = "Ready", Status = status, Reason = "R", Message = message };

        Assert.True(conditions.SetStatusCondition(Ready(Conditions.False, "a"), time));
        var first = conditions[0].LastTransitionTime;
        Assert.Equal(time.GetUtcNow().UtcDateTime, first);
        time.CreateTimer(_ => { }, null, TimeSpan.FromMinutes(1), TimeSpan.Zero).Dispose();

        Assert.False(conditions.SetStatusCondition(Ready(Conditions.False, "a"), time));
        Assert.True(conditions.SetStatusCondition(Ready(Conditions.False, "b"), time));
        Assert.Equal(first, conditions[0].LastTransitionTime);
        Assert.True(conditions.IsStatusConditionFalse("Ready"));

        Assert.True(conditions.SetStatusCondition(Ready(Conditions.True, "b"), time));
        Assert.Equal(first.AddMinutes(1), conditions[0].LastTransitionTime);
        Assert.True(conditions.IsStatusConditionTrue("Ready"));
        Assert.Single(conditions);

        Assert.True(conditions.RemoveStatusCondition("Ready"));
        Assert.False(conditions.RemoveStatusCondition("Ready"));
        Assert.False(conditions.IsStatusConditionTrue("Ready"));
    }

    [Fact]
    public void The_given_condition_is_not_kept_itself()
    {
        IList<V1Condition> conditions = [];
        var given = new V1Condition { Type = "Ready", Status = "True" };
        conditions.SetStatusCondition(given, new ManualTime());

        given.Status = "spoilt";

        Assert.Equal("True", conditions[0].Status);
    }

    [Theory, MemberData(nameof(Golden.Paths), MemberType = typeof(Golden))]
    public void A_copy_is_equal_and_shares_nothing(string path)
    {
        var golden = Golden.At(path);
        var reader = new System.Text.Json.Utf8JsonReader(golden.JsonBytes);
        reader.Read();
        var original = ModelSchema.For(golden.Kind)!.ReadJson(ref reader);

        var copy = original.DeepCopy();

        Assert.NotSame(original, copy);
        Assert.True(original.SemanticallyEquals(copy));
        Assert.Equal(KubeJson.SerializeToString(original), KubeJson.SerializeToString(copy));
        if (copy is V1Pod pod)
        {
            pod.Spec.Containers[0].Image = "spoilt";
            pod.Metadata.Labels = new Dictionary<string, string> { ["x"] = "y" };
            Assert.False(original.SemanticallyEquals(copy));
        }
    }

    [Fact]
    public void Equality_is_kubernetes_equality()
    {
        V1Pod Make(string cpu, IList<string>? finalizers, DateTime created) => new()
        {
            Metadata = new V1ObjectMeta { Finalizers = finalizers, CreationTimestamp = created },
            Spec = new V1PodSpec { Containers = [new V1Container { Resources = new V1ResourceRequirements { Limits = new Dictionary<string, ResourceQuantity> { ["cpu"] = new(cpu) } } }] },
        };
        var noon = new DateTime(2025, 1, 31, 12, 0, 0, DateTimeKind.Utc);

        Assert.True(Make("1", null, noon).SemanticallyEquals(Make("1000m", [], noon.AddMilliseconds(3))));
        Assert.False(Make("1", null, noon).SemanticallyEquals(Make("1001m", null, noon)));
        Assert.False(Make("1", ["a"], noon).SemanticallyEquals(Make("1", ["b"], noon)));
        Assert.False(Make("1", null, noon).SemanticallyEquals(Make("1", null, noon.AddSeconds(1))));
        Assert.True(Unstructured.Parse("""{"a":1,"b":[]}""").SemanticallyEquals(Unstructured.Parse("""{"c":{},"a":1.0}""")));
        Assert.True(((V1Pod?)null).SemanticallyEquals(null));
        Assert.False(new V1Pod().SemanticallyEquals(null));
    }

    [Fact]
    public void Objects_are_referred_to()
    {
        var map = new V1ConfigMap { Metadata = new V1ObjectMeta { Name = "a", NamespaceProperty = "n", Uid = "u", ResourceVersion = "7" } };

        var reference = map.CreateObjectReference();

        Assert.Equal(("v1", "ConfigMap", "a", "n", "u", "7"), (reference.ApiVersion, reference.Kind, reference.Name, reference.NamespaceProperty, reference.Uid, reference.ResourceVersion));
        Assert.True(reference.Matches(map));
        Assert.True(map.CreateOwnerReference(controller: true).Controller);
        Assert.Throws<ArgumentException>(() => new V1ConfigMap().CreateObjectReference());
    }

    [Fact]
    public async Task Conflicts_are_tried_again_after_growing_waits()
    {
        var time = new ManualTime();
        var tries = 0;

        var result = await Retry.OnConflictAsync(_ => ++tries < 4 ? throw Error(409, StatusReasons.Conflict) : Task.FromResult("done"), Backoff.DefaultBackoff with { Jitter = 0 }, time);

        Assert.Equal("done", result);
        Assert.Equal([10, 50, 250], time.Waits.Select(wait => wait.TotalMilliseconds));
    }

    [Fact]
    public async Task The_last_conflict_and_any_other_error_are_thrown()
    {
        var time = new ManualTime();
        var tries = 0;

        var last = await Assert.ThrowsAsync<KubernetesException>(() => Retry.OnConflictAsync<int>(_ => throw Error(409, StatusReasons.Conflict, $"try {++tries}"), null, time));
        Assert.Equal("try 5", last.Message);

        await Assert.ThrowsAsync<KubernetesException>(() => Retry.OnConflictAsync<int>(_ => throw Error(404, StatusReasons.NotFound, $"try {++tries}"), null, time));
        Assert.Equal(6, tries);
    }

    [Fact]
    public async Task Waiting_ends_with_yes_or_with_the_time()
    {
        var time = new ManualTime();
        var asked = 0;
        await Retry.UntilAsync(_ => Task.FromResult(++asked == 3), TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(10), "three", time);
        Assert.Equal(2, time.Waits.Count);

        asked = 10;
        var fault = await Assert.ThrowsAsync<TimeoutException>(() => Retry.UntilAsync(_ => Task.FromResult(++asked == 3), TimeSpan.FromSeconds(4), TimeSpan.FromSeconds(10), "the pod", time));
        Assert.Contains("the pod", fault.Message);
        Assert.Equal([4, 4, 2], time.Waits.Skip(2).Select(wait => wait.TotalSeconds));
    }

    [Fact]
    public async Task Asking_again_waits_longer_and_longer_and_gives_up()
    {
        var time = new ManualTime();
        var backoff = new Backoff(TimeSpan.FromSeconds(1), Steps: 5, Factor: 3, Cap: TimeSpan.FromSeconds(5));
        var asked = 0;
        await Retry.UntilAsync(_ => Task.FromResult(++asked == 5), backoff, "five", time);
        Assert.Equal([1, 3, 5, 5], time.Waits.Select(wait => wait.TotalSeconds));

        Assert.Contains("Asked 5 times for the pod", (await Assert.ThrowsAsync<TimeoutException>(() => Retry.UntilAsync(_ => Task.FromResult(false), backoff, "the pod", time))).Message);
        await Assert.ThrowsAsync<TimeoutException>(() => Retry.UntilAsync(_ => Task.FromResult(false), backoff with { Steps = 0 }, "nothing", time));
    }

    private static KubernetesException Error(int code, string reason, string message = "") => new(new V1Status { Code = code, Reason = reason, Message = message });
}
