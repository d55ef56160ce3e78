using System.CommandLine;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using ActorKube.ApiServer;
using ActorKube.ControllerManager;
using ActorKube.Kubelet;
using ActorKube.Local;

namespace ActorKube.Tool;

/// <summary><c>actorkube api-server</c>: serves the embedded API server on its own until it is told to stop.</summary>
internal static class ApiServerCommand
{
    public static Command Create()
    {
        var port = new Option<int>("--port") { Description = "Port on the loopback address; 0 takes a free one.", DefaultValueFactory = _ => 0 };
        var kubeconfig = new Option<FileInfo?>("--kubeconfig") { Description = "Where to write the administrator's kubeconfig (mode 0600)." };
        var clientCertificate = new Option<bool>("--client-certificate") { Description = "The kubeconfig logs in with a client certificate (CN kubernetes-admin, O system:masters) instead of the token." };
        var http = new Option<bool>("--http") { Description = "Plain HTTP instead of TLS." };
        var tokenFile = new Option<FileInfo?>("--token-file") { Description = "File that holds the administrator's token, instead of a random one." };
        var history = new Option<int>("--history-events") { Description = "Events that each resource's history keeps.", DefaultValueFactory = _ => 10_000 };
        var noPods = new Option<bool>("--no-pods") { Description = "Leave pods Pending: no node that runs them." };
        var noNode = new Option<bool>("--no-node") { Description = "No Node object for the node that simulated pods run on." };
        var podDelay = new Option<double>("--pod-start-delay") { Description = "Seconds that a new pod stays Pending.", DefaultValueFactory = _ => 1 };
        var podRunTime = new Option<double>("--pod-run-time") { Description = "Seconds that a pod runs that is meant to end.", DefaultValueFactory = _ => 1 };
        var noControllers = new Option<bool>("--no-controllers") { Description = "No controllers for workloads and for the endpoints of services." };
        var controllersDelay = new Option<double>("--controllers-delay") { Description = "Seconds that a new workload is left alone before controllers act on it.", DefaultValueFactory = _ => 3 };
        var nodeLifecycle = new Option<bool>("--node-lifecycle") { Description = "Give up nodes that nobody keeps alive, taint nodes by their conditions, and drive pods from nodes whose taints they do not tolerate." };
        var import = new Option<FileInfo?>("--import") { Description = "State to begin with: a file that --export wrote, or any objects as YAML." };
        var export = new Option<FileInfo?>("--export") { Description = "Where to write the whole state when the server ends (mode 0600; it holds Secrets)." };
        var exchanges = new Option<FileInfo?>("--exchanges") { Description = "Where to write the last 1000 exchanges when the server ends (mode 0600; no tokens, no Secrets)." };
        var authorization = new Option<string>("--authorization") { Description = "'allow' (whoever can log in may do everything) or 'rbac'.", DefaultValueFactory = _ => "allow" };
        authorization.AcceptOnlyFromAmong("allow", "rbac");
        var command = new Command("api-server", "Serves a Kubernetes API on loopback, in memory; prints one 'ready' line when it serves.")
        {
            port, kubeconfig, clientCertificate, http, tokenFile, history, noPods, noNode, podDelay, podRunTime, noControllers, controllersDelay, nodeLifecycle, import, export, exchanges, authorization,
        };
        command.SetAction(async (parsed, cancellation) =>
        {
            var error = parsed.InvocationConfiguration.Error;
            string? token = null;
            if (parsed.GetValue(tokenFile) is { } file)
            {
                try
                {
                    token = (await File.ReadAllTextAsync(file.FullName, cancellation)).Trim();
                }
                catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
                {
                    return await Fail(error, $"The token file {file.FullName} cannot be read: {failure.Message}");
                }
                if (token.Length == 0)
                {
                    return await Fail(error, $"The token file {file.FullName} is empty. Put the token on its first line, or leave --token-file out for a random one.");
                }
            }
            if (parsed.GetValue(clientCertificate) && (parsed.GetValue(http) || parsed.GetValue(kubeconfig) is null))
            {
                return await Fail(error, "--client-certificate needs TLS and a file to stand in: leave --http out and give --kubeconfig FILE.");
            }
            var wanted = parsed.GetValue(port);
            if (wanted is < 0 or > 65535)
            {
                return await Fail(error, $"--port {wanted} is no port. Give one from 1 to 65535, or 0 for a free one.");
            }
            string? state = null;
            if (parsed.GetValue(import) is { } stateFile)
            {
                try
                {
                    state = await File.ReadAllTextAsync(stateFile.FullName, cancellation);
                }
                catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
                {
                    return await Fail(error, $"The state {stateFile.FullName} cannot be read: {failure.Message}");
                }
            }
            var options = new EmbeddedApiServerOptions
            {
                State = state,
                Exchanges = parsed.GetValue(exchanges) is null ? null : new ExchangeLogOptions(),
                Port = wanted,
                Tls = !parsed.GetValue(http),
                Token = token,
                Rbac = parsed.GetValue(authorization) == "rbac",
                HistoryEvents = parsed.GetValue(history),
                PolicyStatusController = !parsed.GetValue(noControllers),
            };
            var cluster = new LocalClusterOptions
            {
                Server = options,
                Pods = parsed.GetValue(noPods) ? null : new PodSimulatorOptions
                {
                    RegisterNode = !parsed.GetValue(noNode),
                    StartDelay = TimeSpan.FromSeconds(parsed.GetValue(podDelay)),
                    RunTime = TimeSpan.FromSeconds(parsed.GetValue(podRunTime)),
                },
                Controllers = parsed.GetValue(noControllers) ? null : new ClusterControllersOptions
                {
                    HoldBack = TimeSpan.FromSeconds(parsed.GetValue(controllersDelay)),
                    // Pods that run on a name would be taken for those of a node that is gone.
                    PodGarbage = parsed.GetValue(noPods) || !parsed.GetValue(noNode),
                    NodeLifecycle = parsed.GetValue(nodeLifecycle),
                },
            };
            var files = new Files(parsed.GetValue(kubeconfig), parsed.GetValue(clientCertificate), parsed.GetValue(import), parsed.GetValue(export), parsed.GetValue(exchanges));
            return await ServeAsync(cluster, files, parsed.InvocationConfiguration.Output, error, cancellation);
        });
        return command;
    }

    private static async Task<int> ServeAsync(LocalClusterOptions options, Files files, TextWriter output, TextWriter error, CancellationToken cancellation)
    {
        LocalCluster cluster;
        try
        {
            cluster = await LocalCluster.StartAsync(options, server => ReadyAsync(server, files, output, cancellation), cancellation);
        }
        catch (UnwrittenException failure)
        {
            return await Fail(error, failure.Message);
        }
        catch (FormatException failure) when (files.Import is not null)
        {
            return await Fail(error, $"The state {files.Import.FullName} cannot be taken in: {failure.Message}");
        }
        catch (Exception failure) when (failure is IOException or SocketException)
        {
            return await Fail(error, $"Port {options.Server.Port} on 127.0.0.1 cannot be used: {failure.Message} Choose another with --port, or 0 for a free one.");
        }
        await using (cluster)
        {
            await StoppedAsync(cancellation);
            return await LeaveAsync(cluster.Server, files, error);
        }
    }

    /// <summary>Tells that the server serves, and how to reach it. The controllers and the node come up meanwhile.</summary>
    /// <exception cref="UnwrittenException">The kubeconfig cannot be written.</exception>
    private static async Task ReadyAsync(EmbeddedApiServer server, Files files, TextWriter output, CancellationToken cancellation)
    {
        if (files.Kubeconfig is { } kubeconfig)
        {
            try
            {
                await (files.ClientCertificate
                    ? server.WriteKubeconfigForAsync(kubeconfig.FullName, "kubernetes-admin", ["system:masters"], cancellation)
                    : server.WriteKubeconfigAsync(kubeconfig.FullName, cancellation));
            }
            catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
            {
                throw new UnwrittenException($"The kubeconfig {kubeconfig.FullName} cannot be written: {failure.Message}", failure);
            }
        }
        await output.WriteLineAsync($"ready {server.Uri.GetLeftPart(UriPartial.Authority)}{(files.Kubeconfig is null ? "" : $" kubeconfig {files.Kubeconfig.FullName}")}");
        await output.FlushAsync(cancellation);
    }

    /// <summary>Writes what shall outlive the server.</summary>
    private static async Task<int> LeaveAsync(EmbeddedApiServer server, Files files, TextWriter error)
    {
        foreach (var (file, write) in ((FileInfo?, Func<string, Task>)[])[(files.Export, path => server.WriteStateAsync(path)), (files.Exchanges, path => server.WriteExchangesAsync(path))])
        {
            try
            {
                if (file is not null)
                {
                    await write(file.FullName);
                }
            }
            catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
            {
                return await Fail(error, $"The file {file!.FullName} cannot be written: {failure.Message}");
            }
        }
        return 0;
    }

    /// <summary>The files of one run: what is read at its start, and what is written.</summary>
    private sealed record Files(FileInfo? Kubeconfig, bool ClientCertificate, FileInfo? Import, FileInfo? Export, FileInfo? Exchanges);

    /// <summary>A file that somebody asked for cannot be written; the message is for them.</summary>
    private sealed class UnwrittenException(string message, Exception cause) : Exception(message, cause);

    /// <summary>Completes on Ctrl-C and on the signals that ask a process to end.</summary>
    private static async Task StoppedAsync(CancellationToken cancellation)
    {
        var stopped = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        void Stop(PosixSignalContext signal)
        {
            signal.Cancel = true;
            stopped.TrySetResult();
        }
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        await using var cancelled = cancellation.Register(() => stopped.TrySetResult());
        await stopped.Task;
    }

    private static async Task<int> Fail(TextWriter error, string message)
    {
        await error.WriteLineAsync(message);
        return 1;
    }
}
