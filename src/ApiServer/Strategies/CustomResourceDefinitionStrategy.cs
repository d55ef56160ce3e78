using System.Text.Json.Nodes;

namespace ActorKube.ApiServer;

/// <summary>CRDs: names are filled in, schemas must be structural, a cleanup finalizer holds them until their objects are gone.</summary>
internal sealed class CustomResourceDefinitionStrategy : ResourceStrategy
{
    public const string CleanupFinalizer = "customresourcecleanup.apiextensions.k8s.io";

    /// <summary>Who serves what definitions define.</summary>
    public Action<StoreEventType, StoredObject>? OnCommitted { get; set; }

    public override bool AllowsUnconditionalUpdate => false;

    public override bool MarksDeletionItself => true;

    /// <summary>The definition waits for its objects; that it does is its condition from the first moment.</summary>
    public override void MarkDeleted(JsonObject tree, string now)
    {
        var meta = tree.Metadata();
        meta["deletionTimestamp"] = now;
        var finalizers = meta.List("finalizers")?.DeepClone().AsArray() ?? [];
        if (!finalizers.Texts().Contains(CleanupFinalizer))
        {
            finalizers.Add(CleanupFinalizer);
        }
        meta["finalizers"] = finalizers;
        DefinitionConditions.Set(tree, DefinitionConditions.Of("Terminating", "True", "InstanceDeletionPending",
            "CustomResourceDefinition marked for deletion; CustomResource deletion will begin soon", now));
    }

    public override void Committed(StoreEventType type, StoredObject value) => OnCommitted?.Invoke(type, value);

    public override void Default(JsonObject tree)
    {
        var spec = tree.Need("spec");
        var names = spec.Need("names");
        var kind = names.Text("kind") ?? "";
        if (names.Text("singular") is null or "" && kind.Length > 0)
        {
            names["singular"] = kind.ToLowerInvariant();
        }
        if (names.Text("listKind") is null or "" && kind.Length > 0)
        {
            names["listKind"] = kind + "List";
        }
        var conversion = spec.Need("conversion");
        conversion.Default("strategy", "None");
        if (conversion.Child("webhook")?.Child("clientConfig")?.Child("service") is { } service)
        {
            service.Default("port", 443);
        }
        foreach (var version in spec.List("versions").Objects())
        {
            version.Default("served", false);
            version.Default("storage", false);
        }
        if (tree.Child("status") is { } status && status.List("storedVersions") is not { Count: > 0 })
        {
            var storage = spec.List("versions").Objects().Where(v => v["storage"].AsBool() == true).Select(v => (JsonNode?)v.Text("name")).ToArray();
            if (storage.Length > 0)
            {
                status["storedVersions"] = new JsonArray(storage);
            }
        }
    }

    public override void PrepareForCreate(JsonObject tree)
    {
        var storage = tree.Need("spec").List("versions").Objects().FirstOrDefault(v => v["storage"].AsBool() == true)?.Text("name");
        tree["status"] = new JsonObject
        {
            ["conditions"] = null,
            ["acceptedNames"] = new JsonObject { ["plural"] = "", ["kind"] = "" },
            ["storedVersions"] = storage is null ? null : new JsonArray(JsonValue.Create(storage)),
        };
    }

    public override void PrepareForUpdate(JsonObject tree, JsonObject old)
    {
        var storage = tree.Need("spec").List("versions").Objects().FirstOrDefault(v => v["storage"].AsBool() == true)?.Text("name");
        if (storage is not null && tree.Child("status") is { } status && !status.List("storedVersions").Texts().Contains(storage))
        {
            var stored = status.List("storedVersions")?.DeepClone().AsArray() ?? [];
            stored.Add(storage);
            status["storedVersions"] = stored;
        }
    }

    public override void Validate(JsonObject tree, FieldErrors errors) => CustomResourceDefinitionValidation.Check(tree, null, errors);

    public override void ValidateUpdate(JsonObject tree, JsonObject old, FieldErrors errors) => CustomResourceDefinitionValidation.Check(tree, old, errors);
}
