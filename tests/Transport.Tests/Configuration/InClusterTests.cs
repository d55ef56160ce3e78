using ActorKube.Transport;

namespace Transport.Tests;

public sealed class InClusterTests : IDisposable
{
    readonly TempDirectory _files = new();

    public void Dispose() => _files.Dispose();

    LoadingRules Pod(string? host = "10.0.0.1", string? port = "443") => LoadingRules.Pod with
    {
        ServiceAccountDirectory = _files.Path,
        Environment = name => name switch { "KUBERNETES_SERVICE_HOST" => host, "KUBERNETES_SERVICE_PORT" => port, _ => null }
    };

    [Fact]
    public void A_pod_uses_its_service_account()
    {
        _files.Write("token", "secret");
        _files.Write("ca.crt", new TestAuthority().Pem);
        _files.Write("namespace", "mine\n");
        var configuration = KubernetesClientConfiguration.Load(Pod("fd00::1"));
        Assert.Equal("https://[fd00::1]/", configuration.Server.ToString());
        Assert.Equal(_files.At("token"), configuration.TokenFile);
        Assert.Equal(_files.At("ca.crt"), configuration.CertificateAuthorityFile);
        Assert.Equal("mine", configuration.Namespace);
    }

    [Fact]
    public void A_pod_without_a_token_is_told_why()
    {
        var error = Assert.Throws<KubeConfigException>(() => KubernetesClientConfiguration.Load(Pod()));
        Assert.Contains("not mounted", error.Message);
        Assert.Contains("automountServiceAccountToken", error.Message);
    }

    [Fact]
    public void Outside_a_pod_it_says_so()
    {
        var error = Assert.Throws<KubeConfigException>(() => KubernetesClientConfiguration.Load(Pod(host: null)));
        Assert.Contains("runs in no pod", error.Message);
    }

    [Fact]
    public void Outside_a_pod_the_kubeconfig_is_next_when_it_was_named_too()
    {
        _files.Write(".kube/config", "clusters: [{name: c, cluster: {server: 'https://h'}}]\ncontexts: [{name: x, context: {cluster: c}}]\ncurrent-context: x");
        var rules = Pod(host: null) with { FromHome = true, HomeDirectory = _files.Path };
        Assert.Equal("https://h/", KubernetesClientConfiguration.Load(rules).Server.ToString());
    }
}
