using System.CommandLine;
using System.Diagnostics;
using ActorKube.ApiServer;
using ActorKube.Models;
using ActorKube.Tool;
using ActorKube.Transport;
using k8s.Models;

namespace Tool.Tests;

/// <summary>The command beside the real kubectl, on one server.</summary>
public sealed class ApiResourcesCommandTests : IAsyncLifetime
{
    private const string Widgets = """
        {"apiVersion":"apiextensions.k8s.io/v1","kind":"CustomResourceDefinition","metadata":{"name":"widgets.tests.example"},
         "spec":{"group":"tests.example","scope":"Cluster","names":{"plural":"widgets","singular":"widget","kind":"Widget","shortNames":["wi","wdg"],"categories":["all","things"]},
         "versions":[{"name":"v1","served":true,"storage":true,"subresources":{"status":{}},"schema":{"openAPIV3Schema":{"type":"object"}}},
                     {"name":"v1beta1","served":true,"storage":false,"schema":{"openAPIV3Schema":{"type":"object"}}}]}}
        """;

    private readonly TemporaryFolder _folder = new();
    private EmbeddedApiServer? _server;

    private string Kubeconfig => _folder.Path("config");

    public async Task InitializeAsync()
    {
        _server = await EmbeddedApiServer.StartAsync();
        await _server.WriteKubeconfigAsync(Kubeconfig);
        using var client = new KubernetesClient(KubernetesClientConfiguration.FromKubeconfig(Kubeconfig));
        var definitions = client.Resource(ResourceDefinition.For<V1CustomResourceDefinition>());
        await definitions.CreateAsync(KubeObject.Parse(System.Text.Encoding.UTF8.GetBytes(Widgets)));
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        await definitions.UntilAsync("widgets.tests.example", definition => definition.ToJson().Contains("\"Established\"", StringComparison.Ordinal), limit.Token);
    }

    public async Task DisposeAsync()
    {
        await _server!.DisposeAsync();
        _folder.Dispose();
    }

    [KubectlFact]
    public async Task Prints_what_kubectl_prints_with_every_option()
    {
        string[] variants =
        [
            "", "-o wide", "-o name", "--no-headers", "--no-headers -o wide", "--namespaced", "--namespaced=false", "--namespaced=true -o name",
            "--api-group=apps", "--api-group '' -o wide", "--api-group=tests.example -o wide", "--api-group=no.such.group", "--verbs=list,watch,deletecollection", "--verbs list --verbs create -o name",
            "--categories=all", "--categories=all,things", "--sort-by=name", "--sort-by=kind -o wide", "--sort-by=kind --namespaced=false --verbs=get --no-headers",
        ];
        // Each kubectl is a process of its own: some at once, not all.
        var expected = new Dictionary<string, string>();
        foreach (var some in variants.Chunk(4))
        {
            foreach (var (variant, printed) in await Task.WhenAll(some.Select(async variant => (variant, await KubectlAsync($"api-resources {variant}")))))
            {
                expected.Add(variant, printed);
            }
        }
        foreach (var variant in variants)
        {
            var (code, output, error) = await RunAsync(variant);
            Assert.True(code == 0 && error.Length == 0, error);
            Assert.Equal(expected[variant], output);
        }
        Assert.Contains("widgets", expected[""], StringComparison.Ordinal);
        Assert.Contains("tests.example/v1 ", expected["-o wide"], StringComparison.Ordinal);
        Assert.True(expected[""].Split('\n').Length > 40);
    }

    [KubectlFact]
    public async Task Shares_its_cache_with_kubectl_both_ways()
    {
        var cache = _folder.Path("cache");
        await KubectlAsync($"api-resources --cache-dir {cache}");
        using var client = new KubernetesClient(KubernetesClientConfiguration.FromKubeconfig(Kubeconfig));
        var directory = DiskDiscoveryCache.DirectoryFor(client.Configuration.Server, cache);
        Assert.True(File.Exists(Path.Combine(directory, "servergroups.json")), directory);

        // A server that is gone can be told from its cache alone.
        var (_, before, _) = await RunAsync("-o wide");
        await _server!.DisposeAsync();
        var (code, output, error) = await RunAsync($"-o wide --cached --cache-dir {cache}");
        Assert.True(code == 0, error);
        Assert.Equal(before, output);

        var ours = _folder.Path("ours");
        var written = new DiskDiscoveryCache(new KeptDiscovery(client.Discovery, await new DiskDiscoveryCache(client.Discovery, directory).GetApiAsync()),
            DiskDiscoveryCache.DirectoryFor(client.Configuration.Server, ours));
        written.Invalidate();
        await written.GetApiAsync();
        Assert.Equal(before, await KubectlAsync($"api-resources -o wide --cached --cache-dir {ours}"));
    }

    [Fact]
    public async Task A_server_that_cannot_be_asked_is_one_line_and_a_code()
    {
        var (code, output, error) = await RunAsync("--context none");
        Assert.Equal(1, code);
        Assert.Empty(output);
        Assert.Contains("there is no context \"none\"", Assert.Single(error.Split('\n', StringSplitOptions.RemoveEmptyEntries)), StringComparison.Ordinal);
        (code, _, error) = await RunAsync("--server https://127.0.0.1:1");
        Assert.Equal(1, code);
        Assert.Contains("cannot be reached", Assert.Single(error.Split('\n', StringSplitOptions.RemoveEmptyEntries)), StringComparison.Ordinal);
        Assert.NotEqual(0, (await RunAsync("-o json")).Code);
        Assert.NotEqual(0, (await RunAsync("--sort-by verbs")).Code);
    }

    private async Task<(int Code, string Output, string Error)> RunAsync(string arguments)
    {
        var (output, error) = (new StringWriter(), new StringWriter());
        string[] all = [.. Words(arguments), "--kubeconfig", Kubeconfig];
        if (!arguments.Contains("--cache-dir", StringComparison.Ordinal)) all = [.. all, "--cache-dir", _folder.Path("own")];
        var code = await ApiResourcesCommand.Create().Parse(all).InvokeAsync(new InvocationConfiguration { Output = output, Error = error });
        return (code, output.ToString(), error.ToString());
    }

    private static IEnumerable<string> Words(string arguments) => arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(word => word == "''" ? "" : word);

    private async Task<string> KubectlAsync(string arguments)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(120));
        var start = new ProcessStartInfo(Kubectl.Program!, Words(arguments)) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["KUBECONFIG"] = Kubeconfig;
        start.Environment["HOME"] = _folder.Root;
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync(limit.Token);
        var error = process.StandardError.ReadToEndAsync(limit.Token);
        await process.WaitForExitAsync(limit.Token);
        Assert.True(process.ExitCode == 0, $"kubectl {arguments}: {await error}");
        return await output;
    }

    /// <summary>Knows what a server offered before it went.</summary>
    private sealed class KeptDiscovery(IDiscoveryClient inner, DiscoveredApi api) : IDiscoveryClient
    {
        public bool IsFresh => true;

        public void Invalidate()
        {
        }

        public Task<DiscoveredApi> GetApiAsync(CancellationToken cancellation) => Task.FromResult(api);

        public Task<IReadOnlyList<DiscoveredResource>> GetResourcesAsync(GroupVersion groupVersion, CancellationToken cancellation) => inner.GetResourcesAsync(groupVersion, cancellation);

        public Task<VersionInfo> GetVersionAsync(CancellationToken cancellation) => inner.GetVersionAsync(cancellation);

        public Task<byte[]> GetOpenApiV2Async(CancellationToken cancellation) => inner.GetOpenApiV2Async(cancellation);

        public Task<IReadOnlyDictionary<string, string>> GetOpenApiV3PathsAsync(CancellationToken cancellation) => inner.GetOpenApiV3PathsAsync(cancellation);

        public Task<byte[]> GetOpenApiV3Async(string path, CancellationToken cancellation) => inner.GetOpenApiV3Async(path, cancellation);
    }
}
