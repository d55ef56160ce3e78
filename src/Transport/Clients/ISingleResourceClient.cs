using ActorKube.Models;
using k8s;
using k8s.Models;

namespace ActorKube.Transport;

/// <summary>Objects that are deleted one by one and never as a collection, such as namespaces. Errors as those of <see cref="IObjectClient{T}"/>.</summary>
public interface ISingleResourceClient<T> : IObjectClient<T> where T : class, IKubernetesObject<V1ObjectMeta>
{
    /// <summary>Replaces an object's status and nothing else.</summary>
    /// <returns>The object as stored.</returns>
    Task<T> UpdateStatusAsync(T @object, UpdateOptions? options = null, CancellationToken cancellation = default);
}
