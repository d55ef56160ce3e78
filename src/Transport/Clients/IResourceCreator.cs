using k8s;
using k8s.Models;

namespace ActorKube.Transport;

/// <summary>Creates objects of one resource; for some, such as reviews, that is all there is. Errors as those of <see cref="IResourceClient"/>.</summary>
public interface IResourceCreator<T> : IResource where T : class, IKubernetesObject<V1ObjectMeta>
{
    /// <summary>Creates an object, in this client's namespace or, where it has none, in the object's.</summary>
    /// <returns>The object as stored.</returns>
    Task<T> CreateAsync(T @object, CreateOptions? options = null, CancellationToken cancellation = default);
}
