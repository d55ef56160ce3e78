using System.Text.Json.Nodes;
using ActorKube.Models;

namespace ActorKube.ApiServer;

/// <summary>Keeps <c>metadata.managedFields</c>: who set which field, how, and when. The machinery is Models'; what each resource adds is here.</summary>
internal sealed class FieldManagement(TimeProvider time)
{
    private static readonly FieldSet StatusFields = FieldSet.Of(FieldPath.Of("status"));
    private static readonly FieldSet SpecFields = FieldSet.Of(FieldPath.Of("spec"));
    private static readonly FieldSet AllButStatusFields = FieldSet.Of(FieldPath.Of("spec"), FieldPath.Of("metadata"));
    private static readonly FieldSet SpecAndStatus = FieldSet.Of(FieldPath.Of("spec"), FieldPath.Of("status"));
    private static readonly FieldSet SpecAndLabels = FieldSet.Of(FieldPath.Of("spec"), FieldPath.Of("metadata", "labels"));
    private static readonly FieldSet SpecAndConditions = FieldSet.Of(FieldPath.Of("spec"), FieldPath.Of("status", "conditions"));
    private static readonly FieldSet SpecAndCertificate = FieldSet.Of(FieldPath.Of("spec"), FieldPath.Of("status", "certificate"));

    private readonly ManagedFieldsUpdater _updater = new(time);
    private readonly ServerSideApply _apply = new(time);

    /// <summary>Called with the object before and after a write, after validation and before the commit.</summary>
    internal delegate void Update(ApiResource row, JsonObject tree, JsonObject old, WriteContext context, string? subresource);

    /// <summary>A new object: <paramref name="given"/> is what its body said about managers.</summary>
    public void Created(ApiResource row, JsonObject tree, JsonNode? given, WriteContext context)
    {
        if (context.Applied)
        {
            if (given is not null)
            {
                tree.Metadata()["managedFields"] = given.DeepClone();
            }
            return;
        }
        if (given is JsonArray { Count: > 0 })
        {
            tree.Metadata()["managedFields"] = given.DeepClone();
        }
        Enter(row, tree, null, context, null);
    }

    public void Updated(ApiResource row, JsonObject tree, JsonObject old, WriteContext context, string? subresource) =>
        Enter(row, tree, old, context, subresource);

    private void Enter(ApiResource row, JsonObject tree, JsonObject? old, WriteContext context, string? subresource)
    {
        if (old is not null && IsUnmanaged(tree, old, subresource))
        {
            // Whose managers were taken away, or never known, gets none before the first apply.
            tree.Metadata().Remove("managedFields");
            return;
        }
        if (subresource == "scale" && !ScaleApply.IsHeld(old!.Metadata(), ScaleForm.ReplicasPath(row)))
        {
            // A Scale whose replicas nobody holds has no managers, and an update does not begin to name them.
            tree.Metadata()["managedFields"] = old!.Metadata()["managedFields"]?.DeepClone();
            return;
        }
        _updater.Update(old, tree, Write(row, context, subresource));
        if (subresource == "scale")
        {
            if (tree.At(ScaleForm.ReplicasPath(row)).AsLong() is null or 0 && old?.At(ScaleForm.ReplicasPath(row)).AsLong() is not (null or 0))
            {
                // A Scale of none does not say how many: nobody holds what is not there.
                ScaleApply.Release(tree.Metadata(), ScaleForm.ReplicasPath(row));
            }
            // What was set through a scale has no time.
            foreach (var entry in tree.Metadata().List("managedFields").Objects().Where(e => e.Text("subresource") == "scale" && e.Text("operation") == "Update"))
            {
                entry.Remove("time");
            }
        }
    }

    private static bool IsUnmanaged(JsonObject tree, JsonObject old, string? subresource)
    {
        if (string.IsNullOrEmpty(subresource) && tree.Metadata().List("managedFields") is { Count: > 0 } given)
        {
            return given is [JsonObject { Count: 0 }];
        }
        return old.Metadata().List("managedFields") is not { Count: > 0 };
    }

    /// <summary>Says who asked a question, in the answer: what stands in it is his.</summary>
    public void Asked(JsonObject question, GroupVersionKind kind, string subresource, WriteContext context) => _updater.Update(null, question,
        new FieldWrite(context.FieldManager, kind.GroupVersion.ToString(), MergeSchema.For(kind) ?? MergeSchema.Any, subresource));

    /// <summary>The managers stand in the tree already: an apply has put them there.</summary>
    public static void Applied(ApiResource row, JsonObject tree, JsonObject old, WriteContext context, string? subresource)
    {
    }

    /// <summary>Lays an apply configuration over an object (null where there is none).</summary>
    /// <exception cref="ApiException">409 with a cause for each field that another manager holds; 400 and 500 for malformed configurations.</exception>
    public JsonObject Apply(ApiResource row, JsonObject? live, JsonObject configuration, WriteContext context, string? subresource, string name) =>
        Apply(live, configuration, Write(row, context, subresource), context.Force);

    /// <summary>Lays an apply configuration over a Scale.</summary>
    /// <exception cref="ApiException">As <see cref="Apply(ApiResource, JsonObject, JsonObject, WriteContext, string, string)"/>.</exception>
    public JsonObject ApplyScale(JsonObject live, JsonObject configuration, WriteContext context) => Apply(live, configuration,
        new FieldWrite(context.FieldManager, "autoscaling/v1", MergeSchema.For(new GroupVersionKind("autoscaling", "v1", "Scale")) ?? MergeSchema.Any, "scale"), context.Force);

    private JsonObject Apply(JsonObject? live, JsonObject configuration, FieldWrite write, bool force)
    {
        try
        {
            return _apply.Apply(live, configuration, write, force);
        }
        catch (ApplyConflictException conflict)
        {
            var causes = new JsonArray([.. conflict.Conflicts.Select(c => Errors.Cause("FieldManagerConflict", c.Message, c.Field.ToString()))]);
            throw Errors.Of(409, "Conflict", conflict.Message, new JsonObject { ["causes"] = causes });
        }
        catch (ApplyRefusedException refused)
        {
            throw refused.StatusCode == 400 ? Errors.BadRequest(refused.Message) : Errors.Unforeseen(refused.Message);
        }
    }

    private static FieldWrite Write(ApiResource row, WriteContext context, string? subresource) =>
        new(context.FieldManager, row.ApiVersion, row.MergeSchema, subresource ?? "") { Ignored = Ignored(row, subresource) };

    /// <summary>Whether a status leaves the metadata of its kind as it is.</summary>
    public static bool KeepsMetadata(ApiResource row) => row.Custom is not null || row.Plural == "volumeattachments"
        || row.Group is "admissionregistration.k8s.io" or "apiregistration.k8s.io" or "apiextensions.k8s.io" or "flowcontrol.apiserver.k8s.io";

    private static FieldSet Ignored(ApiResource row, string? subresource) => subresource switch
    {
        "status" when row.Group is "admissionregistration.k8s.io" or "apiregistration.k8s.io" or "apiextensions.k8s.io" or "flowcontrol.apiserver.k8s.io"
            || row.Plural == "volumeattachments" => AllButStatusFields,
        "status" when row.Kind == "Deployment" => SpecAndLabels,
        "status" when row.Kind == "CertificateSigningRequest" => SpecAndConditions,
        "approval" => SpecAndCertificate,
        "status" => SpecFields,
        null when row.Kind == "CertificateSigningRequest" => SpecAndStatus,
        null when row.HasStatus => StatusFields,
        _ => FieldSet.Empty,
    };
}
