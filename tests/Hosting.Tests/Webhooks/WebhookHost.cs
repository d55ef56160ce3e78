using System.Net;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using ActorKube.ApiServer;
using ActorKube.Models;
using ActorKube.Transport;
using k8s;
using k8s.Models;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace ActorKube.Hosting.Tests.Webhooks;

/// <summary>A host with webhooks and nothing else, and who asks them as an API server does.</summary>
sealed class WebhookHost : IAsyncDisposable
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    readonly IHost _host;

    WebhookHost(IHost host) => _host = host;

    public IKubernetesWebhooks Webhooks => _host.Services.GetRequiredService<IKubernetesWebhooks>();

    public Uri Address => Webhooks.Address!;

    /// <param name="configure">Which webhooks; the port is a free one.</param>
    /// <param name="client">The cluster.</param>
    /// <param name="time">The clock.</param>
    /// <param name="services">What else there is.</param>
    public static async Task<WebhookHost> StartAsync(Action<WebhookBuilder> configure, IKubernetesClient? client = null, TimeProvider? time = null, Action<IServiceCollection>? services = null)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Services.AddLogging();
        if (client is not null)
            builder.Services.AddSingleton(client);
        if (time is not null)
            builder.Services.AddSingleton(time);
        services?.Invoke(builder.Services);
        builder.Services.AddKubernetesWebhooks(webhooks => configure(webhooks.With(options => options with { Port = 0 })));
        var host = new WebhookHost(builder.Build());
        try
        {
            await host._host.StartAsync();
        }
        catch
        {
            host._host.Dispose();
            throw;
        }
        return host;
    }

    public async Task<WebhookHost> ReadyAsync()
    {
        await Webhooks.WhenReadyAsync().WaitAsync(Patience);
        Assert.Null(Webhooks.Problem);
        return this;
    }

    /// <summary>Asks over a new connection.</summary>
    public async Task<Answer> SendAsync(string path, byte[]? body, string? contentType = "application/json", HttpMethod? method = null, Version? version = null, CancellationToken cancellation = default)
    {
        string? shown = null;
        using var http = new HttpClient(new SocketsHttpHandler
        {
            SslOptions = new SslClientAuthenticationOptions
            {
                RemoteCertificateValidationCallback = (_, certificate, _, _) =>
                {
                    shown = ((X509Certificate2)certificate!).Thumbprint;
                    return true;
                },
            },
        }) { Timeout = Patience };
        using var request = new HttpRequestMessage(method ?? HttpMethod.Post, new Uri(Address, path)) { Version = version ?? HttpVersion.Version11, VersionPolicy = HttpVersionPolicy.RequestVersionExact };
        if (body is not null)
            request.Content = new ByteArrayContent(body) { Headers = { ContentType = contentType is null ? null : MediaTypeHeaderValue.Parse(contentType) } };
        using var response = await http.SendAsync(request, cancellation);
        return new Answer(response.StatusCode, response.Version, await response.Content.ReadAsByteArrayAsync(cancellation), shown!);
    }

    public Task<Answer> AskAsync(string path, AdmissionRequest request, Version? version = null) => SendAsync(path, AdmissionReviews.Ask(request), version: version);

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        _host.Dispose();
    }

    public sealed record Answer(HttpStatusCode Code, Version Version, byte[] Body, string Certificate)
    {
        /// <summary>What is said where no webhook has answered.</summary>
        public V1Status Status => KubeJson.Deserialize<V1Status>(Body);

        public V1AdmissionResponse Review => AdmissionReviews.ReadAnswer(Body);
    }
}

/// <summary>A cluster in this process.</summary>
sealed class Cluster : IAsyncDisposable
{
    readonly EmbeddedApiServer _server;

    Cluster(EmbeddedApiServer server)
    {
        _server = server;
        Client = new KubernetesClient(new KubernetesClientConfiguration { Server = new Uri("http://in-process"), Qps = -1 }, new KubernetesClientOptions { Handler = server.CreateHandler() });
    }

    public KubernetesClient Client { get; }

    public static async Task<Cluster> StartAsync(Func<WebhookService, Uri?>? resolve = null, params V1CustomResourceDefinition[] definitions)
    {
        var cluster = new Cluster(await EmbeddedApiServer.StartAsync(new EmbeddedApiServerOptions { Listen = false, ResolveService = resolve }));
        foreach (var definition in definitions)
            await cluster.Client.Resource<V1CustomResourceDefinition>().CreateAsync(definition);
        return cluster;
    }

    public async ValueTask DisposeAsync()
    {
        await Client.DisposeAsync();
        await _server.DisposeAsync();
    }
}

/// <summary>The kind that the tests' webhooks are about, in the version that is stored.</summary>
[KubernetesEntity(Group = "stable.example.com", ApiVersion = "v1", Kind = "CronTab", PluralName = "crontabs")]
[ResourceVersion(Storage = true)]
[PreserveUnknownFields]
public sealed class CronTab : IKubernetesObject<V1ObjectMeta>
{
    public string ApiVersion { get; set; } = "stable.example.com/v1";
    public string Kind { get; set; } = "CronTab";
    public V1ObjectMeta Metadata { get; set; } = new();
    public CronTabSpec Spec { get; set; } = new();

    public sealed class CronTabSpec
    {
        public string? Schedule { get; set; }
        public int? Replicas { get; set; }
    }

    public static CronTab Named(string name, string? schedule = "* * * * *", int? replicas = null) => new()
    {
        Metadata = new V1ObjectMeta { Name = name, NamespaceProperty = "default" }, Spec = { Schedule = schedule, Replicas = replicas },
    };
}

/// <summary>The same kind as it was.</summary>
[KubernetesEntity(Group = "stable.example.com", ApiVersion = "v1beta1", Kind = "CronTab", PluralName = "crontabs")]
public sealed class OldCronTab : IKubernetesObject<V1ObjectMeta>
{
    public string ApiVersion { get; set; } = "stable.example.com/v1beta1";
    public string Kind { get; set; } = "CronTab";
    public V1ObjectMeta Metadata { get; set; } = new();
    public string? Schedule { get; set; }

    public static Scheme Scheme { get; } = new SchemeBuilder().Add<CronTab>().Add<OldCronTab>().Hub<CronTab>()
        .Convert<OldCronTab, CronTab>(old => new CronTab { Metadata = old.Metadata, Spec = { Schedule = old.Schedule } })
        .Convert<CronTab, OldCronTab>(tab => tab.Spec.Schedule == "never"
            ? throw new InvalidOperationException("v1beta1 knows no never")
            : new OldCronTab { Metadata = tab.Metadata, Schedule = tab.Spec.Schedule })
        .Build();
}

/// <summary>Refuses what has not five fields, and what is to be deleted while it is kept.</summary>
[AdmissionWebhook(Operations = AdmissionOperations.Create | AdmissionOperations.Update | AdmissionOperations.Delete)]
sealed class CronTabRules : IValidatingWebhook<CronTab>
{
    public Task<AdmissionResponse> ValidateAsync(AdmissionRequest<CronTab> request, CancellationToken cancellation)
    {
        if (request.Operation == AdmissionOperations.Delete)
            return Task.FromResult(request.OldObject!.Metadata.Labels?.ContainsKey("keep") is true ? AdmissionResponse.Deny("it is to be kept", StatusReasons.Conflict) : AdmissionResponse.Allow());
        return request.Object!.Spec.Schedule switch
        {
            null => throw new InvalidOperationException("nobody thought of that\nat all"),
            "never" => Task.FromResult(AdmissionResponse.Allow("never is a long time")),
            var schedule when schedule.Split(' ').Length != 5 => Task.FromResult(AdmissionResponse.Invalid(
                request.Raw, new V1StatusCause { Field = "spec.schedule", Message = $"Invalid value: \"{schedule}\": five fields are wanted", Reason = StatusCauses.FieldValueInvalid })),
            _ => Task.FromResult(AdmissionResponse.Allow()),
        };
    }
}
