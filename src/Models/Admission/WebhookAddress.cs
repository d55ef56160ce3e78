using k8s.Models;

namespace ActorKube.Models;

/// <summary>Where API servers reach webhooks, and whose certificates they trust there. Immutable.</summary>
/// <example><code>WebhookAddress.Service("shop", "webhook-service")   // https://webhook-service.shop.svc</code></example>
public sealed record WebhookAddress
{
    private readonly Uri? _url;
    private readonly (string Namespace, string Name, int? Port)? _service;

    private WebhookAddress(Uri? url, (string, string, int?)? service) => (_url, _service) = (url, service);

    /// <summary>The authority of the webhooks' certificate, in PEM; null for what the server trusts by itself, and where somebody else puts it into the configurations.</summary>
    public byte[]? CaBundle { get; init; }

    /// <summary>A service of the cluster.</summary>
    /// <param name="namespace">Its namespace.</param>
    /// <param name="name">Its name.</param>
    /// <param name="port">Its port; null for 443.</param>
    /// <exception cref="ArgumentException">A name is missing, or the port is none.</exception>
    public static WebhookAddress Service(string @namespace, string name, int? port = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(@namespace);
        ArgumentException.ThrowIfNullOrEmpty(name);
        if (port is < 1 or > 65535) throw new ArgumentOutOfRangeException(nameof(port), port, "A port is 1 to 65535.");
        return new WebhookAddress(null, (@namespace, name, port));
    }

    /// <summary>An address outside of the cluster, for development.</summary>
    /// <param name="url">Scheme, host and port, such as <c>https://host.docker.internal:9443</c>; paths of webhooks are put below it.</param>
    /// <exception cref="ArgumentException">It is no https address, or has a query, which servers refuse.</exception>
    public static WebhookAddress At(Uri url)
    {
        ArgumentNullException.ThrowIfNull(url);
        if (!url.IsAbsoluteUri || url.Scheme != Uri.UriSchemeHttps || url.Query.Length > 0 || url.Fragment.Length > 0 || url.UserInfo.Length > 0)
            throw new ArgumentException($"'{url}' is no address of webhooks: https://HOST:PORT is expected, without user, query and fragment.", nameof(url));
        return new WebhookAddress(url, null);
    }

    /// <summary>Whether it is a service of the cluster.</summary>
    public bool IsService => _service is not null;

    /// <summary>The host names that a certificate for this address has to have.</summary>
    public IReadOnlyList<string> HostNames => _service is { } service
        ? [$"{service.Name}.{service.Namespace}.svc", $"{service.Name}.{service.Namespace}.svc.cluster.local", $"{service.Name}.{service.Namespace}", service.Name]
        : [_url!.Host.Trim('[', ']')];

    /// <summary>What an admission webhook's configuration says.</summary>
    /// <param name="path">The webhook's path.</param>
    public Admissionregistrationv1WebhookClientConfig Of(string path) => new()
    {
        CaBundle = CaBundle, Url = Url(path),
        Service = _service is not { } service ? null : new Admissionregistrationv1ServiceReference { NamespaceProperty = service.Namespace, Name = service.Name, Port = service.Port, Path = path },
    };

    /// <summary>What a definition says of its conversion webhook.</summary>
    /// <param name="path">The webhook's path.</param>
    public Apiextensionsv1WebhookClientConfig OfConversion(string path) => new()
    {
        CaBundle = CaBundle, Url = Url(path),
        Service = _service is not { } service ? null : new Apiextensionsv1ServiceReference { NamespaceProperty = service.Namespace, Name = service.Name, Port = service.Port, Path = path },
    };

    /// <inheritdoc/>
    public override string ToString() => _url?.ToString() ?? $"service {_service!.Value.Namespace}/{_service.Value.Name}";

    private string? Url(string path) => _url is null ? null : _url.GetLeftPart(UriPartial.Path).TrimEnd('/') + path;
}
