using System.CommandLine;
using System.Net;
using System.Net.Sockets;
using ActorKube.Tool;

namespace Tool.Tests;

public sealed class ApiServerCommandTests
{
    [Fact]
    public async Task A_port_in_use_ends_with_one_message_that_names_it()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var port = ((IPEndPoint)taken.LocalEndpoint).Port;

        var (code, output, error) = await RunAsync("--port", port.ToString(null, null));

        Assert.NotEqual(0, code);
        Assert.Empty(output);
        Assert.Contains(port.ToString(null, null), Assert.Single(Lines(error)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--port", "70000")]
    [InlineData("--token-file", "/nowhere/at/all")]
    public async Task What_cannot_be_used_is_named_with_what_to_do(string option, string value)
    {
        var (code, _, error) = await RunAsync(option, value);

        Assert.NotEqual(0, code);
        Assert.Contains(value, Assert.Single(Lines(error)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Prints_exactly_one_ready_line_and_writes_the_kubeconfig()
    {
        var folder = Directory.CreateTempSubdirectory("actorkube-tool-");
        try
        {
            var kubeconfig = Path.Combine(folder.FullName, "config");
            using var stop = new CancellationTokenSource();
            var output = new SignallingWriter();
            var running = ApiServerCommand.Create().Parse(["--kubeconfig", kubeconfig]).InvokeAsync(new InvocationConfiguration { Output = output, Error = new StringWriter() }, stop.Token);
            await output.Flushed.WaitAsync(TimeSpan.FromSeconds(60));

            Assert.StartsWith("ready https://127.0.0.1:", Assert.Single(Lines(output.ToString())), StringComparison.Ordinal);
            Assert.Contains("current-context: actorkube", await File.ReadAllTextAsync(kubeconfig), StringComparison.Ordinal);
            await stop.CancelAsync();
            Assert.Equal(0, await running);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task The_state_comes_from_a_file_and_outlives_the_server_in_one()
    {
        var folder = Directory.CreateTempSubdirectory("actorkube-tool-");
        try
        {
            string Path(string name) => System.IO.Path.Combine(folder.FullName, name);
            await File.WriteAllTextAsync(Path("in.yaml"), "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: kept, namespace: default}\n");
            using var stop = new CancellationTokenSource();
            var output = new SignallingWriter();
            var running = ApiServerCommand.Create().Parse(["--import", Path("in.yaml"), "--export", Path("out.yaml"), "--exchanges", Path("log.txt")])
                .InvokeAsync(new InvocationConfiguration { Output = output, Error = new StringWriter() }, stop.Token);
            await output.Flushed.WaitAsync(TimeSpan.FromSeconds(60));
            await stop.CancelAsync();

            Assert.Equal(0, await running);
            Assert.Contains("name: kept", await File.ReadAllTextAsync(Path("out.yaml")), StringComparison.Ordinal);
            Assert.True(File.Exists(Path("log.txt")));

            await File.WriteAllTextAsync(Path("bad.yaml"), "apiVersion: v1\nkind: Nothing\n");
            var (code, _, error) = await RunAsync("--import", Path("bad.yaml"));
            Assert.NotEqual(0, code);
            Assert.Contains("bad.yaml", Assert.Single(Lines(error)), StringComparison.Ordinal);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task<(int Code, string Output, string Error)> RunAsync(params string[] arguments)
    {
        var (output, error) = (new StringWriter(), new StringWriter());
        var code = await ApiServerCommand.Create().Parse(arguments).InvokeAsync(new InvocationConfiguration { Output = output, Error = error });
        return (code, output.ToString(), error.ToString());
    }

    private static string[] Lines(string text) => text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    /// <summary>Tells when something has been flushed.</summary>
    private sealed class SignallingWriter : StringWriter
    {
        private readonly TaskCompletionSource _flushed = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Flushed => _flushed.Task;

        public override Task FlushAsync(CancellationToken cancellationToken)
        {
            _flushed.TrySetResult();
            return Task.CompletedTask;
        }
    }
}
