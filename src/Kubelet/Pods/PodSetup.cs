using System.Text;
using ActorKube.Models;
using ActorKube.Transport;
using k8s.Models;

namespace ActorKube.Kubelet;

/// <summary>
/// Gives a container what its spec asks for, read from the API as a kubelet reads it: environment variables, and in its files config maps, secrets, facts about the pod, and projections of these and of its account's token.
/// What is not there is left out.
/// </summary>
internal sealed class PodSetup(IKubernetesClient client)
{
    private const long TokenSeconds = 3600;

    public async Task<IReadOnlyDictionary<string, string>> EnvironmentAsync(SimulatedPod pod, V1Container container, CancellationToken cancellation)
    {
        var space = pod.Key.Namespace;
        var result = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["PATH"] = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
            ["HOSTNAME"] = pod.Key.Name,
            ["HOME"] = "/root",
            ["KUBERNETES_SERVICE_HOST"] = "10.96.0.1",
            ["KUBERNETES_SERVICE_PORT"] = "443",
        };
        foreach (var source in container.EnvFrom ?? [])
        {
            foreach (var (name, value) in (await MapAsync(space, source.ConfigMapRef?.Name, cancellation).ConfigureAwait(false)).Concat(await SecretAsync(space, source.SecretRef?.Name, cancellation).ConfigureAwait(false)))
            {
                result[source.Prefix + name] = Encoding.UTF8.GetString(value);
            }
        }
        foreach (var variable in container.Env ?? [])
        {
            if (variable.Name is { Length: > 0 } name && (variable.Value ?? await ReferencedAsync(pod, variable.ValueFrom, cancellation).ConfigureAwait(false)) is { } value)
            {
                result[name] = Expand(value, result);
            }
        }
        return result;
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

    public async Task MountAsync(SimulatedPod pod, V1Container container, ContainerFiles files, CancellationToken cancellation)
    {
        foreach (var mount in container.VolumeMounts ?? [])
        {
            if (mount.MountPath is not { } path || pod.Pod.Spec.Volumes?.FirstOrDefault(v => v.Name == mount.Name) is not { } volume)
            {
                continue;
            }
            var folder = ContainerFiles.Resolve("/", path);
            if (await ContentAsync(pod, volume, cancellation).ConfigureAwait(false) is not { } content)
            {
                files.AddFolder(folder);
                continue;
            }
            foreach (var (name, bytes) in content)
            {
                if (mount.SubPath is not { Length: > 0 } part)
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
    private async Task<IReadOnlyList<KeyValuePair<string, byte[]>>?> ContentAsync(SimulatedPod pod, V1Volume volume, CancellationToken cancellation)
    {
        var space = pod.Key.Namespace;
        if (volume.ConfigMap is { } map)
        {
            return Picked(map.Items, await MapAsync(space, map.Name, cancellation).ConfigureAwait(false));
        }
        if (volume.Secret is { } secret)
        {
            return Picked(secret.Items, await SecretAsync(space, secret.SecretName, cancellation).ConfigureAwait(false));
        }
        if (volume.DownwardAPI is { } facts)
        {
            return Facts(pod, facts.Items);
        }
        if (volume.Projected is not { } projected)
        {
            return null;
        }
        var all = new List<KeyValuePair<string, byte[]>>();
        foreach (var source in projected.Sources ?? [])
        {
            if (source.ConfigMap is { } part)
            {
                all.AddRange(Picked(part.Items, await MapAsync(space, part.Name, cancellation).ConfigureAwait(false)));
            }
            else if (source.Secret is { } hidden)
            {
                all.AddRange(Picked(hidden.Items, await SecretAsync(space, hidden.Name, cancellation).ConfigureAwait(false)));
            }
            else if (source.DownwardAPI is { } own)
            {
                all.AddRange(Facts(pod, own.Items));
            }
            else if (source.ServiceAccountToken is { } token && await TokenAsync(pod, token, cancellation).ConfigureAwait(false) is { } text)
            {
                all.Add(new(token.Path ?? "token", Encoding.UTF8.GetBytes(text)));
            }
        }
        return all;
    }

    private static IReadOnlyList<KeyValuePair<string, byte[]>> Facts(SimulatedPod pod, IList<V1DownwardAPIVolumeFile>? items) =>
        [.. (items ?? []).Select(i => KeyValuePair.Create(i.Path ?? "", Encoding.UTF8.GetBytes(Field(pod, i.FieldRef?.FieldPath) ?? "")))];

    /// <summary>All entries, or those that the source names, under the names that it gives them.</summary>
    private static IReadOnlyList<KeyValuePair<string, byte[]>> Picked(IList<V1KeyToPath>? items, IReadOnlyList<KeyValuePair<string, byte[]>> data) =>
        items is { Count: > 0 } ? [.. items.SelectMany(i => data.Where(d => d.Key == i.Key).Select(d => KeyValuePair.Create(i.Path ?? d.Key, d.Value)))] : data;

    private async Task<string?> ReferencedAsync(SimulatedPod pod, V1EnvVarSource? source, CancellationToken cancellation)
    {
        if (source?.FieldRef?.FieldPath is { } path)
        {
            return Field(pod, path);
        }
        var (data, key) = source switch
        {
            { ConfigMapKeyRef: { } map } => (await MapAsync(pod.Key.Namespace, map.Name, cancellation).ConfigureAwait(false), map.Key),
            { SecretKeyRef: { } secret } => (await SecretAsync(pod.Key.Namespace, secret.Name, cancellation).ConfigureAwait(false), secret.Key),
            _ => ([], ""),
        };
        return data.FirstOrDefault(d => d.Key == key) is { Key: not null } found ? Encoding.UTF8.GetString(found.Value) : null;
    }

    /// <summary>What a path into a pod says; all labels or annotations a line each.</summary>
    private static string? Field(SimulatedPod pod, string? path)
    {
        var metadata = pod.Pod.Metadata;
        return path switch
        {
            null => null,
            "metadata.name" => metadata.Name,
            "metadata.namespace" => metadata.NamespaceProperty,
            "metadata.uid" => metadata.Uid,
            "metadata.labels" => Lines(metadata.Labels),
            "metadata.annotations" => Lines(metadata.Annotations),
            _ when Within(path, "metadata.labels") is { } label => metadata.Labels?.TryGetValue(label, out var value) == true ? value : null,
            _ when Within(path, "metadata.annotations") is { } annotation => metadata.Annotations?.TryGetValue(annotation, out var value) == true ? value : null,
            "spec.nodeName" => pod.Node,
            "spec.serviceAccountName" => pod.Pod.Spec.ServiceAccountName,
            "status.podIP" or "status.podIPs" => pod.Address,
            "status.hostIP" or "status.hostIPs" => "127.0.0.1",
            _ => null,
        };
    }

    private static string? Within(string path, string map) =>
        path.StartsWith($"{map}['", StringComparison.Ordinal) && path.EndsWith("']", StringComparison.Ordinal) ? path[(map.Length + 2)..^2] : null;

    private static string Lines(IDictionary<string, string>? entries) => string.Join('\n', (entries ?? new Dictionary<string, string>()).OrderBy(e => e.Key, StringComparer.Ordinal).Select(e => $"{e.Key}=\"{e.Value}\""));

    private async Task<IReadOnlyList<KeyValuePair<string, byte[]>>> MapAsync(string space, string? name, CancellationToken cancellation)
    {
        var map = name is null ? null : await FoundAsync(() => client.Resource<V1ConfigMap>(space).GetAsync(name, cancellation: cancellation)).ConfigureAwait(false);
        return map is null ? [] : [.. (map.Data ?? new Dictionary<string, string>()).Select(d => KeyValuePair.Create(d.Key, Encoding.UTF8.GetBytes(d.Value))), .. map.BinaryData ?? new Dictionary<string, byte[]>()];
    }

    private async Task<IReadOnlyList<KeyValuePair<string, byte[]>>> SecretAsync(string space, string? name, CancellationToken cancellation)
    {
        var secret = name is null ? null : await FoundAsync(() => client.Resource<V1Secret>(space).GetAsync(name, cancellation: cancellation)).ConfigureAwait(false);
        return secret?.Data is { } data ? [.. data] : [];
    }

    private async Task<string?> TokenAsync(SimulatedPod pod, V1ServiceAccountTokenProjection wanted, CancellationToken cancellation)
    {
        var account = pod.Pod.Spec.ServiceAccountName is { Length: > 0 } named ? named : "default";
        var request = new Authenticationv1TokenRequest
        {
            Spec = new V1TokenRequestSpec
            {
                Audiences = wanted.Audience is { Length: > 0 } audience ? [audience] : [],
                ExpirationSeconds = wanted.ExpirationSeconds ?? TokenSeconds,
                BoundObjectRef = new V1BoundObjectReference { ApiVersion = "v1", Kind = "Pod", Name = pod.Key.Name, Uid = pod.Uid },
            },
        };
        return (await FoundAsync(() => client.Resource<V1ServiceAccount>(pod.Key.Namespace).CreateTokenAsync(account, request, cancellation)).ConfigureAwait(false))?.Status?.Token;
    }

    private static async Task<T?> FoundAsync<T>(Func<Task<T>> read)
        where T : class
    {
        try
        {
            return await read().ConfigureAwait(false);
        }
        catch (KubernetesException missing) when (missing.IsNotFound)
        {
            return null;
        }
    }
}
