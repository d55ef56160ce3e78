using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using ActorKube.ApiServer;
using ActorKube.Local;
using ActorKube.Testing;
using ActorKube.Transport;
using k8s.Models;

namespace ActorKube.ControllerManager.Tests;

public sealed class CertificateRequestTests : IDisposable
{
    private const string Client = "kubernetes.io/kube-apiserver-client";
    private const string Kubelet = "kubernetes.io/kube-apiserver-client-kubelet";
    private static readonly ClusterControllersOptions Certificates = ClusterControllersOptions.None with { CertificateRequests = true };
    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    public void Dispose() => _key.Dispose();

    [Fact]
    public async Task An_approved_request_for_a_client_certificate_is_signed_and_logs_in()
    {
        await using var cluster = await LocalCluster.StartAsync(new LocalClusterOptions { Pods = null, Controllers = Certificates });
        await using var client = new KubernetesClient(new KubernetesClientConfiguration { Server = cluster.Server.Uri, Qps = -1 }, new KubernetesClientOptions { Handler = cluster.Server.CreateHandler() });
        await CreateAsync(client, Client, "O=devs, CN=jane", ["client auth", "digital signature"], expires: 1);
        await DecideAsync(client, "Approved");

        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(40));
        var signed = await client.Resource<V1CertificateSigningRequest>().UntilAsync("r", static r => r.Status?.Certificate is { Length: > 0 }, limit.Token);

        using var certificate = X509Certificate2.CreateFromPem(Encoding.ASCII.GetString(signed.Status.Certificate)).CopyWithPrivateKey(_key);
        Assert.InRange(certificate.NotAfter - DateTime.Now, TimeSpan.FromMinutes(9), TimeSpan.FromMinutes(10));
        using var handler = new SocketsHttpHandler { SslOptions = { ClientCertificates = [X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pfx), null)], RemoteCertificateValidationCallback = (_, _, _, _) => true } };
        using var jane = new HttpClient(handler) { BaseAddress = cluster.Server.Uri };
        using var answer = await jane.PostAsync("/apis/authentication.k8s.io/v1/selfsubjectreviews", new StringContent("{}", Encoding.UTF8, "application/json"));
        var user = JsonNode.Parse(await answer.Content.ReadAsStringAsync())!["status"]!["userInfo"]!;
        Assert.Equal(("jane", "devs"), ((string?)user["username"], (string?)user["groups"]![0]));
    }

    [Theory]
    [InlineData(true, true)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(false, false)]
    public void A_request_is_signed_whatever_kinds_of_keys_it_and_the_authority_have(bool ellipticAuthority, bool ellipticRequest)
    {
        using AsymmetricAlgorithm authorityKey = ellipticAuthority ? ECDsa.Create(ECCurve.NamedCurves.nistP256) : RSA.Create(2048);
        using AsymmetricAlgorithm key = ellipticRequest ? ECDsa.Create(ECCurve.NamedCurves.nistP256) : RSA.Create(2048);
        var own = Request("CN=ca", authorityKey);
        own.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        own.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(own.PublicKey, false));
        using var authority = own.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(30));

        using var signed = X509Certificate2.CreateFromPem(Encoding.ASCII.GetString(new CertificateIssuer(() => authority).Sign(Request("CN=jane", key), ["client auth"], null, DateTimeOffset.UtcNow)));

        using var chain = new X509Chain { ChainPolicy = { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck, DisableCertificateDownloads = true } };
        chain.ChainPolicy.CustomTrustStore.Add(authority);
        Assert.True(chain.Build(signed), string.Join(' ', chain.ChainStatus.Select(static s => s.StatusInformation)));
        Assert.Equal(("CN=jane", authority.NotAfter), (signed.Subject, signed.NotAfter));
    }

    private static CertificateRequest Request(string subject, AsymmetricAlgorithm key) => key is ECDsa elliptic ? new(subject, elliptic, HashAlgorithmName.SHA256) : new(subject, (RSA)key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);

    [Theory]
    [InlineData(Client, "CN=jane", "server auth", "", "invalid usage for client certificate: server auth")]
    [InlineData(Client, "CN=jane", "digital signature", "", "missing required usage for client certificate: client auth")]
    [InlineData("kubernetes.io/kubelet-serving", "O=system:nodes, CN=system:node:n1", "server auth,digital signature", "", "DNS or IP subjectAltName is required")]
    [InlineData("kubernetes.io/kubelet-serving", "O=system:nodes, CN=system:node:n1", "server auth,digital signature", "dns,email", "Email subjectAltNames are not allowed")]
    [InlineData("kubernetes.io/kubelet-serving", "O=system:nodes, CN=system:node:n1", "server auth", "ip", "usages did not match [digital signature key encipherment server auth]")]
    [InlineData("kubernetes.io/kubelet-serving", "O=system:nodes, CN=n1", "server auth,digital signature", "ip", "subject common name does not begin with system:node:")]
    [InlineData(Kubelet, "O=others, CN=system:node:n1", "client auth,digital signature", "", "subject organization is not system:nodes")]
    [InlineData(Kubelet, "O=system:nodes, CN=system:node:n1", "client auth,digital signature", "uri", "URI subjectAltNames are not allowed")]
    public async Task What_a_signer_does_not_sign_it_says(string signer, string subject, string usages, string names, string why)
    {
        await using var kube = await StartAsync();
        await CreateAsync(kube.Client, signer, subject, usages.Split(','), names);
        await DecideAsync(kube.Client, "Approved");

        var failed = (await kube.UntilAsync<V1CertificateSigningRequest>("r", static r => r.Status.Conditions.Count == 2)).Status;

        Assert.Null(failed.Certificate);
        Assert.Equal(("Failed", "True", "SignerValidationFailure", why), (failed.Conditions[1].Type, failed.Conditions[1].Status, failed.Conditions[1].Reason, failed.Conditions[1].Message));
    }

    [Fact]
    public async Task A_kubelets_request_is_approved_by_itself_and_requests_are_forgotten_after_their_time()
    {
        await using var kube = await StartAsync();
        await CreateAsync(kube.Client, Kubelet, "O=system:nodes, CN=system:node:n1", ["client auth", "digital signature"]);
        await CreateAsync(kube.Client, "tests.example/other", "CN=x", ["client auth"], name: "pending");
        await CreateAsync(kube.Client, Client, "CN=x", ["client auth"], name: "denied");
        await DecideAsync(kube.Client, "Denied", "denied");
        await kube.SettleAsync();

        var signed = await kube.Client.Resource<V1CertificateSigningRequest>().GetAsync("r");
        Assert.Equal("Auto approving kubelet client certificate after SubjectAccessReview.", signed.Status.Conditions.Single().Message);
        Assert.StartsWith("-----BEGIN CERTIFICATE-----", Encoding.ASCII.GetString(signed.Status.Certificate), StringComparison.Ordinal);

        await kube.AdvanceAsync(TimeSpan.FromMinutes(59));
        Assert.Equal(["denied", "pending", "r"], await NamesAsync(kube));
        await kube.AdvanceAsync(TimeSpan.FromMinutes(2));
        Assert.Equal(["pending"], await NamesAsync(kube));
        await kube.AdvanceAsync(TimeSpan.FromHours(23));
        Assert.Empty(await NamesAsync(kube));
    }

    [Fact]
    public async Task A_kubelets_request_waits_where_who_asks_may_not_have_it()
    {
        await using var kube = await StartAsync(rbac: true);
        await using var stranger = new KubernetesClient(new KubernetesClientConfiguration { Server = kube.Server.Uri, Qps = -1, Impersonation = new Impersonation { User = "system:node:n1", Groups = ["askers"] } },
            new KubernetesClientOptions { Handler = kube.Server.CreateHandler() });
        await kube.Client.Resource<V1ClusterRole>().CreateAsync(new V1ClusterRole { Metadata = new() { Name = "ask" }, Rules = [new() { ApiGroups = ["certificates.k8s.io"], Resources = ["certificatesigningrequests"], Verbs = ["create"] }] });
        await BindAsync(kube, "ask", "askers");
        await CreateAsync(stranger, Kubelet, "O=system:nodes, CN=system:node:n1", ["client auth", "digital signature"]);
        await kube.SettleAsync();
        Assert.Null((await kube.Client.Resource<V1CertificateSigningRequest>().GetAsync("r")).Status.Conditions);

        await BindAsync(kube, "system:certificates.k8s.io:certificatesigningrequests:selfnodeclient", "askers");
        await kube.Client.Resource<V1CertificateSigningRequest>().PatchAsync("r", Patch.Merge("""{"metadata":{"labels":{"look":"again"}}}"""));

        var approved = await kube.UntilAsync<V1CertificateSigningRequest>("r", static r => r.Status.Certificate is not null);
        Assert.Equal("Auto approving self kubelet client certificate after SubjectAccessReview.", approved.Status.Conditions.Single().Message);
    }

    private static Task<ActorKubeFixture> StartAsync(bool rbac = false) => ActorKubeFixture.StartAsync(options: new ActorKubeFixtureOptions { Controllers = Certificates, Server = o => o with { Rbac = rbac } });

    private static Task BindAsync(ActorKubeFixture kube, string role, string group) => kube.Client.Resource<V1ClusterRoleBinding>().CreateAsync(new V1ClusterRoleBinding
    {
        Metadata = new V1ObjectMeta { GenerateName = "b-" },
        RoleRef = new V1RoleRef { ApiGroup = "rbac.authorization.k8s.io", Kind = "ClusterRole", Name = role },
        Subjects = [new Rbacv1Subject { ApiGroup = "rbac.authorization.k8s.io", Kind = "Group", Name = group }],
    });

    private static async Task<IEnumerable<string>> NamesAsync(ActorKubeFixture kube) => (await kube.Client.Resource<V1CertificateSigningRequest>().ListAsync()).Items.Select(r => r.Metadata.Name).Order(StringComparer.Ordinal);

    private Task CreateAsync(IKubernetesClient client, string signer, string subject, string[] usages, string names = "", string name = "r", int? expires = null)
    {
        var signing = new CertificateRequest(new X500DistinguishedName(subject), _key, HashAlgorithmName.SHA256);
        if (names.Length > 0)
        {
            var alternatives = new SubjectAlternativeNameBuilder();
            foreach (var kind in names.Split(','))
            {
                switch (kind)
                {
                    case "dns": alternatives.AddDnsName("n1"); break;
                    case "ip": alternatives.AddIpAddress(IPAddress.Loopback); break;
                    case "email": alternatives.AddEmailAddress("a@tests.example"); break;
                    default: alternatives.AddUri(new Uri("https://tests.example")); break;
                }
            }
            signing.CertificateExtensions.Add(alternatives.Build());
        }
        return client.Resource<V1CertificateSigningRequest>().CreateAsync(new V1CertificateSigningRequest
        {
            Metadata = new V1ObjectMeta { Name = name },
            Spec = new V1CertificateSigningRequestSpec { SignerName = signer, Usages = usages, Request = Encoding.ASCII.GetBytes(signing.CreateSigningRequestPem()), ExpirationSeconds = expires * 600 },
        });
    }

    private static async Task DecideAsync(IKubernetesClient client, string decision, string name = "r")
    {
        var request = await client.Resource<V1CertificateSigningRequest>().GetAsync(name);
        (request.Status ??= new()).Conditions = [new V1CertificateSigningRequestCondition { Type = decision, Status = "True", Reason = "Tests", Message = "m" }];
        await client.Resource<V1CertificateSigningRequest>().UpdateAsync(request, subresource: "approval");
    }
}
