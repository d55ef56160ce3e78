using System.Text;
using System.Text.Json.Nodes;
using ActorKube.Models;

namespace ActorKube.ApiServer;

/// <summary>Gives a container what its spec asks for: environment variables. What is not there is left out.</summary>
internal static class ContainerSetup
{
    public static IReadOnlyDictionary<string, string> Environment(ObjectService objects, JsonObject pod, JsonObject container)
    {
        var space = pod.Metadata().Text("namespace") ?? "";
        var result = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["PATH"] = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
            ["HOSTNAME"] = pod.Metadata().Text("name") ?? "",
            ["HOME"] = "/root",
            ["KUBERNETES_SERVICE_HOST"] = "10.96.0.1",
            ["KUBERNETES_SERVICE_PORT"] = "443",
        };
        foreach (var source in container.List("envFrom").Objects())
        {
            var prefix = source.Text("prefix") ?? "";
            foreach (var (name, value) in Data(objects, space, "configmaps", source.TextAt("configMapRef", "name")).Concat(Data(objects, space, "secrets", source.TextAt("secretRef", "name"))))
            {
                result[prefix + name] = Encoding.UTF8.GetString(value);
            }
        }
        foreach (var variable in container.List("env").Objects())
        {
            if (variable.Text("name") is { Length: > 0 } name && (variable.Text("value") ?? Referenced(objects, pod, space, variable.Child("valueFrom"))) is { } value)
            {
                result[name] = Expand(value, result);
            }
        }
        return result;
    }

    private static string? Referenced(ObjectService objects, JsonObject pod, string space, JsonObject? source)
    {
        if (source?.TextAt("fieldRef", "fieldPath") is { } path)
        {
            return Field(pod, path);
        }
        foreach (var (reference, plural) in (ReadOnlySpan<(string, string)>)[("configMapKeyRef", "configmaps"), ("secretKeyRef", "secrets")])
        {
            if (source?.Child(reference) is { } key && Data(objects, space, plural, key.Text("name")).FirstOrDefault(d => d.Key == key.Text("key")) is { Key: not null } found)
            {
                return Encoding.UTF8.GetString(found.Value);
            }
        }
        return null;
    }

    /// <summary>What a path into a pod says; all labels or annotations a line each.</summary>
    public static string? Field(JsonObject pod, string? path) => path switch
    {
        null => null,
        "metadata.labels" or "metadata.annotations" => string.Join('\n', (pod.Metadata().Child(path[9..]) ?? []).OrderBy(e => e.Key, StringComparer.Ordinal).Select(e => $"{e.Key}=\"{e.Value.AsText()}\"")),
        _ when path.StartsWith("metadata.labels['", StringComparison.Ordinal) => pod.TextAt("metadata", "labels", path[17..^2]),
        _ when path.StartsWith("metadata.annotations['", StringComparison.Ordinal) => pod.TextAt("metadata", "annotations", path[22..^2]),
        _ => pod.TextAt(path.Split('.')),
    };

    /// <summary><c>$(NAME)</c> is what stood before in the list.</summary>
    public static string Expand(string text, IReadOnlyDictionary<string, string> known)
    {
        if (!text.Contains("$(", StringComparison.Ordinal))
        {
            return text;
        }
        foreach (var (name, value) in known)
        {
            text = text.Replace($"$({name})", value, StringComparison.Ordinal);
        }
        return text;
    }

    /// <summary>The entries of a config map or secret; none where it is not there.</summary>
    public static IEnumerable<KeyValuePair<string, byte[]>> Data(ObjectService objects, string space, string plural, string? name)
    {
        if (name is null || objects.Cluster.Store(new GroupResource("", plural)).Current.Get(space, name) is not { } stored)
        {
            yield break;
        }
        var tree = stored.ToTree();
        foreach (var (key, value) in tree.Child("data") ?? [])
        {
            var text = value.AsText() ?? "";
            yield return new(key, plural == "secrets" ? Convert.FromBase64String(text) : Encoding.UTF8.GetBytes(text));
        }
        foreach (var (key, value) in tree.Child("binaryData") ?? [])
        {
            yield return new(key, Convert.FromBase64String(value.AsText() ?? ""));
        }
    }
}
