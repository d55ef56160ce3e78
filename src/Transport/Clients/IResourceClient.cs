using ActorKube.Models;

namespace ActorKube.Transport;

/// <summary>
/// Reads and writes objects of one resource as received: bytes with their metadata, decoded only when asked to. Works for every resource a server has. Thread-safe.
/// All calls throw <see cref="KubernetesException"/> where the server refuses, <see cref="HttpRequestException"/> where it cannot be reached or does not answer
/// in time, <see cref="ArgumentException"/> for a name that cannot be one and for a namespace that is missing.
/// </summary>
public interface IResourceClient : IResource
{
    /// <summary>One object.</summary>
    Task<KubeObject> GetAsync(string name, GetOptions? options = null, CancellationToken cancellation = default);

    /// <summary>A page of objects; all of them where no limit is set.</summary>
    Task<KubeList> ListAsync(ListOptions? options = null, CancellationToken cancellation = default);

    /// <summary>
    /// All objects, page by page (500 a page unless the options say otherwise), each page asked for when the one before was taken. Where the server has forgotten
    /// the list's version meanwhile, the rest is of a newer one: objects that were there all along still come exactly once.
    /// </summary>
    IAsyncEnumerable<KubeObject> ListAllAsync(ListOptions? options = null, CancellationToken cancellation = default);

    /// <inheritdoc cref="IListWatch.WatchAsync"/>
    IAsyncEnumerable<WatchEvent> WatchAsync(ListOptions? options = null, CancellationToken cancellation = default);

    /// <summary>Creates an object, in this client's namespace or, where it has none, in the object's.</summary>
    /// <returns>The object as stored.</returns>
    Task<KubeObject> CreateAsync(KubeObject @object, CreateOptions? options = null, CancellationToken cancellation = default);

    /// <summary>Replaces an object; a resource version in it must still be the current one.</summary>
    /// <param name="object">The object.</param>
    /// <param name="options">How.</param>
    /// <param name="subresource">Such as <c>status</c> or <c>scale</c>; null for the object itself.</param>
    /// <param name="cancellation">Gives up the request.</param>
    /// <returns>The object as stored.</returns>
    Task<KubeObject> UpdateAsync(KubeObject @object, UpdateOptions? options = null, string? subresource = null, CancellationToken cancellation = default);

    /// <summary>Replaces an object's status and nothing else.</summary>
    /// <returns>The object as stored.</returns>
    Task<KubeObject> UpdateStatusAsync(KubeObject @object, UpdateOptions? options = null, CancellationToken cancellation = default);

    /// <summary>Changes parts of an object.</summary>
    /// <param name="name">The object's name.</param>
    /// <param name="patch">The change.</param>
    /// <param name="options">How.</param>
    /// <param name="subresource">Such as <c>status</c>; null for the object itself.</param>
    /// <param name="cancellation">Gives up the request.</param>
    /// <returns>The object as stored.</returns>
    Task<KubeObject> PatchAsync(string name, Patch patch, PatchOptions? options = null, string? subresource = null, CancellationToken cancellation = default);

    /// <summary>Creates or changes an object so that it has the fields given, on the server's side.</summary>
    /// <param name="object">The fields wanted, with kind and name; no resource version and no managed fields.</param>
    /// <param name="options">Who applies, and how.</param>
    /// <param name="subresource">Such as <c>status</c>; null for the object itself.</param>
    /// <param name="cancellation">Gives up the request.</param>
    /// <returns>The object as stored.</returns>
    Task<KubeObject> ApplyAsync(KubeObject @object, ApplyOptions options, string? subresource = null, CancellationToken cancellation = default);

    /// <summary>Deletes an object.</summary>
    /// <returns>The object where the server sends it, as it does while it waits for finalizers or a grace period; null where it is gone.</returns>
    Task<KubeObject?> DeleteAsync(string name, DeleteOptions? options = null, CancellationToken cancellation = default);

    /// <summary>Deletes all objects that the selectors match.</summary>
    Task DeleteCollectionAsync(DeleteOptions? options = null, ListOptions? selection = null, CancellationToken cancellation = default);

    /// <summary>This resource's lists and watches with fixed selectors, as a reflector wants them.</summary>
    IListWatch ListWatch(string? labelSelector = null, string? fieldSelector = null);
}
