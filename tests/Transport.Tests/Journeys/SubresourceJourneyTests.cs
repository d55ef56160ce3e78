using ActorKube.ApiServer;
using ActorKube.Models;
using ActorKube.Transport;
using k8s.Models;

namespace Transport.Tests;

/// <summary>What single resources have beside their objects, against the embedded server.</summary>
public sealed class SubresourceJourneyTests : IAsyncLifetime
{
    EmbeddedApiServer _server = null!;
    KubernetesClient _client = null!;

    public async Task InitializeAsync()
    {
        _server = await EmbeddedApiServer.StartAsync(new EmbeddedApiServerOptions { Listen = false });
        _client = new KubernetesClient(new KubernetesClientConfiguration { Server = new Uri("http://embedded"), Token = _server.Token, Qps = -1 },
            new KubernetesClientOptions { Handler = _server.CreateHandler() });
    }

    public async Task DisposeAsync()
    {
        _client.Dispose();
        await _server.DisposeAsync();
    }

    static V1Pod Pod(string name) => new()
    {
        Metadata = new V1ObjectMeta { Name = name }, Spec = new V1PodSpec { Containers = [new V1Container { Name = "main", Image = "busybox" }] }
    };

    [Fact]
    public async Task Pods_are_bound_debugged_and_evicted()
    {
        var pods = _client.CoreV1.Pods("default");
        await pods.CreateAsync(Pod("a"));
        await pods.BindAsync("a", "node-1");
        var bound = await pods.GetAsync("a");
        Assert.Equal("node-1", bound.Spec.NodeName);
        Assert.True((await Assert.ThrowsAsync<KubernetesException>(() => pods.BindAsync("a", "node-2"))).IsConflict);

        bound.Spec.EphemeralContainers = [new V1EphemeralContainer { Name = "debug", Image = "busybox", TargetContainerName = "main" }];
        Assert.Equal("debug", (await pods.UpdateEphemeralContainersAsync(bound)).Spec.EphemeralContainers.Single().Name);

        await pods.EvictAsync("a", new DeleteOptions { GracePeriodSeconds = 0 });
        Assert.True((await Assert.ThrowsAsync<KubernetesException>(() => pods.GetAsync("a"))).IsNotFound);
    }

    [Fact]
    public async Task What_scales_is_scaled()
    {
        var deployments = _client.AppsV1.Deployments("default");
        await deployments.CreateAsync(new V1Deployment
        {
            Metadata = new V1ObjectMeta { Name = "web" },
            Spec = new V1DeploymentSpec
            {
                Replicas = 1, Selector = new V1LabelSelector { MatchLabels = new Dictionary<string, string> { ["app"] = "web" } },
                Template = new V1PodTemplateSpec { Metadata = new V1ObjectMeta { Labels = new Dictionary<string, string> { ["app"] = "web" } }, Spec = Pod("x").Spec }
            }
        });
        var scale = await deployments.GetScaleAsync("web");
        Assert.Equal(1, scale.Spec.Replicas);
        scale.Spec.Replicas = 4;
        Assert.Equal(4, (await deployments.UpdateScaleAsync("web", scale)).Spec.Replicas);
        Assert.Equal(4, (await deployments.GetAsync("web")).Spec.Replicas);
        Assert.True((await Assert.ThrowsAsync<KubernetesException>(() => deployments.UpdateScaleAsync("web", scale))).IsConflict);
    }

    [Fact]
    public async Task A_status_is_written_and_applied_apart_from_its_object()
    {
        var pods = _client.CoreV1.Pods("default");
        var pod = await pods.CreateAsync(Pod("s"));
        pod.Status.Phase = "Running";
        pod.Spec.Containers[0].Image = "not-written";
        var updated = await pods.UpdateStatusAsync(pod);
        Assert.Equal("Running", updated.Status.Phase);
        Assert.Equal("busybox", updated.Spec.Containers[0].Image);
        var applied = await pods.ApplyStatusAsync(new V1Pod { ApiVersion = "v1", Kind = "Pod", Metadata = new V1ObjectMeta { Name = "s" }, Status = new V1PodStatus { Message = "applied" } },
            new ApplyOptions("me"));
        Assert.Equal(("Running", "applied"), (applied.Status.Phase, applied.Status.Message));
        Assert.Contains(applied.Metadata.ManagedFields, entry => entry is { Manager: "me", Subresource: "status" });
    }

    [Fact]
    public async Task A_service_accounts_token_is_one_to_log_in_with()
    {
        await _client.CoreV1.ServiceAccounts("default").CreateAsync(new V1ServiceAccount { Metadata = new V1ObjectMeta { Name = "robot" } });
        var request = await _client.CoreV1.ServiceAccounts("default").CreateTokenAsync("robot", new Authenticationv1TokenRequest { Spec = new V1TokenRequestSpec { ExpirationSeconds = 3600 } });
        using var robot = new KubernetesClient(_client.Configuration with { Token = request.Status.Token }, new KubernetesClientOptions { Handler = _server.CreateHandler() });
        var user = (await robot.AuthenticationV1.SelfSubjectReviews.CreateAsync(new V1SelfSubjectReview())).Status.UserInfo;
        Assert.Equal("system:serviceaccount:default:robot", user.Username);
    }

    [Fact]
    public async Task A_certificate_request_is_approved()
    {
        using var key = System.Security.Cryptography.ECDsa.Create(System.Security.Cryptography.ECCurve.NamedCurves.nistP256);
        var signing = new System.Security.Cryptography.X509Certificates.CertificateRequest("CN=jane", key, System.Security.Cryptography.HashAlgorithmName.SHA256).CreateSigningRequestPem();
        var requests = _client.CertificatesV1.CertificateSigningRequests;
        var request = await requests.CreateAsync(new V1CertificateSigningRequest
        {
            Metadata = new V1ObjectMeta { Name = "jane" },
            Spec = new V1CertificateSigningRequestSpec { Request = System.Text.Encoding.UTF8.GetBytes(signing), SignerName = "kubernetes.io/kube-apiserver-client", Usages = ["client auth"] }
        });
        request.Status = new V1CertificateSigningRequestStatus
        {
            Conditions = [new V1CertificateSigningRequestCondition { Type = "Approved", Status = "True", Reason = "Test", Message = "known" }]
        };
        Assert.Equal("Approved", (await requests.UpdateApprovalAsync(request)).Status.Conditions.Single().Type);
    }
}
