using System.Text.Json.Nodes;
using ActorKube.Models;

namespace Models.Tests.Patches;

/// <summary>What a real server sent, patched into and out of being.</summary>
public sealed class GoldenPatchTests
{
    static readonly FixedTime Time = new();

    /// <summary>The objects, one of each path.</summary>
    public static TheoryData<string> Objects => [.. Golden.All.Where(golden => !golden.IsWatch && !golden.IsList && MergeSchema.For(golden.Kind) is not null).Select(golden => golden.Path)];

    // No merge patch can set null, and to Kubernetes it is the same as nothing.
    static JsonObject Object(string path) => (JsonObject)WithoutNulls(Golden.At(path).Json)!;

    static JsonNode? WithoutNulls(JsonNode? node) => node switch
    {
        JsonObject members => new JsonObject(members.Where(member => member.Value is not null).Select(member => KeyValuePair.Create(member.Key, WithoutNulls(member.Value)))),
        JsonArray elements => new JsonArray([.. elements.Select(WithoutNulls)]),
        _ => node?.DeepClone(),
    };

    static JsonObject Skeleton(JsonObject whole) => new() { ["apiVersion"] = whole["apiVersion"]!.DeepClone(), ["kind"] = whole["kind"]!.DeepClone() };

    [Theory]
    [MemberData(nameof(Objects))]
    public void A_strategic_difference_leads_there_and_back(string path)
    {
        var (whole, kind) = (Object(path), Golden.At(path).Kind);
        var less = Skeleton(whole);
        Json.Equal(whole, StrategicMergePatch.Apply(less, StrategicMergePatch.Diff(less, whole, kind), kind));
        Json.Equal(less, StrategicMergePatch.Apply(whole, StrategicMergePatch.Diff(whole, less, kind), kind));
        foreach (var thinned in Thinned(whole))
        {
            Json.Equal(whole, StrategicMergePatch.Apply(thinned, StrategicMergePatch.Diff(thinned, whole, kind), kind));
            Json.Equal(thinned, StrategicMergePatch.Apply(whole, StrategicMergePatch.Diff(whole, thinned, kind), kind));
        }
    }

    [Theory]
    [MemberData(nameof(Objects))]
    public void Merge_and_json_differences_lead_there_and_back(string path)
    {
        var whole = Object(path);
        foreach (var thinned in Thinned(whole))
        {
            Json.Equal(whole, JsonMergePatch.Apply(thinned, JsonMergePatch.Diff(thinned, whole)));
            Json.Equal(thinned, JsonMergePatch.Apply(whole, JsonMergePatch.Diff(whole, thinned)));
            Json.Equal(whole, JsonPatch.Apply(thinned, JsonPatch.Diff(thinned, whole)));
            Json.Equal(thinned, JsonPatch.Apply(whole, JsonPatch.Diff(whole, thinned)));
        }
    }

    [Theory]
    [MemberData(nameof(Objects))]
    public void Managed_fields_read_back_as_the_server_wrote_them(string path)
    {
        var whole = Object(path);
        var copy = (JsonObject)whole.DeepClone();
        ManagedFields.Of(whole).WriteTo(copy);
        Json.Equal(whole, copy);
    }

    [Theory]
    [MemberData(nameof(Objects))]
    public void Applied_and_extracted_it_is_the_same(string path)
    {
        var (wanted, schema) = (Object(path), MergeSchema.For(Golden.At(path).Kind)!);
        foreach (var field in (string[])["managedFields", "uid", "resourceVersion", "creationTimestamp", "generation", "generateName"]) (wanted["metadata"] as JsonObject)?.Remove(field);
        var live = new ServerSideApply(Time).Apply(null, wanted, new FieldWrite("me", (string)wanted["apiVersion"]!, schema));
        var extracted = ServerSideApply.Extract(live, "me", schema);
        Assert.Equal(FieldOwnership.Ownable(TypedFieldSet.Of(wanted, schema)), FieldOwnership.Ownable(TypedFieldSet.Of(extracted, schema)));
    }

    // What the server itself adds after it has entered the writer (addresses, finalizers, a token's volume) has no owner, so these tell nothing here.
    static readonly string[] Completed = ["Service", "Namespace", "Pod"];

    /// <summary>The objects that one writer made and nobody changed but through subresources.</summary>
    public static TheoryData<string> Created => [.. Golden.All.Where(golden => !golden.IsWatch && !golden.IsList && MergeSchema.For(golden.Kind) is not null && !Completed.Contains(golden.Kind.Kind)
        && ManagedFields.Of((JsonObject)golden.Json).Owners.Count(owner => owner is { Applies: false, Subresource: "" }) == 1).Select(golden => golden.Path)];

    [Theory]
    [MemberData(nameof(Created))]
    public void A_writer_owns_what_the_server_says_it_owns(string path)
    {
        var created = (JsonObject)Golden.At(path).Json.DeepClone();
        var managed = ManagedFields.Of(created);
        var writer = managed.Owners.Single(owner => owner is { Applies: false, Subresource: "" });
        (created["metadata"] as JsonObject)!.Remove("managedFields");
        var written = new ManagedFieldsUpdater(Time).Update(null, created, new FieldWrite(writer.Manager, writer.ApiVersion, MergeSchema.For(Golden.At(path).Kind)!) { Ignored = FieldSet.Of(FieldPath.Of("status")) });
        Assert.Equal(managed.OwnedBy(writer).ToFieldsV1().ToJsonString(), ManagedFields.Of(written).OwnedBy(writer).ToFieldsV1().ToJsonString());
    }

    /// <summary>The object with one member of each object in it left out, for the first few of them.</summary>
    static IEnumerable<JsonObject> Thinned(JsonObject whole)
    {
        for (var skipped = 0; skipped < 8; skipped++)
        {
            var thinned = (JsonObject)whole.DeepClone();
            Thin(thinned, skipped);
            yield return thinned;
        }
    }

    static void Thin(JsonNode? node, int skipped)
    {
        switch (node)
        {
            case JsonArray elements:
                if (elements.Count > 1 && skipped % 2 == 1) elements.RemoveAt(skipped % elements.Count);
                foreach (var element in elements) Thin(element, skipped);
                break;
            case JsonObject members:
                // Keys stay: without them a list cannot be merged.
                var optional = members.Select(member => member.Key).Where(name => name is not ("name" or "type" or "uid" or "ip" or "key" or "mountPath" or "containerPort" or "port" or "topologyKey" or "devicePath")).ToArray();
                if (optional.Length > skipped) members.Remove(optional[skipped]);
                foreach (var (_, member) in members) Thin(member, skipped);
                break;
        }
    }
}
