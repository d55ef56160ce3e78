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

    public static void Check(JsonObject tree, JsonObject? old, FieldErrors errors)
    {
        var spec = tree.Need("spec");
        var names = spec.Need("names");
        var (group, plural) = (spec.Text("group") ?? "", names.Text("plural") ?? "");
        if (old is null && tree.Metadata().Text("name") is { } name && name != $"{plural}.{group}")
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
        DefinitionConversionRules.Check(spec, old, errors);
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
                if (i == 0 && version.Text("name") is { Length: > 0 } first)
                {
                    // The first version has a place of its own in the real server's form.
                    errors.Invalid("spec.version", first, string.Join(',', problems));
                }
            }
            DefinitionPartRules.Deprecation(version, at, errors);
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
            errors.InvalidShown("spec.versions", GoValues.Versions(versions, shared), "must contain unique version names");
        }
        if (versions.Count(v => v["storage"].AsBool() == true) != 1)
        {
            const string why = "must have exactly one version marked as storage version";
            if (versions.Count == 0)
            {
                errors.InvalidShown("spec.versions", $"[]apiextensions.CustomResourceDefinitionVersion{(spec["versions"] is null ? "(nil)" : "{}")}", why);
            }
            else
            {
                errors.InvalidShown("spec.versions", GoValues.Versions(versions, shared), why);
            }
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
                DefinitionPartRules.Scale(scale, $"{at}.scale", errors);
                break;
            case "additionalPrinterColumns":
                var index = 0;
                foreach (var column in version.List(part).Objects())
                {
                    DefinitionPartRules.Column(column, $"{at}[{index++}]", errors);
                }
                break;
            case "selectableFields" when version.At("schema", "openAPIV3Schema") is JsonObject schema:
                DefinitionPartRules.Selectable(version.List(part).Objects().ToList(), schema, at, errors);
                break;
        }
    }

    private static void Stored(JsonObject tree, JsonObject spec, FieldErrors errors)
    {
        const string at = "status.storedVersions";
        var stored = (tree.At("status", "storedVersions") as JsonArray).Texts().ToList();
        if (stored.Count == 0)
        {
            errors.InvalidShown(at, "[]string(nil)", "must have at least one stored version");
            return;
        }
        var names = spec.List("versions").Objects().ToList();
        var left = stored.ToHashSet(StringComparer.Ordinal);
        foreach (var version in names)
        {
            var found = left.Remove(version.Text("name") ?? "");
            if (!found && version["storage"].AsBool() == true)
            {
                errors.InvalidTexts(at, stored, $"must have the storage version {version.Text("name")}");
            }
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
