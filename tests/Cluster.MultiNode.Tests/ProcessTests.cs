using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using ActorKube.Transport;

namespace ActorKube.Cluster.MultiNode.Tests;

/// <summary>Nodes in processes of their own on loopback, killed and stopped in the middle of their work; the books are in the objects.</summary>
[Collection("nodes")]
public sealed class ProcessTests : MeshTest
{
    const int Stop = 19;
    const int Continue = 18;

    readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("mesh-");
    readonly List<Process> _processes = [];
    readonly int[] _ports = [Node.FreePort(), Node.FreePort(), Node.FreePort()];

    protected override bool Listens => true;

    public override async Task DisposeAsync()
    {
        foreach (var process in _processes)
        {
            if (!process.HasExited)
                process.Kill();
            await process.WaitForExitAsync();
            process.Dispose();
        }
        await base.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    async Task<Process> StartProcess(int i, bool leases)
    {
        var kubeconfig = Path.Combine(_folder.FullName, "kubeconfig");
        if (!File.Exists(kubeconfig))
            await Server.WriteKubeconfigAsync(kubeconfig);
        var process = Process.Start(new ProcessStartInfo("dotnet", [
            typeof(Program).Assembly.Location, Name(i), _ports[i].ToString(CultureInfo.InvariantCulture), $"{_ports[0]},{_ports[1]}", kubeconfig, leases.ToString()])
        {
            RedirectStandardOutput = true,
        })!;
        process.OutputDataReceived += static (_, _) => { };
        process.BeginOutputReadLine();
        _processes.Add(process);
        return process;
    }

    static string Name(int i) => $"process-{i}";

    [DllImport("libc", EntryPoint = "kill", SetLastError = true)]
    static extern int Signal(int process, int signal);

    /// <summary>Returns when a node has reconciled something.</summary>
    async Task AtWork(string node)
    {
        using var patience = new CancellationTokenSource(Patience);
        await using var changes = new Changes(this, 50);
        await Client.Resource(Models.ResourceDefinition.For<k8s.Models.V1ConfigMap>(), "default").ListWatch().UntilAsync(
            seen => Ledger.Of(seen.Object!.As<k8s.Models.V1ConfigMap>().Data, "active") == node, TimeProvider.System, patience.Token);
    }

    async Task<IReadOnlyList<string>> Clashes() =>
        [.. (await Maps.ListAsync()).Items.SelectMany(static m => Ledger.Of(m.Data, "clash").Split(' ', StringSplitOptions.RemoveEmptyEntries))];

    [Fact]
    public async Task Crash_of_a_node_loses_no_change_and_makes_no_second_owner()
    {
        var processes = new[] { await StartProcess(0, false), await StartProcess(1, false), await StartProcess(2, false) };
        for (var i = 0; i < 3; i++)
            await AtWork(Name(i));
        var changes = new Changes(this, 100);
        processes[2].Kill();
        await processes[2].WaitForExitAsync();
        await AskForAllWhile(changes);
        // What the dead node had begun is found with its name in it, and that is all that was ever found.
        Assert.All(await Clashes(), static clash => Assert.EndsWith($">{Name(2)}", clash));
        Assert.All(processes.Take(2), static p => Assert.False(p.HasExited));
    }

    /// <summary>By default the node's own clock tells it that it has not run; with a lease for each slice, the lease's.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Node_that_was_stopped_in_time_and_has_lost_its_slices_cannot_write_with_its_old_ownership(bool leases)
    {
        var processes = new[] { await StartProcess(0, leases), await StartProcess(1, leases), await StartProcess(2, leases) };
        for (var i = 0; i < 3; i++)
            await AtWork(Name(i));
        var changes = new Changes(this, 100);
        Assert.Equal(0, Signal(processes[2].Id, Stop));
        await AskForAllWhile(changes);
        // Others own its slices by now, and have closed what it had begun. It goes on where it was stopped, with its old ownership in its memory, and with more changes to see.
        using var patience = new CancellationTokenSource(Patience);
        using var watching = CancellationTokenSource.CreateLinkedTokenSource(patience.Token);
        var ghost = Client.Resource(Models.ResourceDefinition.For<k8s.Models.V1ConfigMap>(), "default").ListWatch().UntilAsync(
            static seen => Ledger.Of(seen.Object!.As<k8s.Models.V1ConfigMap>().Data, "active") == Name(2), TimeProvider.System, watching.Token);
        var more = new Changes(this, 100);
        Assert.Equal(0, Signal(processes[2].Id, Continue));
        await processes[2].WaitForExitAsync(patience.Token);
        await AskForAllWhile(more);
        Assert.False(ghost.IsCompletedSuccessfully, "It wrote its name into an object that is another's.");
        await watching.CancelAsync();
        Assert.All(await Clashes(), static clash => Assert.EndsWith($">{Name(2)}", clash));
        Assert.DoesNotContain(await Clashes(), static clash => clash.StartsWith(Name(2), StringComparison.Ordinal));
    }

    /// <summary>Changes every key while others are changed too, and returns when all changes are reconciled: every slice has an owner that works.</summary>
    async Task AskForAllWhile(Changes changes)
    {
        foreach (var name in Names)
            await Ask(name);
        await changes.DisposeAsync();
        await AllSeen();
    }
}
