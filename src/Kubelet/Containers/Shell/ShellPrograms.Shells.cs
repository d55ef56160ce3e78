using System.Text;

namespace ActorKube.Kubelet;

/// <summary>The shell as a program: scripts, files and lines that somebody types.</summary>
internal static partial class ShellPrograms
{
    private static async Task<int> ShellAsync(SimulatedShell shell, ShellStreams streams, IReadOnlyList<string> words)
    {
        try
        {
            return await InnerShellAsync(shell, streams, words).ConfigureAwait(false);
        }
        catch (ShellExitException exit) when (!exit.Stopped)
        {
            return exit.Code;
        }
    }

    private static async Task<int> InnerShellAsync(SimulatedShell shell, ShellStreams streams, IReadOnlyList<string> words)
    {
        var command = -1;
        for (var i = 1; i < words.Count && words[i].StartsWith('-'); i++)
        {
            command = words[i].EndsWith('c') ? i + 1 : command;
        }
        if (command > 0 && command < words.Count)
        {
            return await shell.ScriptAsync(streams, words[command], [.. words.Skip(command + 1)]).ConfigureAwait(false);
        }
        if (words.Skip(1).FirstOrDefault(w => !w.StartsWith('-')) is { } file)
        {
            return shell.Container.Files.Read(ContainerFiles.Resolve(shell.Folder, file)) is { } script
                ? await shell.ScriptAsync(streams, Encoding.UTF8.GetString(script), [.. words.Skip(1)]).ConfigureAwait(false)
                : await ComplainAsync(streams, "sh", $"can't open '{file}': No such file or directory", 2).ConfigureAwait(false);
        }
        return await InteractiveAsync(shell, streams).ConfigureAwait(false);
    }

    /// <summary>A shell that reads its commands line by line: with a terminal it prompts and echoes.</summary>
    private static async Task<int> InteractiveAsync(SimulatedShell shell, ShellStreams streams)
    {
        var code = 0;
        var tty = shell.Process.Tty;
        var line = new List<byte>();
        var one = new byte[1];
        if (tty)
        {
            await streams.SayAsync("/ # ").ConfigureAwait(false);
        }
        while (true)
        {
            var ended = await streams.Input.ReadAsync(one, shell.Process.Killed).ConfigureAwait(false) == 0 || (tty && one[0] == 4);
            if (!ended && tty)
            {
                await streams.SayAsync(one[0] is 13 or 10 ? "\r\n" : ((char)one[0]).ToString()).ConfigureAwait(false);
            }
            if (!ended && one[0] is not (10 or 13))
            {
                line.Add(one[0]);
                if (line.Count < 64 * 1024)
                {
                    continue;
                }
            }
            shell.Waited();
            if (line.Count > 0)
            {
                code = await shell.ScriptAsync(streams, Encoding.UTF8.GetString([.. line]), []).ConfigureAwait(false);
                line.Clear();
            }
            if (ended)
            {
                return code;
            }
            if (tty)
            {
                await streams.SayAsync("/ # ").ConfigureAwait(false);
            }
        }
    }

    private static async Task<int> ExecAsync(SimulatedShell shell, ShellStreams streams, IReadOnlyList<string> words)
    {
        if (words.Count == 1)
        {
            return 0;
        }
        throw new ShellExitException(Knows(words[1]) ? await RunAsync(shell, streams, [.. words.Skip(1)]).ConfigureAwait(false)
            : await ComplainAsync(streams, "sh", $"{words[1]}: not found", 127).ConfigureAwait(false));
    }
}
