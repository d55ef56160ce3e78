using System.Text;
using System.Text.Json.Nodes;
using ActorKube.Models;

namespace ActorKube.ApiServer;

/// <summary>Puts into a container's files what its volumes hold: config maps, secrets, facts about the pod, and projections of these and of its account's token.</summary>
internal sealed class ContainerMounts(ObjectService objects, ServiceAccountTokens tokens)
{
    public void Mount(JsonObject pod, JsonObject container, ContainerFiles files)
    {
        foreach (var mount in container.List("volumeMounts").Objects())
        {
            var volume = (pod.At("spec", "volumes") as JsonArray).Objects().FirstOrDefault(v => v.Text("name") == mount.Text("name"));
            if (volume is null || mount.Text("mountPath") is not { } path)
            {
                continue;
            }
            var folder = ContainerFiles.Resolve("/", path);
            if (ContentOf(pod, volume) is not { } content)
            {
                files.AddFolder(folder);
                continue;
            }
            foreach (var (name, bytes) in content)
            {
                if (mount.Text("subPath") is not { Length: > 0 } part)
                {
                    files.Write(ContainerFiles.Resolve(folder, name), bytes);
                }
                else if (part == name)
                {
                    files.Write(folder, bytes);
                }
            }
        }
    }

    /// <summary>The files of a volume; null for volumes that hold what containers write.</summary>
    private List<(string Path, byte[] Content)>? ContentOf(JsonObject pod, JsonObject volume)
    {
        if (volume.Child("projected") is { } projected)
        {
            return [.. projected.List("sources").Objects().SelectMany(source => OneOf(pod, source, "name") ?? [])];
        }
        return OneOf(pod, volume, "secretName");
    }

    private List<(string, byte[])>? OneOf(JsonObject pod, JsonObject source, string secretName)
    {
        var space = pod.Metadata().Text("namespace") ?? "";
        if (source.Child("configMap") is { } map)
        {
            return Picked(map, ContainerSetup.Data(objects, space, "configmaps", map.Text("name")));
        }
        if (source.Child("secret") is { } secret)
        {
            return Picked(secret, ContainerSetup.Data(objects, space, "secrets", secret.Text(secretName)));
        }
        if (source.Child("downwardAPI") is { } facts)
        {
            return [.. facts.List("items").Objects().Select(item => (item.Text("path") ?? "", Encoding.UTF8.GetBytes(ContainerSetup.Field(pod, item.TextAt("fieldRef", "fieldPath")) ?? "")))];
        }
        if (source.Child("serviceAccountToken") is { } token)
        {
            return Token(pod, space, token) is { } text ? [(token.Text("path") ?? "token", Encoding.UTF8.GetBytes(text))] : [];
        }
        return null;
    }

    /// <summary>All entries, or those that the source names, under the names that it gives them.</summary>
    private static List<(string, byte[])> Picked(JsonObject source, IEnumerable<KeyValuePair<string, byte[]>> data) => source.List("items") is { Count: > 0 } items
        ? [.. items.Objects().SelectMany(item => data.Where(d => d.Key == item.Text("key")).Select(d => (item.Text("path") ?? d.Key, d.Value)))]
        : [.. data.Select(d => (d.Key, d.Value))];

    private string? Token(JsonObject pod, string space, JsonObject wanted)
    {
        var account = objects.Cluster.Store(new GroupResource("", "serviceaccounts")).Current.Get(space, pod.TextAt("spec", "serviceAccountName") ?? "default");
        var bound = objects.Cluster.Store(new GroupResource("", "pods")).Current.Get(space, pod.Metadata().Text("name") ?? "");
        if (account is null || bound is null)
        {
            return null;
        }
        var audience = wanted.Text("audience") is { Length: > 0 } asked ? asked : ServiceAccountTokens.Issuer;
        return tokens.Issue(space, account, [audience], objects.Time.GetUtcNow().AddSeconds(wanted["expirationSeconds"].AsLong() ?? 3600), ("pod", bound));
    }
}
