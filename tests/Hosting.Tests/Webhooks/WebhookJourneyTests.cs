using System.Text.Json.Nodes;
using ActorKube.Models;
using ActorKube.Transport;
using k8s.Models;

namespace ActorKube.Hosting.Tests.Webhooks;

/// <summary>Webhooks as an API server asks them, over TLS: from a client's request to what it gets.</summary>
public sealed class WebhookJourneyTests
{
    static readonly V1CustomResourceDefinition Definition = CustomResource.Definition<CronTab>();

    static void Hooks(WebhookBuilder webhooks) => webhooks
        .WithDefaults<CronTab>(tab => tab.Spec.Replicas ??= 1)
        .WithValidator<CronTab, CronTabRules>()
        .UseOwnCertificate().RegisterAs("journey");

    static Task<KubernetesException> Refused(Task doing) => Assert.ThrowsAsync<KubernetesException>(() => doing);

    [Fact]
    public async Task What_is_made_is_filled_in_and_checked_and_what_the_class_does_not_know_stays()
    {
        await using var cluster = await Cluster.StartAsync(definitions: Definition);
        await using var host = await (await WebhookHost.StartAsync(Hooks, cluster.Client)).ReadyAsync();
        var tabs = cluster.Client.Resource(ResourceDefinition.For<CronTab>(), "default");

        var made = await tabs.CreateAsync(KubeObject.From(new Unstructured((JsonObject)JsonNode.Parse("""{"apiVersion":"stable.example.com/v1","kind":"CronTab","metadata":{"name":"a"},"spec":{"schedule":"* * * * *"},"extra":{"x":[1]}}""")!)));

        Assert.Equal((1, "[1]"), ((int)made.ToUnstructured().GetInt64("spec", "replicas")!, made.ToUnstructured().GetList("extra", "x")!.ToJsonString()));
    }

    [Fact]
    public async Task What_is_refused_is_told_to_the_client_with_code_reason_message_and_causes()
    {
        await using var cluster = await Cluster.StartAsync(definitions: Definition);
        await using var host = await (await WebhookHost.StartAsync(Hooks, cluster.Client)).ReadyAsync();
        var tabs = cluster.Client.Resource<CronTab>("default");
        var kept = CronTab.Named("kept");
        kept.Metadata.Labels = new Dictionary<string, string> { ["keep"] = "" };
        kept = await tabs.CreateAsync(kept);

        var made = await Refused(tabs.CreateAsync(CronTab.Named("b", "daily")));
        kept.Spec.Schedule = "hourly";
        var changed = await Refused(tabs.UpdateAsync(kept));
        var deleted = await Refused(tabs.DeleteAsync("kept"));

        Assert.Equal(
            (422, "Invalid", """admission webhook "validate-v1-crontab.stable.example.com" denied the request: CronTab.stable.example.com "b" is invalid: spec.schedule: Invalid value: "daily": five fields are wanted"""),
            (made.StatusCode, made.Reason, made.Status.Message));
        Assert.Equal("spec.schedule", Assert.Single(made.Status.Details.Causes).Field);
        Assert.Contains("\"hourly\"", changed.Message, StringComparison.Ordinal);
        Assert.Equal((409, "Conflict", true), (deleted.StatusCode, deleted.Reason, deleted.Status.Message.EndsWith(": it is to be kept", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task What_a_webhook_throws_is_a_500_without_a_stack()
    {
        await using var cluster = await Cluster.StartAsync(definitions: Definition);
        await using var host = await (await WebhookHost.StartAsync(Hooks, cluster.Client)).ReadyAsync();

        var refused = await Refused(cluster.Client.Resource<CronTab>("default").CreateAsync(CronTab.Named("a", schedule: null)));

        Assert.Equal((500, """admission webhook "validate-v1-crontab.stable.example.com" denied the request: The webhook failed: nobody thought of that"""), (refused.StatusCode, refused.Status.Message));
    }

    [Fact]
    public async Task Objects_are_shown_in_every_version_and_one_that_cannot_be_says_why()
    {
        await using var cluster = await Cluster.StartAsync(definitions: CustomResource.Definition(typeof(CronTab), typeof(OldCronTab)));
        await using var host = await (await WebhookHost.StartAsync(webhooks => webhooks.WithConversion(OldCronTab.Scheme).UseOwnCertificate().RegisterAs("journey"), cluster.Client)).ReadyAsync();
        var (tabs, old) = (cluster.Client.Resource<CronTab>("default"), cluster.Client.Resource<OldCronTab>("default"));
        await tabs.CreateAsync(CronTab.Named("b", "1 * * * *"));
        await old.CreateAsync(new OldCronTab { Metadata = new V1ObjectMeta { Name = "a", Labels = new Dictionary<string, string> { ["x"] = "y" } }, Schedule = "2 * * * *" });

        Assert.Equal("2 * * * *", (await tabs.GetAsync("a")).Spec.Schedule);
        Assert.Equal(["2 * * * *", "1 * * * *"], (await old.ListAsync()).Items.Select(item => item.Schedule));
        Assert.Equal("y", (await tabs.GetAsync("a")).Metadata.Labels["x"]);
        await tabs.CreateAsync(CronTab.Named("c", "never"));
        Assert.Contains("v1beta1 knows no never", (await Refused(old.ListAsync())).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_points_to_this_process_alone_goes_with_it()
    {
        await using var cluster = await Cluster.StartAsync(definitions: Definition);
        var configurations = cluster.Client.Resource<V1ValidatingWebhookConfiguration>();
        await using (await (await WebhookHost.StartAsync(Hooks, cluster.Client)).ReadyAsync())
            Assert.StartsWith("https://127.0.0.1:", (await configurations.GetAsync("journey")).Webhooks[0].ClientConfig.Url, StringComparison.Ordinal);

        Assert.True((await Refused(configurations.GetAsync("journey"))).IsNotFound);
        Assert.Empty((await cluster.Client.Resource<V1MutatingWebhookConfiguration>().ListAsync()).Items);
        await cluster.Client.Resource<CronTab>("default").CreateAsync(CronTab.Named("free", "daily"));
    }

    [Fact]
    public async Task A_service_of_several_replicas_has_one_certificate_and_what_others_applied_gets_its_authority()
    {
        WebhookHost? first = null;
        await using var cluster = await Cluster.StartAsync(service => service is { Namespace: "default", Name: "hooks", Port: 443 } ? first?.Address : null, CustomResource.Definition(typeof(CronTab), typeof(OldCronTab)));
        var address = WebhookAddress.Service("default", "hooks");
        // As a pipeline applies what was generated.
        foreach (var configuration in WebhookConfigurations.Of(AdmissionWebhookSpec.Of([typeof(CronTabRules)]), address, "shop"))
            await cluster.Client.Resource<V1ValidatingWebhookConfiguration>().CreateAsync((V1ValidatingWebhookConfiguration)configuration);
        var definitions = cluster.Client.Resource<V1CustomResourceDefinition>();
        await Retry.OnConflictAsync(async token => await definitions.UpdateAsync((await definitions.GetAsync("crontabs.stable.example.com", cancellation: token)).WithConversionWebhook(address.OfConversion("/convert")), cancellation: token));
        Task<WebhookHost> Replica() => WebhookHost.StartAsync(
            webhooks => webhooks.WithValidator<CronTab, CronTabRules>().WithConversion(OldCronTab.Scheme).UseOwnCertificate(address, new NamespacedName("default", "hooks-certificate")).InjectInto("shop"), cluster.Client);
        var replicas = await Task.WhenAll(Replica(), Replica(), Replica());
        first = replicas[0];
        try
        {
            foreach (var replica in replicas)
                await replica.ReadyAsync();
            var ask = AdmissionRequest.ToCreate(CronTab.Named("a"));
            var shown = await Task.WhenAll(replicas.Select(replica => replica.AskAsync("/validate-stable-example-com-v1-crontab", ask)));

            Assert.Single(shown.Select(answer => answer.Certificate).Distinct());
            await cluster.Client.Resource<OldCronTab>("default").CreateAsync(new OldCronTab { Metadata = new V1ObjectMeta { Name = "a" }, Schedule = "2 * * * *" });
            Assert.Contains("five fields", (await Refused(cluster.Client.Resource<CronTab>("default").CreateAsync(CronTab.Named("b", "daily")))).Message, StringComparison.Ordinal);
            var secret = await cluster.Client.Resource<V1Secret>("default").GetAsync("hooks-certificate");
            Assert.Equal(["ca.crt", "ca.key", "tls.crt", "tls.key"], secret.Data.Keys.Order());
            Assert.Equal(secret.Data["ca.crt"], (await cluster.Client.Resource<V1ValidatingWebhookConfiguration>().GetAsync("shop")).Webhooks[0].ClientConfig.CaBundle);
        }
        finally
        {
            foreach (var replica in replicas)
                await replica.DisposeAsync();
        }
        // The service stays, and so does what points to it.
        Assert.Single((await cluster.Client.Resource<V1ValidatingWebhookConfiguration>().ListAsync()).Items);
    }
}
