using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using ActorKube.Models;
using ActorKube.Transport;
using ApiServer.Tests.Support;
using k8s.Models;
using Microsoft.Extensions.Logging.Abstractions;

namespace ActorKube.Hosting.Tests.Webhooks;

/// <summary>Certificates: in files that rotate, and made and renewed by the process.</summary>
public sealed class WebhookCertificateTests : IDisposable
{
    const string Path = "/validate-stable-example-com-v1-crontab";

    static readonly DateTimeOffset Now = new(2025, 1, 31, 12, 0, 0, TimeSpan.Zero);
    static readonly NamespacedName SecretKey = new("default", "certificate");

    readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("webhooks");

    public void Dispose() => _folder.Delete(recursive: true);

    void Write(OwnCertificate made)
    {
        File.WriteAllText(System.IO.Path.Combine(_folder.FullName, "tls.crt"), made.Certificate);
        File.WriteAllText(System.IO.Path.Combine(_folder.FullName, "tls.key"), made.Key);
    }

    static string Thumbprint(OwnCertificate made) => X509Certificate2.CreateFromPem(made.Certificate).Thumbprint;

    Task<WebhookHost> FromFiles(TimeProvider time) => WebhookHost.StartAsync(webhooks => webhooks.WithValidator<CronTab, CronTabRules>().UseCertificateFiles(_folder.FullName), time: time);

    static async Task<string> Shown(WebhookHost host) => (await host.AskAsync(Path, AdmissionRequest.ToCreate(CronTab.Named("a")))).Certificate;

    [Fact]
    public async Task Files_are_read_again_ten_seconds_after_they_changed()
    {
        var (time, first, second) = (new ManualTime(Now), OwnCertificate.Make(["localhost"], Now), OwnCertificate.Make(["localhost"], Now));
        Write(first);
        await using var host = await (await FromFiles(time)).ReadyAsync();
        Write(second);

        time.Advance(TimeSpan.FromSeconds(9));
        Assert.Equal(Thumbprint(first), await Shown(host));
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(Thumbprint(second), await Shown(host));
    }

    [Fact]
    public async Task A_pair_that_is_none_leaves_the_earlier_one_in_use_until_it_is_whole()
    {
        var (time, first, second) = (new ManualTime(Now), OwnCertificate.Make(["localhost"], Now), OwnCertificate.Make(["localhost"], Now));
        Write(first);
        await using var host = await (await FromFiles(time)).ReadyAsync();

        Write(second with { Key = first.Key });
        time.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal((Thumbprint(first), null), (await Shown(host), host.Webhooks.Problem));
        File.Delete(System.IO.Path.Combine(_folder.FullName, "tls.key"));
        time.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(Thumbprint(first), await Shown(host));
        Write(second);
        time.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(Thumbprint(second), await Shown(host));
    }

    [Fact]
    public async Task Without_a_certificate_it_is_not_ready_and_says_which_file_it_waits_for()
    {
        var time = new ManualTime(Now);
        await using var host = await FromFiles(time);
        var ready = host.Webhooks.WhenReadyAsync();

        Assert.Contains(System.IO.Path.Combine(_folder.FullName, "tls.crt"), host.Webhooks.Problem, StringComparison.Ordinal);
        await Assert.ThrowsAsync<HttpRequestException>(() => Shown(host));
        Assert.False(ready.IsCompleted);
        Write(OwnCertificate.Make(["localhost"], Now));
        time.Advance(TimeSpan.FromSeconds(10));

        await ready.WaitAsync(WebhookHost.Patience);
        Assert.Null(host.Webhooks.Problem);
    }

    [Fact]
    public async Task A_folder_that_is_not_there_is_named()
    {
        var nowhere = System.IO.Path.Combine(_folder.FullName, "nowhere");

        var error = await Assert.ThrowsAsync<DirectoryNotFoundException>(() => WebhookHost.StartAsync(webhooks => webhooks.WithValidator<CronTab, CronTabRules>().UseCertificateFiles(nowhere)));

        Assert.Contains(nowhere, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_certificate_is_for_its_hosts_and_is_trusted_by_its_authority()
    {
        var made = OwnCertificate.Make(["hooks.shop.svc", "127.0.0.1"], Now);
        using var certificate = X509Certificate2.CreateFromPem(made.Certificate, made.Key);
        using var chain = new X509Chain { ChainPolicy = { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck, VerificationTime = Now.LocalDateTime } };
        chain.ChainPolicy.CustomTrustStore.ImportFromPem(made.Authorities);
        chain.ChainPolicy.ApplicationPolicy.Add(new Oid("1.3.6.1.5.5.7.3.1"));

        Assert.True(chain.Build(certificate));
        Assert.True(certificate.MatchesHostname("hooks.shop.svc") && certificate.MatchesHostname("127.0.0.1") && !certificate.MatchesHostname("other.shop.svc"));
        Assert.Null(made.Problem(["hooks.shop.svc", "127.0.0.1"], Now));
        Assert.DoesNotContain("PRIVATE", made.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void It_is_renewed_in_time_by_the_same_authority_and_that_in_time_by_another_beside_it()
    {
        string[] hosts = ["localhost"];
        var made = OwnCertificate.Make(hosts, Now);
        Assert.Null(made.Problem(hosts, Now.AddDays(240)));
        Assert.Equal("it ends", made.Problem(hosts, Now.AddDays(245)));
        Assert.Equal("it is not for elsewhere", made.Problem([.. hosts, "elsewhere"], Now));

        var renewed = OwnCertificate.Make(hosts, Now.AddDays(245), made);
        Assert.Equal((made.Authorities, made.AuthorityKey, null), (renewed.Authorities, renewed.AuthorityKey, renewed.Problem(hosts, Now.AddDays(245))));
        Assert.NotEqual(made.Certificate, renewed.Certificate);

        Assert.Equal("its authority ends", renewed.Problem(hosts, Now.AddDays(2500)));
        var other = OwnCertificate.Make(hosts, Now.AddDays(2500), renewed);
        Assert.Null(other.Problem(hosts, Now.AddDays(2500)));
        Assert.NotEqual(made.AuthorityKey, other.AuthorityKey);
        // Replicas that have the earlier certificate are trusted still.
        Assert.EndsWith(made.Authorities.Trim(), other.Authorities.Trim(), StringComparison.Ordinal);
        Assert.Equal(2, other.Authorities.Split("BEGIN CERTIFICATE").Length - 1);
    }

    [Fact]
    public void What_is_no_certificate_is_made_anew()
    {
        var made = OwnCertificate.Make(["localhost"], Now);
        Assert.Equal("it is no certificate with its key", (made with { Key = "nonsense" }).Problem(["localhost"], Now));
        Assert.Equal("its authority ends", (made with { AuthorityKey = "nonsense" }).Problem(["localhost"], Now));
        Assert.Equal("another authority signed it", (made with { Authorities = OwnCertificate.Make(["x"], Now) is var other ? other.Authorities : "", AuthorityKey = other.AuthorityKey }).Problem(["localhost"], Now));
        Assert.Null(OwnCertificate.Make(["localhost"], Now, new OwnCertificate("a", "b", "c", "d")).Problem(["localhost"], Now));
    }

    [Fact]
    public async Task Replicas_that_come_together_take_one_certificate()
    {
        await using var cluster = await Cluster.StartAsync();

        var taken = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => new CertificateSecret(cluster.Client, SecretKey, NullLogger.Instance).TakeAsync(["localhost"], Now, null, default)));

        Assert.Single(taken.Distinct());
    }

    [Fact]
    public async Task Whoever_sees_it_first_renews_it_once_for_all()
    {
        await using var cluster = await Cluster.StartAsync();
        CertificateSecret Secret() => new(cluster.Client, SecretKey, NullLogger.Instance);
        var made = await Secret().TakeAsync(["localhost"], Now, null, default);

        var renewed = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Secret().TakeAsync(["localhost"], Now.AddDays(300), made, default)));

        Assert.NotEqual(made, Assert.Single(renewed.Distinct()));
        Assert.Equal(made.Authorities, renewed[0].Authorities);
    }

    [Fact]
    public async Task A_Secret_that_was_taken_away_is_put_back_and_one_that_somebody_spoilt_is_made_anew()
    {
        await using var cluster = await Cluster.StartAsync();
        var secrets = cluster.Client.Resource<V1Secret>(SecretKey.Namespace);
        var secret = new CertificateSecret(cluster.Client, SecretKey, NullLogger.Instance);
        var made = await secret.TakeAsync(["localhost"], Now, null, default);
        await secrets.DeleteAsync(SecretKey.Name);

        Assert.Equal(made, await secret.TakeAsync(["localhost"], Now, made, default));
        var spoilt = await secrets.GetAsync(SecretKey.Name);
        Assert.Equal("kubernetes.io/tls", spoilt.Type);
        spoilt.Data["tls.key"] = "nonsense"u8.ToArray();
        spoilt.Data["mine"] = "kept"u8.ToArray();
        await secrets.UpdateAsync(spoilt);

        var anew = await secret.TakeAsync(["localhost"], Now, made, default);
        Assert.Equal((null, made.Authorities), (anew.Problem(["localhost"], Now), anew.Authorities));
        Assert.Equal("kept"u8.ToArray(), (await secrets.GetAsync(SecretKey.Name)).Data["mine"]);
    }

    [Fact]
    public async Task What_servers_are_told_is_looked_at_each_minute_and_put_right()
    {
        // The certificate has to be good by the machine's clock, too.
        var time = new ManualTime(DateTimeOffset.UtcNow);
        await using var cluster = await Cluster.StartAsync();
        await using var host = await (await WebhookHost.StartAsync(webhooks => webhooks.WithValidator<CronTab, CronTabRules>().UseOwnCertificate().RegisterAs("drift"), cluster.Client, time)).ReadyAsync();
        var configurations = cluster.Client.Resource<V1ValidatingWebhookConfiguration>();
        var registered = await configurations.GetAsync("drift");
        var bundle = registered.Webhooks[0].ClientConfig.CaBundle;
        registered.Webhooks[0].ClientConfig.CaBundle = null;
        await configurations.UpdateAsync(registered);
        await time.ArmedAsync(TimeSpan.FromMinutes(1)).WaitAsync(WebhookHost.Patience);
        using var patience = new CancellationTokenSource(WebhookHost.Patience);
        var righted = cluster.Client.Resource(ResourceDefinition.For<V1ValidatingWebhookConfiguration>())
            .UntilAsync("drift", seen => seen.As<V1ValidatingWebhookConfiguration>().Webhooks[0].ClientConfig.CaBundle is not null, patience.Token);

        time.Advance(TimeSpan.FromMinutes(1));

        Assert.Equal(bundle, (await righted).As<V1ValidatingWebhookConfiguration>().Webhooks[0].ClientConfig.CaBundle);
    }

    [Fact]
    public async Task Where_servers_cannot_be_told_it_is_not_ready_says_why_and_goes_on_trying()
    {
        var time = new ManualTime(DateTimeOffset.UtcNow);
        await using var cluster = await Cluster.StartAsync();
        await using var host = await WebhookHost.StartAsync(webhooks => webhooks.WithValidator<CronTab, CronTabRules>().UseOwnCertificate(WebhookAddress.Service("default", "hooks")).InjectInto("late"), cluster.Client, time);
        await time.ArmedAsync(TimeSpan.FromSeconds(5)).WaitAsync(WebhookHost.Patience);
        Assert.Contains("ValidatingWebhookConfiguration late not found", host.Webhooks.Problem, StringComparison.Ordinal);
        await cluster.Client.Resource<V1ValidatingWebhookConfiguration>().CreateAsync(
            (V1ValidatingWebhookConfiguration)WebhookConfigurations.Of(AdmissionWebhookSpec.Of([typeof(CronTabRules)]), WebhookAddress.Service("default", "hooks"), "late")[0]);

        time.Advance(TimeSpan.FromSeconds(5));

        await host.ReadyAsync();
    }
}
