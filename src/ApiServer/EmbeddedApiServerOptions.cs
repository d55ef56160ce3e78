namespace ActorKube.ApiServer;

/// <summary>How an <see cref="EmbeddedApiServer"/> runs. The defaults suit tests.</summary>
public sealed record EmbeddedApiServerOptions
{
    /// <summary>Whether it listens on a socket at all. Without one it is reached through <see cref="EmbeddedApiServer.CreateHandler"/> only, and starts faster.</summary>
    public bool Listen { get; init; } = true;

    /// <summary>Port on the loopback address; 0 takes a free one.</summary>
    public int Port { get; init; }

    /// <summary>TLS with a certificate authority of its own, HTTP/2 and HTTP/1.1; else plain HTTP/1.1.</summary>
    public bool Tls { get; init; } = true;

    /// <summary>The administrator's bearer token; null draws a random one.</summary>
    public string? Token { get; init; }

    /// <summary>
    /// Whether requests without credentials count as the administrator's. Null: only without TLS and without a token of your own, since
    /// kubectl sends no token over plain HTTP.
    /// </summary>
    public bool? AnonymousIsAdministrator { get; init; }

    /// <summary>Roles and bindings are enforced; else whoever can log in may do everything.</summary>
    public bool Rbac { get; init; }

    /// <summary>The server's clock: timestamps, grace periods, bookmarks.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>How many events a resource's history keeps. Watching or listing from before it answers 410 Expired.</summary>
    public int HistoryEvents { get; init; } = 10_000;

    /// <summary>How often a watch that asks for bookmarks gets one; it gets another shortly before its end.</summary>
    public TimeSpan BookmarkPeriod { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>The status of a ValidatingAdmissionPolicy says which of its expressions do not fit the kinds that it is about.</summary>
    public bool PolicyStatusController { get; init; } = true;

    /// <summary>
    /// The namespaces that the server begins with have a service account <c>default</c> and <c>kube-root-ca.crt</c> from the first moment, as if controllers had long been there. Those that are made later get them from controllers.
    /// </summary>
    public bool FurnishNamespaces { get; init; } = true;

    /// <summary>Pods get a volume with their account's token, as the admission plugin for service accounts gives it.</summary>
    public bool TokenVolumes { get; init; } = true;

    /// <summary>
    /// Where a service lives that a webhook's configuration names instead of an address; null, or an answer of null, fails the call. The webhook
    /// still has to show a certificate for <c>NAME.NAMESPACE.svc</c>.
    /// </summary>
    public Func<WebhookService, Uri?>? ResolveService { get; init; }

    /// <summary>
    /// The state to begin with, as <see cref="EmbeddedApiServer.ExportState"/> wrote it, or any objects as YAML documents; in place before controllers start. Null for
    /// an empty cluster.
    /// </summary>
    public string? State { get; init; }

    /// <summary>Whether, and how much of, what the server is asked is remembered, see <see cref="EmbeddedApiServer.Exchanges"/>; null for nothing.</summary>
    public ExchangeLogOptions? Exchanges { get; init; }

    /// <summary>Seed of the generator behind fault rules with a probability.</summary>
    public int FaultSeed { get; init; }
}
