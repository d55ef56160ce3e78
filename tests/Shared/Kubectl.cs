// Compiled into the test projects that drive the real kubectl.
using System.Diagnostics;

namespace Xunit;

/// <summary>Runs the kubectl on the PATH, or the one that <c>ACTORKUBE_TEST_KUBECTL</c> names, against one server.</summary>
internal sealed class Kubectl : IDisposable
{
    /// <summary>The environment variable.</summary>
    public const string Variable = "ACTORKUBE_TEST_KUBECTL";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    /// <summary>The program; null where there is none.</summary>
    public static string? Program { get; } = Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } named
        ? Path.GetFullPath(named)
        : (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
            .Select(folder => Path.Combine(folder, OperatingSystem.IsWindows() ? "kubectl.exe" : "kubectl")).FirstOrDefault(File.Exists);

    /// <summary>Where files and the kubeconfig (<c>config</c>) are.</summary>
    public string Folder { get; } = Directory.CreateTempSubdirectory("actorkube-kubectl-").FullName;

    public string Kubeconfig => Path.Combine(Folder, "config");

    public Task FileAsync(string name, string text) => File.WriteAllTextAsync(Path.Combine(Folder, name), text);

    /// <summary>Runs a command whose words have no blanks.</summary>
    public Task<string> RunAsync(string arguments, bool errors = false, bool mayFail = false) => RunAsync(arguments.Split(' '), errors, mayFail);

    public async Task<string> RunAsync(IReadOnlyList<string> arguments, bool errors = false, bool mayFail = false, string? input = null)
    {
        using var limit = new CancellationTokenSource(Patience);
        using var process = Start(arguments, input is not null);
        if (input is not null)
        {
            await process.StandardInput.WriteAsync(input);
            process.StandardInput.Close();
        }
        var output = process.StandardOutput.ReadToEndAsync(limit.Token);
        var error = process.StandardError.ReadToEndAsync(limit.Token);
        await process.WaitForExitAsync(limit.Token);
        Assert.True(mayFail || process.ExitCode == 0, $"kubectl {string.Join(' ', arguments)}: {await error}{await output}");
        return errors ? await output + await error : await output;
    }

    public Process Start(IReadOnlyList<string> arguments, bool input = false)
    {
        var start = new ProcessStartInfo(Program!) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = input, WorkingDirectory = Folder };
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }
        start.Environment["KUBECONFIG"] = Kubeconfig;
        start.Environment["HOME"] = Folder;
        return Process.Start(start)!;
    }

    public void Dispose() => Directory.Delete(Folder, recursive: true);
}
