using ActorKube.Models;
using ActorKube.Testing;
using ActorKube.Transport;
using k8s.Models;

namespace ActorKube.Actors.Tests;

/// <summary>One lease on a server in the test's hands, with optimistic concurrency. Requests are work of the moment until the test makes them wait for time.</summary>
sealed class LeaseServer(OutstandingWork work)
{
    readonly Lock _lock = new();
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
    /// <param name="faults">Awaited before and after each of its requests takes effect; may throw.</param>
    public IKubernetesClient Client(Func<CancellationToken, Task>? faults = null) => new FakeClient(new Leases(this, faults ?? (static _ => Task.CompletedTask)));

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

    Task<V1Lease> Serve(string verb, Func<V1Lease> effect, Func<CancellationToken, Task> faults, CancellationToken cancellation) => work.TrackAsync($"{verb} lease", async () =>
    {
        await faults(cancellation).ConfigureAwait(false);
        if (Before is { } before)
            await before(verb, cancellation).ConfigureAwait(false);
        V1Lease answer;
        lock (_lock)
        {
            answer = effect();
            Log.Add($"{verb} {answer.Spec.HolderIdentity}");
        }
        await faults(cancellation).ConfigureAwait(false);
        if (After is { } after)
            await after(verb, cancellation).ConfigureAwait(false);
        return answer;
    });

    V1Lease Get() => Copy(Lease ?? throw new KubernetesException(Make.Status(404, "NotFound")));

    V1Lease Create(V1Lease lease)
    {
        if (Lease is not null)
            throw new KubernetesException(Make.Status(409, "AlreadyExists"));
        return Store(lease);
    }

    V1Lease Update(V1Lease lease)
    {
        if (Lease?.Metadata.ResourceVersion != lease.Metadata.ResourceVersion)
            throw new KubernetesException(Make.Status(409, "Conflict"));
        return Store(lease);
    }

    V1Lease Store(V1Lease lease)
    {
        Lease = Copy(lease);
        Lease.Metadata.ResourceVersion = (++_version).ToString();
        return Copy(Lease);
    }

    static V1Lease Copy(V1Lease lease) => KubeJson.Deserialize<V1Lease>(KubeJson.Serialize(lease));

    sealed class Leases(LeaseServer server, Func<CancellationToken, Task> faults) : FakeResource<V1Lease>
    {
        public override Task<V1Lease> GetAsync(string name, GetOptions? options = null, CancellationToken cancellation = default) => server.Serve("get", server.Get, faults, cancellation);

        public override Task<V1Lease> CreateAsync(V1Lease @object, CreateOptions? options = null, CancellationToken cancellation = default) =>
            server.Serve("create", () => server.Create(@object), faults, cancellation);

        public override Task<V1Lease> UpdateAsync(V1Lease @object, UpdateOptions? options = null, string? subresource = null, CancellationToken cancellation = default) =>
            server.Serve("update", () => server.Update(@object), faults, cancellation);
    }
}
