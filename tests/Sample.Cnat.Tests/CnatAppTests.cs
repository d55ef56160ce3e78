using System.Net;
using System.Net.Sockets;

namespace Cnat.Tests;

/// <summary>The program, as the command line starts it.</summary>
public sealed class CnatAppTests : IDisposable
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("cnat-tests-");
    readonly StringWriter _output = new();
    readonly StringWriter _errors = new();

    public void Dispose() => _folder.Delete(recursive: true);

    string File(string name, string content)
    {
        var path = Path.Combine(_folder.FullName, name);
        System.IO.File.WriteAllText(path, content);
        return path;
    }

    async Task<string> RefusalAsync(CnatOptions options)
    {
        using var patience = new CancellationTokenSource(Patience);
        Assert.Equal(1, await CnatApp.RunAsync(options, _output, _errors, patience.Token));
        var refusal = _errors.ToString();
        Assert.StartsWith("cnat: ", refusal, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", refusal, StringComparison.Ordinal);
        return refusal;
    }

    [Fact]
    public async Task The_demo_settles_and_the_program_ends_well()
    {
        var kubeconfig = Path.Combine(_folder.FullName, "kubeconfig");
        var run = CnatApp.RunAsync(new CnatOptions { ExitWhenDone = true, WriteKubeconfig = kubeconfig }, _output, _errors, default);
        Assert.Equal(0, await run.WaitAsync(Patience));
        Assert.Equal("", _errors.ToString());
        Assert.Contains($"kubectl --kubeconfig {kubeconfig}", _output.ToString(), StringComparison.Ordinal);
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, System.IO.File.GetUnixFileMode(kubeconfig));
    }

    [Fact]
    public async Task The_demo_settles_on_a_cluster_of_one_node_too() =>
        Assert.Equal(0, await CnatApp.RunAsync(new CnatOptions { ExitWhenDone = true, Cluster = new CnatCluster { Port = FreePort() } }, _output, _errors, default).WaitAsync(Patience));

    static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    [Fact]
    public async Task What_has_not_settled_in_time_is_named() =>
        Assert.Contains("due-later: PENDING", await RefusalAsync(new CnatOptions { ExitWhenDone = true, Timeout = TimeSpan.FromSeconds(2) }), StringComparison.Ordinal);

    [Fact]
    public async Task Cancellation_stops_everything_in_order_and_soon()
    {
        using var stop = new CancellationTokenSource();
        var listening = new TaskCompletionSource();
        var run = CnatApp.RunAsync(new CnatOptions { Demo = false }, new SignallingWriter(listening), _errors, stop.Token);
        await listening.Task.WaitAsync(Patience);
        await stop.CancelAsync();
        Assert.Equal(0, await run.WaitAsync(TimeSpan.FromSeconds(20)));
        Assert.Equal("", _errors.ToString());
    }

    [Fact]
    public async Task A_port_in_use_is_named()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var port = ((IPEndPoint)taken.LocalEndpoint).Port;
        Assert.Contains($"{port}", await RefusalAsync(new CnatOptions { Port = port }), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_kubeconfig_that_is_not_there_is_named() =>
        Assert.Contains("/nowhere/kubeconfig", await RefusalAsync(new CnatOptions { Kubeconfig = "/nowhere/kubeconfig" }), StringComparison.Ordinal);

    [Fact]
    public async Task A_kubeconfig_that_is_not_YAML_is_named()
    {
        var path = File("kubeconfig", "{ this: is: not: yaml");
        Assert.Contains(path, await RefusalAsync(new CnatOptions { Kubeconfig = path }), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_context_that_is_not_there_is_named()
    {
        var path = File("kubeconfig", "{apiVersion: v1, kind: Config, contexts: [{name: a, context: {cluster: c, user: u}}], clusters: [], users: []}");
        Assert.Contains("context \"b\"", await RefusalAsync(new CnatOptions { Kubeconfig = path, Context = "b" }), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_does_not_listen_is_named_when_the_definition_is_to_be_installed()
    {
        using var free = new TcpListener(IPAddress.Loopback, 0);
        free.Start();
        var port = ((IPEndPoint)free.LocalEndpoint).Port;
        free.Stop();
        var path = File("kubeconfig", $"{{apiVersion: v1, kind: Config, current-context: a, contexts: [{{name: a, context: {{cluster: c, user: u}}}}], clusters: [{{name: c, cluster: {{server: 'http://127.0.0.1:{port}'}}}}], users: [{{name: u, user: {{}}}}]}}");
        Assert.Contains($"127.0.0.1:{port}", await RefusalAsync(new CnatOptions { Kubeconfig = path, InstallCrd = true }), StringComparison.Ordinal);
    }

    sealed class SignallingWriter(TaskCompletionSource signal) : StringWriter
    {
        public override Task WriteLineAsync(string? value)
        {
            if (value?.Contains("kubectl", StringComparison.Ordinal) is true) signal.TrySetResult();
            return base.WriteLineAsync(value);
        }
    }
}
