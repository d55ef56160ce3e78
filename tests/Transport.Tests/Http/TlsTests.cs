using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using ActorKube.Transport;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Transport.Tests;

public sealed class TlsTests : IDisposable
{
    readonly TempDirectory _files = new();

    public void Dispose() => _files.Dispose();

    static async Task<string> GetAsync(KubernetesClientConfiguration configuration)
    {
        using var client = new KubernetesClient(configuration with { Qps = -1 });
        return System.Text.Encoding.UTF8.GetString(await client.Rest.Get().AbsPath("/").DoRawAsync());
    }

    static Task Protocol(HttpContext context) => context.Response.WriteAsync($"{context.Request.Protocol} {context.Request.Host.Host} {context.Connection.ClientCertificate?.Subject}");

    [Theory]
    [InlineData(HttpProtocols.Http1AndHttp2, "HTTP/2 localhost ")]
    [InlineData(HttpProtocols.Http1, "HTTP/1.1 localhost ")]
    public async Task The_clusters_own_ca_is_trusted_and_the_best_protocol_used(HttpProtocols protocols, string expected)
    {
        var authority = new TestAuthority();
        await using var server = await LoopbackServer.StartAsync(Protocol, authority.IssueServer("localhost"), protocols);
        Assert.Equal(expected, await GetAsync(new KubernetesClientConfiguration { Server = server.Address, CertificateAuthorityPem = authority.Pem }));
    }

    [Fact]
    public async Task Another_ca_is_refused_with_both_names()
    {
        await using var server = await LoopbackServer.StartAsync(Protocol, new TestAuthority("right").IssueServer("localhost"));
        var error = await Assert.ThrowsAsync<HttpRequestException>(() =>
            GetAsync(new KubernetesClientConfiguration { Server = server.Address, CertificateAuthorityPem = new TestAuthority("wrong").Pem }));
        Assert.Contains("issued by CN=right", error.Message);
        Assert.Contains("CN=wrong", error.Message);
        Assert.Contains("certificate-authority", error.Message);
    }

    [Fact]
    public async Task The_machines_store_does_not_know_the_clusters_ca()
    {
        await using var server = await LoopbackServer.StartAsync(Protocol, new TestAuthority().IssueServer("localhost"));
        var error = await Assert.ThrowsAsync<HttpRequestException>(() => GetAsync(new KubernetesClientConfiguration { Server = server.Address }));
        Assert.Equal(HttpRequestError.SecureConnectionError, error.HttpRequestError);
    }

    [Fact]
    public async Task Verification_can_be_skipped_but_not_beside_a_ca()
    {
        await using var server = await LoopbackServer.StartAsync(Protocol, new TestAuthority().IssueServer("elsewhere"));
        Assert.StartsWith("HTTP/2", await GetAsync(new KubernetesClientConfiguration { Server = server.Address, SkipTlsVerify = true }));
        Assert.Throws<KubeConfigException>(() => new KubernetesClient(new KubernetesClientConfiguration
        {
            Server = server.Address, SkipTlsVerify = true, CertificateAuthorityPem = new TestAuthority().Pem
        }));
    }

    [Fact]
    public async Task A_certificate_for_another_name_needs_that_name_said()
    {
        var authority = new TestAuthority();
        await using var server = await LoopbackServer.StartAsync(Protocol, authority.IssueServer("kube.internal"));
        var configuration = new KubernetesClientConfiguration { Server = server.Address, CertificateAuthorityPem = authority.Pem };
        var error = await Assert.ThrowsAsync<HttpRequestException>(() => GetAsync(configuration));
        Assert.Contains("kube.internal", error.Message);
        Assert.Contains("tls-server-name", error.Message);
        Assert.StartsWith("HTTP/2", await GetAsync(configuration with { TlsServerName = "kube.internal" }));
    }

    [Fact]
    public async Task A_ca_file_that_changes_is_read_again()
    {
        var old = new TestAuthority("old");
        var renewed = new TestAuthority("new");
        var time = new ManualTime();
        var file = _files.Write("ca.crt", old.Pem);
        await using var before = await LoopbackServer.StartAsync(Protocol, old.IssueServer("localhost"));
        await using var after = await LoopbackServer.StartAsync(Protocol, renewed.IssueServer("localhost"));
        var trust = new ServerTrust(null, file, null, time, new CredentialSettings().CertificateReload);
        using var http = new HttpClient(new SocketsHttpHandler { SslOptions = { RemoteCertificateValidationCallback = trust.Validate } });
        await http.GetStringAsync(before.Address);
        await Assert.ThrowsAsync<HttpRequestException>(() => http.GetStringAsync(after.Address));

        File.WriteAllText(file, renewed.Pem);
        File.SetLastWriteTimeUtc(file, DateTime.UtcNow.AddMinutes(1));
        time.Advance(TimeSpan.FromMinutes(5) - TimeSpan.FromTicks(1));
        await Assert.ThrowsAsync<HttpRequestException>(() => http.GetStringAsync(after.Address));
        time.Advance(TimeSpan.FromTicks(1));
        await http.GetStringAsync(after.Address);
    }

    public static TheoryData<string> Keys => ["rsa-pkcs1", "rsa-pkcs8", "ec-sec1", "ec-pkcs8"];

    [Theory]
    [MemberData(nameof(Keys))]
    public async Task Client_certificates_come_with_every_kind_of_key(string kind)
    {
        var authority = new TestAuthority();
        await using var server = await LoopbackServer.StartAsync(Protocol, authority.IssueServer("localhost"), asksForCertificate: true);
        using AsymmetricAlgorithm key = kind.StartsWith("rsa") ? RSA.Create(2048) : ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var keyPem = kind switch
        {
            "rsa-pkcs1" => ((RSA)key).ExportRSAPrivateKeyPem(),
            "ec-sec1" => ((ECDsa)key).ExportECPrivateKeyPem(),
            _ => key.ExportPkcs8PrivateKeyPem()
        };
        var configuration = new KubernetesClientConfiguration
        {
            Server = server.Address, CertificateAuthorityPem = authority.Pem,
            ClientCertificateFile = _files.Write("c.pem", authority.IssueClient("jane", key).ExportCertificatePem()), ClientKeyFile = _files.Write("c.key", keyPem)
        };
        Assert.Equal("HTTP/2 localhost CN=jane", await GetAsync(configuration));
    }

    [Fact]
    public void Keys_that_cannot_be_used_are_refused_clearly()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var certificate = new TestAuthority().IssueClient("jane", key).ExportCertificatePem();
        var configuration = new KubernetesClientConfiguration { Server = new Uri("https://h"), ClientCertificatePem = certificate };
        var encrypted = key.ExportEncryptedPkcs8PrivateKeyPem("hush", new PbeParameters(PbeEncryptionAlgorithm.Aes256Cbc, HashAlgorithmName.SHA256, 1000));
        Assert.Contains("is encrypted", Refusal(configuration with { ClientKeyPem = encrypted }));
        Assert.Contains("is encrypted", Refusal(configuration with { ClientKeyPem = "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC,00\n\nAAAA\n-----END RSA PRIVATE KEY-----" }));
        Assert.Contains("not a pair", Refusal(configuration with { ClientKeyPem = other.ExportPkcs8PrivateKeyPem() }));
        Assert.Contains("not a pair", Refusal(configuration with { ClientKeyPem = "nonsense" }));
        Assert.Contains("must come together", Refusal(configuration));
        Assert.Contains("does not exist", Refusal(configuration with { ClientKeyFile = _files.At("none") }));
        Assert.Contains("no certificate", Refusal(new KubernetesClientConfiguration { Server = new Uri("https://h"), CertificateAuthorityPem = "nonsense" }));

        static string Refusal(KubernetesClientConfiguration configuration) => Assert.Throws<KubeConfigException>(() => new KubernetesClient(configuration)).Message;
    }

    [Fact]
    public async Task A_client_certificate_that_changes_is_used_for_new_requests_while_old_ones_end_in_peace()
    {
        var authority = new TestAuthority();
        var goOn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = await LoopbackServer.StartAsync(async context =>
        {
            await Protocol(context);
            if (context.Request.Path != "/slow") return;
            await context.Response.Body.FlushAsync();
            await goOn.Task;
            await context.Response.WriteAsync(" end");
        }, authority.IssueServer("localhost"), asksForCertificate: true);
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var time = new ManualTime();
        var certificateFile = _files.Write("c.pem", authority.IssueClient("first", key).ExportCertificatePem());
        using var client = new KubernetesClient(new KubernetesClientConfiguration
        {
            Server = server.Address, CertificateAuthorityPem = authority.Pem, ClientCertificateFile = certificateFile,
            ClientKeyPem = key.ExportPkcs8PrivateKeyPem(), Qps = -1
        }, new KubernetesClientOptions { Time = time });

        await using var slow = await client.Rest.Get().AbsPath("/slow").StreamAsync();
        File.WriteAllText(certificateFile, authority.IssueClient("second", key).ExportCertificatePem());
        File.SetLastWriteTimeUtc(certificateFile, DateTime.UtcNow.AddMinutes(1));
        time.Advance(TimeSpan.FromMinutes(5) - TimeSpan.FromTicks(1));
        Assert.EndsWith("CN=first", System.Text.Encoding.UTF8.GetString(await client.Rest.Get().AbsPath("/").DoRawAsync()));
        time.Advance(TimeSpan.FromTicks(1));
        Assert.EndsWith("CN=second", System.Text.Encoding.UTF8.GetString(await client.Rest.Get().AbsPath("/").DoRawAsync()));
        goOn.SetResult();
        Assert.Equal("HTTP/2 localhost CN=first end", await new StreamReader(slow).ReadToEndAsync());
    }

    [Fact]
    public async Task A_server_that_is_not_there_is_named()
    {
        Uri address;
        await using (var server = await LoopbackServer.StartAsync(Protocol)) address = server.Address;
        var error = await Assert.ThrowsAsync<HttpRequestException>(() => GetAsync(new KubernetesClientConfiguration { Server = address }));
        Assert.Contains($"localhost:{address.Port} cannot be reached (connection refused)", error.Message);
    }
}
