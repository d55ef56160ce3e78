using k8s;
using k8s.Models;

namespace ActorKube.Transport;

/// <summary>
/// Reads and writes objects of one resource, decoded: every verb that there is. Each caller gets objects of its own. Thread-safe; errors as those of
/// <see cref="IObjectClient{T}"/>.
/// </summary>
public interface IResourceClient<T> : IPlainResourceClient<T>, ISingleResourceClient<T> where T : class, IKubernetesObject<V1ObjectMeta>;
