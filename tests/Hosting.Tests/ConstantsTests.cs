using System.Runtime.CompilerServices;
using ActorKube.Actors;
using ActorKube.Streams;
using ActorKube.Testing;
using ActorKube.Transport;

namespace ActorKube.Hosting.Tests;

/// <summary>The numbers of client-go and controller-runtime, as defaults of options; docs/operating.md has the same table.</summary>
public sealed class ConstantsTests
{
    static readonly LeaderElectionOptions Election = new() { LeaseName = "l", LeaseNamespace = "n" };

    static readonly KubernetesClientConfiguration Client = new() { Server = new Uri("http://nowhere") };

    public static TheoryData<string, Func<object?>, object?> Constants() => new()
    {
        { "ListAndWatchSettings.MinWatchTimeout", static () => new ListAndWatchSettings().MinWatchTimeout, TimeSpan.FromMinutes(5) },
        { "ListAndWatchSettings.MaxWatchTimeout", static () => new ListAndWatchSettings().MaxWatchTimeout, null },
        { "BackoffPolicy.Initial", static () => new BackoffPolicy().Initial, TimeSpan.FromMilliseconds(800) },
        { "BackoffPolicy.Factor", static () => new BackoffPolicy().Factor, 2d },
        { "BackoffPolicy.Cap", static () => new BackoffPolicy().Cap, TimeSpan.FromSeconds(30) },
        { "BackoffPolicy.Jitter", static () => new BackoffPolicy().Jitter, 1d },
        { "BackoffPolicy.ResetAfter", static () => new BackoffPolicy().ResetAfter, TimeSpan.FromMinutes(2) },
        { "ListAndWatchSettings.InitialEventsWarning", static () => new ListAndWatchSettings().InitialEventsWarning, TimeSpan.FromSeconds(10) },
        { "ListAndWatchSettings.InternalErrorRetryWindow", static () => new ListAndWatchSettings().InternalErrorRetryWindow, TimeSpan.Zero },
        { "ListAndWatchSettings.InternalErrorRetryReset", static () => new ListAndWatchSettings().InternalErrorRetryReset, TimeSpan.FromMinutes(1) },
        { "ListAndWatchSettings.VeryShortWatch", static () => new ListAndWatchSettings().VeryShortWatch, TimeSpan.FromSeconds(1) },
        { "ListAndWatchSettings.PageSize", static () => new ListAndWatchSettings().PageSize, 500 },
        { "ListAndWatchSettings.MissingKindRetry", static () => new ListAndWatchSettings().MissingKindRetry, TimeSpan.FromSeconds(10) },
        { "ListAndWatchSettings.IdleTimeout", static () => new ListAndWatchSettings().IdleTimeout, null },
        { "KubernetesOptions.MinResync", static () => new KubernetesOptions().MinResync, TimeSpan.FromSeconds(1) },
        { "KubernetesOptions.HandlerFaultPause", static () => new KubernetesOptions().HandlerFaultPause, TimeSpan.FromSeconds(1) },
        { "RetryPolicy.Initial", static () => new RetryPolicy().Initial, TimeSpan.FromMilliseconds(5) },
        { "RetryPolicy.Cap", static () => new RetryPolicy().Cap, TimeSpan.FromSeconds(1000) },
        { "RetryPolicy.OverallPerSecond", static () => new RetryPolicy().OverallPerSecond, 10d },
        { "RetryPolicy.Burst", static () => new RetryPolicy().Burst, 100 },
        { "ControllerOptions.Resync", static () => new ControllerOptions().Resync, TimeSpan.FromHours(10) },
        { "ControllerOptions.ResyncJitter", static () => new ControllerOptions().ResyncJitter, 0.1 },
        { "ControllerOptions.CacheSyncTimeout", static () => new ControllerOptions().CacheSyncTimeout, TimeSpan.FromMinutes(2) },
        { "ControllerOptions.MaxConcurrentReconciles", static () => new ControllerOptions().MaxConcurrentReconciles, 1 },
        { "KubernetesOptions.ShutdownTimeout", static () => new KubernetesOptions().ShutdownTimeout, TimeSpan.FromSeconds(30) },
        { "LeaderElectionOptions.LeaseDuration", static () => Election.LeaseDuration, TimeSpan.FromSeconds(15) },
        { "LeaderElectionOptions.RenewDeadline", static () => Election.RenewDeadline, TimeSpan.FromSeconds(10) },
        { "LeaderElectionOptions.RetryPeriod", static () => Election.RetryPeriod, TimeSpan.FromSeconds(2) },
        { "LeaderElectionOptions.AcquireJitter", static () => Election.AcquireJitter, 1.2 },
        { "LeaderElectionOptions.ReleasedDuration", static () => Election.ReleasedDuration, TimeSpan.FromSeconds(1) },
        { "EventOptions.AggregateFrom", static () => new EventOptions().AggregateFrom, 10 },
        { "EventOptions.AggregateWindow", static () => new EventOptions().AggregateWindow, TimeSpan.FromSeconds(600) },
        { "EventOptions.SpamBurst", static () => new EventOptions().SpamBurst, 25 },
        { "EventOptions.SpamPerSecond", static () => new EventOptions().SpamPerSecond, 1d / 300 },
        { "EventOptions.Remembered", static () => new EventOptions().Remembered, 4096 },
        { "EventOptions.QueueLimit", static () => new EventOptions().QueueLimit, 1000 },
        { "EventOptions.Attempts", static () => new EventOptions().Attempts, 12 },
        { "EventOptions.RetryPause", static () => new EventOptions().RetryPause, TimeSpan.FromSeconds(10) },
        { "EventOptions.SeriesFinish", static () => new EventOptions().SeriesFinish, TimeSpan.FromMinutes(6) },
        { "EventOptions.SeriesRefresh", static () => new EventOptions().SeriesRefresh, TimeSpan.FromMinutes(30) },
        { "KubernetesClientConfiguration.Qps", static () => KubernetesClientConfiguration.DefaultQps, 5d },
        { "KubernetesClientConfiguration.Burst", static () => KubernetesClientConfiguration.DefaultBurst, 10 },
        { "KubernetesClientConfiguration.MaxRetries", static () => Client.MaxRetries, 10 },
        { "KubernetesClientConfiguration.LogThrottleAfter", static () => Client.LogThrottleAfter, TimeSpan.FromMilliseconds(50) },
        { "KubernetesClientConfiguration.LogLongThrottleAfter", static () => Client.LogLongThrottleAfter, TimeSpan.FromSeconds(1) },
        { "KubernetesClientConfiguration.Timeout", static () => Client.Timeout, TimeSpan.FromMinutes(2) },
        { "KubernetesClientConfiguration.WatchRestart", static () => Client.WatchRestart, TimeSpan.FromSeconds(1) },
        { "ConnectionSettings.DialTimeout", static () => Client.Connections.DialTimeout, TimeSpan.FromSeconds(30) },
        { "ConnectionSettings.KeepAlive", static () => Client.Connections.KeepAlive, TimeSpan.FromSeconds(30) },
        { "ConnectionSettings.TlsHandshakeTimeout", static () => Client.Connections.TlsHandshakeTimeout, TimeSpan.FromSeconds(10) },
        { "ConnectionSettings.ReadIdleTimeout", static () => Client.Connections.ReadIdleTimeout, TimeSpan.FromSeconds(30) },
        { "ConnectionSettings.PingTimeout", static () => Client.Connections.PingTimeout, TimeSpan.FromSeconds(15) },
        { "CredentialSettings.TokenFileLife", static () => Client.Credentials.TokenFileLife, TimeSpan.FromMinutes(1) },
        { "CredentialSettings.TokenLeeway", static () => Client.Credentials.TokenLeeway, TimeSpan.FromSeconds(10) },
        { "CredentialSettings.CertificateReload", static () => Client.Credentials.CertificateReload, TimeSpan.FromMinutes(5) },
        { "CredentialSettings.ExecTimeout", static () => Client.Credentials.ExecTimeout, TimeSpan.FromMinutes(2) },
        { "DiscoverySettings.Timeout", static () => Client.Discovery.Timeout, TimeSpan.FromSeconds(32) },
        { "DiscoverySettings.MaxRetries", static () => Client.Discovery.MaxRetries, 2 },
        { "DiscoverySettings.Burst", static () => Client.Discovery.Burst, 300 },
        { "Backoff.DefaultRetry", static () => Models.Backoff.DefaultRetry, new Models.Backoff(TimeSpan.FromMilliseconds(10), 5, 1, 0.1) },
        { "Backoff.DefaultBackoff", static () => Models.Backoff.DefaultBackoff, new Models.Backoff(TimeSpan.FromMilliseconds(10), 4, 5, 0.1) },
        { "DiskDiscoveryCache", static () => DiskDiscoveryCache.DefaultTimeToLive, TimeSpan.FromHours(6) },
        { "EmbeddedApiServerOptions.BookmarkPeriod", static () => new ApiServer.EmbeddedApiServerOptions().BookmarkPeriod, TimeSpan.FromMinutes(1) },
        { "KubernetesEndpointOptions.Port", static () => new KubernetesEndpointOptions().Port, 8080 },
        { "WebhookOptions.Port", static () => new WebhookOptions().Port, 9443 },
        { "WebhookOptions.CertificateReload", static () => new WebhookOptions().CertificateReload, TimeSpan.FromSeconds(10) },
        { "WebhookOptions.MaxAdmissionBytes", static () => new WebhookOptions().MaxAdmissionBytes, 7 << 20 },
        { "ActorKubeFixtureOptions.Patience", static () => new ActorKubeFixtureOptions().Patience, TimeSpan.FromSeconds(20) },
    };

    [Theory]
    [MemberData(nameof(Constants))]
    public void Default_is_the_fields(string option, Func<object?> actual, object? expected)
    {
        Assert.Equal(expected, actual());
        Assert.Contains($"| `{option}` |", Page(), StringComparison.Ordinal);
    }

    [Fact]
    public void Page_names_no_constant_that_is_not_held_here() => Assert.Equal(
        Constants().Count(),
        Page().Split('\n').SkipWhile(static line => line != "## Constants").TakeWhile(static line => line != "## Health").Count(static line => line.StartsWith("| ", StringComparison.Ordinal)) - 1);

    static string Page([CallerFilePath] string here = "") => File.ReadAllText(Path.Combine(Path.GetDirectoryName(here)!, "..", "..", "docs", "operating.md"));
}
