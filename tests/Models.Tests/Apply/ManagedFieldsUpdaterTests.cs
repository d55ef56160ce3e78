using System.Text.Json.Nodes;
using ActorKube.Models;

namespace Models.Tests.Apply;

public sealed class ManagedFieldsUpdaterTests
{
    readonly FixedTime _time = new();

    static readonly MergeSchema ConfigMap = MergeSchema.For(new GroupVersionKind("", "v1", "ConfigMap"))!;
    static readonly MergeSchema Deployment = MergeSchema.For(new GroupVersionKind("apps", "v1", "Deployment"))!;

    JsonObject Write(JsonObject? live, string written, string manager, MergeSchema? schema = null, string version = "v1", string subresource = "") =>
        new ManagedFieldsUpdater(_time).Update(live, Json.Object(written), new FieldWrite(manager, version, schema ?? ConfigMap, subresource));

    static string ConfigMapWith(string rest) => $$"""{"apiVersion":"v1","kind":"ConfigMap",{{rest}}}""";

    static JsonNode? Entries(JsonObject value) => value["metadata"]?["managedFields"];

    [Fact]
    public void Writers_own_what_they_set_and_lose_what_vanishes()
    {
        // The recording crud-managed-fields.
        var one = Write(null, ConfigMapWith("""
            "metadata":{"name":"one","labels":{"l":"x"}},"data":{"a":"1"}
            """), "conformance");
        Json.Equal("""[{"manager":"conformance","operation":"Update","apiVersion":"v1","time":"2025-01-02T03:04:05Z","fieldsType":"FieldsV1","fieldsV1":{"f:data":{".":{},"f:a":{}},"f:metadata":{"f:labels":{".":{},"f:l":{}}}}}]""", Entries(one));

        _time.Now += TimeSpan.FromMinutes(1);
        var two = Write(one, ConfigMapWith("""
            "metadata":{"name":"one"},"data":{"a":"1","b":"2"}
            """), "second");
        Json.Equal(
            """
            [{"manager":"conformance","operation":"Update","apiVersion":"v1","time":"2025-01-02T03:04:05Z","fieldsType":"FieldsV1","fieldsV1":{"f:data":{".":{},"f:a":{}}}},
             {"manager":"second","operation":"Update","apiVersion":"v1","time":"2025-01-02T03:05:05Z","fieldsType":"FieldsV1","fieldsV1":{"f:data":{"f:b":{}}}}]
            """,
            Entries(two));

        var three = Write(two, ConfigMapWith("""
            "metadata":{"name":"one"},"data":{"a":"9","b":"2"}
            """), "second");
        Json.Equal("""{"f:data":{}}""", Entries(three)![0]!["fieldsV1"]);
        Json.Equal("""{"f:data":{"f:a":{},"f:b":{}}}""", Entries(three)![1]!["fieldsV1"]);
    }

    [Fact]
    public void A_new_workload_is_compared_with_what_Go_writes_for_an_empty_one()
    {
        // Parts of the recording subresources-status-managed: no mark on spec, template, containers or strategy.
        var created = Write(null, """
            {"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"web"},"spec":{"replicas":2,"selector":{"matchLabels":{"app":"web"}},"strategy":{"type":"RollingUpdate","rollingUpdate":{"maxSurge":"25%"}},
             "template":{"metadata":{"labels":{"app":"web"}},"spec":{"containers":[{"name":"main","image":"i","resources":{}}],"securityContext":{}}}}}
            """, "conformance", Deployment, "apps/v1");
        Json.Equal(
            """
            {"f:spec":{"f:replicas":{},"f:selector":{},"f:strategy":{"f:rollingUpdate":{".":{},"f:maxSurge":{}},"f:type":{}},
             "f:template":{"f:metadata":{"f:labels":{".":{},"f:app":{}}},"f:spec":{"f:containers":{"k:{\"name\":\"main\"}":{".":{},"f:image":{},"f:name":{},"f:resources":{}}},"f:securityContext":{}}}}}
            """,
            Entries(created)![0]!["fieldsV1"]);
    }

    [Fact]
    public void A_subresource_has_an_entry_of_its_own()
    {
        var live = Write(null, """{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"web"},"spec":{"replicas":2}}""", "ctl", Deployment, "apps/v1");
        var written = Write(live, """{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"web"},"spec":{"replicas":2},"status":{"replicas":2}}""", "ctl", Deployment, "apps/v1", "status");
        Assert.Equal(2, Entries(written)!.AsArray().Count);
        Assert.Equal("status", (string?)Entries(written)![1]!["subresource"]);
        Json.Equal("""{"f:status":{".":{},"f:replicas":{}}}""", Entries(written)![1]!["fieldsV1"]);
    }

    [Fact]
    public void Nobody_changes_managed_fields_by_leaving_them_out_but_anyone_can_reset_them()
    {
        var live = Write(null, ConfigMapWith("""
            "metadata":{"name":"one"},"data":{"a":"1"}
            """), "first");
        var kept = Write(live, ConfigMapWith("""
            "metadata":{"name":"one"},"data":{"a":"1"}
            """), "second");
        Json.Equal(Entries(live), Entries(kept));
        Json.Equal(Entries(live), Entries(Write(live, ConfigMapWith("""
            "metadata":{"name":"one","managedFields":[]},"data":{"a":"1"}
            """), "second")));
        Json.Equal(Entries(live), Entries(Write(live, ConfigMapWith("""
            "metadata":{"name":"one","managedFields":[{"manager":"x","operation":"Eat"}]},"data":{"a":"1"}
            """), "second")));
        Assert.Null(Entries(Write(live, ConfigMapWith("""
            "metadata":{"name":"one","managedFields":[{}]},"data":{"a":"1"}
            """), "second")));
    }

    [Fact]
    public void An_applier_loses_what_an_update_changes()
    {
        var live = new ServerSideApply(_time).Apply(null, Json.Object(ConfigMapWith("""
            "metadata":{"name":"one"},"data":{"a":"1","b":"1"}
            """)), new FieldWrite("alpha", "v1", ConfigMap));
        var written = Write(live, ConfigMapWith("""
            "metadata":{"name":"one"},"data":{"a":"2","b":"1"}
            """), "edit");
        Json.Equal("""{"f:data":{"f:b":{}}}""", ManagedFields.Of(written).Applied("alpha").ToFieldsV1());
        // Appliers come before updaters.
        Assert.Equal(["Apply", "Update"], Entries(written)!.AsArray().Select(entry => (string)entry!["operation"]!));
    }

    [Fact]
    public void The_oldest_updates_are_put_together()
    {
        JsonObject? live = null;
        var data = new JsonObject();
        for (var i = 0; i < 14; i++)
        {
            _time.Now += TimeSpan.FromMinutes(1);
            data[$"k{i:00}"] = "1";
            live = Write(live, ConfigMapWith($$"""
                "metadata":{"name":"one"},"data":{{data.ToJsonString()}}
                """), $"m{i:00}");
        }
        var entries = Entries(live!)!.AsArray();
        Assert.Equal(ManagedFieldsUpdater.MostUpdateManagers, entries.Count);
        Assert.Equal([ManagedFieldsUpdater.OldUpdates, .. Enumerable.Range(5, 9).Select(i => $"m{i:00}")], entries.Select(entry => (string)entry!["manager"]!));
        Json.Equal("""{"f:data":{".":{},"f:k00":{},"f:k01":{},"f:k02":{},"f:k03":{},"f:k04":{}}}""", entries[0]!["fieldsV1"]);
    }

    [Fact]
    public void A_change_of_times_alone_is_no_change()
    {
        var live = Write(null, ConfigMapWith("""
            "metadata":{"name":"one"},"data":{"a":"1"}
            """), "first");
        var later = (JsonObject)live.DeepClone();
        later["metadata"]!["managedFields"]![0]!["time"] = "2030-01-01T00:00:00Z";
        Assert.True(ManagedFieldsUpdater.ChangesOnlyTimes(live, later));
        later["data"]!["a"] = "2";
        Assert.False(ManagedFieldsUpdater.ChangesOnlyTimes(live, later));
    }
}
