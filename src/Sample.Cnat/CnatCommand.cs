using System.CommandLine;
using System.Globalization;

namespace Cnat;

/// <summary>The command line: what can be asked for, and what cannot be asked for together.</summary>
internal static class CnatCommand
{
    /// <summary>Builds the command; <paramref name="run"/> gets what was asked for and answers the exit code.</summary>
    public static RootCommand Create(Func<CnatOptions, CancellationToken, Task<int>> run)
    {
        var port = new Option<int>("--port") { Description = "Port of the embedded API server on loopback; 0 takes a free one.", HelpName = "N" };
        var write = new Option<string?>("--write-kubeconfig") { Description = "Where to write the embedded server's kubeconfig; default: a file in the temporary folder, removed at the end.", HelpName = "PATH" };
        var kubeconfig = new Option<string?>("--kubeconfig") { Description = "Run against the real cluster that this kubeconfig names.", HelpName = "PATH" };
        var context = new Option<string?>("--context") { Description = "The context of --kubeconfig to use; default: its current one.", HelpName = "NAME" };
        var inCluster = new Option<bool>("--in-cluster") { Description = "Run against the cluster whose pod this process runs in." };
        var installCrd = new Option<bool>("--install-crd") { Description = "Create the At definition in a real cluster; otherwise a missing one is waited for." };
        var demo = new Option<bool>("--demo") { Description = "Create demo At objects in a real cluster too (the embedded server always gets them)." };
        var noDemo = new Option<bool>("--no-demo") { Description = "Create no demo objects: only serve and control." };
        var exitWhenDone = new Option<bool>("--exit-when-done") { Description = "Create the demo objects, and end once they have settled: 0 if all went well." };
        var timeout = new Option<double>("--timeout") { Description = "Seconds that the demo objects may take to settle.", HelpName = "SECONDS", DefaultValueFactory = _ => 60 };
        var cluster = new Option<bool>("--cluster") { Description = "Share the work with other nodes: an Akka cluster. Several nodes need a build with -p:ActorRuntime=akka." };
        var clusterHost = new Option<string>("--cluster-host") { Description = "The host that this node listens on and that others know it by.", HelpName = "HOST", DefaultValueFactory = _ => "127.0.0.1" };
        var clusterPort = new Option<int>("--cluster-port") { Description = "The port that this node listens on.", HelpName = "N", DefaultValueFactory = _ => 4053 };
        var seed = new Option<string?>("--seed") { Description = "The node to join by; default: this node begins a cluster.", HelpName = "HOST:PORT" };
        var flavour = new Option<CnatFlavour>("--flavour") { Description = "The way the operator is written: with the controller builder, with informers and handlers, or with an actor an object. All three do the same.", HelpName = "builder|informers|actors" };
        var health = new Option<int?>("--health-port") { Description = "Tell health and metrics (/healthz, /livez, /readyz, /metrics) on this port of loopback; 0 takes a free one.", HelpName = "N" };
        var verbose = new Option<bool>("--verbose") { Description = "Detailed logs, and errors with their stack traces." };

        // What is not even a number gets its error from the parser.
        port.Validators.Add(given =>
        {
            if (given.Tokens is [{ Value: var text }] && int.TryParse(text, CultureInfo.InvariantCulture, out var number) && number is < 0 or > 65535)
                given.AddError($"--port {text}: a port is a number from 0 to 65535.");
        });
        clusterPort.Validators.Add(given =>
        {
            if (given.Tokens is [{ Value: var text }] && int.TryParse(text, CultureInfo.InvariantCulture, out var number) && number is < 1 or > 65535)
                given.AddError($"--cluster-port {text}: the port that other nodes know is a number from 1 to 65535.");
        });
        seed.Validators.Add(given =>
        {
            if (given.Tokens is [{ Value: var text }] && !(text.LastIndexOf(':') is > 0 and var colon && int.TryParse(text[(colon + 1)..], CultureInfo.InvariantCulture, out var number) && number is > 0 and <= 65535))
                given.AddError($"--seed {text}: give the other node's HOST:PORT.");
        });
        health.Validators.Add(given =>
        {
            if (given.Tokens is [{ Value: var text }] && int.TryParse(text, CultureInfo.InvariantCulture, out var number) && number is < 0 or > 65535)
                given.AddError($"--health-port {text}: a port is a number from 0 to 65535.");
        });
        timeout.Validators.Add(given =>
        {
            if (given.Tokens is [{ Value: var text }] && double.TryParse(text, CultureInfo.InvariantCulture, out var seconds) && seconds is not (> 0 and < 1e6))
                given.AddError($"--timeout {text}: give a number of seconds above 0.");
        });

        var command = new RootCommand("cnat, the cloud native at: runs a command at a time. By default on an API server of its own.")
        {
            port, write, kubeconfig, context, inCluster, installCrd, demo, noDemo, exitWhenDone, timeout, flavour, health, cluster, clusterHost, clusterPort, seed, verbose,
        };
        command.Validators.Add(result =>
        {
            bool Given(Option option) => result.GetResult(option) is { Implicit: false };
            var real = Given(kubeconfig) || Given(inCluster);
            if (Given(kubeconfig) && Given(inCluster)) result.AddError("--kubeconfig and --in-cluster name two clusters: give one of them.");
            if (Given(context) && !Given(kubeconfig)) result.AddError("--context chooses within a kubeconfig: give --kubeconfig PATH too.");
            if (real && (Given(port) || Given(write))) result.AddError("--port and --write-kubeconfig are about the embedded server, which a real cluster replaces: leave them out.");
            if (Given(installCrd) && !real) result.AddError("--install-crd is about a real cluster; the embedded server gets the definition anyway.");
            if ((Given(clusterHost) || Given(clusterPort) || Given(seed)) && !Given(cluster)) result.AddError("--cluster-host, --cluster-port and --seed say how to take part in a cluster: give --cluster too.");
            if (Given(seed) && !real) result.AddError("--seed joins a node that works on another API server than the embedded one: give its --kubeconfig PATH too.");
            if (Given(cluster) && result.GetValue(flavour) != CnatFlavour.Builder) result.AddError("--cluster divides the builder's controller: leave --flavour out.");
            if (Given(noDemo) && (Given(demo) || Given(exitWhenDone))) result.AddError("--no-demo leaves nothing for --demo or --exit-when-done: leave one out.");
        });
        command.SetAction((parsed, cancellation) =>
        {
            var real = parsed.GetValue(kubeconfig) is not null || parsed.GetValue(inCluster);
            return run(new CnatOptions
            {
                Port = parsed.GetValue(port),
                WriteKubeconfig = parsed.GetValue(write),
                Kubeconfig = parsed.GetValue(kubeconfig),
                Context = parsed.GetValue(context),
                InCluster = parsed.GetValue(inCluster),
                InstallCrd = parsed.GetValue(installCrd),
                Demo = parsed.GetValue(exitWhenDone) || (real ? parsed.GetValue(demo) : !parsed.GetValue(noDemo)),
                ExitWhenDone = parsed.GetValue(exitWhenDone),
                Timeout = TimeSpan.FromSeconds(parsed.GetValue(timeout)),
                Cluster = parsed.GetValue(cluster) ? new CnatCluster { Host = parsed.GetValue(clusterHost)!, Port = parsed.GetValue(clusterPort), Seed = parsed.GetValue(seed) } : null,
                Flavour = parsed.GetValue(flavour),
                HealthPort = parsed.GetValue(health),
                Verbose = parsed.GetValue(verbose),
            }, cancellation);
        });
        return command;
    }
}
