using ActorKube.ApiServer;
using ActorKube.Transport;
using k8s.Models;

namespace Transport.Tests;

/// <summary>Who the embedded server takes the client for, by each way to say so.</summary>
public sealed class IdentityTests : IAsyncLifetime
{
    readonly TempDirectory _files = new();
    EmbeddedApiServer _server = null!;

    public async Task InitializeAsync() => _server = await EmbeddedApiServer.StartAsync(new EmbeddedApiServerOptions { Rbac = true });

    public async Task DisposeAsync()
    {
        await _server.DisposeAsync();
        _files.Dispose();
    }

    KubernetesClientConfiguration Administrator => KubernetesClientConfiguration.FromKubeconfig(Kubeconfig.Parse(_server.Kubeconfig)) with { Qps = -1 };

    static async Task<string> WhoAsync(KubernetesClientConfiguration configuration)
    {
        using var client = new KubernetesClient(configuration);
        var user = (await client.AuthenticationV1.SelfSubjectReviews.CreateAsync(new V1SelfSubjectReview())).Status.UserInfo;
        var extra = user.Extra is null ? "" : string.Concat(user.Extra.Where(pair => !pair.Key.StartsWith("authentication.kubernetes.io/")).Select(pair => $" {pair.Key}={string.Join('|', pair.Value)}"));
        return $"{user.Username} {string.Join('|', user.Groups.Where(group => group != "system:authenticated").Order())}{extra}";
    }

    [Fact]
    public async Task A_certificate_names_its_user_and_groups()
    {
        var configuration = KubernetesClientConfiguration.FromKubeconfig(Kubeconfig.Parse(_server.KubeconfigFor("jane", "builders", "testers"))) with { Qps = -1 };
        Assert.Equal("jane builders|testers", await WhoAsync(configuration));
        // The same from files, as most kubeconfigs have it.
        Assert.Equal("jane builders|testers", await WhoAsync(configuration with
        {
            ClientCertificatePem = null, ClientKeyPem = null,
            ClientCertificateFile = _files.Write("c.pem", configuration.ClientCertificatePem!), ClientKeyFile = _files.Write("c.key", configuration.ClientKeyPem!)
        }));
    }

    [Fact]
    public async Task An_impersonated_user_has_all_its_groups_and_extra_values() =>
        Assert.Equal("joe dev|ops scopes=a|b|c", await WhoAsync(Administrator with
        {
            Impersonation = new Impersonation { User = "joe", Groups = ["dev", "ops"], Extra = new Dictionary<string, IReadOnlyList<string>> { ["scopes"] = ["a", "b", "c"] } }
        }));

    [Fact]
    public async Task A_token_may_come_from_a_file_or_a_plugin()
    {
        var administrator = await WhoAsync(Administrator);
        Assert.Equal(administrator, await WhoAsync(Administrator with { Token = null, TokenFile = _files.Write("token", _server.Token) }));
        var answer = _files.Write("answer", $$$"""{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"token":"{{{_server.Token}}}"}}""");
        Assert.Equal(administrator, await WhoAsync(Administrator with
        {
            Token = null, Exec = new ExecCredentialPlugin { ApiVersion = "client.authentication.k8s.io/v1", Command = "/bin/cat", Arguments = [answer], InteractiveMode = ExecInteractiveMode.Never }
        }));
    }
}
