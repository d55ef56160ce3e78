using System.Runtime.CompilerServices;
using ActorKube.Models;
using ActorKube.Transport;
using Akka.Hosting;
using k8s.Models;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace ActorKube.Hosting.Tests.Webhooks;

/// <summary>The examples of docs/webhooks.md: they compile, they work, and they are what the page shows.</summary>
public sealed class WebhookPageTests
{
    // rules: begin
    /// Schedules have five fields, and a cron tab that runs is not deleted.
    [AdmissionWebhook(Operations = AdmissionOperations.Create | AdmissionOperations.Update | AdmissionOperations.Delete)]
    sealed class ScheduleRules(IKubernetesClient client) : IValidatingWebhook<CronTab>
    {
        public async Task<AdmissionResponse> ValidateAsync(AdmissionRequest<CronTab> request, CancellationToken cancellation)
        {
            if (request.Operation is AdmissionOperations.Delete)
            {
                var pods = await client.Resource<V1Pod>(request.Key.Namespace).ListAsync(new ListOptions { LabelSelector = $"crontab={request.Key.Name}" }, cancellation);
                return pods.Items.Count == 0 ? AdmissionResponse.Allow() : AdmissionResponse.Deny($"{pods.Items.Count} pods of it run", StatusReasons.Conflict);
            }
            if (request.Object!.Spec.Schedule?.Split(' ').Length != 5)
                return AdmissionResponse.Invalid(request.Raw, new V1StatusCause { Field = "spec.schedule", Message = "five fields are wanted", Reason = StatusCauses.FieldValueInvalid });
            return request.Object.Spec.Replicas > 10 ? AdmissionResponse.Allow("more than ten replicas are seldom wise") : AdmissionResponse.Allow();
        }
    }
    // rules: end

    // Compiled only: it would look for a cluster.
    static async Task Production(string[] args)
    {
        // production: begin
        var builder = Host.CreateApplicationBuilder(args);
        builder.Services.AddAkka("crontabs", akka => akka.WithKubernetes(kube => kube.UseDefaultConfig()));
        builder.Services.AddKubernetesWebhooks(builder.Configuration.GetSection("Webhooks"), webhooks => webhooks
            .WithDefaults<CronTab>(tab => tab.Spec.Replicas ??= 1)
            .WithValidator<CronTab, ScheduleRules>()
            .UseCertificateFiles("/etc/webhooks"));                                  // tls.crt and tls.key, as cert-manager mounts them
        await builder.Build().RunAsync();
        // production: end
    }

    // Compiled only: the same with a certificate of one's own.
    static void WithoutCertManager(WebhookBuilder webhooks) => webhooks
        // own: begin
        .UseOwnCertificate(WebhookAddress.Service("shop", "webhook-service"), secret: new NamespacedName("shop", "webhook-certificate"))
        .InjectInto("crontabs")
        // own: end
        ;

    [Fact]
    public async Task The_pages_webhook_is_asked_without_a_server()
    {
        await using var cluster = await Cluster.StartAsync();
        var client = cluster.Client;
        // alone: begin
        var rules = AdmissionHandlers.Of(new ScheduleRules(client));
        var tab = new CronTab { Metadata = new V1ObjectMeta { Name = "nightly", NamespaceProperty = "default" }, Spec = { Schedule = "daily" } };

        var refused = await AdmissionReviews.DecideAsync(AdmissionRequest.ToCreate(tab), rules);

        Assert.Equal(422, refused.Status!.Code);
        Assert.Equal("spec.schedule", Assert.Single(refused.Status.Details.Causes).Field);
        Assert.True((await AdmissionReviews.DecideAsync(AdmissionRequest.ToDelete(tab), rules)).IsAllowed);
        // alone: end
    }

    [Fact]
    public async Task The_pages_webhooks_are_asked_by_a_server()
    {
        await using var cluster = await Cluster.StartAsync(definitions: CustomResource.Definition<CronTab>());
        var client = cluster.Client;
        // journey: begin
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddSingleton<IKubernetesClient>(client).AddLogging();       // of an EmbeddedApiServer, or of any cluster that reaches this process
        builder.Services.AddKubernetesWebhooks(webhooks => webhooks
            .WithDefaults<CronTab>(tab => tab.Spec.Replicas ??= 1)
            .WithValidator<CronTab, ScheduleRules>()
            .UseOwnCertificate()                                                     // made here, for this process alone
            .RegisterAs("crontabs")                                                  // at https://127.0.0.1:PORT, and taken away at the end
            .With(options => options with { Port = 0 }));
        using var host = builder.Build();
        await host.StartAsync();
        await host.Services.GetRequiredService<IKubernetesWebhooks>().WhenReadyAsync();

        var tabs = client.Resource<CronTab>("default");
        var tab = await tabs.CreateAsync(new CronTab { Metadata = new V1ObjectMeta { Name = "nightly" }, Spec = { Schedule = "0 3 * * *" } });
        Assert.Equal(1, tab.Spec.Replicas);

        tab.Spec.Schedule = "daily";
        var refused = await Assert.ThrowsAsync<KubernetesException>(() => tabs.UpdateAsync(tab));
        Assert.EndsWith("spec.schedule: five fields are wanted", refused.Status.Message);
        // journey: end
        await host.StopAsync();
    }

    [Theory]
    [InlineData("rules")]
    [InlineData("production")]
    [InlineData("own")]
    [InlineData("alone")]
    [InlineData("journey")]
    public void The_page_shows_this_code(string marker)
    {
        static string Flat(IEnumerable<string> lines) => string.Join('\n', lines.Select(line => line.Trim()));
        Assert.NotNull((Func<string[], Task>)Production);
        Assert.NotNull((Action<WebhookBuilder>)WithoutCertManager);
        var source = File.ReadAllLines(ThisFile()).SkipWhile(line => line.Trim() != $"// {marker}: begin").Skip(1).TakeWhile(line => line.Trim() != $"// {marker}: end");
        Assert.Contains(Flat(source), Flat(File.ReadAllLines(Path.Combine(Path.GetDirectoryName(ThisFile())!, "..", "..", "..", "docs", "webhooks.md"))), StringComparison.Ordinal);
    }

    static string ThisFile([CallerFilePath] string path = "") => path;
}
