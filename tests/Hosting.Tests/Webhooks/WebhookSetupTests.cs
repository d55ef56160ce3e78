using System.Net;
using ActorKube.Models;
using ActorKube.Testing;
using ActorKube.Transport;
using Akka.Hosting;
using k8s.Models;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;

namespace ActorKube.Hosting.Tests.Webhooks;

/// <summary>How webhooks are said, configured and seen.</summary>
public sealed class WebhookSetupTests
{
    static string Refusal(Action<WebhookBuilder> configure) => Assert.ThrowsAny<ArgumentException>(() => new ServiceCollection().AddKubernetesWebhooks(configure)).Message;

    static WebhookBuilder Rules(WebhookBuilder webhooks) => webhooks.WithValidator<CronTab, CronTabRules>();

    [Fact]
    public void What_does_not_fit_together_is_refused_with_what_to_change()
    {
        Assert.Contains("There is no webhook", Refusal(webhooks => webhooks.UseOwnCertificate()));
        Assert.Contains("need one certificate", Refusal(webhooks => Rules(webhooks)));
        Assert.Contains("not both", Refusal(webhooks => Rules(webhooks).UseOwnCertificate().UseCertificateFiles("/x")));
        Assert.Contains("InjectInto is for UseOwnCertificate", Refusal(webhooks => Rules(webhooks).UseCertificateFiles("/x").InjectInto("y")));
        Assert.Contains("needs the address", Refusal(webhooks => Rules(webhooks).UseCertificateFiles("/x").RegisterAs("y")));
        Assert.Contains("Two webhooks are named", Refusal(webhooks => Rules(Rules(webhooks)).UseOwnCertificate()));
        Assert.Contains("Two webhooks are at /convert", Refusal(webhooks => webhooks.WithConversion(OldCronTab.Scheme).WithConversion(OldCronTab.Scheme).UseOwnCertificate()));
        Assert.Contains("1 to 30", Refusal(webhooks => webhooks.WithDefaults<CronTab>(_ => { }, spec => spec with { TimeoutSeconds = 60 }).UseOwnCertificate()));
    }

    static IConfigurationSection Section(params (string Key, string Value)[] said) => new ConfigurationBuilder()
        .AddInMemoryCollection(said.Select(static s => KeyValuePair.Create($"Webhooks:{s.Key}", (string?)s.Value))).Build().GetSection("Webhooks");

    [Fact]
    public void Every_number_can_be_configured_and_wins_over_the_program()
    {
        WebhookBuilder? told = null;
        new ServiceCollection().AddKubernetesWebhooks(
            Section(("Address", "0.0.0.0"), ("Port", "1"), ("MaxAdmissionBytes", "2000"), ("MaxConversionBytes", "3000"), ("DefaultTimeout", "4s"), ("CertificateFolder", "/five"), ("CertificateFile", "six"),
                ("KeyFile", "seven"), ("CertificateReload", "8s"), ("CertificateCheck", "9s"), ("CertificateRetry", "10s")),
            webhooks => told = Rules(webhooks).With(options => options with { Port = 99 }));

        Assert.Equal(
            new WebhookOptions
            {
                Address = "0.0.0.0", Port = 1, MaxAdmissionBytes = 2000, MaxConversionBytes = 3000, DefaultTimeout = TimeSpan.FromSeconds(4), CertificateFolder = "/five", CertificateFile = "six",
                KeyFile = "seven", CertificateReload = TimeSpan.FromSeconds(8), CertificateCheck = TimeSpan.FromSeconds(9), CertificateRetry = TimeSpan.FromSeconds(10),
            }, told!.Options);
    }

    [Theory]
    [InlineData("Address", "localhost", "Webhooks:Address: 'localhost' is not an IP address")]
    [InlineData("Port", "65536", "Webhooks:Port: 65536 is not a port")]
    [InlineData("MaxAdmissionBytes", "3", "Webhooks:MaxAdmissionBytes: 3 bytes hold no review")]
    [InlineData("CertificateReload", "0s", "Webhooks:CertificateReload: 00:00:00 is no time to wait")]
    [InlineData("CertificateReload", "10", "Webhooks:CertificateReload: '10' is not a time")]
    [InlineData("Prot", "1", "Webhooks:Prot: there is no such setting")]
    public void What_makes_no_sense_in_configuration_is_refused_with_its_key(string key, string value, string said) =>
        Assert.Contains(said, Assert.Throws<OptionsValidationException>(() => new ServiceCollection().AddKubernetesWebhooks(Section((key, value)), webhooks => Rules(webhooks).UseOwnCertificate())).Message, StringComparison.Ordinal);

    static Task<ActorKubeFixture> Worker(Action<WebhookBuilder> configure, Action<IServiceCollection>? services = null) => ActorKubeFixture.StartAsync(
        static akka => akka.WithKubernetes(),
        services: collection =>
        {
            services?.Invoke(collection);
            collection.AddKubernetesEndpoints(static endpoints => endpoints.Port = 0)
                .AddKubernetesWebhooks(webhooks => configure(webhooks.With(static options => options with { Port = 0 })));
        });

    static async Task<(HttpStatusCode Code, string Text)> Tell(ActorKubeFixture kube, string path)
    {
        using var http = new HttpClient();
        using var answer = await http.GetAsync(new Uri(kube.Services.GetRequiredService<IKubernetesEndpoints>().Address!, path));
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task A_process_is_ready_only_when_its_webhooks_can_be_asked_and_live_all_the_same()
    {
        var folder = Directory.CreateTempSubdirectory("webhooks");
        try
        {
            await using var kube = await Worker(webhooks => Rules(webhooks).UseCertificateFiles(folder.FullName), services => services.AddHealthChecks().AddKubernetes());
            await kube.SettleAsync();

            var (code, text) = await Tell(kube, "/readyz");
            Assert.Equal(HttpStatusCode.ServiceUnavailable, code);
            Assert.StartsWith($"[-]webhooks failed: {Path.Combine(folder.FullName, "tls.crt")}", text, StringComparison.Ordinal);
            Assert.Equal(HttpStatusCode.OK, (await Tell(kube, "/livez")).Code);
            Assert.Contains("tls.crt", (await kube.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync()).Entries["actorkube-ready"].Description, StringComparison.Ordinal);

            var made = OwnCertificate.Make(["localhost"], kube.Now);
            await File.WriteAllTextAsync(Path.Combine(folder.FullName, "tls.crt"), made.Certificate);
            await File.WriteAllTextAsync(Path.Combine(folder.FullName, "tls.key"), made.Key);
            await kube.AdvanceAsync(TimeSpan.FromSeconds(10));
            await kube.Services.GetRequiredService<IKubernetesWebhooks>().WhenReadyAsync().WaitAsync(WebhookHost.Patience);
            Assert.Equal((HttpStatusCode.OK, "[+]webhooks ok\n[+]caches ok\nok\n"), await Tell(kube, "/readyz"));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>Wants the runtime's client.</summary>
    sealed class Client(IKubernetesClient client, TimeProvider time) : IAdmissionHandler
    {
        public async Task<AdmissionResponse> AnswerAsync(AdmissionRequest request, CancellationToken cancellation) => request.Name switch
        {
            "fails" => throw new InvalidOperationException("on purpose"),
            _ => AdmissionResponse.Deny($"{(await client.Resource<V1Namespace>().GetAsync("default", cancellation: cancellation)).Metadata.Name} {time.GetUtcNow().Year > 2000}"),
        };
    }

    [Fact]
    public async Task Metrics_tell_of_requests_by_webhook_and_code()
    {
        var spec = AdmissionWebhookSpec.Validating<CronTab>() with { Path = "/measured" };
        await using var kube = await Worker(webhooks => webhooks.WithAdmission(spec, static services => ActivatorUtilities.CreateInstance<Client>(services)).UseOwnCertificate());
        var webhooks = kube.Services.GetRequiredService<IKubernetesWebhooks>();
        await webhooks.WhenReadyAsync().WaitAsync(WebhookHost.Patience);
        using var http = new HttpClient(new SocketsHttpHandler { SslOptions = { RemoteCertificateValidationCallback = static (_, _, _, _) => true } });
        async Task<string> Ask(byte[] body, string type = "application/json")
        {
            using var content = new ByteArrayContent(body) { Headers = { ContentType = new(type) } };
            using var answer = await http.PostAsync(new Uri(webhooks.Address!, "/measured"), content);
            return await answer.Content.ReadAsStringAsync();
        }

        Assert.Contains("default True", await Ask(AdmissionReviews.Ask(AdmissionRequest.ToCreate(CronTab.Named("a")))), StringComparison.Ordinal);
        await Ask(AdmissionReviews.Ask(AdmissionRequest.ToCreate(CronTab.Named("fails"))));
        await Ask([], "text/plain");

        // The last answer is there before it has been counted.
        await kube.DisposeWebhooksAsync();
        var lines = (await Tell(kube, "/metrics")).Text.Split('\n');
        Assert.Contains("controller_runtime_webhook_requests_total{code=\"200\",webhook=\"/measured\"} 2", lines);
        Assert.Contains("controller_runtime_webhook_requests_total{code=\"415\",webhook=\"/measured\"} 1", lines);
        Assert.Contains("controller_runtime_webhook_requests_in_flight{webhook=\"/measured\"} 0", lines);
        Assert.Contains("controller_runtime_webhook_panics_total{webhook=\"/measured\"} 1", lines);
        Assert.Contains("actorkube_webhook_verdicts_total{code=\"403\",webhook=\"/measured\"} 1", lines);
        Assert.Contains("actorkube_webhook_verdicts_total{code=\"500\",webhook=\"/measured\"} 1", lines);
        Assert.Contains("controller_runtime_webhook_latency_seconds_count{webhook=\"/measured\"} 3", lines);
    }
}

static class FixtureExtensions
{
    /// <summary>Ends the webhooks, which waits for those who are being answered.</summary>
    public static Task DisposeWebhooksAsync(this ActorKubeFixture kube) => kube.Services.GetRequiredService<WebhookListener>().StoppedAsync(CancellationToken.None);
}
