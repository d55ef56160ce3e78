using k8s;
using k8s.Models;

namespace ActorKube.Transport;

/// <summary>Reads objects of one resource, decoded. Each caller gets objects of its own. Errors as those of <see cref="IResourceClient"/>.</summary>
public interface IResourceReader<T> : IResource where T : class, IKubernetesObject<V1ObjectMeta>
{
    /// <summary>One object.</summary>
    Task<T> GetAsync(string name, GetOptions? options = null, CancellationToken cancellation = default);

    /// <summary>A page of objects; all of them where no limit is set.</summary>
    Task<KubeList<T>> ListAsync(ListOptions? options = null, CancellationToken cancellation = default);

    /// <summary>
    /// All objects, page by page (500 a page unless the options say otherwise), each page asked for when the one before was taken. Where the server has forgotten
    /// the list's version meanwhile, the rest is of a newer one: objects that were there all along still come exactly once.
    /// </summary>
    IAsyncEnumerable<T> ListAllAsync(ListOptions? options = null, CancellationToken cancellation = default);
}
