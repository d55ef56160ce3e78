using ActorKube.Models;
using ActorKube.Transport;
using ApiServer.Tests.Support;
using k8s.Models;

namespace ActorKube.Hosting.Tests.Webhooks;

/// <summary>Replicas that tell servers different things, as they do while one image takes over from another.</summary>
public sealed class WebhookReplicaTests
{
    static readonly TimeSpan Check = TimeSpan.FromMinutes(1);
    static readonly WebhookAddress Service = WebhookAddress.Service("default", "hooks");

    // The certificate has to be good by the machine's clock, too.
    static readonly DateTimeOffset Now = DateTimeOffset.UtcNow;

    static Task<WebhookHost> StartAsync(Cluster cluster, ManualTime time, Action<WebhookBuilder> webhooks) => WebhookHost.StartAsync(
        builder =>
        {
            webhooks(builder);
            builder.UseOwnCertificate(Service, new NamespacedName("default", "certificate")).RegisterAs("shop");
        }, cluster.Client, time);

    static Task<WebhookHost> EarlierAsync(Cluster cluster, ManualTime time) => StartAsync(
        cluster, time, webhooks => webhooks.WithDefaults<CronTab>(tab => tab.Spec.Replicas ??= 1).WithValidator<CronTab, CronTabRules>().WithConversion(OldCronTab.Scheme));

    static Task<WebhookHost> LaterAsync(Cluster cluster, ManualTime time) => StartAsync(
        cluster, time, webhooks => webhooks.WithValidator<CronTab, CronTabRules>(spec => spec with { FailurePolicy = WebhookFailurePolicy.Ignore }).WithConversion(OldCronTab.Scheme, "/convert-anew"));

    /// <summary>Lets a process look once more at what servers are told.</summary>
    static async Task LookAsync(ManualTime time)
    {
        await time.ArmedAsync(Check).WaitAsync(WebhookHost.Patience);
        time.Advance(Check);
        await time.ArmedAsync(Check).WaitAsync(WebhookHost.Patience);
    }

    /// <summary>What servers are told: the policy of what refuses, how many fill in, where they convert.</summary>
    static async Task<(string Policy, int Mutating, string Converting)> ToldAsync(Cluster cluster) => (
        (await cluster.Client.Resource<V1ValidatingWebhookConfiguration>().GetAsync("shop")).Webhooks[0].FailurePolicy,
        (await cluster.Client.Resource<V1MutatingWebhookConfiguration>().GetAsync("shop")).Webhooks?.Count ?? 0,
        (await cluster.Client.Resource<V1CustomResourceDefinition>().GetAsync("crontabs.stable.example.com")).Spec.Conversion.Webhook.ClientConfig.Service.Path);

    static Task<Cluster> ClusterAsync() => Cluster.StartAsync(definitions: CustomResource.Definition(typeof(CronTab), typeof(OldCronTab)));

    [Fact]
    public async Task The_replica_that_started_last_is_told_to_servers_for_as_long_as_it_lives()
    {
        await using var cluster = await ClusterAsync();
        var (earlier, later) = (new ManualTime(Now), new ManualTime(Now.AddSeconds(1)));
        await using var old = await (await EarlierAsync(cluster, earlier)).ReadyAsync();
        Assert.Equal(("Fail", 1, "/convert"), await ToldAsync(cluster));
        await using (await (await LaterAsync(cluster, later)).ReadyAsync())
        {
            Assert.Equal(("Ignore", 0, "/convert-anew"), await ToldAsync(cluster));
            await LookAsync(earlier);
            await LookAsync(later);
            await LookAsync(earlier);
            Assert.Equal(("Ignore", 0, "/convert-anew"), await ToldAsync(cluster));
        }

        // It has gone, as when it was the image that is rolled back.
        await LookAsync(earlier);
        Assert.Equal(("Fail", 1, "/convert"), await ToldAsync(cluster));
    }

    [Fact]
    public async Task A_replica_that_gives_way_sees_to_the_authority_all_the_same()
    {
        await using var cluster = await ClusterAsync();
        var (earlier, later) = (new ManualTime(Now), new ManualTime(Now.AddSeconds(1)));
        await using var old = await (await EarlierAsync(cluster, earlier)).ReadyAsync();
        await using var other = await (await LaterAsync(cluster, later)).ReadyAsync();
        var configurations = cluster.Client.Resource<V1ValidatingWebhookConfiguration>();
        var found = await configurations.GetAsync("shop");
        var bundle = found.Webhooks[0].ClientConfig.CaBundle;
        found.Webhooks[0].ClientConfig.CaBundle = null;
        await configurations.UpdateAsync(found);

        await LookAsync(earlier);

        found = await configurations.GetAsync("shop");
        Assert.Equal(bundle, found.Webhooks[0].ClientConfig.CaBundle);
        Assert.Equal("Ignore", found.Webhooks[0].FailurePolicy);
    }

    [Fact]
    public async Task What_another_process_registers_now_is_not_taken_away()
    {
        await using var cluster = await Cluster.StartAsync();
        var configurations = cluster.Client.Resource<V1ValidatingWebhookConfiguration>();
        Task<WebhookHost> DeveloperAsync(DateTimeOffset start) =>
            WebhookHost.StartAsync(webhooks => webhooks.WithValidator<CronTab, CronTabRules>().UseOwnCertificate().RegisterAs("dev"), cluster.Client, new ManualTime(start));
        var first = await (await DeveloperAsync(Now)).ReadyAsync();
        await using var second = await (await DeveloperAsync(Now.AddSeconds(1))).ReadyAsync();

        await first.DisposeAsync();

        Assert.Equal(second.Address.Port, new Uri((await configurations.GetAsync("dev")).Webhooks[0].ClientConfig.Url).Port);
    }

    [Fact]
    public void Who_started_later_is_right_and_at_the_same_moment_it_is_decided_all_the_same()
    {
        var (first, second, twin) = (new WebhookClaim(Now, "b"), new WebhookClaim(Now.AddTicks(1), "a"), new WebhookClaim(Now, "c"));

        Assert.True(first.GivesWayTo(second));
        Assert.False(second.GivesWayTo(first));
        Assert.True(first.GivesWayTo(twin));
        Assert.False(twin.GivesWayTo(first) || first.GivesWayTo(first));
        Assert.Equal(first, WebhookClaim.Parse(first.ToString()));
        Assert.Equal(first, WebhookClaim.Parse(new WebhookClaim(Now.ToOffset(TimeSpan.FromHours(5)), "b").ToString()));
        foreach (var nonsense in (string?[])[null, "", "yesterday me", "2026-01-01T00:00:00.0000000Z", "2026-01-01T00:00:00.0000000Z "])
            Assert.Null(WebhookClaim.Parse(nonsense));
    }
}
