using System.Security.Cryptography;
using System.Text.Json.Nodes;

namespace ActorKube.ApiServer;

/// <summary>
/// Gives a pod what it needs to talk to the server: a volume with its account's token, whom to trust, and its namespace, mounted into each container that mounts nothing there itself. Neither where the pod or its
/// account says no.
/// </summary>
internal static class TokenVolumes
{
    public const string MountPath = "/var/run/secrets/kubernetes.io/serviceaccount";
    private const string Prefix = "kube-api-access-";
    private const string Letters = "bcdfghjklmnpqrstvwxz2456789";

    /// <param name="spec">The pod's spec.</param>
    /// <param name="account">The pod's account.</param>
    public static void Add(JsonObject spec, JsonObject account)
    {
        if ((spec["automountServiceAccountToken"].AsBool() ?? account["automountServiceAccountToken"].AsBool()) == false)
        {
            return;
        }
        var containers = spec.List("initContainers").Objects().Concat(spec.List("containers").Objects()).Where(c => !c.List("volumeMounts").Objects().Any(m => m.Text("mountPath") == MountPath)).ToList();
        if (containers.Count == 0)
        {
            return;
        }
        var volumes = spec.List("volumes");
        if (volumes is null)
        {
            spec["volumes"] = volumes = [];
        }
        var name = volumes.Objects().Select(v => v.Text("name")).FirstOrDefault(n => n?.StartsWith(Prefix, StringComparison.Ordinal) == true);
        if (name is null)
        {
            name = Prefix + RandomNumberGenerator.GetString(Letters, 5);
            volumes.Add(Volume(name));
        }
        foreach (var container in containers)
        {
            if (container.List("volumeMounts") is not { } mounts)
            {
                container["volumeMounts"] = mounts = [];
            }
            mounts.Add(new JsonObject { ["name"] = name, ["readOnly"] = true, ["mountPath"] = MountPath });
        }
    }

    private static JsonObject Volume(string name) => new()
    {
        ["name"] = name,
        ["projected"] = new JsonObject
        {
            ["sources"] = new JsonArray(
                new JsonObject { ["serviceAccountToken"] = new JsonObject { ["expirationSeconds"] = 3607, ["path"] = "token" } },
                new JsonObject
                {
                    ["configMap"] = new JsonObject { ["name"] = FirstNamespaces.RootCa, ["items"] = new JsonArray(new JsonObject { ["key"] = "ca.crt", ["path"] = "ca.crt" }) },
                },
                new JsonObject
                {
                    ["downwardAPI"] = new JsonObject
                    {
                        ["items"] = new JsonArray(new JsonObject { ["path"] = "namespace", ["fieldRef"] = new JsonObject { ["apiVersion"] = "v1", ["fieldPath"] = "metadata.namespace" } }),
                    },
                }),
            ["defaultMode"] = 420,
        },
    };
}
