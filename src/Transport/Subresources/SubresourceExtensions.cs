using ActorKube.Models;
using k8s;
using k8s.Models;

namespace ActorKube.Transport;

/// <summary>What single resources have beside their objects. Errors as those of <see cref="IResourceClient"/>.</summary>
public static class SubresourceExtensions
{
    /// <summary>Applies a status and nothing else.</summary>
    /// <inheritdoc cref="IObjectClient{T}.ApplyAsync"/>
    public static Task<T> ApplyStatusAsync<T>(this ISingleResourceClient<T> client, T @object, ApplyOptions options, CancellationToken cancellation = default)
        where T : class, IKubernetesObject<V1ObjectMeta> => client.ApplyAsync(@object, options, "status", cancellation);

    /// <inheritdoc cref="ApplyStatusAsync{T}"/>
    public static Task<KubeObject> ApplyStatusAsync(this IResourceClient client, KubeObject @object, ApplyOptions options, CancellationToken cancellation = default) =>
        client.ApplyAsync(@object, options, "status", cancellation);

    /// <summary>How many replicas an object wants and has; for kinds that scale.</summary>
    public static async Task<V1Scale> GetScaleAsync<T>(this IResourceClient<T> client, string name, CancellationToken cancellation = default)
        where T : class, IKubernetesObject<V1ObjectMeta> =>
        await SendAsync<V1Scale>(client.Request("GET", name, "scale"), cancellation).ConfigureAwait(false);

    /// <summary>Says how many replicas an object shall have; a resource version in the scale must still be the current one.</summary>
    public static async Task<V1Scale> UpdateScaleAsync<T>(this IResourceClient<T> client, string name, V1Scale scale, CancellationToken cancellation = default)
        where T : class, IKubernetesObject<V1ObjectMeta> =>
        await SendAsync<V1Scale>(client.Request("PUT", name, "scale").Object(scale), cancellation).ConfigureAwait(false);

    /// <summary>Asks for a pod to be deleted unless a disruption budget forbids it, which is a 429.</summary>
    public static async Task EvictAsync(this IResourceClient<V1Pod> client, string name, DeleteOptions? options = null, CancellationToken cancellation = default)
    {
        var eviction = new V1Eviction
        {
            Metadata = new V1ObjectMeta { Name = name, NamespaceProperty = client.Namespace },
            DeleteOptions = options is null ? null : KubeJson.Deserialize<V1DeleteOptions>(options.ToBody().Span is { IsEmpty: false } body ? body : "{}"u8)
        };
        await SendAsync<V1Status>(client.Request("POST", name, "eviction").Object(eviction), cancellation).ConfigureAwait(false);
    }

    /// <summary>Puts a pod on a node, as a scheduler does.</summary>
    public static async Task BindAsync(this IResourceClient<V1Pod> client, string name, string node, CancellationToken cancellation = default)
    {
        var binding = new V1Binding
        {
            Metadata = new V1ObjectMeta { Name = name, NamespaceProperty = client.Namespace },
            Target = new V1ObjectReference { ApiVersion = "v1", Kind = "Node", Name = node }
        };
        await SendAsync<V1Status>(client.Request("POST", name, "binding").Object(binding), cancellation).ConfigureAwait(false);
    }

    /// <summary>Replaces a pod's ephemeral containers: those it has, and new ones.</summary>
    public static Task<V1Pod> UpdateEphemeralContainersAsync(this IResourceClient<V1Pod> client, V1Pod pod, UpdateOptions? options = null, CancellationToken cancellation = default) =>
        client.UpdateAsync(pod, options, "ephemeralcontainers", cancellation);

    /// <summary>A new token of a service account, which nobody keeps: it ends with its time, or with the account or object that it is bound to.</summary>
    /// <param name="client">The accounts of a namespace.</param>
    /// <param name="name">The account's name.</param>
    /// <param name="request">Whom it is meant for (<c>audiences</c>), for how many seconds, and what it is bound to.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>The request with <c>status.token</c>, a secret, and when it ends: a server may give less time than was asked for.</returns>
    public static async Task<Authenticationv1TokenRequest> CreateTokenAsync(
        this IObjectClient<V1ServiceAccount> client, string name, Authenticationv1TokenRequest request, CancellationToken cancellation = default) =>
        await SendAsync<Authenticationv1TokenRequest>(client.Request("POST", name, "token").Object(request), cancellation).ConfigureAwait(false);

    /// <summary>Records in a certificate request whether it is approved: its conditions, and nothing else.</summary>
    public static Task<V1CertificateSigningRequest> UpdateApprovalAsync(
        this IResourceClient<V1CertificateSigningRequest> client, V1CertificateSigningRequest request, UpdateOptions? options = null, CancellationToken cancellation = default) =>
        client.UpdateAsync(request, options, "approval", cancellation);

    /// <summary>A request for a subresource of one of a client's objects.</summary>
    internal static RestRequest Request(this IResource client, string verb, string name, string subresource)
    {
        var request = client.Rest.Verb(verb).GroupVersion(client.Resource.Kind.GroupVersion);
        if (client.Resource.Namespaced)
        {
            request.Namespace(client.Namespace ?? throw new ArgumentException(
                $"{client.Resource.Plural} live in namespaces: say which one, as client.Resource<…>(\"NAMESPACE\").", nameof(client)));
        }
        return request.Resource(client.Resource.Plural).Name(name).SubResource(subresource);
    }

    static async Task<T> SendAsync<T>(RestRequest request, CancellationToken cancellation) where T : class =>
        (await request.DoAsync(cancellation).ConfigureAwait(false)).Into<T>();
}
