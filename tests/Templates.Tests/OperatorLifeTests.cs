using System.Runtime.InteropServices;
using System.Text;

namespace Templates.Tests;

/// <summary>From nothing to a running operator, as its developer goes it; built on this clone, without a network.</summary>
[Collection(TemplateCollection.Name)]
public sealed class OperatorLifeTests(TemplatePackage package)
{
    static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    // What these tests were built with is there already: what is made refers to it and builds nothing of it anew, and its own two projects are built in their order.
    static IEnumerable<string> OnThisBuild =>
    [
        "-c", Repository.Configuration, "-v", "q", "-nologo", "-m:1", "-nodeReuse:false", "-warnaserror", "-p:BuildProjectReferences=false", "-p:NuGetAudit=false",
        .. Repository.PackageSources.Length > 0 ? (string[])[$"-p:RestoreAdditionalProjectSources={Repository.PackageSources}"] : [],
    ];

    static IEnumerable<string> Tests => ["test", "--no-build", "-c", Repository.Configuration, "-nologo", "-nodeReuse:false"];

    [Fact]
    public async Task A_new_operator_builds_without_a_warning_passes_its_tests_gets_another_kind_and_runs()
    {
        // A name that is no identifier, in a folder of its own; nothing of the repository's own settings reaches it.
        const string name = "Shop.backup-operator";
        var folder = package.Folder(name);
        await package.MakeAsync("actorkube-operator", folder, "--kind", "Policy", "--group", "shop.acme.io", "--kind-version", "v1beta1", "--webhooks", "true", "--actorkube-source", Repository.Root, "--actor-runtime", Repository.ActorRuntime);
        await Dotnet.SucceedAsync(folder, ["build", .. OnThisBuild]);
        Assert.Contains("Passed:     8", await Dotnet.SucceedAsync(folder, Tests), StringComparison.Ordinal);
        var program = Path.Combine(folder, "src", name, "bin", Repository.Configuration, "net10.0", $"{name}.dll");
        Assert.Contains("are as they should be", await Dotnet.SucceedAsync(folder, [.. Manifests(program, folder), "--check"]), StringComparison.Ordinal);

        // One more kind, this one of the whole cluster, its webhooks, and what the template asks to be done by hand; but for the role and what servers are told of webhooks, which a test misses.
        Assert.Contains("WithOperator", await package.MakeAsync("actorkube-controller", folder, "-n", "Vault", "--operator", name, "--group", "shop.acme.io", "--namespaced", "false"), StringComparison.Ordinal);
        Assert.Contains("WithOperatorWebhooks", await package.MakeAsync("actorkube-webhook", folder, "-n", "Vault", "--operator", name), StringComparison.Ordinal);
        await ReplaceAsync(Path.Combine(folder, "src", name, "Webhooks.cs"), ".WithPolicyWebhooks()", ".WithPolicyWebhooks()\n        .WithVaultWebhooks()");
        await ReplaceAsync(Path.Combine(folder, "src", name, "Controllers.cs"), ".WithPolicyController()", ".WithPolicyController()\n        .WithVaultController()");
        await ReplaceAsync(Path.Combine(folder, "config", "kustomization.yaml"), "- generated/role.yaml\n", "- generated/role.yaml\n- generated/shop.acme.io_vaults.yaml\n");
        await Dotnet.SucceedAsync(folder, ["build", .. OnThisBuild]);
        var (code, output) = await Dotnet.RunAsync(folder, Tests);
        Assert.NotEqual(0, code);
        Assert.True(output.Contains("Failed:     1, Passed:    12", StringComparison.Ordinal), output);
        Assert.Contains($"config/generated is out of date (role.yaml, webhooks.yaml): run dotnet build -t:Manifests src/{name}", output, StringComparison.Ordinal);
        Assert.Contains("2 of 4 files", await Dotnet.SucceedAsync(folder, Manifests(program, folder)), StringComparison.Ordinal);

        await RunsAsync(program, folder);
    }

    [Fact]
    public async Task One_without_webhooks_builds_without_a_warning_and_passes_its_tests()
    {
        var folder = package.Folder("Shop");
        await package.MakeAsync("actorkube-operator", folder, "--namespaced", "false", "--actorkube-source", Repository.Root, "--actor-runtime", Repository.ActorRuntime);
        await Dotnet.SucceedAsync(folder, ["build", .. OnThisBuild]);
        Assert.Contains("Passed:     5", await Dotnet.SucceedAsync(folder, Tests), StringComparison.Ordinal);
    }

    /// <summary>The command behind <c>dotnet build -t:Manifests</c>.</summary>
    static IEnumerable<string> Manifests(string program, string folder) =>
    [
        Path.Combine(Repository.Root, "src", "Tool", "bin", Repository.ActorRuntime, Repository.Configuration, "net10.0", "actorkube.dll"),
        "generate", "crds", "--assembly", program, "--output", Path.Combine(folder, "config", "generated"), "--role-name", "shop-backup-operator",
        "--webhook-service", "shop-backup-operator-system/shop-backup-operator-webhooks", "--webhook-name", "shop-backup-operator",
    ];

    /// <summary>The program runs by itself: it takes up its samples, its cluster knows its webhooks, and it ends well when it is told to.</summary>
    static async Task RunsAsync(string program, string folder)
    {
        using var process = Dotnet.Start(folder, program, "--Endpoints:Port", "0");
        var output = new StringBuilder();
        var wrote = new HashSet<string>();
        var asked = false;
        var all = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        process.OutputDataReceived += (_, line) =>
        {
            if (line.Data is null)
            {
                ended.TrySetResult();
                return;
            }
            lock (output)
            {
                output.AppendLine(line.Data);
                if (line.Data.IndexOf("wrote config map ", StringComparison.Ordinal) is >= 0 and var at)
                    wrote.Add(line.Data[at..]);
                asked |= line.Data.Contains("API servers know the webhooks", StringComparison.Ordinal);
                if (wrote.Count == 2 && asked)
                    all.TrySetResult();
            }
        };
        process.ErrorDataReceived += (_, line) =>
        {
            lock (output)
                output.AppendLine(line.Data);
        };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        try
        {
            Assert.True(await Task.WhenAny(all.Task, ended.Task, Task.Delay(Patience)) == all.Task, Said());
            Assert.Contains("export KUBECONFIG=", Said(), StringComparison.Ordinal);
            if (OperatingSystem.IsWindows())
                return;
            Assert.Equal(0, Kill(process.Id, 15));
            await process.WaitForExitAsync().WaitAsync(Patience);
            Assert.True(process.ExitCode == 0, Said());
        }
        finally
        {
            if (!process.HasExited)
                process.Kill(entireProcessTree: true);
        }

        string Said()
        {
            lock (output)
                return output.ToString();
        }
    }

    static async Task ReplaceAsync(string file, string what, string with)
    {
        var text = await File.ReadAllTextAsync(file);
        Assert.Contains(what, text, StringComparison.Ordinal);
        await File.WriteAllTextAsync(file, text.Replace(what, with, StringComparison.Ordinal));
    }

    [DllImport("libc", EntryPoint = "kill")]
    static extern int Kill(int process, int signal);
}
