using System.Text;
using System.Text.Json.Nodes;
using ActorKube.Models;

namespace ActorKube.ApiServer;

/// <summary>Gives a container what its spec asks for: environment variables, and files from config maps and secrets. What is not there is left out.</summary>
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
            return path.StartsWith("metadata.labels['", StringComparison.Ordinal) ? pod.TextAt("metadata", "labels", path[17..^2])
                : path.StartsWith("metadata.annotations['", StringComparison.Ordinal) ? pod.TextAt("metadata", "annotations", path[22..^2])
                : pod.TextAt(path.Split('.'));
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

    public static void Mount(ObjectService objects, JsonObject pod, JsonObject container, ContainerFiles files)
    {
        var space = pod.Metadata().Text("namespace") ?? "";
        foreach (var mount in container.List("volumeMounts").Objects())
        {
            var volume = (pod.At("spec", "volumes") as JsonArray).Objects().FirstOrDefault(v => v.Text("name") == mount.Text("name"));
            if (volume is null || mount.Text("mountPath") is not { } path)
            {
                continue;
            }
            var folder = ContainerFiles.Resolve("/", path);
            if (volume.Child("configMap") is null && volume.Child("secret") is null)
            {
                files.AddFolder(folder);
                continue;
            }
            var data = Data(objects, space, "configmaps", volume.TextAt("configMap", "name")).Concat(Data(objects, space, "secrets", volume.TextAt("secret", "secretName"))).ToList();
            foreach (var (name, content) in data)
            {
                if (mount.Text("subPath") is not { Length: > 0 } part)
                {
                    files.Write(ContainerFiles.Resolve(folder, name), content);
                }
                else if (part == name)
                {
                    files.Write(folder, content);
                }
            }
        }
    }

    private static IEnumerable<KeyValuePair<string, byte[]>> Data(ObjectService objects, string space, string plural, string? name)
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
