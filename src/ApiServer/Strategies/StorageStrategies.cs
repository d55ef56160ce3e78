using System.Text.Json.Nodes;
using k8s.Models;

namespace ActorKube.ApiServer;

internal static class AccessModes
{
    private static readonly string[] Known = ["ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod"];

    public static void Check(JsonObject? spec, string whenMissing, FieldErrors errors, string path = "spec")
    {
        if (spec?.List("accessModes") is not { Count: > 0 } modes)
        {
            errors.Required($"{path}.accessModes", whenMissing);
            return;
        }
        foreach (var mode in modes.Texts().Where(m => Array.IndexOf(Known, m) < 0))
        {
            errors.NotSupported($"{path}.accessModes", mode, Known);
        }
        if (modes.Count > 1 && modes.Texts().Contains("ReadWriteOncePod"))
        {
            errors.Forbidden($"{path}.accessModes", "may not use ReadWriteOncePod with other access modes");
        }
    }
}

internal sealed class PersistentVolumeClaimStrategy : ResourceStrategy
{
    public override bool ReturnsDeletedObject => true;

    public override void Default(JsonObject tree)
    {
        tree.Need("spec").Default("volumeMode", "Filesystem");
        tree.Need("spec").Need("resources");
        tree.Child("status")?.Default("phase", "Pending");
        foreach (var field in Sources)
        {
            tree.Need("spec").Child(field)?.TryAdd("apiGroup", null);
        }
    }

    private static readonly string[] Sources = ["dataSource", "dataSourceRef"];

    public override void PrepareForCreate(JsonObject tree)
    {
        tree["status"] = new JsonObject { ["phase"] = "Pending" };
        var spec = tree.Need("spec");
        // Where a claim's data comes from stands in an old field and a new one, and in both it says the same.
        if (spec.Child("dataSource") is { } old && spec["dataSourceRef"] is null)
        {
            spec["dataSourceRef"] = old.DeepClone();
        }
        else if (spec.Child("dataSourceRef") is { } now && now.Text("namespace") is null or "" && spec["dataSource"] is null)
        {
            spec["dataSource"] = spec["dataSourceRef"]?.DeepClone();
            spec.DropEmpty("dataSource");
        }
    }

    /// <summary>A changed claim is checked as a new one, and again as a change and what comes of it.</summary>
    public override (int Whole, int Changes) MetadataChecksOnUpdate => (2, 1);

    public override void Validate(JsonObject tree, FieldErrors errors) => ClaimValidation.Spec(tree.Child("spec") ?? [], "spec", errors);

    public override void ValidateUpdate(JsonObject tree, JsonObject old, FieldErrors errors)
    {
        Validate(tree, errors);
        Validate(tree, errors);
        var (now, before) = (tree.Need("spec").Copy(), old.Need("spec").Copy());
        var bound = old.TextAt("status", "phase") == "Bound";
        foreach (var spec in (JsonObject[])[now, before])
        {
            if (bound)
            {
                spec.Remove("volumeAttributesClassName");
                spec.Child("resources")?.Child("requests")?.Remove("storage");
            }
            // The class may be filled in while there is none, the volume by whoever binds.
            if (before["storageClassName"] is null)
            {
                spec.Remove("storageClassName");
            }
            if (before["volumeName"] is null)
            {
                spec.Remove("volumeName");
            }
        }
        if (!JsonNode.DeepEquals(now, before))
        {
            errors.Forbidden("spec", "spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims");
        }
        var capacity = ResourceValidation.Quantity(old.At("status", "capacity", "storage"))?.ToDecimal() ?? 0;
        if (Storage(tree) < Storage(old) && Storage(tree) <= capacity)
        {
            errors.Forbidden("spec.resources.requests.storage", "field can not be less than status.capacity");
        }
        if (tree.TextAt("spec", "volumeMode") != old.TextAt("spec", "volumeMode"))
        {
            errors.Invalid("volumeMode", tree.TextAt("spec", "volumeMode"), "field is immutable");
        }
    }

    private static decimal Storage(JsonObject tree) =>
        ResourceQuantity.TryParse(tree.At("spec", "resources", "requests", "storage")?.ToString() ?? "", out var size) ? size.ToDecimal() : 0;
}

internal sealed class PersistentVolumeStrategy(TimeProvider time) : ResourceStrategy
{
    private static readonly string[] Common =
        ["capacity", "accessModes", "claimRef", "persistentVolumeReclaimPolicy", "storageClassName", "mountOptions", "volumeMode", "nodeAffinity", "volumeAttributesClassName"];

    public override bool ReturnsDeletedObject => true;

    public override void Default(JsonObject tree)
    {
        var spec = tree.Need("spec");
        spec.Default("volumeMode", "Filesystem");
        spec.Default("persistentVolumeReclaimPolicy", "Retain");
        spec.Child("hostPath")?.Default("type", "");
        tree.Child("status")?.Default("phase", "Pending");
    }

    public override void PrepareForCreate(JsonObject tree) =>
        tree["status"] = new JsonObject { ["phase"] = "Pending", ["lastPhaseTransitionTime"] = MetadataRules.Timestamp(time.GetUtcNow()) };

    public override void PrepareForStatusUpdate(JsonObject tree, JsonObject old)
    {
        var status = tree.Need("status");
        if (status["lastPhaseTransitionTime"] is null && old.At("status", "lastPhaseTransitionTime") is { } since)
        {
            status["lastPhaseTransitionTime"] = since.DeepClone();
        }
        if (status.Text("phase") != old.TextAt("status", "phase") && status.Text("lastPhaseTransitionTime") == old.TextAt("status", "lastPhaseTransitionTime"))
        {
            status["lastPhaseTransitionTime"] = MetadataRules.Timestamp(time.GetUtcNow());
        }
    }

    public override void Validate(JsonObject tree, FieldErrors errors)
    {
        var spec = tree.Child("spec");
        AccessModes.Check(spec, "", errors);
        if (spec?.Child("capacity") is not { Count: > 0 } capacity)
        {
            errors.Required("spec.capacity");
            errors.Add("FieldValueNotSupported", "spec.capacity", "Unsupported value: core.ResourceList(nil): supported values: \"storage\"");
        }
        else if (!capacity.ContainsKey("storage") || capacity.Count > 1)
        {
            errors.NotSupported("spec.capacity", capacity.DeepClone(), ["storage"]);
        }
        else if (ResourceQuantity.TryParse(capacity["storage"]!.ToString(), out var size) && size.ToDecimal() <= 0)
        {
            if (size.Sign < 0)
            {
                errors.InvalidShown("spec.capacity[storage]", capacity["storage"]!.ToString(), "must be a valid resource quantity");
            }
            errors.Invalid("spec.capacity[storage]", capacity["storage"]!.DeepClone(), "must be greater than zero");
        }
        PodValidation.Choice(spec ?? [], "persistentVolumeReclaimPolicy", "spec", ["Delete", "Recycle", "Retain"], errors);
        if (spec?.Child("nodeAffinity")?.Child("required") is { } required)
        {
            AffinityValidation.NodeSelector(required, "spec.nodeAffinity.required", errors);
        }
        var sources = spec?.Select(p => p.Key).Where(k => Array.IndexOf(Common, k) < 0).ToList() ?? [];
        foreach (var extra in sources.Skip(1))
        {
            errors.Forbidden($"spec.{extra}", "may not specify more than 1 volume type");
        }
        switch (sources.FirstOrDefault())
        {
            case null:
                errors.Required("spec", "must specify a volume type");
                break;
            case "hostPath" when string.IsNullOrEmpty(spec.TextAt("hostPath", "path")):
                errors.Required("spec.hostPath.path");
                break;
            case "hostPath" when spec.TextAt("hostPath", "path") is { } path && path.Split('/').Contains(".."):
                errors.Invalid("spec.hostPath.path", path, "must not contain '..'");
                break;
            case "local" when spec?.Child("nodeAffinity") is null:
                errors.Required("spec.nodeAffinity", "Local volume requires node affinity");
                break;
            case "nfs":
                foreach (var field in (string[])["server", "path"])
                {
                    if (string.IsNullOrEmpty(spec.TextAt("nfs", field)))
                    {
                        errors.Required($"spec.nfs.{field}");
                    }
                }
                break;
            case "csi":
                foreach (var field in (string[])["driver", "volumeHandle"])
                {
                    if (string.IsNullOrEmpty(spec.TextAt("csi", field)))
                    {
                        errors.Required($"spec.csi.{field}");
                    }
                }
                break;
        }
        PodValidation.Name(spec?.Text("storageClassName"), NameRule.Subdomain, "spec.storageClassName", errors);
        PodValidation.Choice(spec ?? [], "volumeMode", "spec", ["Block", "Filesystem"], errors);
    }

    public override (int Whole, int Changes) MetadataChecksOnUpdate => (2, 0);

    public override void ValidateUpdate(JsonObject tree, JsonObject old, FieldErrors errors)
    {
        Validate(tree, errors);
        Validate(tree, errors);
        JsonObject Source(JsonObject volume)
        {
            var spec = volume.Need("spec").Copy();
            foreach (var field in Common)
            {
                spec.Remove(field);
            }
            return spec;
        }
        if (!JsonNode.DeepEquals(Source(tree), Source(old)))
        {
            errors.Forbidden("spec.persistentvolumesource", "spec.persistentvolumesource is immutable after creation");
        }
        if (!JsonNode.DeepEquals(tree.At("spec", "volumeMode"), old.At("spec", "volumeMode")))
        {
            errors.Invalid("volumeMode", tree.At("spec", "volumeMode")?.DeepClone(), "field is immutable");
        }
    }
}

internal sealed class StorageClassStrategy : ResourceStrategy
{
    public override (int Whole, int Changes) MetadataChecksOnUpdate => (1, 1);

    public override bool ReturnsDeletedObject => true;

    public override void Default(JsonObject tree)
    {
        tree.Default("reclaimPolicy", "Delete");
        tree.Default("volumeBindingMode", "Immediate");
    }

    public override void Validate(JsonObject tree, FieldErrors errors)
    {
        if (string.IsNullOrEmpty(tree.Text("provisioner")))
        {
            errors.Required("provisioner");
        }
        else
        {
            foreach (var problem in ActorKube.Models.NameRules.CheckQualifiedName(tree.Text("provisioner")!.ToLowerInvariant()))
            {
                errors.Invalid("provisioner", tree.Text("provisioner"), problem);
            }
        }
        if (tree.Child("parameters")?.ContainsKey("") == true)
        {
            errors.Invalid("parameters", "", "field can not be empty.");
        }
        if (tree.Text("reclaimPolicy") is { } policy and not ("Delete" or "Retain"))
        {
            errors.NotSupported("reclaimPolicy", policy, ["Delete", "Retain"]);
        }
        if (tree.Text("volumeBindingMode") is { } mode and not ("Immediate" or "WaitForFirstConsumer"))
        {
            errors.NotSupported("volumeBindingMode", mode, ["Immediate", "WaitForFirstConsumer"]);
        }
    }

    public override void ValidateUpdate(JsonObject tree, JsonObject old, FieldErrors errors)
    {
        foreach (var field in (string[])["parameters", "provisioner", "reclaimPolicy"])
        {
            if (!JsonNode.DeepEquals(tree[field], old[field]))
            {
                errors.Forbidden(field, $"updates to {field} are forbidden.");
            }
        }
        if (tree.Text("volumeBindingMode") != old.Text("volumeBindingMode"))
        {
            errors.Invalid("volumeBindingMode", tree.Text("volumeBindingMode"), "field is immutable");
        }
    }
}
