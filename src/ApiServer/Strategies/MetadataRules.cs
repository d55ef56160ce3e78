using System.Globalization;
using System.Text.Json.Nodes;

namespace ActorKube.ApiServer;

/// <summary>What holds for the metadata of every kind.</summary>
internal static class MetadataRules
{
    private static readonly string[] ServerOwned =
        ["uid", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds", "generation", "selfLink"];

    /// <summary>Metadata of a new object: what the server owns is the server's.</summary>
    public static void PrepareForCreate(JsonObject meta, bool hasGeneration, TimeProvider time)
    {
        foreach (var owned in ServerOwned)
        {
            // A kind that does not count generations keeps what it is given, as the real server does.
            if (owned != "generation" || hasGeneration)
            {
                meta.Remove(owned);
            }
        }
        meta.Remove("resourceVersion");
        meta["uid"] = Guid.NewGuid().ToString();
        meta["creationTimestamp"] = Timestamp(time.GetUtcNow());
        if (hasGeneration)
        {
            meta["generation"] = 1;
        }
        DropEmpty(meta);
    }

    /// <summary>Metadata of a changed object: what the server owns comes from the stored one.</summary>
    public static void PrepareForUpdate(JsonObject meta, JsonObject old)
    {
        foreach (var owned in ServerOwned)
        {
            // That an object is being deleted can be neither taken back nor said: the one is passed over, the other refused.
            if (owned is "deletionTimestamp" or "deletionGracePeriodSeconds" && meta[owned] is not null && (owned == "deletionGracePeriodSeconds" || old[owned] is null))
            {
                continue;
            }
            if (owned == "uid" && meta.Text("uid") is { Length: > 0 })
            {
                continue;
            }
            meta.Remove(owned);
            if (old[owned] is { } value)
            {
                meta[owned] = value.DeepClone();
            }
        }
        meta["resourceVersion"] = old.Text("resourceVersion");
        DropEmpty(meta);
    }

    private static void DropEmpty(JsonObject meta)
    {
        meta.DropEmpty("labels");
        meta.DropEmpty("annotations");
        meta.DropEmpty("ownerReferences");
        meta.DropEmpty("finalizers");
        meta.DropEmpty("managedFields");
        meta.DropEmpty("generateName");
    }

    public static void Validate(JsonObject meta, ApiResource row, FieldErrors errors)
    {
        if (meta.Text("generateName") is { Length: > 0 } prefix)
        {
            foreach (var problem in NameValidation.Problems(row.Strategy.Names, MaskTrailingDash(prefix)))
            {
                errors.Invalid("metadata.generateName", prefix, problem);
            }
        }
        var name = meta.Text("name");
        if (string.IsNullOrEmpty(name))
        {
            errors.Required("metadata.name", "name or generateName is required");
        }
        else
        {
            foreach (var problem in NameValidation.Problems(row.Strategy.Names, name))
            {
                errors.Invalid("metadata.name", name, problem);
            }
        }
        General(meta, errors);
        FinalizerNames(meta, errors);
        StandardFinalizers(meta, row, errors);
    }

    /// <summary>
    /// The real server checks changed metadata in general and again for the kind, some kinds yet more often, and reports what it finds each time.
    /// </summary>
    public static void ValidateUpdate(JsonObject meta, JsonObject old, ApiResource row, FieldErrors errors)
    {
        var (whole, changes) = row.Strategy.MetadataChecksOnUpdate;
        for (var pass = 0; pass <= whole; pass++)
        {
            General(meta, errors);
            FinalizerNames(meta, errors);
            if (pass > 0)
            {
                StandardFinalizers(meta, row, errors);
            }
        }
        for (var pass = 0; pass <= changes; pass++)
        {
            General(meta, errors);
            Transition(meta, old, errors);
            if (pass > 0)
            {
                StandardFinalizers(meta, row, errors);
            }
        }
    }

    /// <summary>What a kind that checks changed metadata once more finds in it.</summary>
    public static void Again(JsonObject meta, FieldErrors errors)
    {
        General(meta, errors);
        BareFinalizers(meta, errors);
    }

    private static void General(JsonObject meta, FieldErrors errors, string path = "metadata")
    {
        if (meta["generation"].AsLong() is < 0 and var generation)
        {
            errors.Invalid($"{path}.generation", generation, "must be greater than or equal to 0");
        }
        NameValidation.Labels(meta.Child("labels"), $"{path}.labels", errors);
        NameValidation.Annotations(meta.Child("annotations"), $"{path}.annotations", errors);
        Owners(meta, errors, $"{path}.ownerReferences");
    }

    /// <summary>The metadata of an object that stands within another: its name may be anything that fits into a path.</summary>
    public static void ValidateEmbedded(JsonObject meta, string path, FieldErrors errors)
    {
        foreach (var field in (string[])["generateName", "name"])
        {
            if (meta.Text(field) is { Length: > 0 } name)
            {
                foreach (var problem in NameValidation.Problems(NameRule.PathSegment, name))
                {
                    errors.Invalid($"{path}.{field}", name, problem);
                }
            }
        }
        if (meta.Text("namespace") is { Length: > 0 } place)
        {
            foreach (var problem in ActorKube.Models.NameRules.CheckDns1123Label(place))
            {
                errors.Invalid($"{path}.namespace", place, problem);
            }
        }
        General(meta, errors, path);
        FinalizerNames(meta, errors, $"{path}.finalizers");
    }

    private static void Transition(JsonObject meta, JsonObject old, FieldErrors errors)
    {
        if (meta.Text("uid") is { Length: > 0 } uid && uid != old.Text("uid"))
        {
            errors.Invalid("metadata.uid", uid, "field is immutable");
        }
        if (meta["deletionTimestamp"] is { } time && old["deletionTimestamp"] is null)
        {
            errors.InvalidShown("metadata.deletionTimestamp", GoTimes.Shown(time.AsText() ?? ""), "field is immutable");
        }
        if (meta["deletionGracePeriodSeconds"].AsLong() is { } grace && grace != old["deletionGracePeriodSeconds"].AsLong())
        {
            errors.Invalid("metadata.deletionGracePeriodSeconds", grace, "field is immutable");
        }
        if (old.ContainsKey("deletionTimestamp"))
        {
            var before = old.List("finalizers").Texts().ToHashSet(StringComparer.Ordinal);
            var added = meta.List("finalizers").Texts().Where(f => !before.Contains(f)).ToList();
            if (added.Count > 0)
            {
                errors.Forbidden("metadata.finalizers",
                    $"no new finalizers can be added if the object is being deleted, found new finalizers []string{{{string.Join(", ", added.Select(FieldErrors.Quote))}}}");
            }
        }
    }

    private static void Owners(JsonObject meta, FieldErrors errors, string field)
    {
        if (meta["ownerReferences"] is not JsonArray owners)
        {
            return;
        }
        string? controller = null;
        foreach (var owner in owners.Objects())
        {
            var version = owner.Text("apiVersion") ?? "";
            if (version.Length == 0)
            {
                errors.Invalid($"{field}.apiVersion", "", "version must not be empty");
            }
            else if (version.Count(c => c == '/') > 1)
            {
                errors.Invalid($"{field}.apiVersion", version, "version must not be empty");
            }
            if (owner.Text("kind") == "Event" && version == "v1")
            {
                errors.InvalidShown(field, GoValues.Owner(owner), "/v1, Kind=Event is disallowed from being an owner");
            }
            if (string.IsNullOrEmpty(owner.Text("kind")))
            {
                errors.Invalid($"{field}.kind", owner.Text("kind") ?? "", "kind must not be empty");
            }
            if (string.IsNullOrEmpty(owner.Text("name")))
            {
                errors.Invalid($"{field}.name", owner.Text("name") ?? "", "name must not be empty");
            }
            if (string.IsNullOrEmpty(owner.Text("uid")))
            {
                errors.Invalid($"{field}.uid", owner.Text("uid") ?? "", "uid must not be empty");
            }
            if (owner["controller"].AsBool() == true)
            {
                if (controller is not null)
                {
                    errors.InvalidShown(field, GoValues.Owners(owners),
                        $"Only one reference can have Controller set to true. Found \"true\" in references for {controller} and {owner.Text("kind")}/{owner.Text("name")}");
                }
                controller = $"{owner.Text("kind")}/{owner.Text("name")}";
            }
        }
    }

    private static void FinalizerNames(JsonObject meta, FieldErrors errors, string field = "metadata.finalizers")
    {
        if (meta["finalizers"] is not JsonArray finalizers)
        {
            return;
        }
        foreach (var finalizer in finalizers.Texts())
        {
            foreach (var problem in ActorKube.Models.NameRules.CheckQualifiedName(finalizer))
            {
                errors.Invalid(field, finalizer, problem);
            }
        }
        if (finalizers.Texts().Contains("orphan") && finalizers.Texts().Contains("foregroundDeletion"))
        {
            errors.InvalidTexts(field, finalizers.Texts(), "finalizer orphan and foregroundDeletion cannot be both set");
        }
    }

    /// <summary>Kinds of Kubernetes' own take unqualified finalizers only where they are its own; extensions are not so strict.</summary>
    private static void StandardFinalizers(JsonObject meta, ApiResource row, FieldErrors errors)
    {
        if (row.Custom is not null || row.Strategy is EventStrategy || row.Group is "coordination.k8s.io" or "node.k8s.io" or "apiextensions.k8s.io" or "apiregistration.k8s.io" or "admissionregistration.k8s.io")
        {
            return;
        }
        BareFinalizers(meta, errors);
    }

    private static void BareFinalizers(JsonObject meta, FieldErrors errors)
    {
        var index = -1;
        foreach (var finalizer in meta.List("finalizers").Texts())
        {
            index++;
            if (!finalizer.Contains('/', StringComparison.Ordinal) && finalizer is not ("orphan" or "foregroundDeletion" or "kubernetes"))
            {
                errors.Invalid($"metadata.finalizers[{index}]", finalizer, "name is neither a standard finalizer name nor is it fully qualified");
            }
        }
    }

    private static string MaskTrailingDash(string name) => name.Length > 1 && name[^1] == '-' ? name[..^2] + "a" : name;

    public static string Timestamp(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    public static string MicroTimestamp(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture);
}
