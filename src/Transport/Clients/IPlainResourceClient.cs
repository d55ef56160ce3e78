using ActorKube.Models;
using k8s;
using k8s.Models;

namespace ActorKube.Transport;

/// <summary>Objects without a status that is written apart from them, such as config maps. Errors as those of <see cref="IObjectClient{T}"/>.</summary>
public interface IPlainResourceClient<T> : IObjectClient<T> where T : class, IKubernetesObject<V1ObjectMeta>
{
    /// <summary>Deletes all objects that the selectors match.</summary>
    Task DeleteCollectionAsync(DeleteOptions? options = null, ListOptions? selection = null, CancellationToken cancellation = default);
}
