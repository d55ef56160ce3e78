using ActorKube.Models;
using ActorKube.Transport;
using Akka.Coordination;
using k8s.Models;

namespace ActorKube.Cluster;

/// <summary>The three requests that a lease is made of.</summary>
interface ILeaseApi
{
    /// <returns>Null where there is no such lease.</returns>
    Task<V1Lease?> ReadAsync(CancellationToken cancellation);

    /// <summary>Creates the lease under its name, which the given one need not have.</summary>
    /// <returns>Null where there is one already.</returns>
    Task<V1Lease?> CreateAsync(V1Lease lease, CancellationToken cancellation);

    /// <summary>Writes over the version that was read.</summary>
    /// <returns>Null where somebody else has written meanwhile, or deleted it.</returns>
    Task<V1Lease?> UpdateAsync(V1Lease lease, CancellationToken cancellation);
}

/// <summary>The same on a cluster, which is asked for each time: leases are made before the actor system has its Kubernetes.</summary>
/// <param name="client">The cluster; null while there is none.</param>
/// <param name="name">The lease object's name.</param>
/// <param name="given">Its namespace; empty for the client's own.</param>
sealed class LeaseApi(Func<IKubernetesClient?> client, string name, string given) : ILeaseApi
{
    IResourceClient<V1Lease> Leases
    {
        get
        {
            var cluster = client() ?? throw new LeaseException($"The lease '{name}' needs a cluster, and this actor system has no Kubernetes yet: add it with akka.WithKubernetes(…).");
            return cluster.Resource<V1Lease>(given.Length > 0 ? given : cluster.Configuration.Namespace);
        }
    }

    public async Task<V1Lease?> ReadAsync(CancellationToken cancellation)
    {
        try
        {
            return await Leases.GetAsync(name, cancellation: cancellation).ConfigureAwait(false);
        }
        catch (KubernetesException error) when (error.IsNotFound)
        {
            return null;
        }
    }

    public async Task<V1Lease?> CreateAsync(V1Lease lease, CancellationToken cancellation)
    {
        try
        {
            lease.Metadata.Name = name;
            return await Leases.CreateAsync(lease, cancellation: cancellation).ConfigureAwait(false);
        }
        catch (KubernetesException error) when (error.IsAlreadyExists)
        {
            return null;
        }
    }

    public async Task<V1Lease?> UpdateAsync(V1Lease lease, CancellationToken cancellation)
    {
        try
        {
            return await Leases.UpdateAsync(lease, cancellation: cancellation).ConfigureAwait(false);
        }
        catch (KubernetesException error) when (error.IsConflict || error.IsNotFound)
        {
            return null;
        }
    }
}
