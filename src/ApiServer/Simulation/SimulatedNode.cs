using System.Globalization;
using System.Text.Json.Nodes;

namespace ActorKube.ApiServer;

/// <summary>
/// The node that the simulated pods run on, as an object: registered at the start, if nobody has one of that name, and kept alive by its lease and its status as a kubelet does. Times are on the server's clock.
/// </summary>
internal sealed class SimulatedNode(ObjectService objects, string name, TimeProvider time, CancellationToken stopping) : StoreFollower(time, stopping)
{
    private const string LeaseNamespace = "kube-node-lease";

    /// <summary>How often a kubelet renews its lease, and tells its status though nothing changed.</summary>
    private static readonly TimeSpan Renewal = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Report = TimeSpan.FromMinutes(5);
    private static readonly WriteContext Writer = WriteContext.Internal("kubelet");

    private static readonly (string Type, string Status, string Reason, string Message)[] Conditions =
    [
        ("MemoryPressure", "False", "KubeletHasSufficientMemory", "kubelet has sufficient memory available"),
        ("DiskPressure", "False", "KubeletHasNoDiskPressure", "kubelet has no disk pressure"),
        ("PIDPressure", "False", "KubeletHasSufficientPID", "kubelet has sufficient PID available"),
        ("Ready", "True", "KubeletReady", "kubelet is posting ready status"),
    ];

    private DateTimeOffset _reported;

    private ApiResource Nodes => objects.Table.Current.Find("", "v1", "nodes")!;

    private ApiResource Leases => objects.Table.Current.Find("coordination.k8s.io", "v1", "leases")!;

    /// <summary>Registers the node, before anybody is answered.</summary>
    public void Register()
    {
        _reported = Time.GetUtcNow();
        if (Nodes.Store.Current.Get("", name) is null && objects.CreateOwn(Nodes, null, Node(), Writer, managed: false) is not null)
        {
            // What a new node is tainted with goes once its kubelet says that it is ready: that is now.
            objects.Rewrite(Nodes, "", name, static tree => tree.Need("spec").Remove("taints"));
        }
        if (Leases.Store.Current.Get(LeaseNamespace, name) is null)
        {
            objects.CreateOwn(Leases, LeaseNamespace, Lease(), Writer, managed: false);
        }
    }

    /// <summary>Keeps it alive until the server stops.</summary>
    public async Task RunAsync()
    {
        using var timer = new PeriodicTimer(Renewal, Time);
        try
        {
            while (await timer.WaitForNextTickAsync(Stopping).ConfigureAwait(false))
            {
                Guarded(0, _ => Renew());
            }
        }
        catch (OperationCanceledException)
        {
            // The server stops.
        }
    }

    private void Renew()
    {
        var now = Time.GetUtcNow();
        objects.Rewrite(Leases, LeaseNamespace, name, tree => tree.Need("spec")["renewTime"] = Micro(now));
        if (now - _reported >= Report)
        {
            _reported = now;
            objects.Rewrite(Nodes, "", name, tree =>
            {
                foreach (var condition in (tree.At("status", "conditions") as JsonArray).Objects())
                {
                    condition["lastHeartbeatTime"] = MetadataRules.Timestamp(now);
                }
            });
        }
    }

    private static string Micro(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture);

    private JsonObject Lease()
    {
        var owner = new JsonObject { ["apiVersion"] = "v1", ["kind"] = "Node", ["name"] = name, ["uid"] = Nodes.Store.Current.Get("", name)?.Uid };
        return new JsonObject
        {
            ["metadata"] = new JsonObject { ["name"] = name, ["ownerReferences"] = new JsonArray(owner) },
            ["spec"] = new JsonObject { ["holderIdentity"] = name, ["leaseDurationSeconds"] = 40, ["renewTime"] = Micro(Time.GetUtcNow()) },
        };
    }

    private JsonObject Node()
    {
        var now = MetadataRules.Timestamp(Time.GetUtcNow());
        static JsonObject Room() => new() { ["cpu"] = "64", ["ephemeral-storage"] = "1Ti", ["memory"] = "256Gi", ["pods"] = "10000" };
        return new JsonObject
        {
            ["metadata"] = new JsonObject
            {
                ["name"] = name,
                ["labels"] = new JsonObject
                {
                    ["beta.kubernetes.io/arch"] = "amd64", ["beta.kubernetes.io/os"] = "linux", ["kubernetes.io/arch"] = "amd64", ["kubernetes.io/hostname"] = name, ["kubernetes.io/os"] = "linux",
                },
                ["annotations"] = new JsonObject { ["node.alpha.kubernetes.io/ttl"] = "0", ["volumes.kubernetes.io/controller-managed-attach-detach"] = "true" },
            },
            ["spec"] = new JsonObject { ["podCIDR"] = "10.244.0.0/16", ["providerID"] = $"simulated://{name}" },
            ["status"] = new JsonObject
            {
                ["capacity"] = Room(), ["allocatable"] = Room(),
                ["conditions"] = new JsonArray([.. Conditions.Select(c => new JsonObject
                {
                    ["type"] = c.Type, ["status"] = c.Status, ["lastHeartbeatTime"] = now, ["lastTransitionTime"] = now, ["reason"] = c.Reason, ["message"] = c.Message,
                })]),
                ["addresses"] = new JsonArray(new JsonObject { ["type"] = "InternalIP", ["address"] = "127.0.0.1" }, new JsonObject { ["type"] = "Hostname", ["address"] = name }),
                ["daemonEndpoints"] = new JsonObject { ["kubeletEndpoint"] = new JsonObject { ["Port"] = 10250 } },
                ["nodeInfo"] = new JsonObject
                {
                    ["machineID"] = "", ["systemUUID"] = "", ["bootID"] = "", ["kernelVersion"] = "simulated", ["osImage"] = "ActorKube's pod simulator", ["containerRuntimeVersion"] = "simulated://1.0.0",
                    ["kubeletVersion"] = "v1.32.0", ["kubeProxyVersion"] = "v1.32.0", ["operatingSystem"] = "linux", ["architecture"] = "amd64",
                },
            },
        };
    }
}
