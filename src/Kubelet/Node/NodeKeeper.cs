using System.Text.Json.Nodes;
using ActorKube.Actors;
using ActorKube.Models;
using ActorKube.Transport;
using k8s.Models;

namespace ActorKube.Kubelet;

/// <summary>The node as an object: registered at the start, if nobody has one of that name, and kept alive by its lease and its status as a kubelet does.</summary>
internal sealed class NodeKeeper(string name, TimeProvider time)
{
    private const string LeaseNamespace = "kube-node-lease";
    private const int LeaseSeconds = 40;

    /// <summary>How often a kubelet renews its lease, and tells its status though nothing changed.</summary>
    public static readonly TimeSpan Renewal = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Report = TimeSpan.FromMinutes(5);

    private static readonly (string Type, string Status, string Reason, string Message)[] Conditions =
    [
        ("MemoryPressure", "False", "KubeletHasSufficientMemory", "kubelet has sufficient memory available"),
        ("DiskPressure", "False", "KubeletHasNoDiskPressure", "kubelet has no disk pressure"),
        ("PIDPressure", "False", "KubeletHasSufficientPID", "kubelet has sufficient PID available"),
        ("Ready", "True", "KubeletReady", "kubelet is posting ready status"),
    ];

    private DateTimeOffset _reported;

    /// <summary>Registers the node.</summary>
    public async Task RegisterAsync(IKubernetesClient client, CancellationToken cancellation)
    {
        _reported = time.GetUtcNow();
        V1Node node;
        try
        {
            node = await client.Resource<V1Node>().CreateAsync(Node(), cancellation: cancellation).ConfigureAwait(false);
            if (node.Spec.Taints is { Count: > 0 })
            {
                // What a new node is tainted with goes once its kubelet says that it is ready: that is now.
                await client.Resource<V1Node>().PatchAsync(name, Patch.Merge("""{"spec":{"taints":null}}"""), cancellation: cancellation).ConfigureAwait(false);
            }
        }
        catch (KubernetesException there) when (there.IsAlreadyExists)
        {
            node = await client.Resource<V1Node>().GetAsync(name, cancellation: cancellation).ConfigureAwait(false);
        }
        try
        {
            await client.Resource<V1Lease>(LeaseNamespace).CreateAsync(Lease(node), cancellation: cancellation).ConfigureAwait(false);
        }
        catch (KubernetesException there) when (there.IsAlreadyExists)
        {
            // It is renewed.
        }
    }

    /// <summary>Renews the lease, and tells now and then that all is as it was.</summary>
    public async Task<ReconcileResult> KeepAsync(IKubernetesClient client, CancellationToken cancellation)
    {
        try
        {
            await RenewAsync(client, cancellation).ConfigureAwait(false);
        }
        catch (KubernetesException gone) when (gone.IsNotFound)
        {
            // Somebody took it away, and the node lives.
            await RegisterAsync(client, cancellation).ConfigureAwait(false);
        }
        return ReconcileResult.RequeueAfter(Renewal);
    }

    private async Task RenewAsync(IKubernetesClient client, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        await client.Resource(ResourceDefinition.For<V1Lease>(), LeaseNamespace).PatchAsync(
            name, Patch.Merge(new JsonObject { ["spec"] = new JsonObject { ["renewTime"] = now.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", System.Globalization.CultureInfo.InvariantCulture) } }), cancellation: cancellation).ConfigureAwait(false);
        if (now - _reported >= Report)
        {
            _reported = now;
            var beats = new JsonArray([.. Conditions.Select(c => new JsonObject { ["type"] = c.Type, ["lastHeartbeatTime"] = PodStatusText.Timestamp(now) })]);
            await client.Resource(ResourceDefinition.For<V1Node>()).PatchAsync(
                name, Patch.StrategicMerge(new JsonObject { ["status"] = new JsonObject { ["conditions"] = beats } }), subresource: "status", cancellation: cancellation).ConfigureAwait(false);
        }
    }

    private V1Lease Lease(V1Node node) => new()
    {
        Metadata = new V1ObjectMeta { Name = name, OwnerReferences = [new V1OwnerReference { ApiVersion = "v1", Kind = "Node", Name = name, Uid = node.Metadata.Uid }] },
        Spec = new V1LeaseSpec { HolderIdentity = name, LeaseDurationSeconds = LeaseSeconds, RenewTime = time.GetUtcNow().UtcDateTime },
    };

    private V1Node Node()
    {
        var now = time.GetUtcNow().UtcDateTime;
        static Dictionary<string, ResourceQuantity> Room() => new() { ["cpu"] = new("64"), ["ephemeral-storage"] = new("1Ti"), ["memory"] = new("256Gi"), ["pods"] = new("10000") };
        return new V1Node
        {
            Metadata = new V1ObjectMeta
            {
                Name = name,
                Labels = new Dictionary<string, string>
                {
                    ["beta.kubernetes.io/arch"] = "amd64", ["beta.kubernetes.io/os"] = "linux", ["kubernetes.io/arch"] = "amd64", ["kubernetes.io/hostname"] = name, ["kubernetes.io/os"] = "linux",
                },
                Annotations = new Dictionary<string, string> { ["node.alpha.kubernetes.io/ttl"] = "0", ["volumes.kubernetes.io/controller-managed-attach-detach"] = "true" },
            },
            Spec = new V1NodeSpec { PodCIDR = "10.244.0.0/16", ProviderID = $"simulated://{name}" },
            Status = new V1NodeStatus
            {
                Capacity = Room(), Allocatable = Room(),
                Conditions = [.. Conditions.Select(c => new V1NodeCondition { Type = c.Type, Status = c.Status, LastHeartbeatTime = now, LastTransitionTime = now, Reason = c.Reason, Message = c.Message })],
                Addresses = [new V1NodeAddress { Type = "InternalIP", Address = "127.0.0.1" }, new V1NodeAddress { Type = "Hostname", Address = name }],
                DaemonEndpoints = new V1NodeDaemonEndpoints { KubeletEndpoint = new V1DaemonEndpoint { Port = SimulatedNode.Port } },
                NodeInfo = new V1NodeSystemInfo
                {
                    MachineID = "", SystemUUID = "", BootID = "", KernelVersion = "simulated", OsImage = "ActorKube's pod simulator", ContainerRuntimeVersion = "simulated://1.0.0",
                    KubeletVersion = "v1.32.0", KubeProxyVersion = "v1.32.0", OperatingSystem = "linux", Architecture = "amd64",
                },
            },
        };
    }
}
