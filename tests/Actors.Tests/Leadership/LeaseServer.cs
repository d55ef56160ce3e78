using ActorKube.Models;
using ActorKube.Transport;
using k8s.Models;

namespace ActorKube.Actors.Tests;

/// <summary>One lease on a server in the test's hands, with optimistic concurrency. What the test does not slow down is answered on the caller's thread.</summary>
sealed class LeaseServer
{
    int _version;

    /// <summary>The lease as it is; null before it was created.</summary>
    public V1Lease? Lease { get; private set; }

    /// <summary>Awaited before a request takes effect; may throw.</summary>
    public Func<string, CancellationToken, Task>? Before { get; set; }

    /// <summary>Awaited after a request took effect, before its answer; may throw.</summary>
    public Func<string, CancellationToken, Task>? After { get; set; }

    /// <summary>What took effect, in order.</summary>
    public List<string> Log { get; } = [];

    /// <summary>A client; all of them see the same lease.</summary>
    public IKubernetesClient Client() => new FakeClient(new Leases(this));

    /// <summary>Somebody else writes the lease.</summary>
    public void Put(string holder, int seconds = 15, int transitions = 0)
    {
        Lease = new V1Lease
        {
            Metadata = new V1ObjectMeta { Name = "l", NamespaceProperty = "n" },
            Spec = new V1LeaseSpec { HolderIdentity = holder, LeaseDurationSeconds = seconds, LeaseTransitions = transitions, RenewTime = new DateTime(2020, 1, 1, 0, 0, 0, DateTimeKind.Utc).AddSeconds(_version) },
        };
        Lease.Metadata.ResourceVersion = (++_version).ToString();
    }

    async Task<V1Lease> Serve(string verb, Func<V1Lease> effect, CancellationToken cancellation)
    {
        if (Before is { } before)
            await before(verb, cancellation).ConfigureAwait(false);
        var answer = effect();
        Log.Add($"{verb} {answer.Spec.HolderIdentity}");
        if (After is { } after)
            await after(verb, cancellation).ConfigureAwait(false);
        return answer;
    }

    Task<V1Lease> Get(CancellationToken cancellation) => Serve("get", () => Copy(Lease ?? throw new KubernetesException(Make.Status(404, "NotFound"))), cancellation);

    Task<V1Lease> Create(V1Lease lease, CancellationToken cancellation) => Serve(
        "create",
        () =>
        {
            if (Lease is not null)
                throw new KubernetesException(Make.Status(409, "AlreadyExists"));
            return Store(lease);
        },
        cancellation);

    Task<V1Lease> Update(V1Lease lease, CancellationToken cancellation) => Serve(
        "update",
        () =>
        {
            if (Lease?.Metadata.ResourceVersion != lease.Metadata.ResourceVersion)
                throw new KubernetesException(Make.Status(409, "Conflict"));
            return Store(lease);
        },
        cancellation);

    V1Lease Store(V1Lease lease)
    {
        Lease = Copy(lease);
        Lease.Metadata.ResourceVersion = (++_version).ToString();
        return Copy(Lease);
    }

    static V1Lease Copy(V1Lease lease) => KubeJson.Deserialize<V1Lease>(KubeJson.Serialize(lease));

    sealed class Leases(LeaseServer server) : FakeResource<V1Lease>
    {
        public override Task<V1Lease> GetAsync(string name, GetOptions? options = null, CancellationToken cancellation = default) => server.Get(cancellation);

        public override Task<V1Lease> CreateAsync(V1Lease @object, CreateOptions? options = null, CancellationToken cancellation = default) => server.Create(@object, cancellation);

        public override Task<V1Lease> UpdateAsync(V1Lease @object, UpdateOptions? options = null, string? subresource = null, CancellationToken cancellation = default) =>
            server.Update(@object, cancellation);
    }
}
