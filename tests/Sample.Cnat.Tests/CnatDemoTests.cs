using System.Diagnostics.Metrics;
using ActorKube.ApiServer;
using ActorKube.Kubelet;
using ActorKube.Transport;

namespace Cnat.Tests;

/// <summary>The demo, in each flavour and on a cluster that is not ready for it.</summary>
public sealed class CnatDemoTests : IDisposable
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("cnat-tests-");
    readonly StringWriter _output = new();
    readonly StringWriter _errors = new();

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [InlineData(CnatFlavour.Informers)]
    [InlineData(CnatFlavour.Actors)]
    public async Task The_demo_settles_in_each_flavour(CnatFlavour flavour)
    {
        var run = CnatApp.RunAsync(new CnatOptions { ExitWhenDone = true, Flavour = flavour, HealthPort = 0 }, _output, _errors, default);
        Assert.Equal(0, await run.WaitAsync(Patience));
        Assert.Equal("", _errors.ToString());
    }

    [Fact]
    public async Task The_demo_waits_for_a_definition_that_the_cluster_lacks_as_the_operator_does()
    {
        await using var server = await EmbeddedApiServer.StartAsync();
        await using var node = await SimulatedNode.StartAsync(server);
        var kubeconfig = Path.Combine(_folder.FullName, "real");
        await server.WriteKubeconfigAsync(kubeconfig);
        var refused = new TaskCompletionSource();
        using var requests = new MeterListener
        {
            InstrumentPublished = static (instrument, listener) =>
            {
                if (instrument.Name == "rest_client_requests_total") listener.EnableMeasurementEvents(instrument);
            },
        };
        requests.SetMeasurementEventCallback<long>((_, _, tags, _) =>
        {
            var told = tags.ToArray().ToDictionary(static tag => tag.Key, static tag => (string?)tag.Value);
            if (told["host"] == server.Uri.Authority && (told["method"], told["code"]) == ("POST", "404")) refused.TrySetResult();
        });
        requests.Start();
        var run = CnatApp.RunAsync(new CnatOptions { Kubeconfig = kubeconfig, Demo = true, ExitWhenDone = true }, _output, _errors, default);
        using var client = new KubernetesClient(KubernetesClientConfiguration.FromKubeconfig(kubeconfig));
        // The demo has tried, and was told that there is no such kind.
        await refused.Task.WaitAsync(Patience);
        Assert.False(run.IsCompleted);
        await AtDefinition.InstallAsync(client, default);
        Assert.Equal(0, await run.WaitAsync(Patience));
        Assert.Equal("", _errors.ToString());
    }
}
