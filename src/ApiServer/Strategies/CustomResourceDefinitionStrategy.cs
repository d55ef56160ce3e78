using System.Text.Json.Nodes;
using ActorKube.Models;

namespace ActorKube.ApiServer;

/// <summary>CRDs: names are filled in, schemas must be structural, a cleanup finalizer holds them until their objects are gone.</summary>
internal sealed class CustomResourceDefinitionStrategy : ResourceStrategy
{
    public const string CleanupFinalizer = "customresourcecleanup.apiextensions.k8s.io";

    /// <summary>Who serves what definitions define.</summary>
    public Action<StoreEventType, StoredObject>? OnCommitted { get; set; }

    public override bool AllowsUnconditionalUpdate => false;

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

    public override void Validate(JsonObject tree, FieldErrors errors) => Check(tree, null, errors);

    public override void ValidateUpdate(JsonObject tree, JsonObject old, FieldErrors errors) => Check(tree, old, errors);

    private static void Check(JsonObject tree, JsonObject? old, FieldErrors errors)
    {
        var spec = tree.Need("spec");
        var names = spec.Need("names");
        var group = spec.Text("group") ?? "";
        var plural = names.Text("plural") ?? "";
        if (tree.Metadata().Text("name") is { } name && name != $"{plural}.{group}")
        {
            errors.Invalid("metadata.name", name, "must be spec.names.plural+\".\"+spec.group");
        }
        if (group.Length == 0)
        {
            errors.Required("spec.group");
        }
        else if (!group.Contains('.', StringComparison.Ordinal))
        {
            errors.Invalid("spec.group", group, "should be a domain with at least one dot");
        }
        else
        {
            foreach (var problem in NameRules.CheckDns1123Subdomain(group))
            {
                errors.Invalid("spec.group", group, problem);
            }
        }
        if (spec.Text("scope") is not ("Cluster" or "Namespaced"))
        {
            errors.NotSupported("spec.scope", spec.Text("scope") ?? "", ["Cluster", "Namespaced"]);
        }
        if (spec["preserveUnknownFields"].AsBool() == true && (old is null || old.At("spec", "preserveUnknownFields").AsBool() != true))
        {
            errors.Invalid("spec.preserveUnknownFields", true, "cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead");
        }
        CheckNames(names, errors);
        Versions(tree, spec, errors);
        Conversion(spec, errors);
        if (old is null)
        {
            return;
        }
        var established = (old.At("status", "conditions") as JsonArray).Objects().Any(c => c.Text("type") == "Established" && c.Text("status") == "True");
        foreach (var (field, now, before) in ((string, string?, string?)[])
            [("spec.group", group, old.TextAt("spec", "group")), ("spec.names.plural", plural, old.TextAt("spec", "names", "plural"))])
        {
            if (now != before)
            {
                errors.Invalid(field, now, "field is immutable");
            }
        }
        if (established)
        {
            foreach (var (field, now, before) in ((string, string?, string?)[])
                [("spec.scope", spec.Text("scope"), old.TextAt("spec", "scope")), ("spec.names.kind", names.Text("kind"), old.TextAt("spec", "names", "kind"))])
            {
                if (now != before)
                {
                    errors.Invalid(field, now, "field is immutable");
                }
            }
        }
        var versions = spec.List("versions").Objects().Select(v => v.Text("name")).ToHashSet();
        var index = 0;
        foreach (var stored in (tree.At("status", "storedVersions") as JsonArray).Texts())
        {
            if (!versions.Contains(stored))
            {
                errors.Invalid($"status.storedVersions[{index}]", stored, "must appear in spec.versions");
            }
            index++;
        }
    }

    private static void CheckNames(JsonObject names, FieldErrors errors)
    {
        foreach (var (field, value, lower) in ((string, string?, bool)[])
            [("plural", names.Text("plural"), false), ("singular", names.Text("singular"), false), ("kind", names.Text("kind"), true), ("listKind", names.Text("listKind"), true)])
        {
            if (string.IsNullOrEmpty(value))
            {
                if (field is "plural" or "kind")
                {
                    errors.Required($"spec.names.{field}");
                }
                continue;
            }
            foreach (var problem in NameRules.CheckDns1035Label(lower ? value.ToLowerInvariant() : value))
            {
                errors.Invalid($"spec.names.{field}", value, field is "kind" or "listKind" ? $"may have mixed case, but should otherwise match: {problem}" : problem);
            }
        }
        var index = 0;
        foreach (var shortName in names.List("shortNames").Texts())
        {
            foreach (var problem in NameRules.CheckDns1035Label(shortName))
            {
                errors.Invalid($"spec.names.shortNames[{index}]", shortName, problem);
            }
            index++;
        }
        if (names.Text("kind") is { Length: > 0 } kind && kind == names.Text("listKind"))
        {
            errors.Invalid("spec.names.listKind", kind, "kind and listKind may not be the same");
        }
    }

    private static void Versions(JsonObject tree, JsonObject spec, FieldErrors errors)
    {
        var versions = spec.List("versions").Objects().ToList();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < versions.Count; i++)
        {
            var version = versions[i];
            var at = $"spec.versions[{i}]";
            var name = version.Text("name") ?? "";
            foreach (var problem in NameRules.CheckDns1035Label(name))
            {
                errors.Invalid($"{at}.name", name, problem);
            }
            if (!seen.Add(name))
            {
                errors.Invalid($"{at}.name", name, "must be unique");
            }
            if (version.At("schema", "openAPIV3Schema") is not JsonObject schema)
            {
                errors.Required($"{at}.schema.openAPIV3Schema", "schemas are required");
                continue;
            }
            StructuralSchemaRules.Check(schema, versions.Count == 1 ? "spec.validation.openAPIV3Schema" : $"{at}.schema.openAPIV3Schema", errors);
            var column = 0;
            foreach (var printer in version.List("additionalPrinterColumns").Objects())
            {
                var where = $"{(versions.Count == 1 ? "spec.additionalPrinterColumns" : $"{at}.additionalPrinterColumns")}[{column++}]";
                if (string.IsNullOrEmpty(printer.Text("name")))
                {
                    errors.Required($"{where}.name");
                }
                if (printer.Text("type") is not ("integer" or "number" or "string" or "boolean" or "date"))
                {
                    errors.Invalid($"{where}.type", printer.Text("type") ?? "", "must be one of boolean,date,integer,number,string");
                }
                if (string.IsNullOrEmpty(printer.Text("jsonPath")))
                {
                    errors.Required($"{where}.JSONPath");
                }
            }
            if (version.At("subresources", "scale") is JsonObject scale)
            {
                Scale(scale, versions.Count == 1 ? "spec.subresources.scale" : $"{at}.subresources.scale", errors);
            }
        }
        if (versions.Count(v => v["storage"].AsBool() == true) != 1)
        {
            errors.Invalid("spec.versions", spec["versions"]?.DeepClone(), "must have exactly one version marked as storage version");
            if (tree.At("status", "storedVersions") is not JsonArray { Count: > 0 })
            {
                errors.Invalid("status.storedVersions", new JsonArray(), "must have at least one stored version");
            }
        }
    }

    private static void Scale(JsonObject scale, string at, FieldErrors errors)
    {
        foreach (var (field, prefix, required) in ((string, string, bool)[])
            [("specReplicasPath", ".spec.", true), ("statusReplicasPath", ".status.", true), ("labelSelectorPath", ".status.", false)])
        {
            var path = scale.Text(field);
            if (string.IsNullOrEmpty(path))
            {
                if (required)
                {
                    errors.Required($"{at}.{field}");
                }
            }
            else if (!path.StartsWith(prefix, StringComparison.Ordinal) && !(field == "labelSelectorPath" && path.StartsWith(".spec.", StringComparison.Ordinal)))
            {
                errors.Invalid($"{at}.{field}", path, field == "labelSelectorPath" ? "should be a json path under either .spec or .status" : $"should be a json path under {prefix.TrimEnd('.')}");
            }
        }
    }

    private static void Conversion(JsonObject spec, FieldErrors errors)
    {
        var conversion = spec.Child("conversion");
        switch (conversion?.Text("strategy"))
        {
            case "None":
                if (conversion["webhook"] is not null)
                {
                    errors.Forbidden("spec.conversion.webhook", "should not be set when strategy is not set to Webhook");
                }
                break;
            case "Webhook":
                if (conversion.Child("webhook")?.Child("clientConfig") is not { } config)
                {
                    errors.Required("spec.conversion.webhook.clientConfig", "required when strategy is set to Webhook");
                }
                else
                {
                    WebhookConfigurationStrategy.ClientConfig(config, "spec.conversion.webhook.clientConfig", errors);
                }
                var reviews = conversion.Child("webhook")?.List("conversionReviewVersions");
                if (reviews is not { Count: > 0 })
                {
                    errors.Required("spec.conversion.webhook.conversionReviewVersions");
                }
                else if (!reviews.Texts().Any(v => v is "v1" or "v1beta1"))
                {
                    errors.Invalid("spec.conversion.webhook.conversionReviewVersions", reviews.DeepClone(), "must include at least one of v1, v1beta1");
                }
                break;
            case var other:
                errors.NotSupported("spec.conversion.strategy", other ?? "", ["None", "Webhook"]);
                break;
        }
    }
}
