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
        var verbose = new Option<bool>("--verbose") { Description = "Detailed logs, and errors with their stack traces." };

        // What is not even a number gets its error from the parser.
        port.Validators.Add(given =>
        {
            if (given.Tokens is [{ Value: var text }] && int.TryParse(text, CultureInfo.InvariantCulture, out var number) && number is < 0 or > 65535)
                given.AddError($"--port {text}: a port is a number from 0 to 65535.");
        });
        timeout.Validators.Add(given =>
        {
            if (given.Tokens is [{ Value: var text }] && double.TryParse(text, CultureInfo.InvariantCulture, out var seconds) && seconds is not (> 0 and < 1e6))
                given.AddError($"--timeout {text}: give a number of seconds above 0.");
        });

        var command = new RootCommand("cnat, the cloud native at: runs a command at a time. By default on an API server of its own.")
        {
            port, write, kubeconfig, context, inCluster, installCrd, demo, noDemo, exitWhenDone, timeout, verbose,
        };
        command.Validators.Add(result =>
        {
            bool Given(Option option) => result.GetResult(option) is { Implicit: false };
            var real = Given(kubeconfig) || Given(inCluster);
            if (Given(kubeconfig) && Given(inCluster)) result.AddError("--kubeconfig and --in-cluster name two clusters: give one of them.");
            if (Given(context) && !Given(kubeconfig)) result.AddError("--context chooses within a kubeconfig: give --kubeconfig PATH too.");
            if (real && (Given(port) || Given(write))) result.AddError("--port and --write-kubeconfig are about the embedded server, which a real cluster replaces: leave them out.");
            if (Given(installCrd) && !real) result.AddError("--install-crd is about a real cluster; the embedded server gets the definition anyway.");
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
                Verbose = parsed.GetValue(verbose),
            }, cancellation);
        });
        return command;
    }
}
