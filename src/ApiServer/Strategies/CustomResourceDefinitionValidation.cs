using System.Text.Json.Nodes;
using ActorKube.Models;

namespace ActorKube.ApiServer;

/// <summary>
/// What a definition must be. Places are named as in kube-apiserver's own form, in which what all versions share (schema, columns, subresources, selectable fields) stands
/// outside of them.
/// </summary>
internal static class CustomResourceDefinitionValidation
{
    private const string Approval = "api-approved.kubernetes.io";
    private const int MostSelectableFields = 8;

    private static readonly string[] ColumnTypes = ["boolean", "date", "integer", "number", "string"];

    private static readonly string[] ColumnFormats = ["byte", "date", "date-time", "double", "float", "int32", "int64", "password"];

    public static void Check(JsonObject tree, JsonObject? old, FieldErrors errors)
    {
        var spec = tree.Need("spec");
        var names = spec.Need("names");
        var (group, plural) = (spec.Text("group") ?? "", names.Text("plural") ?? "");
        if (tree.Metadata().Text("name") is { } name && name != $"{plural}.{group}")
        {
            errors.Invalid("metadata.name", name, "must be spec.names.plural+\".\"+spec.group");
        }
        Group(group, errors);
        if (spec.Text("scope") is { Length: > 0 } scope)
        {
            if (scope is not ("Cluster" or "Namespaced"))
            {
                errors.NotSupported("spec.scope", scope, ["Cluster", "Namespaced"]);
            }
        }
        else
        {
            errors.Required("spec.scope");
        }
        Versions(spec, errors);
        CheckNames(names, "spec.names", errors, required: true);
        Conversion(spec, errors);
        if (old is not null)
        {
            Changes(spec, old, errors);
        }
        CheckNames(tree.At("status", "acceptedNames") as JsonObject ?? [], "status.acceptedNames", errors, required: false);
        Stored(tree, spec, errors);
        Approved(tree, old, group, errors);
        if (spec["preserveUnknownFields"].AsBool() == true && (old is null || old.At("spec", "preserveUnknownFields").AsBool() != true))
        {
            errors.Invalid("spec.preserveUnknownFields", true, "cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead");
        }
    }

    private static void Group(string group, FieldErrors errors)
    {
        if (group.Length == 0)
        {
            errors.Required("spec.group");
        }
        else if (NameRules.CheckDns1123Subdomain(group) is { Count: > 0 } problems)
        {
            errors.Invalid("spec.group", group, string.Join(',', problems));
        }
        else if (!group.Contains('.', StringComparison.Ordinal))
        {
            errors.Invalid("spec.group", group, "should be a domain with at least one dot");
        }
    }

    private static void Changes(JsonObject spec, JsonObject old, FieldErrors errors)
    {
        var established = (old.At("status", "conditions") as JsonArray).Objects().Any(c => c.Text("type") == "Established" && c.Text("status") == "True");
        foreach (var path in established ? (string[][])[["scope"], ["names", "kind"], ["group"], ["names", "plural"]] : [["group"], ["names", "plural"]])
        {
            if (spec.TextAt(path) is var now && now != old.TextAt(["spec", .. path]))
            {
                errors.Invalid($"spec.{string.Join('.', path)}", now ?? "", "field is immutable");
            }
        }
    }

    private static void CheckNames(JsonObject names, string at, FieldErrors errors, bool required)
    {
        foreach (var field in (string[])["plural", "singular", "kind", "listKind"])
        {
            var value = names.Text(field) ?? "";
            if (value.Length == 0)
            {
                if (required)
                {
                    errors.Required($"{at}.{field}");
                }
                continue;
            }
            var mixed = field is "kind" or "listKind";
            if (NameRules.CheckDns1035Label(mixed ? value.ToLowerInvariant() : value) is { Count: > 0 } problems)
            {
                errors.Invalid($"{at}.{field}", value, (mixed ? "may have mixed case, but should otherwise match: " : "") + string.Join(',', problems));
            }
        }
        foreach (var list in (string[])["shortNames", "categories"])
        {
            var index = 0;
            foreach (var value in names.List(list).Texts())
            {
                if (NameRules.CheckDns1035Label(value) is { Count: > 0 } problems)
                {
                    errors.Invalid($"{at}.{list}[{index}]", value, string.Join(',', problems));
                }
                index++;
            }
        }
        if (names.Text("kind") is { Length: > 0 } kind && kind == names.Text("listKind"))
        {
            errors.Invalid($"{at}.listKind", kind, "kind and listKind may not be the same");
        }
    }

    private static void Versions(JsonObject spec, FieldErrors errors)
    {
        var versions = spec.List("versions").Objects().ToList();
        bool Shared(string part) => versions.Count > 0 && versions.TrueForAll(v => v[part] is not (null or JsonArray { Count: 0 }) && JsonNode.DeepEquals(v[part], versions[0][part]));
        var shared = ((string[])["schema", "subresources", "additionalPrinterColumns", "selectableFields"]).Where(Shared).ToHashSet(StringComparer.Ordinal);
        for (var i = 0; i < versions.Count; i++)
        {
            var (version, at) = (versions[i], $"spec.versions[{i}]");
            if (version.At("schema", "openAPIV3Schema") is not JsonObject)
            {
                errors.Required($"{at}.schema.openAPIV3Schema", "schemas are required");
            }
            if (NameRules.CheckDns1035Label(version.Text("name") ?? "") is { Count: > 0 } problems)
            {
                errors.Invalid($"{at}.name", version.Text("name") ?? "", string.Join(',', problems));
            }
            Deprecation(version, at, errors);
            foreach (var part in (string[])["schema", "subresources", "additionalPrinterColumns", "selectableFields"])
            {
                if (!shared.Contains(part))
                {
                    Part(version, part, $"{at}.{part}", version, errors);
                }
            }
        }
        if (versions.Select(v => v.Text("name")).Distinct().Count() < versions.Count)
        {
            errors.Invalid("spec.versions", spec["versions"]?.DeepClone(), "must contain unique version names");
        }
        if (versions.Count(v => v["storage"].AsBool() == true) != 1)
        {
            errors.Invalid("spec.versions", spec["versions"]?.DeepClone(), "must have exactly one version marked as storage version");
        }
        foreach (var part in (string[])["schema", "subresources", "additionalPrinterColumns", "selectableFields"])
        {
            if (shared.Contains(part))
            {
                Part(versions[0], part, part == "schema" ? "spec.validation" : $"spec.{part}", versions[0], errors);
            }
        }
    }

    private static void Part(JsonObject version, string part, string at, JsonObject whole, FieldErrors errors)
    {
        switch (part)
        {
            case "schema" when version.At("schema", "openAPIV3Schema") is JsonObject schema:
                StructuralSchemaRules.Check(schema, $"{at}.openAPIV3Schema", whole.At("subresources", "status") is not null, errors);
                break;
            case "subresources" when version.At("subresources", "scale") is JsonObject scale:
                Scale(scale, $"{at}.scale", errors);
                break;
            case "additionalPrinterColumns":
                var index = 0;
                foreach (var column in version.List(part).Objects())
                {
                    Column(column, $"{at}[{index++}]", errors);
                }
                break;
            case "selectableFields" when version.At("schema", "openAPIV3Schema") is JsonObject schema:
                Selectable(version.List(part).Objects().ToList(), schema, at, errors);
                break;
        }
    }

    private static void Deprecation(JsonObject version, string at, FieldErrors errors)
    {
        if (version.Text("deprecationWarning") is not { } warning)
        {
            return;
        }
        var problem = version["deprecated"].AsBool() != true ? "can only be set for deprecated versions"
            : warning.Length > 256 ? "must be <= 256 characters long"
            : warning.Length == 0 ? "must not be an empty string"
            : warning.AsSpan().IndexOfAnyInRange('\0', '\x1f') is >= 0 and var odd ? $"must only contain printable UTF-8 characters; non-printable character found at index {odd}"
            : null;
        if (problem is not null)
        {
            errors.Invalid($"{at}.deprecationWarning", warning, problem);
        }
    }

    private static void Column(JsonObject column, string at, FieldErrors errors)
    {
        if (string.IsNullOrEmpty(column.Text("name")))
        {
            errors.Required($"{at}.name");
        }
        Among(column.Text("type"), ColumnTypes, $"{at}.type", errors, required: true);
        Among(column.Text("format"), ColumnFormats, $"{at}.format", errors, required: false);
        if (column.Text("jsonPath") is not { Length: > 0 } path)
        {
            errors.Required($"{at}.JSONPath");
        }
        else
        {
            SimplePath(path, $"{at}.JSONPath", errors);
        }
    }

    private static void Among(string? value, string[] known, string at, FieldErrors errors, bool required)
    {
        if (string.IsNullOrEmpty(value))
        {
            if (required)
            {
                errors.Required(at, $"must be one of {string.Join(',', known)}");
            }
        }
        else if (Array.IndexOf(known, value) < 0)
        {
            errors.Invalid(at, value, $"must be one of {string.Join(',', known)}");
        }
    }

    private static bool SimplePath(string path, string at, FieldErrors errors)
    {
        if (path[0] == '.')
        {
            return true;
        }
        errors.Invalid(at, path, "must be a simple json path starting with .");
        return false;
    }

    private static void Selectable(List<JsonObject> fields, JsonObject schema, string at, FieldErrors errors)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < fields.Count; i++)
        {
            var (path, where) = (fields[i].Text("jsonPath") ?? "", $"{at}[{i}].jsonPath");
            if (path.Length == 0)
            {
                errors.Required(where);
                continue;
            }
            var (found, problem) = SchemaPaths.Find(path, schema, withKeys: false);
            if (problem is not null)
            {
                errors.Invalid(where, path, $"is an invalid path: {problem}");
                continue;
            }
            if (path.StartsWith(".metadata", StringComparison.Ordinal) && (path.Length == 9 || path[9] == '.'))
            {
                errors.Invalid(where, path, "must not point to fields in metadata");
            }
            if (found?.Text("type") is not ("string" or "boolean" or "integer"))
            {
                errors.Invalid(where, path, "must point to a field of type string, boolean or integer. Enum string fields and strings with formats are allowed.");
            }
            if (!seen.Add(path))
            {
                errors.Duplicate(where, path);
            }
        }
        if (seen.Count > MostSelectableFields)
        {
            errors.TooMany(at, seen.Count, MostSelectableFields);
        }
    }

    private static void Scale(JsonObject scale, string at, FieldErrors errors)
    {
        foreach (var (field, prefix) in ((string, string)[])[("specReplicasPath", ".spec."), ("statusReplicasPath", ".status."), ("labelSelectorPath", ".status.")])
        {
            var selector = field == "labelSelectorPath";
            if (scale.Text(field) is not { Length: > 0 } path)
            {
                if (!selector)
                {
                    errors.Required($"{at}.{field}");
                }
            }
            else if (SimplePath(path, $"{at}.{field}", errors) && !path.StartsWith(prefix, StringComparison.Ordinal) && !(selector && path.StartsWith(".spec.", StringComparison.Ordinal)))
            {
                errors.Invalid($"{at}.{field}", path, selector ? "should be a json path under either .spec or .status" : $"should be a json path under {prefix.TrimEnd('.')}");
            }
        }
    }

    private static void Conversion(JsonObject spec, FieldErrors errors)
    {
        const string at = "spec.conversion";
        var conversion = spec.Child("conversion") ?? [];
        var (config, reviews) = (conversion.Child("webhook")?.Child("clientConfig"), conversion.Child("webhook")?.List("conversionReviewVersions"));
        if (conversion.Text("strategy") is not { Length: > 0 } strategy)
        {
            errors.Required($"{at}.strategy");
            return;
        }
        if (strategy is not ("None" or "Webhook"))
        {
            errors.NotSupported($"{at}.strategy", strategy, ["None", "Webhook"]);
        }
        if (strategy != "Webhook")
        {
            if (config is not null)
            {
                errors.Forbidden($"{at}.webhookClientConfig", "should not be set when strategy is not set to Webhook");
            }
            if (reviews is { Count: > 0 })
            {
                errors.Forbidden($"{at}.conversionReviewVersions", "should not be set when strategy is not set to Webhook");
            }
            return;
        }
        if (config is null)
        {
            errors.Required($"{at}.webhookClientConfig", "required when strategy is set to Webhook");
        }
        else
        {
            WebhookConfigurationStrategy.ClientConfig(config, $"{at}.webhookClientConfig", errors);
        }
        Reviews(reviews, $"{at}.conversionReviewVersions", errors);
    }

    private static void Reviews(JsonArray? reviews, string at, FieldErrors errors)
    {
        var versions = reviews.Texts().ToList();
        if (versions.Count == 0)
        {
            errors.Required(at);
            return;
        }
        for (var i = 0; i < versions.Count; i++)
        {
            if (versions.IndexOf(versions[i]) < i)
            {
                errors.Invalid($"{at}[{i}]", versions[i], "duplicate version");
                continue;
            }
            foreach (var problem in NameRules.CheckDns1035Label(versions[i]))
            {
                errors.Invalid($"{at}[{i}]", versions[i], problem);
            }
        }
        if (!versions.Exists(v => v is "v1" or "v1beta1"))
        {
            errors.InvalidTexts(at, versions, "must include at least one of v1, v1beta1");
        }
    }

    private static void Stored(JsonObject tree, JsonObject spec, FieldErrors errors)
    {
        const string at = "status.storedVersions";
        var stored = (tree.At("status", "storedVersions") as JsonArray).Texts().ToList();
        if (stored.Count == 0)
        {
            errors.InvalidTexts(at, stored, "must have at least one stored version");
            return;
        }
        var names = spec.List("versions").Objects().ToList();
        foreach (var storage in names.Where(v => v["storage"].AsBool() == true && !stored.Contains(v.Text("name") ?? "")))
        {
            errors.InvalidTexts(at, stored, $"must have the storage version {storage.Text("name")}");
        }
        for (var i = 0; i < stored.Count; i++)
        {
            if (!names.Exists(v => v.Text("name") == stored[i]))
            {
                errors.Invalid($"{at}[{i}]", stored[i], "must appear in spec.versions");
            }
        }
    }

    /// <summary>Groups of Kubernetes' own community are for what has been approved.</summary>
    private static void Approved(JsonObject tree, JsonObject? old, string group, FieldErrors errors)
    {
        if (!IsProtected(group))
        {
            return;
        }
        var (state, reason) = ApprovalOf(tree);
        if (old is not null && ApprovalOf(old).State == state)
        {
            return;
        }
        const string at = "metadata.annotations[" + Approval + "]";
        if (state == "missing")
        {
            errors.Required(at, reason);
        }
        else if (state == "invalid")
        {
            errors.Invalid(at, tree.TextAt("metadata", "annotations", Approval), reason);
        }
    }

    /// <summary>Whether a group is one of Kubernetes' community.</summary>
    public static bool IsProtected(string group) => ((string[])["k8s.io", "kubernetes.io"]).Any(g => group == g || group.EndsWith("." + g, StringComparison.Ordinal));

    /// <summary>How a definition stands to the approval of its group: <c>missing</c>, <c>bypassed</c>, <c>approved</c> or <c>invalid</c>, and that in words.</summary>
    public static (string State, string Reason) ApprovalOf(JsonObject definition)
    {
        const string see = "see https://github.com/kubernetes/enhancements/pull/1111";
        var given = definition.TextAt("metadata", "annotations", Approval) ?? "";
        return given.Length == 0 ? ("missing", $"protected groups must have approval annotation \"{Approval}\", {see}")
            : given.StartsWith("unapproved", StringComparison.Ordinal) ? ("bypassed", $"not approved: {FieldErrors.Quote(given)}")
            : Uri.TryCreate(given, UriKind.Absolute, out var url) && url.Host.Length > 0 ? ("approved", $"approved in {given}")
            : ("invalid", $"protected groups must have approval annotation \"{Approval}\" with either a URL or a reason starting with \"unapproved\", {see}");
    }
}
