using ActorKube.Models;

namespace ActorKube.Transport;

/// <summary>An object that a client has written, as the server confirmed it; see <see cref="IKubernetesClient.WithWriteObserver"/>.</summary>
/// <param name="Resource">The resource.</param>
/// <param name="Key">The object.</param>
/// <param name="ResourceVersion">The version that the server gave it; empty where it is gone and has none.</param>
/// <param name="Uid">The object's uid; empty where it is gone and the server did not send it.</param>
public readonly record struct WrittenObject(ResourceDefinition Resource, NamespacedName Key, string ResourceVersion, string Uid);

/// <summary>Who is asked before a write and told after it.</summary>
/// <param name="Written">Told of what was written.</param>
/// <param name="Guard">Asked before anything is sent; throws where it must not be.</param>
internal sealed record WriteHooks(Action<WrittenObject> Written, Action? Guard)
{
    /// <summary>Requests put together by hand that are asked for too before they are sent, unless they only read.</summary>
    public IRestClient Over(RestClient rest) => Guard is null ? rest : new GuardedRestClient(rest, Guard);

    sealed class GuardedRestClient(RestClient rest, Action guard) : IRestClient
    {
        public RestRequest Verb(string verb) => new(rest, verb, guard);
    }
}
