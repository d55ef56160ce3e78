using System.Text.Json.Nodes;
using k8s.Models;

namespace ActorKube.ApiServer;

/// <summary>Environment variables of containers, and the references to other fields and objects that they are made from.</summary>
internal static class EnvironmentValidation
{
    private static readonly string[] EnvironmentFields =
        ["metadata.name", "metadata.namespace", "metadata.uid", "spec.nodeName", "spec.serviceAccountName", "status.hostIP", "status.hostIPs", "status.podIP", "status.podIPs"];

    private static readonly string[] ResourceFields =
        ["limits.cpu", "limits.ephemeral-storage", "limits.memory", "requests.cpu", "requests.ephemeral-storage", "requests.memory"];

    private static void Name(string name, string at, FieldErrors errors)
    {
        if (name.Any(c => c is < ' ' or > '~' or '='))
        {
            errors.Invalid(at, name, "a valid environment variable name must consist only of printable ASCII characters other than '='");
        }
    }

    public static void Variables(JsonArray? variables, string path, FieldErrors errors)
    {
        var index = 0;
        foreach (var variable in variables.Objects())
        {
            var at = $"{path}.env[{index++}]";
            var name = variable.Text("name") ?? "";
            if (name.Length == 0)
            {
                errors.Required($"{at}.name");
            }
            Name(name, $"{at}.name", errors);
            if (variable.Child("valueFrom") is not { } source)
            {
                continue;
            }
            if (source.Child("fieldRef") is { } field)
            {
                FieldReference(field, EnvironmentFields, $"{at}.valueFrom.fieldRef", errors);
            }
            if (source.Child("resourceFieldRef") is { } resource)
            {
                ResourceReference(resource, $"{at}.valueFrom.resourceFieldRef", volume: false, errors);
            }
            foreach (var kind in (string[])["configMapKeyRef", "secretKeyRef"])
            {
                if (source.Child(kind) is { } key)
                {
                    KeyReference(key, $"{at}.valueFrom.{kind}", errors);
                }
            }
            if (source.Count == 0)
            {
                errors.Invalid($"{at}.valueFrom", "", "must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef` or `secretKeyRef`");
            }
            else if (!string.IsNullOrEmpty(variable.Text("value")))
            {
                errors.Invalid($"{at}.valueFrom", "", "may not be specified when `value` is not empty");
            }
            else if (source.Count > 1)
            {
                errors.Invalid($"{at}.valueFrom", "", "may not have more than one field specified at a time");
            }
        }
    }

    private static void KeyReference(JsonObject reference, string at, FieldErrors errors)
    {
        foreach (var problem in NameValidation.Problems(NameRule.Subdomain, reference.Text("name") ?? ""))
        {
            errors.Invalid($"{at}.name", reference.Text("name") ?? "", problem);
        }
        if (string.IsNullOrEmpty(reference.Text("key")))
        {
            errors.Required($"{at}.key");
        }
        else
        {
            ConfigKeys.Check(reference.Text("key")!, $"{at}.key", errors);
        }
    }

    public static void Sources(JsonArray? sources, string path, FieldErrors errors)
    {
        var index = 0;
        foreach (var source in sources.Objects())
        {
            var at = $"{path}[{index++}]";
            Name(source.Text("prefix") ?? "", $"{at}.prefix", errors);
            var given = 0;
            foreach (var kind in (string[])["configMapRef", "secretRef"])
            {
                if (source.Child(kind) is not { } reference)
                {
                    continue;
                }
                given++;
                if (string.IsNullOrEmpty(reference.Text("name")))
                {
                    errors.Required($"{at}.{kind}.name");
                }
                PodValidation.Name(reference.Text("name"), NameRule.Subdomain, $"{at}.{kind}.name", errors);
            }
            if (given != 1)
            {
                errors.Invalid(path, "", given == 0 ? "must specify one of: `configMapRef` or `secretRef`" : "may not have more than one field specified at a time");
            }
        }
    }

    /// <summary>A field of the pod that a variable or a file shows.</summary>
    public static void FieldReference(JsonObject reference, string[] known, string at, FieldErrors errors)
    {
        if (string.IsNullOrEmpty(reference.Text("apiVersion")))
        {
            errors.Required($"{at}.apiVersion");
            return;
        }
        if (reference.Text("fieldPath") is not { Length: > 0 } path)
        {
            errors.Required($"{at}.fieldPath");
            return;
        }
        foreach (var map in (string[])["metadata.annotations", "metadata.labels"])
        {
            if (path.StartsWith(map + "['", StringComparison.Ordinal) && path.EndsWith("']", StringComparison.Ordinal))
            {
                var key = path[(map.Length + 2)..^2];
                PodValidation.Qualified(map.EndsWith("annotations", StringComparison.Ordinal) ? key.ToLowerInvariant() : key, at, errors);
                return;
            }
        }
        if (Array.IndexOf(known, path) >= 0)
        {
            return;
        }
        if (Array.IndexOf(EnvironmentFields, path) >= 0 || path is "metadata.annotations" or "metadata.labels" or "spec.restartPolicy" or "status.phase")
        {
            errors.NotSupported($"{at}.fieldPath", path, known.Order(StringComparer.Ordinal));
        }
        else
        {
            errors.Invalid($"{at}.fieldPath", path, $"error converting fieldPath: field label not supported: {path}");
        }
    }

    public static void ResourceReference(JsonObject reference, string at, bool volume, FieldErrors errors)
    {
        var resource = reference.Text("resource") ?? "";
        if (volume && string.IsNullOrEmpty(reference.Text("containerName")))
        {
            errors.Required($"{at}.containerName");
        }
        else if (resource.Length == 0)
        {
            errors.Required($"{at}.resource");
        }
        else if (Array.IndexOf(ResourceFields, resource) < 0 && !resource.StartsWith("limits.hugepages-", StringComparison.Ordinal) && !resource.StartsWith("requests.hugepages-", StringComparison.Ordinal))
        {
            errors.NotSupported($"{at}.resource", resource, ResourceFields);
        }
        if (ResourceQuantity.TryParse(reference["divisor"]?.ToString() ?? "", out var divisor) && !divisor.IsZero && resource.EndsWith(".cpu", StringComparison.Ordinal) && divisor.ToString() is not ("1" or "1m"))
        {
            errors.Invalid($"{at}.divisor", resource, "only divisor's values 1m and 1 are supported with the cpu resource");
        }
    }
}
