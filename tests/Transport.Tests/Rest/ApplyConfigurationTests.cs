using ActorKube.Models.ApplyConfigurations;
using ActorKube.Transport;
using k8s.Models;

namespace Transport.Tests;

public sealed class ApplyConfigurationTests
{
    readonly FakeServer _server = new(_ => FakeServer.Json(Clients.Pod("a")));
    readonly KubernetesClient _client;

    public ApplyConfigurationTests() => _client = Clients.Over(_server);

    [Fact]
    public async Task A_configuration_is_applied_by_the_raw_and_the_typed_client()
    {
        var wanted = new V1PodApplyConfiguration("a", "ns").WithSpec(new V1PodSpecApplyConfiguration().WithHostNetwork(false));

        await _client.Resource(Clients.Pods, "ns").ApplyAsync(wanted, new ApplyOptions("me"));
        Assert.Equal(("PATCH", "/api/v1/namespaces/ns/pods/a?fieldManager=me", "application/apply-patch+yaml"), (_server.Last.Method, _server.Last.Path, _server.Last.ContentType));
        Assert.Contains("\"hostNetwork\":false", _server.Last.Body);

        await _client.Resource<V1Pod>("ns").ApplyAsync(wanted, new ApplyOptions("me"), "status");
        Assert.Equal("/api/v1/namespaces/ns/pods/a/status?fieldManager=me", _server.Last.Path);
        Assert.Contains("\"hostNetwork\":false", _server.Last.Body);
    }
}
