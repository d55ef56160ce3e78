using ActorKube.Models;
using k8s;
using k8s.Models;

namespace ActorKube.Transport;

/// <summary>
/// Reads and writes objects of one resource, decoded. Each caller gets objects of its own. Thread-safe.
/// All calls throw <see cref="KubernetesException"/> where the server refuses, <see cref="HttpRequestException"/> where it cannot be reached or does not answer
/// in time, <see cref="ArgumentException"/> for a name that cannot be one and for a namespace that is missing.
/// </summary>
public interface IObjectClient<T> : IResourceReader<T>, IResourceCreator<T> where T : class, IKubernetesObject<V1ObjectMeta>
{
    /// <inheritdoc cref="IListWatch.WatchAsync"/>
    IAsyncEnumerable<WatchEvent<T>> WatchAsync(ListOptions? options = null, CancellationToken cancellation = default);

    /// <summary>Replaces an object; a resource version in it must still be the current one.</summary>
    /// <param name="object">The object.</param>
    /// <param name="options">How.</param>
    /// <param name="subresource">Such as <c>status</c> or <c>scale</c>; null for the object itself.</param>
    /// <param name="cancellation">Gives up the request.</param>
    /// <returns>The object as stored.</returns>
    Task<T> UpdateAsync(T @object, UpdateOptions? options = null, string? subresource = null, CancellationToken cancellation = default);

    /// <summary>Changes parts of an object.</summary>
    /// <param name="name">The object's name.</param>
    /// <param name="patch">The change.</param>
    /// <param name="options">How.</param>
    /// <param name="subresource">Such as <c>status</c>; null for the object itself.</param>
    /// <param name="cancellation">Gives up the request.</param>
    /// <returns>The object as stored.</returns>
    Task<T> PatchAsync(string name, Patch patch, PatchOptions? options = null, string? subresource = null, CancellationToken cancellation = default);

    /// <summary>Creates or changes an object so that it has the fields given, on the server's side.</summary>
    /// <param name="object">The fields wanted, with kind and name; no resource version and no managed fields.</param>
    /// <param name="options">Who applies, and how.</param>
    /// <param name="subresource">Such as <c>status</c>; null for the object itself.</param>
    /// <param name="cancellation">Gives up the request.</param>
    /// <returns>The object as stored.</returns>
    Task<T> ApplyAsync(T @object, ApplyOptions options, string? subresource = null, CancellationToken cancellation = default);

    /// <summary>Deletes an object.</summary>
    /// <returns>The object where the server sends it, as it does while it waits for finalizers or a grace period; null where it is gone.</returns>
    Task<T?> DeleteAsync(string name, DeleteOptions? options = null, CancellationToken cancellation = default);

    /// <summary>This resource's lists and watches with fixed selectors, as a reflector wants them.</summary>
    IListWatch ListWatch(string? labelSelector = null, string? fieldSelector = null);
}
