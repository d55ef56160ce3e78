using System.ComponentModel;
using System.Diagnostics;

namespace ActorKube.Transport;

/// <summary>
/// Credentials from a program: run when first needed, kept until they expire or the server refuses them, run once however many requests wait for it.
/// </summary>
internal sealed class ExecTokenSource(
    ExecCredentialPlugin plugin, KubernetesClientConfiguration configuration, TimeProvider time, Action<ClientIdentity?>? identityChanged, Func<bool>? hasTerminal = null) : ITokenSource
{
    const int MaxOutput = 1024 * 1024;

    readonly SemaphoreSlim _turn = new(1, 1);
    volatile ExecCredentialStatus? _current;

    public ValueTask<AuthenticationHeader?> GetAsync(CancellationToken cancellation) =>
        _current is { } current && IsFresh(current) ? new(current.Header) : new(RefreshAsync(cancellation));

    public bool Rejected(AuthenticationHeader? header)
    {
        // Only the credential that was refused is thrown away: another request may have brought a newer one. A certificate is on the connection, not in the
        // header, so which one was refused is not known; the plugin is asked once too often at worst.
        var current = _current;
        if (current is not null && ReferenceEquals(current.Header, header)) Interlocked.CompareExchange(ref _current, null, current);
        return true;
    }

    public bool GivesCertificates => _current?.CertificatePem is not null;

    bool IsFresh(ExecCredentialStatus status) => status.Expires is not { } expires || time.GetUtcNow() < expires;

    async Task<AuthenticationHeader?> RefreshAsync(CancellationToken cancellation)
    {
        await _turn.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            if (_current is { } current && IsFresh(current)) return current.Header;
            var status = await RunAsync(cancellation).ConfigureAwait(false);
            if (status.Expires is { } expires && expires <= time.GetUtcNow())
            {
                throw new KubeConfigException($"exec plugin {plugin.Command}", "its credentials have expired already",
                    "Check this machine's clock, and log in with the plugin anew.");
            }
            if (status.CertificatePem is { } certificate && status.KeyPem is { } key)
                identityChanged?.Invoke(ClientIdentity.FromPem(certificate, key, $"exec plugin {plugin.Command}"));
            _current = status;
            return status.Header;
        }
        finally
        {
            _turn.Release();
        }
    }

    async Task<ExecCredentialStatus> RunAsync(CancellationToken cancellation)
    {
        var at = $"exec plugin {plugin.Command}";
        var interactive = plugin.InteractiveMode != ExecInteractiveMode.Never && IsTerminalFree(at);
        var start = new ProcessStartInfo(plugin.Command, plugin.Arguments)
        {
            // What it asks of whoever sits there, it asks on its error stream: that is theirs to see while it waits for them.
            RedirectStandardOutput = true, RedirectStandardError = !interactive, RedirectStandardInput = !interactive, UseShellExecute = false
        };
        foreach (var (name, value) in plugin.Environment) start.Environment[name] = value;
        start.Environment["KUBERNETES_EXEC_INFO"] = ExecCredential.Request(plugin, configuration, interactive);

        using var process = Start(start, at);
        if (!interactive) process.StandardInput.Close();
        using var limit = new CancellationTokenSource(configuration.Credentials.ExecTimeout, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancellation, limit.Token);
        try
        {
            var output = ReadAsync(process.StandardOutput.BaseStream, MaxOutput, both.Token);
            var complaint = interactive ? null : ReadAsync(process.StandardError.BaseStream, MaxOutput, both.Token);
            var answer = await output.ConfigureAwait(false);
            var said = complaint is null ? null : await complaint.ConfigureAwait(false);
            await process.WaitForExitAsync(both.Token).ConfigureAwait(false);
            if (answer is null) throw new KubeConfigException(at, $"it printed more than {MaxOutput / 1024} KiB", "Run it by hand to see what it says.");
            return process.ExitCode == 0 ? ExecCredential.ParseAnswer(answer, plugin)
                : throw new KubeConfigException(at, $"it ended with exit code {process.ExitCode}{LastLine(said)}", "Run it by hand; you may have to log in with it.");
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested && !cancellation.IsCancellationRequested)
        {
            throw new KubeConfigException(at, $"it did not end within {configuration.Credentials.ExecTimeout.TotalSeconds:0.###} s and was stopped", "Run it by hand to see what it waits for.");
        }
        finally
        {
            if (!process.HasExited) process.Kill(entireProcessTree: true);
        }
    }

    /// <exception cref="KubeConfigException">The plugin cannot do without a terminal, and there is none for it.</exception>
    bool IsTerminalFree(string at)
    {
        var taken = plugin.StandardInputIsTaken;
        if (!taken && (hasTerminal?.Invoke() ?? !Console.IsInputRedirected)) return true;
        return plugin.InteractiveMode != ExecInteractiveMode.Always ? false
            : throw new KubeConfigException(at, $"it needs a terminal (interactiveMode: Always) and {(taken ? "this program reads its standard input itself" : "there is none")}",
                taken ? "Give this program its input in another way, such as a file." : "Run this program in a terminal.");
    }

    Process Start(ProcessStartInfo start, string at)
    {
        try
        {
            return Process.Start(start)!;
        }
        catch (Exception error) when (error is Win32Exception or InvalidOperationException)
        {
            throw new KubeConfigException(at, "it cannot be started: it is not there or not executable",
                plugin.InstallHint ?? "Install it, or put its directory into PATH.", error);
        }
    }

    /// <returns>Null where there was more than the limit; the rest is read and dropped, so that the program is not blocked.</returns>
    static async Task<byte[]?> ReadAsync(Stream stream, int limit, CancellationToken cancellation)
    {
        var kept = new MemoryStream();
        var buffer = new byte[8192];
        var overflow = false;
        int count;
        while ((count = await stream.ReadAsync(buffer, cancellation).ConfigureAwait(false)) > 0)
        {
            if (kept.Length + count > limit) overflow = true;
            else kept.Write(buffer, 0, count);
        }
        return overflow ? null : kept.ToArray();
    }

    /// <summary>What the program said last on its error stream, which is meant for people.</summary>
    static string LastLine(byte[]? said)
    {
        if (said is null) return "";
        var line = System.Text.Encoding.UTF8.GetString(said).Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).LastOrDefault();
        return line is null ? "" : $" and said: {(line.Length > 200 ? line[..200] + "…" : line)}";
    }

    public void Dispose() => _turn.Dispose();
}
