using ActorKube.Testing;
using ActorKube.Transport;
using Akka.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace ActorKube.Hosting.Tests;

/// <summary>Each key of <c>Client:</c>, by itself.</summary>
public sealed class ClientConfigurationTests
{
    static Task<ActorKubeFixture> Start(string key, string value, KubernetesClientConfiguration said) => ActorKubeFixture.StartAsync(akka => akka.WithKubernetes(
        new ConfigurationBuilder().AddInMemoryCollection([KeyValuePair.Create<string, string?>($"Kubernetes:Client:{key}", value)]).Build().GetSection("Kubernetes"),
        kube => kube.UseConfiguration(said)));

    static KubernetesClientConfiguration Said() => new() { Server = new Uri("http://127.0.0.1:1"), Qps = 3, Burst = 4, MaxRetries = 1, UserAgent = "said" };

    public static TheoryData<string, string, Func<KubernetesClientConfiguration, KubernetesClientConfiguration>> Keys() => new()
    {
        { "Qps", "20.5", c => c with { Qps = 20.5 } },
        { "Burst", "40", c => c with { Burst = 40 } },
        { "MaxRetries", "0", c => c with { MaxRetries = 0 } },
        { "Timeout", "90s", c => c with { Timeout = TimeSpan.FromSeconds(90) } },
        { "WatchIdleTimeout", "3m", c => c with { WatchIdleTimeout = TimeSpan.FromMinutes(3) } },
        { "WatchIdleTimeout", "never", c => c with { WatchIdleTimeout = null } },
        { "WireFormat", "json", c => c with { WireFormat = WireFormat.Json } },
        { "LogDetail", "Headers", c => c with { LogDetail = RequestLogDetail.Headers } },
        { "UserAgent", "mine/1", c => c with { UserAgent = "mine/1" } },
    };

    [Theory]
    [MemberData(nameof(Keys))]
    public async Task Key_changes_its_own_setting_of_the_client_and_no_other(string key, string value, Func<KubernetesClientConfiguration, KubernetesClientConfiguration> changed)
    {
        await using var kube = await Start(key, value, Said());
        Assert.Equal(changed(Said()), kube.Kubernetes.Client.Configuration);
    }

    [Fact]
    public async Task Program_changes_what_was_found_before_it_is_used_and_configuration_has_the_last_word()
    {
        var folder = Directory.CreateTempSubdirectory("actorkube-");
        try
        {
            var path = Path.Combine(folder.FullName, "config");
            await File.WriteAllTextAsync(path, "current-context: x\nclusters: [{name: c, cluster: {server: 'http://127.0.0.1:1'}}]\ncontexts: [{name: x, context: {cluster: c, namespace: shop}}]\n");
            await using var kube = await ActorKubeFixture.StartAsync(akka => akka.WithKubernetes(
                new ConfigurationBuilder().AddInMemoryCollection([KeyValuePair.Create<string, string?>("Kubernetes:Client:Burst", "40")]).Build().GetSection("Kubernetes"),
                kube => kube.UseKubeconfig(path, personalize: found => found with { Qps = 20, Burst = 30, UserAgent = $"of {found.Namespace}" })));
            var used = kube.Kubernetes.Client.Configuration;
            Assert.Equal((new Uri("http://127.0.0.1:1"), "shop", 20d, 40, "of shop"), (used.Server, used.Namespace, used.Qps, used.Burst, used.UserAgent));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Theory]
    [InlineData("Qps", "fast", "'fast' is not a number")]
    [InlineData("Burst", "1.5", "'1.5' is not a whole number")]
    [InlineData("MaxRetries", "ten", "'ten' is not a whole number")]
    [InlineData("Timeout", "30", "'30' is not a time with its unit")]
    [InlineData("WatchIdleTimeout", "sometimes", "'sometimes' is not a time with its unit, such as 500ms, 90s, 1h30m or 00:01:30, or never")]
    [InlineData("WireFormat", "xml", "'xml' is not one of Automatic, Json")]
    [InlineData("LogDetail", "verbose", "'verbose' is not one of None, Url, Headers, Bodies, Curl, WholeBodies")]
    [InlineData("UserAgent", "", "'' is not some text")]
    [InlineData("Bursts", "1", "there is no such setting; there are Burst, Connections, Credentials, Discovery, LogDetail, LogLongThrottleAfter, LogThrottleAfter, MaxRetries, PackCachedObjects, Qps, Timeout, UserAgent, WatchIdleTimeout, WatchRestart, WireFormat")]
    public async Task Value_that_makes_no_sense_is_refused_with_its_key(string key, string value, string expected)
    {
        var error = await Assert.ThrowsAnyAsync<Exception>(() => Start(key, value, Said()));
        Assert.Contains(Assert.IsType<OptionsValidationException>(error.GetBaseException()).Failures, failure => failure.StartsWith($"Kubernetes:Client:{key}: {expected}", StringComparison.Ordinal));
    }
}
