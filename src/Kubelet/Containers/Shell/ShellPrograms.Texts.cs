using System.Globalization;
using System.Text;

namespace ActorKube.Kubelet;

/// <summary>The programs that read lines.</summary>
internal static partial class ShellPrograms
{
    private static async Task<string[]> LinesAsync(SimulatedShell shell, ShellStreams streams, string? path)
    {
        byte[] bytes;
        if (path is null)
        {
            using var content = new MemoryStream();
            await CopyAsync(shell, streams.Input, content).ConfigureAwait(false);
            bytes = content.ToArray();
        }
        else
        {
            bytes = shell.Container.Files.Read(ContainerFiles.Resolve(shell.Folder, path)) ?? [];
        }
        var lines = Encoding.UTF8.GetString(bytes).Split('\n');
        return lines[^1].Length == 0 ? lines[..^1] : lines;
    }

    private static (int Count, string? Path) HeadArguments(IReadOnlyList<string> words)
    {
        var count = 10;
        string? path = null;
        for (var i = 1; i < words.Count; i++)
        {
            if (words[i] == "-n" && i + 1 < words.Count)
            {
                _ = int.TryParse(words[++i], NumberStyles.None, CultureInfo.InvariantCulture, out count);
            }
            else if (!words[i].StartsWith('-'))
            {
                path = words[i];
            }
            else if (int.TryParse(words[i].AsSpan(1), NumberStyles.None, CultureInfo.InvariantCulture, out var given))
            {
                count = given;
            }
        }
        return (count, path);
    }

    private static async Task<int> HeadAsync(SimulatedShell shell, ShellStreams streams, IReadOnlyList<string> words)
    {
        var (count, path) = HeadArguments(words);
        foreach (var line in (await LinesAsync(shell, streams, path).ConfigureAwait(false)).Take(count))
        {
            await SayAsync(streams, line).ConfigureAwait(false);
        }
        return 0;
    }

    private static async Task<int> TailAsync(SimulatedShell shell, ShellStreams streams, IReadOnlyList<string> words)
    {
        var (count, path) = HeadArguments(words);
        foreach (var line in (await LinesAsync(shell, streams, path == "/dev/null" ? "/dev/null" : path).ConfigureAwait(false)).TakeLast(count))
        {
            await SayAsync(streams, line).ConfigureAwait(false);
        }
        if (words.Contains("-f") || words.Contains("-F"))
        {
            // Files of a simulated container are not followed; what is meant by it is a container that stays.
            shell.Waited();
            await shell.Process.Time.WaitAsync(Timeout.InfiniteTimeSpan, shell.Process.Killed).ConfigureAwait(false);
        }
        return 0;
    }

    private static async Task<int> CountAsync(SimulatedShell shell, ShellStreams streams, IReadOnlyList<string> words)
    {
        using var content = new MemoryStream();
        if (words.Skip(1).FirstOrDefault(w => !w.StartsWith('-')) is { } path)
        {
            content.Write(shell.Container.Files.Read(ContainerFiles.Resolve(shell.Folder, path)) ?? []);
        }
        else
        {
            await CopyAsync(shell, streams.Input, content).ConfigureAwait(false);
        }
        var lines = content.ToArray().Count(b => b == '\n');
        var counted = Encoding.UTF8.GetString(content.ToArray()).Split((char[])[' ', '\n', '\t'], StringSplitOptions.RemoveEmptyEntries).Length;
        return await SayAsync(streams, words.ElementAtOrDefault(1) switch { "-c" => $"{content.Length}", "-l" => $"{lines}", "-w" => $"{counted}", _ => $"{lines} {counted} {content.Length}" })
            .ConfigureAwait(false);
    }

    private static async Task<int> GrepAsync(SimulatedShell shell, ShellStreams streams, IReadOnlyList<string> words)
    {
        var rest = words.Skip(1).Where(w => !w.StartsWith('-')).ToList();
        if (rest.Count == 0)
        {
            return await ComplainAsync(streams, "grep", "give a text to look for", 2).ConfigureAwait(false);
        }
        var found = 1;
        foreach (var line in (await LinesAsync(shell, streams, rest.ElementAtOrDefault(1)).ConfigureAwait(false)).Where(l => l.Contains(rest[0], StringComparison.Ordinal)))
        {
            found = 0;
            if (!words.Contains("-q"))
            {
                await SayAsync(streams, line).ConfigureAwait(false);
            }
        }
        return found;
    }
}
