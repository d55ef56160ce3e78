using System.Text;
using ActorKube.ApiServer;
using ActorKube.Kubelet;
using ActorKube.Models;
using ActorKube.Transport;
using k8s.Models;

namespace Transport.Tests;

/// <summary>Logs, exec, attach and port-forward against the embedded server's own implementation of them. Nothing here waits for a clock: the container does what it is sent.</summary>
public sealed class PodSessionJourneyTests : IAsyncLifetime
{
    readonly CancellationTokenSource _limit = new(TimeSpan.FromSeconds(120));
    EmbeddedApiServer _server = null!;
    SimulatedNode _node = null!;
    KubernetesClient _client = null!;

    CancellationToken Limit => _limit.Token;

    IResourceClient<V1Pod> Pods => _client.CoreV1.Pods("default");

    public async Task InitializeAsync()
    {
        _server = await EmbeddedApiServer.StartAsync();
        _node = await SimulatedNode.StartAsync(_server, new PodSimulatorOptions { RunTime = TimeSpan.Zero });
        _client = new KubernetesClient(KubernetesClientConfiguration.FromKubeconfig(Kubeconfig.Parse(_server.Kubeconfig)) with { Qps = -1 });
        await Pods.CreateAsync(new V1Pod
        {
            Metadata = new V1ObjectMeta { Name = "p" },
            Spec = new V1PodSpec
            {
                RestartPolicy = "Never",
                Containers =
                [
                    new V1Container
                    {
                        Name = "main", Image = "busybox", Stdin = true, StdinOnce = true, Ports = [new V1ContainerPort { ContainerPort = 8080 }],
                        Command = ["sh", "-c", "echo started; while read line; do echo \"said $line\"; done; echo over; exit 3"]
                    }
                ]
            }
        }, cancellation: Limit);
        await PhaseAsync("Running");
    }

    public async Task DisposeAsync()
    {
        _client.Dispose();
        await _node.DisposeAsync();
        await _server.DisposeAsync();
        _limit.Dispose();
    }

    Task PhaseAsync(string phase) => _client.Resource(Clients.Pods, "default").UntilAsync("p", pod => pod.As<V1Pod>().Status?.Phase == phase, Limit);

    [Fact]
    public async Task A_followed_log_and_an_attached_terminal_tell_what_the_container_says_until_it_ends()
    {
        await using var lines = Pods.ReadLogLinesAsync("p", new PodLogOptions { Follow = true }, Limit).GetAsyncEnumerator(Limit);
        Assert.True(await lines.MoveNextAsync());
        Assert.Equal("started", lines.Current);

        await using var session = await Pods.AttachAsync("p", new PodExecOptions { StandardInput = true, StandardError = false }, Limit);
        using var output = new StreamReader(session.StandardOutput);
        await session.StandardInput.WriteAsync("hello\n"u8.ToArray(), Limit);
        Assert.Equal("said hello", await output.ReadLineAsync(Limit));
        Assert.True(await lines.MoveNextAsync());
        Assert.Equal("said hello", lines.Current);

        // The end of its input is the end of the container.
        await session.StandardInput.DisposeAsync();
        Assert.Equal("over", await output.ReadLineAsync(Limit));
        Assert.True(await lines.MoveNextAsync());
        Assert.Equal("over", lines.Current);
        Assert.False(await lines.MoveNextAsync());
        await PhaseAsync("Failed");
        Assert.Equal(3, (await Pods.GetAsync("p", cancellation: Limit)).Status.ContainerStatuses.Single().State.Terminated.ExitCode);

        Assert.Equal("started\nsaid hello\nover\n", await Pods.ReadLogAsync("p", cancellation: Limit));
        Assert.Equal("over\n", await Pods.ReadLogAsync("p", new PodLogOptions { TailLines = 1 }, Limit));
        Assert.Equal("star", await Pods.ReadLogAsync("p", new PodLogOptions { LimitBytes = 4 }, Limit));
        Assert.Contains("Z started\n", await Pods.ReadLogAsync("p", new PodLogOptions { Timestamps = true, Container = "main" }, Limit));
        using var bytes = new MemoryStream();
        await using (var stream = await Pods.StreamLogAsync("p", cancellation: Limit)) await stream.CopyToAsync(bytes, Limit);
        Assert.Equal("started\nsaid hello\nover\n", Encoding.UTF8.GetString(bytes.ToArray()));
        Assert.True((await Assert.ThrowsAsync<KubernetesException>(() => Pods.ReadLogAsync("p", new PodLogOptions { Previous = true }, Limit))).IsBadRequest);
        Assert.True((await Assert.ThrowsAsync<KubernetesException>(() => Pods.ReadLogAsync("none", cancellation: Limit))).IsNotFound);
    }

    [Fact]
    public async Task A_program_gets_its_input_and_gives_its_outputs_and_code()
    {
        Assert.Equal((7, "out\n", "err\n"), await Pods.RunAsync("p", ["sh", "-c", "echo out; echo err >&2; exit 7"], cancellation: Limit));
        Assert.Equal((0, "a b\n", ""), await Pods.RunAsync("p", ["echo", "a b"], "main", Limit));

        // More than any window on the way, both ways at once.
        await using var session = await Pods.ExecAsync("p", ["cat"], new PodExecOptions { StandardInput = true }, Limit);
        var sent = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Range(0, 60_000).Select(number => $"{number}\n")));
        var writing = Task.Run(async () =>
        {
            await session.StandardInput.WriteAsync(sent, Limit);
            await session.StandardInput.DisposeAsync();
        });
        using var received = new MemoryStream();
        await session.StandardOutput.CopyToAsync(received, Limit);
        await writing;
        Assert.True(sent.AsSpan().SequenceEqual(received.ToArray()), $"{sent.Length} bytes were sent and {received.Length} came back");
        Assert.Equal(0, (await session.Completion.WaitAsync(Limit)).ExitCode);
        Assert.True((await Assert.ThrowsAsync<KubernetesException>(() => Pods.ExecAsync("none", ["true"], cancellation: Limit))).IsNotFound);
    }

    [Fact]
    public async Task Somebody_with_several_groups_can_be_impersonated_here_too()
    {
        using var client = new KubernetesClient(_client.Configuration with { Impersonation = new Impersonation { User = "jane", Groups = ["dev", "system:masters"] } });
        Assert.Equal((0, "hello\n", ""), await client.CoreV1.Pods("default").RunAsync("p", ["echo", "hello"], cancellation: Limit));
        Assert.StartsWith("started", await client.CoreV1.Pods("default").ReadLogAsync("p", cancellation: Limit));
    }

    [Fact]
    public async Task A_port_answers_and_one_where_nothing_listens_says_so()
    {
        await using (var port = await Pods.PortForwardAsync("p", 8080, Limit))
        {
            await port.WriteAsync("GET / HTTP/1.1\r\nHost: p\r\nConnection: close\r\n\r\n"u8.ToArray(), Limit);
            using var answer = new StreamReader(port);
            Assert.StartsWith("HTTP/1.1 200", await answer.ReadLineAsync(Limit));
        }
        var streams = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Pods.PortForwardAsync("p", 8080, Limit)));
        foreach (var (number, port) in streams.Index())
        {
            await port.WriteAsync(Encoding.ASCII.GetBytes($"echo {number}"), Limit);
            var buffer = new byte[6];
            await port.ReadExactlyAsync(buffer, Limit);
            Assert.Equal($"echo {number}", Encoding.ASCII.GetString(buffer));
            await port.DisposeAsync();
        }
        await using var closed = await Pods.PortForwardAsync("p", 9, Limit);
        var error = await Assert.ThrowsAsync<IOException>(async () => await closed.ReadExactlyAsync(new byte[1], Limit));
        Assert.Contains("connection refused", error.Message);
    }
}
