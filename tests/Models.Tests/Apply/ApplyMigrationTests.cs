using System.Text.Json.Nodes;
using ActorKube.Models;

namespace Models.Tests.Apply;

/// <summary>From client-side kubectl apply to server-side apply.</summary>
public sealed class ApplyMigrationTests
{
    static readonly MergeSchema ConfigMap = MergeSchema.For(new GroupVersionKind("", "v1", "ConfigMap"))!;

    // What kubectl apply leaves behind: an update by its own manager, and the annotation.
    static JsonObject AppliedByKubectl(string data, string? other = null)
    {
        var live = Json.Object($$$"""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"one","resourceVersion":"7"},"data":{{{data}}}}""");
        LastApplied.Write(live, Json.Object($$$"""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"one","annotations":{}},"data":{{{data}}}}"""));
        var written = new ManagedFieldsUpdater(new FixedTime()).Update(null, live, new FieldWrite(LastApplied.KubectlClientSide, "v1", ConfigMap));
        if (other is null) return written;
        var changed = (JsonObject)written.DeepClone();
        foreach (var (key, value) in Json.Object(other)) changed["data"]![key] = value!.DeepClone();
        return new ManagedFieldsUpdater(new FixedTime()).Update(written, changed, new FieldWrite("editor", "v1", ConfigMap));
    }

    static JsonObject Apply(JsonObject live, string manager, string data, bool force = false) => new ServerSideApply(new FixedTime()).Apply(
        live, Json.Object($$$"""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"one"},"data":{{{data}}}}"""), new FieldWrite(manager, "v1", ConfigMap), force);

    [Fact]
    public void What_client_side_apply_owned_is_the_new_managers_and_goes_when_it_is_left_out()
    {
        var live = AppliedByKubectl("""{"a":"1","b":"2"}""");

        Assert.True(ApplyMigration.Upgrade(live, [LastApplied.KubectlClientSide], "me"));
        Assert.Equal(["me"], ManagedFields.Of(live).Owners.Select(owner => owner.Manager));
        Assert.True(ManagedFields.Of(live).Owners.Single().Applies);
        Json.Equal("""{"a":"1"}""", Apply(live, "me", """{"a":"1"}""")["data"]);

        // Without the migration the old manager holds on to it.
        Json.Equal("""{"a":"1","b":"2"}""", Apply(AppliedByKubectl("""{"a":"1","b":"2"}"""), "me", """{"a":"1"}""")["data"]);
    }

    [Fact]
    public void An_entry_that_the_manager_has_already_is_enlarged_and_others_stay()
    {
        var live = Apply(AppliedByKubectl("""{"a":"1","b":"2"}""", """{"c":"3"}"""), "me", """{"a":"1"}""");

        Assert.True(ApplyMigration.Upgrade(live, [LastApplied.KubectlClientSide, "unheard-of"], "me"));

        Assert.Equal(["editor", "me"], ManagedFields.Of(live).Owners.Select(owner => owner.Manager));
        Assert.True(ManagedFields.Of(live).Applied("me").Contains(FieldPath.Of("data", "b")));
        Assert.False(ManagedFields.Of(live).Applied("me").Contains(FieldPath.Of("data", "c")));
        Assert.False(ApplyMigration.Upgrade(live, [LastApplied.KubectlClientSide], "me"));
    }

    [Fact]
    public void Entries_of_another_version_vanish_and_their_paths_are_not_mixed_in()
    {
        var live = Apply(AppliedByKubectl("""{"a":"1"}"""), "me", """{"a":"1"}""");
        foreach (var entry in live["metadata"]!["managedFields"]!.AsArray().Where(entry => (string)entry!["operation"]! == "Update")) entry!["apiVersion"] = "v0";

        ApplyMigration.Upgrade(live, [LastApplied.KubectlClientSide], "me");

        Assert.Equal(["me"], ManagedFields.Of(live).Owners.Select(owner => owner.Manager));
        Json.Equal("""{"f:data":{"f:a":{}}}""", ManagedFields.Of(live).Applied("me").ToFieldsV1());
    }

    [Fact]
    public void The_patch_does_the_same_and_fails_if_the_object_has_changed()
    {
        var live = AppliedByKubectl("""{"a":"1"}""");
        var upgraded = (JsonObject)live.DeepClone();
        ApplyMigration.Upgrade(upgraded, [LastApplied.KubectlClientSide], "me");

        var patch = ApplyMigration.Patch(live, [LastApplied.KubectlClientSide], "me")!;

        Json.Equal(upgraded, JsonPatch.Apply(live, patch));
        Assert.Equal("7", (string?)patch[1]!["value"]);
        Assert.Null(ApplyMigration.Patch(upgraded, [LastApplied.KubectlClientSide], "me"));
        live["metadata"]!.AsObject().Remove("resourceVersion");
        Assert.Throws<ArgumentException>(() => ApplyMigration.Patch(live, [LastApplied.KubectlClientSide], "me"));
    }

    [Fact]
    public void Kubectl_takes_over_without_force_what_it_had_applied_itself_and_keeps_its_annotation()
    {
        var live = AppliedByKubectl("""{"a":"1","b":"2"}""");

        var after = Apply(live, LastApplied.Kubectl, """{"a":"9","b":"2"}""");

        Json.Equal("""{"a":"9","b":"2"}""", after["data"]);
        Json.Equal("""{"a":"9","b":"2"}""", LastApplied.Of(after)!["data"]);
        // Anybody else is in conflict with kubectl's own writes, and leaves the annotation alone.
        Assert.Throws<ApplyConflictException>(() => Apply(live, "me", """{"a":"9"}"""));
        Json.Equal("""{"a":"1","b":"2"}""", LastApplied.Of(Apply(live, "me", """{"a":"9"}""", force: true))!["data"]);
    }

    [Fact]
    public void Kubectl_is_in_conflict_about_what_others_changed_since()
    {
        var live = AppliedByKubectl("""{"a":"1","b":"2"}""", """{"b":"3"}""");

        var refused = Assert.Throws<ApplyConflictException>(() => Apply(live, LastApplied.Kubectl, """{"a":"9","b":"4"}"""));

        Assert.Equal([FieldPath.Of("data", "b")], refused.Conflicts.Select(conflict => conflict.Field));
        Assert.Equal("editor", refused.Conflicts.Single().Owner.Manager);
    }

    [Fact]
    public void What_was_last_applied_is_read_where_it_can_be()
    {
        var live = Json.Object("""{"metadata":{"annotations":{"x":"y"}}}""");
        Assert.Null(LastApplied.Of(live));
        live["metadata"]!["annotations"]![LastApplied.Annotation] = "{no json";
        Assert.Null(LastApplied.Of(live));
        LastApplied.Write(live, Json.Object("""{"kind":"K","metadata":{"name":"a","managedFields":[],"annotations":{"kubectl.kubernetes.io/last-applied-configuration":"old"}},"a":1}"""));
        Assert.Equal("{\"a\":1,\"kind\":\"K\",\"metadata\":{\"annotations\":{},\"name\":\"a\"}}\n", (string?)live["metadata"]!["annotations"]![LastApplied.Annotation]);
        LastApplied.Write(live, new JsonObject { ["data"] = new string('x', 300_000) });
        Json.Equal("""{"x":"y"}""", live["metadata"]!["annotations"]);
    }
}
