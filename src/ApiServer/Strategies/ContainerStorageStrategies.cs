using System.Text.Json.Nodes;
using ActorKube.Models;

namespace ActorKube.ApiServer;

internal sealed class CsiDriverStrategy : ResourceStrategy
{
    public override bool AllowsUnconditionalUpdate => false;

    public override bool ReturnsDeletedObject => true;

    public override void Default(JsonObject tree)
    {
        var spec = tree.Need("spec");
        spec.Default("attachRequired", true);
        spec.Default("podInfoOnMount", false);
        spec.Default("storageCapacity", false);
        spec.Default("fsGroupPolicy", "ReadWriteOnceWithFSType");
        spec.Default("volumeLifecycleModes", new JsonArray("Persistent"));
        spec.Default("requiresRepublish", false);
        spec.Default("seLinuxMount", false);
    }

    public override void Validate(JsonObject tree, FieldErrors errors)
    {
        var spec = tree.Need("spec");
        PodValidation.Choice(spec, "fsGroupPolicy", "spec", ["File", "None", "ReadWriteOnceWithFSType"], errors);
        var (seen, index) = (new HashSet<string>(StringComparer.Ordinal), 0);
        foreach (var token in spec.List("tokenRequests").Objects())
        {
            var at = $"spec.tokenRequests[{index++}]";
            if (!seen.Add(token.Text("audience") ?? ""))
            {
                errors.Duplicate($"{at}.audience", token.Text("audience") ?? "");
            }
            if (token["expirationSeconds"].AsLong() is < 600 and var seconds)
            {
                errors.Invalid($"{at}.expirationSeconds", seconds, "may not specify a duration less than 10 minutes");
            }
        }
        foreach (var mode in spec.List("volumeLifecycleModes").Texts().Where(m => m is not ("Persistent" or "Ephemeral")))
        {
            errors.NotSupported("spec.volumeLifecycleModes", mode, ["Persistent", "Ephemeral"]);
        }
    }

    public override void ValidateUpdate(JsonObject tree, JsonObject old, FieldErrors errors)
    {
        Validate(tree, errors);
        // Kubernetes says attachedRequired where it means attachRequired.
        foreach (var (field, said) in ((string, string)[])[("attachRequired", "attachedRequired"), ("volumeLifecycleModes", "volumeLifecycleModes")])
        {
            if (!JsonNode.DeepEquals(tree.At("spec", field), old.At("spec", field)))
            {
                errors.Invalid($"spec.{said}", tree.At("spec", field)?.DeepClone(), "field is immutable");
            }
        }
    }

    /// <summary>Who drives a volume: a name as of a domain, at most 63 long.</summary>
    public static void CheckName(string name, string field, FieldErrors errors)
    {
        if (name.Length == 0)
        {
            errors.Required(field);
        }
        if (name.Length > 63)
        {
            errors.TooLong(field, 63);
        }
        foreach (var problem in NameRules.CheckDns1123Subdomain(name.ToLowerInvariant()))
        {
            errors.Invalid(field, name, problem);
        }
    }
}

internal sealed class CsiNodeStrategy : ResourceStrategy
{
    private const int LongestNodeId = 256;

    public override bool AllowsUnconditionalUpdate => false;

    public override bool ReturnsDeletedObject => true;

    public override (int Whole, int Changes) MetadataChecksOnUpdate => (1, 1);

    public override void Default(JsonObject tree) => tree.Need("spec").TryAdd("drivers", null);

    public override void Validate(JsonObject tree, FieldErrors errors)
    {
        var (names, index) = (new HashSet<string>(StringComparer.Ordinal), 0);
        foreach (var driver in (tree.At("spec", "drivers") as JsonArray).Objects())
        {
            var at = $"spec.drivers[{index++}]";
            var (name, id) = (driver.Text("name") ?? "", driver.Text("nodeID") ?? "");
            CsiDriverStrategy.CheckName(name, $"{at}.name", errors);
            if (id.Length == 0)
            {
                errors.Required($"{at}.nodeID");
            }
            if (id.Length > LongestNodeId)
            {
                errors.Invalid($"{at}.nodeID", id, $"must be {LongestNodeId} characters or less");
            }
            PodValidation.NotNegative(driver.Child("allocatable") ?? [], "count", $"{at}.allocatable", errors);
            if (!names.Add(name))
            {
                errors.Duplicate($"{at}.name", name);
            }
            var keys = new HashSet<string>(StringComparer.Ordinal);
            foreach (var key in driver.List("topologyKeys").Texts())
            {
                if (key.Length == 0)
                {
                    errors.Required(at);
                }
                if (!keys.Add(key))
                {
                    errors.Duplicate(at, key);
                }
                PodValidation.Qualified(key, at, errors);
            }
        }
    }

    public override void ValidateUpdate(JsonObject tree, JsonObject old, FieldErrors errors)
    {
        Validate(tree, errors);
        var now = (tree.At("spec", "drivers") as JsonArray).Objects().ToList();
        foreach (var before in (old.At("spec", "drivers") as JsonArray).Objects())
        {
            foreach (var changed in now.Where(d => d.Text("name") == before.Text("name") && !JsonNode.DeepEquals(d, before)))
            {
                errors.Invalid("spec.drivers", changed.DeepClone(), "field is immutable");
            }
        }
    }
}

internal sealed class CsiStorageCapacityStrategy : ResourceStrategy
{
    public override (int Whole, int Changes) MetadataChecksOnUpdate => (1, 1);

    public override bool AllowsUnconditionalUpdate => false;

    public override void Validate(JsonObject tree, FieldErrors errors)
    {
        foreach (var problem in NameRules.CheckDns1123Subdomain(tree.Text("storageClassName") ?? ""))
        {
            errors.Invalid("storageClassName", tree.Text("storageClassName") ?? "", problem);
        }
        SelectorValidation.Check(tree.Child("nodeTopology"), "nodeTopology", errors);
        foreach (var field in (string[])["capacity", "maximumVolumeSize"])
        {
            if (ResourceValidation.Quantity(tree[field])?.ToDecimal() is < 0)
            {
                errors.Invalid(field, tree[field]!.DeepClone(), "must be greater than or equal to 0");
            }
        }
    }

    public override void ValidateUpdate(JsonObject tree, JsonObject old, FieldErrors errors)
    {
        Validate(tree, errors);
        foreach (var field in (string[])["nodeTopology", "storageClassName"])
        {
            if (!JsonNode.DeepEquals(tree[field], old[field]))
            {
                errors.Invalid(field, tree[field]?.DeepClone(), "field is immutable");
            }
        }
    }
}

internal sealed class VolumeAttachmentStrategy : ResourceStrategy
{
    public override bool AllowsUnconditionalUpdate => false;

    public override bool ReturnsDeletedObject => true;

    public override (int Whole, int Changes) MetadataChecksOnUpdate => (2, 0);

    public override void PrepareForCreate(JsonObject tree) => tree["status"] = new JsonObject { ["attached"] = false };

    public override void Validate(JsonObject tree, FieldErrors errors)
    {
        var spec = tree.Need("spec");
        if (string.IsNullOrEmpty(spec.Text("attacher")))
        {
            errors.Required("spec.attacher");
        }
        const string one = "must specify exactly one of inlineVolumeSpec and persistentVolumeName";
        var (inline, volume) = (spec.At("source", "inlineVolumeSpec"), spec.TextAt("source", "persistentVolumeName"));
        if (inline is null && volume is null)
        {
            errors.Required("spec.source", one);
        }
        else if (inline is not null && volume is not null)
        {
            errors.Forbidden("spec.source", one);
        }
        else if (volume is { Length: 0 })
        {
            errors.Required("spec.source.persistentVolumeName", "must specify non empty persistentVolumeName");
        }
        foreach (var problem in NameRules.CheckDns1123Subdomain(spec.Text("nodeName") ?? ""))
        {
            errors.Invalid("spec.nodeName", spec.Text("nodeName") ?? "", problem);
        }
        CsiDriverStrategy.CheckName(spec.Text("attacher") ?? "", "spec.attacher", errors);
        if (volume is { } named)
        {
            foreach (var problem in NameRules.CheckDns1123Subdomain(named))
            {
                errors.Invalid("spec.source.persistentVolumeName", named, problem);
            }
        }
    }

    public override void ValidateUpdate(JsonObject tree, JsonObject old, FieldErrors errors)
    {
        if (!JsonNode.DeepEquals(tree["spec"], old["spec"]))
        {
            errors.Invalid("spec", tree["spec"]?.DeepClone(), "field is immutable");
        }
    }
}
