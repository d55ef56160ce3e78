using System.Text.Json.Nodes;
using ActorKube.Models;

namespace ActorKube.ApiServer;

/// <summary>Whole Kubernetes objects within custom ones (<c>x-kubernetes-embedded-resource</c>): their metadata is read and held to rules as an object's own.</summary>
internal static class EmbeddedResources
{
    /// <summary>Reads embedded metadata as Kubernetes' type, and leaves out what that does not know.</summary>
    /// <exception cref="ApiException">400: a value has the wrong type.</exception>
    public static void Coerce(JsonObject tree, Schema schema, ApiResource row, List<string> unknown)
    {
        if (!schema.HasEmbeddedBelow)
        {
            return;
        }
        var found = new List<string>();
        Coerce(tree, schema, "", row, found);
        unknown.AddRange(found.Order(StringComparer.Ordinal));
    }

    private static void Coerce(JsonNode? value, Schema schema, string path, ApiResource row, List<string> unknown)
    {
        if (!schema.HasEmbeddedBelow)
        {
            return;
        }
        switch (value)
        {
            case JsonObject tree:
                if (schema.EmbeddedResource)
                {
                    CoerceResource(tree, path, row, unknown);
                }
                foreach (var (name, child) in tree.ToArray())
                {
                    if ((schema.Properties.GetValueOrDefault(name) ?? schema.AdditionalProperties) is { } field)
                    {
                        Coerce(child, field, Join(path, name), row, unknown);
                    }
                }
                break;
            case JsonArray list when schema.Items is { } items:
                for (var i = 0; i < list.Count; i++)
                {
                    Coerce(list[i], items, $"{path}[{i}]", row, unknown);
                }
                break;
        }
    }

    private static void CoerceResource(JsonObject tree, string path, ApiResource row, List<string> unknown)
    {
        string Cannot(string field, JsonNode? value, string why) =>
            $"{row.Kind} in version \"{row.Version}\" cannot be handled as a {row.Kind}: {path}.{field}: Invalid value: {FieldErrors.GoShow(value)}: {why}";
        foreach (var field in (string[])["apiVersion", "kind"])
        {
            if (tree.TryGetPropertyValue(field, out var value) && value.AsText() is null)
            {
                throw Errors.BadRequest(Cannot(field, value, "must be a string"));
            }
        }
        if (!tree.TryGetPropertyValue("metadata", out var given) || given is null)
        {
            return;
        }
        if (given is not JsonObject meta)
        {
            throw Errors.BadRequest(Cannot("metadata", given, $"json: cannot unmarshal {TypedDecoder.GoKind(given)} into Go value of type v1.ObjectMeta"));
        }
        var before = meta.Copy();
        var found = new List<string>();
        try
        {
            TypedDecoder.Decode(meta, BuiltInSchemas.Definition("io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"), row.Version, row.Kind, found, "ObjectMeta");
        }
        catch (ApiException wrong)
        {
            var why = wrong.Message[(wrong.Message.IndexOf(": ", StringComparison.Ordinal) + 2)..];
            throw Errors.BadRequest(Cannot("metadata", before, why));
        }
        if (meta["creationTimestamp"] is null)
        {
            meta.Remove("creationTimestamp");
        }
        unknown.AddRange(found.Select(f => $"{path}.metadata.{f}"));
    }

    /// <summary>Holds every embedded object to the rules of apiVersion, kind and metadata.</summary>
    public static void Validate(JsonNode? value, Schema schema, string path, FieldErrors errors)
    {
        if (!schema.HasEmbeddedBelow)
        {
            return;
        }
        switch (value)
        {
            case JsonObject tree:
                if (schema.EmbeddedResource)
                {
                    ValidateResource(tree, path, errors);
                }
                foreach (var (name, child) in tree)
                {
                    if (schema.Properties.TryGetValue(name, out var field))
                    {
                        Validate(child, field, Join(path, name), errors);
                    }
                    else if (schema.AdditionalProperties is { } values)
                    {
                        Validate(child, values, $"{path}[{name}]", errors);
                    }
                }
                break;
            case JsonArray list when schema.Items is { } items:
                for (var i = 0; i < list.Count; i++)
                {
                    Validate(list[i], items, $"{path}[{i}]", errors);
                }
                break;
        }
    }

    private static void ValidateResource(JsonObject tree, string path, FieldErrors errors)
    {
        if (!tree.ContainsKey("apiVersion"))
        {
            errors.Required($"{path}.apiVersion", "must not be empty");
        }
        else if (tree.Text("apiVersion") is not { Length: > 0 } version)
        {
            errors.Invalid($"{path}.apiVersion", "", "must not be empty");
        }
        else if (version.Count(c => c == '/') > 1)
        {
            errors.Invalid($"{path}.apiVersion", version, $"unexpected GroupVersion string: {version}");
        }
        if (!tree.ContainsKey("kind"))
        {
            errors.Required($"{path}.kind", "must not be empty");
        }
        else if (tree.Text("kind") is not { Length: > 0 } kind)
        {
            errors.Invalid($"{path}.kind", "", "must not be empty");
        }
        else if (NameRules.CheckDns1035Label(kind.ToLowerInvariant()) is { Count: > 0 } problems)
        {
            errors.Invalid($"{path}.kind", kind, $"may have mixed case, but should otherwise match: {string.Join(",", problems)}");
        }
        if (tree["metadata"] is JsonObject meta)
        {
            MetadataRules.ValidateEmbedded(meta, $"{path}.metadata", errors);
        }
    }

    private static string Join(string path, string name) => path.Length == 0 ? name : $"{path}.{name}";
}
