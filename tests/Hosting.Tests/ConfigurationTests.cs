using ActorKube.Actors;
using ActorKube.Testing;
using Akka.Actor;
using Akka.Hosting;
using k8s.Models;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace ActorKube.Hosting.Tests;

/// <summary>What operators say in configuration: it wins, and mistakes in it are named.</summary>
public sealed class ConfigurationTests
{
    static IConfiguration Section(params (string Key, string Value)[] said) => new ConfigurationBuilder()
        .AddInMemoryCollection(said.Select(static s => KeyValuePair.Create<string, string?>($"Kubernetes:{s.Key}", s.Value)))
        .Build()
        .GetSection("Kubernetes");

    static Task<ActorKubeFixture> Start(IConfiguration section, Action<KubernetesBuilder>? kube = null, Action<ControllerBuilder<V1ConfigMap>>? controller = null) =>
        ActorKubeFixture.StartAsync(akka => akka
            .WithKubernetes(section, kube)
            .WithController<V1ConfigMap>(c =>
            {
                c.WithReconciler(static (_, _) => Task.FromResult(ReconcileResult.Done));
                controller?.Invoke(c);
            }));

    static async Task<string> Refusal(params (string Key, string Value)[] said)
    {
        var error = await Assert.ThrowsAnyAsync<Exception>(() => Start(Section(said)));
        return string.Join("\n", Assert.IsType<OptionsValidationException>(error.GetBaseException()).Failures);
    }

    [Fact]
    public async Task What_configuration_says_wins_over_the_program_and_the_rest_stays()
    {
        KubernetesBuilder? built = null;
        ControllerBuilder<V1ConfigMap>? controller = null;
        await using var kube = await Start(
            Section(
                ("ShutdownTimeout", "7s"),
                ("Component", "mine"),
                ("ListAndWatch:PageSize", "50"),
                ("ListAndWatch:Backoff:Cap", "1m"),
                ("ListAndWatch:IdleTimeout", "never"),
                ("ListAndWatch:MaxWatchTimeout", "11m"),
                ("MinResync", "2s"),
                ("ConsistencyCheck", "1h"),
                ("Events:SpamBurst", "50"),
                ("Events:Api", "eventsV1"),
                ("Controllers:configmap:KeepTryingToSync", "true"),
                ("Controllers:configmap:ResyncJitter", "0.2"),
                ("Controllers:*:ReconcileTimeout", "never"),
                ("Controllers:configmap:MaxConcurrentReconciles", "4"),
                ("Controllers:configmap:Retry:Initial", "10ms"),
                ("controllers:CONFIGMAP:resync", "01:00:00")),
            k => built = k.With(o => o with { ShutdownTimeout = TimeSpan.FromSeconds(1), ListAndWatch = o.ListAndWatch with { PageSize = 7, MinWatchTimeout = TimeSpan.FromMinutes(6), IdleTimeout = TimeSpan.FromMinutes(1) } }),
            c => controller = c.WithMaxConcurrentReconciles(2));
        var options = built!.Options;
        Assert.Equal((TimeSpan.FromSeconds(7), "mine", 50, TimeSpan.FromMinutes(6)), (options.ShutdownTimeout, options.Component, options.ListAndWatch.PageSize, options.ListAndWatch.MinWatchTimeout));
        Assert.Null(options.ListAndWatch.IdleTimeout);
        Assert.Equal((TimeSpan.FromMilliseconds(800), TimeSpan.FromMinutes(1)), (options.ListAndWatch.Backoff.Initial, options.ListAndWatch.Backoff.Cap));
        Assert.Equal((4, TimeSpan.FromMilliseconds(10), TimeSpan.FromHours(1)), (controller!.Options.MaxConcurrentReconciles, controller.Options.Retry.Initial, controller.Options.Resync));
        Assert.Null(controller.Options.ReconcileTimeout);
        Assert.Equal((TimeSpan.FromMinutes(11), TimeSpan.FromSeconds(2), TimeSpan.FromHours(1)), (options.ListAndWatch.MaxWatchTimeout, options.MinResync, options.ConsistencyCheck));
        Assert.Equal((50, EventApi.EventsV1, 1000), (options.Events.SpamBurst, options.Events.Api, options.Events.QueueLimit));
        Assert.Equal((true, 0.2), (controller.Options.KeepTryingToSync, controller.Options.ResyncJitter));
    }

    [Theory]
    [InlineData("Controllers:configmap:MaxConcurrentReconciles", "many", "Kubernetes:Controllers:configmap:MaxConcurrentReconciles: 'many' is not a whole number")]
    [InlineData("ShutdownTimeout", "3", "Kubernetes:ShutdownTimeout: '3' is not a time with its unit")]
    [InlineData("ListAndWatch:AlwaysPage", "perhaps", "Kubernetes:ListAndWatch:AlwaysPage: 'perhaps' is not true or false")]
    [InlineData("ListAndWatch:Backoff:Factor", "NaN", "Kubernetes:ListAndWatch:Backoff:Factor: 'NaN' is not a number")]
    [InlineData("ListAndWatch:Backoff", "30s", "Kubernetes:ListAndWatch:Backoff: has keys below it")]
    [InlineData("ShutdownTimout", "3s", "Kubernetes:ShutdownTimout: there is no such setting; there are")]
    [InlineData("Controllers:pod:MaxConcurrentReconciles", "3", "Kubernetes:Controllers:pod: there is no controller of this name; there are *, configmap")]
    [InlineData("Controllers:configmap:MaxConcurrentReconciles", "0", "Kubernetes:Controllers:configmap:MaxConcurrentReconciles: ")]
    [InlineData("ListAndWatch:PageSize", "0", "Kubernetes:ListAndWatch:PageSize: A page holds at least one object.")]
    [InlineData("LeaderElection:LeaseName", "x", "Kubernetes:LeaderElection: Leader election needs a LeaseName, a LeaseNamespace and an Identity.")]
    [InlineData("ReflectorSilence", "5m", "Kubernetes:ReflectorSilence: ")]
    [InlineData("Context", "c", "Kubernetes:Context: chooses within a kubeconfig: name the file with Kubernetes:Kubeconfig")]
    [InlineData("Client:Qps", "20", "Kubernetes:Client: the program brings a client of its own")]
    [InlineData("Client:LogDetail", "Everything", "Kubernetes:Client:LogDetail: 'Everything' is not one of None, Url, Headers, Bodies, Curl, WholeBodies")]
    public async Task A_key_that_makes_no_sense_stops_the_start_and_is_named(string key, string value, string expected) =>
        Assert.Contains(expected, await Refusal((key, value)), StringComparison.Ordinal);

    [Fact]
    public async Task All_mistakes_are_told_at_once()
    {
        var refusal = await Refusal(("ShutdownTimeout", "soon"), ("Controllers:configmap:AgedShare", "1"), ("Kubeconfig", "/k"), ("InCluster", "true"));
        Assert.Contains("Kubernetes:ShutdownTimeout", refusal, StringComparison.Ordinal);
        Assert.Contains("Kubernetes:Controllers:configmap:AgedShare", refusal, StringComparison.Ordinal);
        Assert.Contains("Kubernetes:Kubeconfig: names a cluster, and so does Kubernetes:InCluster", refusal, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_cluster_can_be_named_in_configuration()
    {
        var error = await Assert.ThrowsAnyAsync<Exception>(() => Start(Section(("Kubeconfig", "/nowhere/kubeconfig"), ("Client:Qps", "20"))));
        Assert.Contains("/nowhere/kubeconfig", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Leader_election_can_be_switched_on_and_off_in_configuration()
    {
        KubernetesBuilder? built = null;
        await using (await Start(Section(("LeaderElection:LeaseName", "x"), ("LeaderElection:LeaseNamespace", "default"), ("LeaderElection:RetryPeriod", "1s")), k => built = k))
            Assert.Equal(("x", TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(15)), (built!.Options.LeaderElection!.LeaseName, built.Options.LeaderElection.RetryPeriod, built.Options.LeaderElection.LeaseDuration));
        await using (await Start(Section(("LeaderElection:Enabled", "false")), k => built = k.UseLeaderElection(new LeaderElectionOptions { LeaseName = "x", LeaseNamespace = "default" })))
            Assert.Null(built!.Options.LeaderElection);
    }
}
