using System.Formats.Tar;
using System.Globalization;
using System.Text;

namespace ActorKube.ApiServer;

/// <summary>The programs that simulated containers have: what examples, probes and <c>kubectl cp</c> run.</summary>
internal static class ShellPrograms
{
    private static readonly Dictionary<string, Func<SimulatedShell, ShellStreams, IReadOnlyList<string>, Task<int>>> Programs = new(StringComparer.Ordinal)
    {
        ["echo"] = EchoAsync, ["printf"] = PrintfAsync, ["cat"] = CatAsync, ["env"] = EnvAsync, ["printenv"] = EnvAsync, ["pwd"] = (s, io, _) => SayAsync(io, s.Folder),
        ["true"] = (_, _, _) => Task.FromResult(0), [":"] = (_, _, _) => Task.FromResult(0), ["false"] = (_, _, _) => Task.FromResult(1),
        ["exit"] = (_, _, a) => throw new ShellExitException(a.Count > 1 && int.TryParse(a[1], NumberStyles.None, CultureInfo.InvariantCulture, out var code) ? code & 255 : 0),
        ["sleep"] = SleepAsync, ["date"] = DateAsync, ["hostname"] = (s, io, _) => SayAsync(io, s.Process.Pod), ["whoami"] = (_, io, _) => SayAsync(io, "root"),
        ["id"] = (_, io, _) => SayAsync(io, "uid=0(root) gid=0(root) groups=0(root)"), ["uname"] = (_, io, _) => SayAsync(io, "Linux"),
        ["ls"] = ListAsync, ["touch"] = TouchAsync, ["mkdir"] = MakeFolderAsync, ["rm"] = RemoveAsync, ["tee"] = TeeAsync, ["seq"] = SequenceAsync, ["head"] = HeadAsync,
        ["wc"] = CountAsync, ["grep"] = GrepAsync, ["test"] = TestAsync, ["["] = TestAsync, ["cd"] = ChangeFolderAsync, ["export"] = ExportAsync, ["set"] = (_, _, _) => Task.FromResult(0),
        ["trap"] = (_, _, _) => Task.FromResult(0), ["wait"] = (_, _, _) => Task.FromResult(0), ["read"] = ReadAsync, ["tar"] = TarAsync,
        ["sh"] = ShellAsync, ["bash"] = ShellAsync, ["ash"] = ShellAsync, ["exec"] = ExecAsync, ["tail"] = TailAsync,
    };

    public static bool Knows(string program) => Programs.ContainsKey(NameOf(program));

    public static async Task<int> RunAsync(SimulatedShell shell, ShellStreams streams, IReadOnlyList<string> command)
    {
        try
        {
            return await Programs[NameOf(command[0])](shell, streams, command).ConfigureAwait(false);
        }
        catch (ContainerFileException failure)
        {
            return await ComplainAsync(streams, command[0], failure.Message).ConfigureAwait(false);
        }
    }

    private static string NameOf(string program) =>
        program.StartsWith("/bin/", StringComparison.Ordinal) || program.StartsWith("/usr/bin/", StringComparison.Ordinal) || program.StartsWith("/usr/local/bin/", StringComparison.Ordinal)
            ? program[(program.LastIndexOf('/') + 1)..] : program;

    private static async Task<int> SayAsync(ShellStreams streams, string line)
    {
        await streams.SayAsync(line + "\n").ConfigureAwait(false);
        return 0;
    }

    private static async Task<int> ComplainAsync(ShellStreams streams, string program, string what, int code = 1)
    {
        await streams.ComplainAsync($"{program}: {what}\n").ConfigureAwait(false);
        return code;
    }

    private static async Task<int> EchoAsync(SimulatedShell shell, ShellStreams streams, IReadOnlyList<string> words)
    {
        var first = 1;
        var (newline, escapes) = (true, false);
        while (first < words.Count && words[first] is "-n" or "-e" or "-ne" or "-en")
        {
            newline &= !words[first].Contains('n', StringComparison.Ordinal);
            escapes |= words[first].Contains('e', StringComparison.Ordinal);
            first++;
        }
        var text = string.Join(' ', words.Skip(first));
        await streams.SayAsync((escapes ? Unescape(text) : text) + (newline ? "\n" : "")).ConfigureAwait(false);
        return 0;
    }

    private static async Task<int> PrintfAsync(SimulatedShell shell, ShellStreams streams, IReadOnlyList<string> words)
    {
        var format = Unescape(words.Count > 1 ? words[1] : "");
        var next = 2;
        var text = new StringBuilder();
        do
        {
            for (var i = 0; i < format.Length; i++)
            {
                if (format[i] == '%' && i + 1 < format.Length && format[i + 1] is 's' or 'd' or '%')
                {
                    text.Append(format[++i] == '%' ? "%" : next < words.Count ? words[next++] : "");
                }
                else
                {
                    text.Append(format[i]);
                }
            }
        }
        while (next < words.Count && format.Contains('%', StringComparison.Ordinal) && next > 2);
        await streams.SayAsync(text.ToString()).ConfigureAwait(false);
        return 0;
    }

    private static string Unescape(string text) => text.Replace("\\n", "\n", StringComparison.Ordinal).Replace("\\t", "\t", StringComparison.Ordinal)
        .Replace("\\r", "\r", StringComparison.Ordinal).Replace("\\\\", "\\", StringComparison.Ordinal);

    private static async Task<int> CatAsync(SimulatedShell shell, ShellStreams streams, IReadOnlyList<string> words)
    {
        var code = 0;
        foreach (var path in words.Count > 1 ? words.Skip(1) : ["-"])
        {
            if (path == "-")
            {
                await CopyAsync(shell, streams.Input, streams.Output).ConfigureAwait(false);
            }
            else if (shell.Container.Files.Read(ContainerFiles.Resolve(shell.Folder, path)) is { } content)
            {
                await streams.Output.WriteAsync(content, shell.Process.Killed).ConfigureAwait(false);
            }
            else
            {
                code = await ComplainAsync(streams, "cat", $"can't open '{path}': No such file or directory").ConfigureAwait(false);
            }
        }
        return code;
    }

    /// <summary>What comes in goes out as it comes.</summary>
    private static async Task CopyAsync(SimulatedShell shell, Stream input, Stream output)
    {
        var buffer = new byte[16 * 1024];
        while (await input.ReadAsync(buffer, shell.Process.Killed).ConfigureAwait(false) is > 0 and var count)
        {
            shell.Waited();
            await output.WriteAsync(buffer.AsMemory(0, count), shell.Process.Killed).ConfigureAwait(false);
        }
    }

    private static async Task<int> EnvAsync(SimulatedShell shell, ShellStreams streams, IReadOnlyList<string> words)
    {
        if (words.Count > 1)
        {
            return shell.Variables.TryGetValue(words[1], out var value) ? await SayAsync(streams, value).ConfigureAwait(false) : 1;
        }
        foreach (var (name, value) in shell.Variables.Where(v => !char.IsAsciiDigit(v.Key[0])).OrderBy(v => v.Key, StringComparer.Ordinal))
        {
            await SayAsync(streams, $"{name}={value}").ConfigureAwait(false);
        }
        return 0;
    }

    private static async Task<int> SleepAsync(SimulatedShell shell, ShellStreams streams, IReadOnlyList<string> words)
    {
        var text = words.Count > 1 ? words[1] : "";
        var forever = text is "infinity" or "inf";
        if (!forever && SimulatorDurations.Read(text) is null)
        {
            return await ComplainAsync(streams, "sleep", $"invalid number '{text}'").ConfigureAwait(false);
        }
        shell.Waited();
        await shell.Process.Time.WaitAsync(forever ? Timeout.InfiniteTimeSpan : SimulatorDurations.Read(text)!.Value, shell.Process.Killed).ConfigureAwait(false);
        return 0;
    }

    private static Task<int> DateAsync(SimulatedShell shell, ShellStreams streams, IReadOnlyList<string> words)
    {
        var now = shell.Process.Time.GetUtcNow();
        var format = words.Skip(1).FirstOrDefault(w => w.StartsWith('+'));
        return SayAsync(streams, format switch
        {
            null => now.ToString("ddd MMM d HH:mm:ss 'UTC' yyyy", CultureInfo.InvariantCulture),
            "+%s" => now.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture),
            _ => new[] { ("%Y", "yyyy"), ("%m", "MM"), ("%d", "dd"), ("%H", "HH"), ("%M", "mm"), ("%S", "ss"), ("%F", "yyyy-MM-dd"), ("%T", "HH:mm:ss") }
                .Aggregate(format[1..], (text, f) => text.Replace(f.Item1, now.ToString(f.Item2, CultureInfo.InvariantCulture), StringComparison.Ordinal)),
        });
    }

    private static async Task<int> ListAsync(SimulatedShell shell, ShellStreams streams, IReadOnlyList<string> words)
    {
        var code = 0;
        foreach (var path in words.Skip(1).Where(w => !w.StartsWith('-')).DefaultIfEmpty("."))
        {
            var full = ContainerFiles.Resolve(shell.Folder, path);
            if (shell.Container.Files.Read(full) is not null)
            {
                await SayAsync(streams, path).ConfigureAwait(false);
            }
            else if (shell.Container.Files.IsFolder(full))
            {
                foreach (var name in shell.Container.Files.List(full))
                {
                    await SayAsync(streams, name).ConfigureAwait(false);
                }
            }
            else
            {
                code = await ComplainAsync(streams, "ls", $"{path}: No such file or directory").ConfigureAwait(false);
            }
        }
        return code;
    }

    private static async Task<int> TouchAsync(SimulatedShell shell, ShellStreams streams, IReadOnlyList<string> words)
    {
        foreach (var path in words.Skip(1).Where(w => !w.StartsWith('-')).Select(w => ContainerFiles.Resolve(shell.Folder, w)))
        {
            if (!shell.Container.Files.IsFolder(path))
            {
                shell.Container.Files.Write(path, shell.Container.Files.Read(path) ?? []);
            }
        }
        await Task.CompletedTask.ConfigureAwait(false);
        return 0;
    }

    private static Task<int> MakeFolderAsync(SimulatedShell shell, ShellStreams streams, IReadOnlyList<string> words)
    {
        foreach (var path in words.Skip(1).Where(w => !w.StartsWith('-')))
        {
            shell.Container.Files.AddFolder(ContainerFiles.Resolve(shell.Folder, path));
        }
        return Task.FromResult(0);
    }

    private static async Task<int> RemoveAsync(SimulatedShell shell, ShellStreams streams, IReadOnlyList<string> words)
    {
        var force = words.Skip(1).Any(w => w.StartsWith('-') && w.Contains('f', StringComparison.Ordinal));
        var code = 0;
        foreach (var path in words.Skip(1).Where(w => !w.StartsWith('-')))
        {
            if (!shell.Container.Files.Remove(ContainerFiles.Resolve(shell.Folder, path)) && !force)
            {
                code = await ComplainAsync(streams, "rm", $"can't remove '{path}': No such file or directory").ConfigureAwait(false);
            }
        }
        return code;
    }

    private static async Task<int> TeeAsync(SimulatedShell shell, ShellStreams streams, IReadOnlyList<string> words)
    {
        using var content = new MemoryStream();
        await CopyAsync(shell, streams.Input, content).ConfigureAwait(false);
        await streams.Output.WriteAsync(content.ToArray(), shell.Process.Killed).ConfigureAwait(false);
        foreach (var path in words.Skip(1).Where(w => !w.StartsWith('-')))
        {
            shell.Container.Files.Write(ContainerFiles.Resolve(shell.Folder, path), content.ToArray(), words.Contains("-a"));
        }
        return 0;
    }

    private static async Task<int> SequenceAsync(SimulatedShell shell, ShellStreams streams, IReadOnlyList<string> words)
    {
        var numbers = words.Skip(1).Select(w => long.TryParse(w, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var n) ? n : 0).ToArray();
        if (numbers.Length is 0 or > 2)
        {
            return await ComplainAsync(streams, "seq", "give LAST, or FIRST LAST").ConfigureAwait(false);
        }
        for (var i = numbers.Length == 2 ? numbers[0] : 1; i <= Math.Min(numbers[^1], 100_000); i++)
        {
            await SayAsync(streams, i.ToString(CultureInfo.InvariantCulture)).ConfigureAwait(false);
        }
        return 0;
    }

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

    private static Task<int> TestAsync(SimulatedShell shell, ShellStreams streams, IReadOnlyList<string> words)
    {
        var arguments = words.Skip(1).ToList();
        if (words[0] == "[" && arguments is [.., "]"])
        {
            arguments.RemoveAt(arguments.Count - 1);
        }
        long Number(string text) => long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var n) ? n : 0;
        var files = shell.Container.Files;
        bool Holds(List<string> a) => a switch
        {
            ["!", .. var inner] => !Holds(inner),
            ["-f", var path] => files.Read(ContainerFiles.Resolve(shell.Folder, path)) is not null,
            ["-e", var path] => files.Read(ContainerFiles.Resolve(shell.Folder, path)) is not null || files.IsFolder(ContainerFiles.Resolve(shell.Folder, path)),
            ["-d", var path] => files.IsFolder(ContainerFiles.Resolve(shell.Folder, path)),
            ["-s", var path] => files.Read(ContainerFiles.Resolve(shell.Folder, path)) is { Length: > 0 },
            ["-z", var text] => text.Length == 0,
            ["-n", var text] => text.Length > 0,
            [var left, "=" or "==", var right] => left == right,
            [var left, "!=", var right] => left != right,
            [var left, "-eq", var right] => Number(left) == Number(right),
            [var left, "-ne", var right] => Number(left) != Number(right),
            [var left, "-lt", var right] => Number(left) < Number(right),
            [var left, "-le", var right] => Number(left) <= Number(right),
            [var left, "-gt", var right] => Number(left) > Number(right),
            [var left, "-ge", var right] => Number(left) >= Number(right),
            [var text] => text.Length > 0,
            _ => false,
        };
        return Task.FromResult(Holds(arguments) ? 0 : 1);
    }

    private static async Task<int> ChangeFolderAsync(SimulatedShell shell, ShellStreams streams, IReadOnlyList<string> words)
    {
        var path = ContainerFiles.Resolve(shell.Folder, words.Count > 1 ? words[1] : "/root");
        if (!shell.Container.Files.IsFolder(path))
        {
            return await ComplainAsync(streams, "cd", $"can't cd to {words[^1]}: No such file or directory").ConfigureAwait(false);
        }
        shell.Folder = path;
        return 0;
    }

    private static Task<int> ExportAsync(SimulatedShell shell, ShellStreams streams, IReadOnlyList<string> words)
    {
        foreach (var pair in words.Skip(1).Select(w => w.Split('=', 2)).Where(p => p.Length == 2))
        {
            shell.Set(pair[0], pair[1]);
        }
        return Task.FromResult(0);
    }

    private static async Task<int> ReadAsync(SimulatedShell shell, ShellStreams streams, IReadOnlyList<string> words)
    {
        using var line = new MemoryStream();
        var one = new byte[1];
        var any = false;
        while (await streams.Input.ReadAsync(one, shell.Process.Killed).ConfigureAwait(false) > 0 && line.Length < 64 * 1024)
        {
            any = true;
            if (one[0] == '\n')
            {
                break;
            }
            line.WriteByte(one[0]);
        }
        shell.Waited();
        if (words.Skip(1).LastOrDefault(w => !w.StartsWith('-')) is { } name)
        {
            shell.Set(name, Encoding.UTF8.GetString(line.ToArray()));
        }
        return any ? 0 : 1;
    }

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

    /// <summary>As much of tar as <c>kubectl cp</c> needs: archives to standard output, and from standard input.</summary>
    private static async Task<int> TarAsync(SimulatedShell shell, ShellStreams streams, IReadOnlyList<string> words)
    {
        var mode = words.Count > 1 ? words[1] : "";
        var folder = shell.Folder;
        var paths = new List<string>();
        for (var i = 2; i < words.Count; i++)
        {
            if (words[i] == "-C" && i + 1 < words.Count)
            {
                folder = ContainerFiles.Resolve(folder, words[++i]);
            }
            else if (words[i] is not "-" && !words[i].StartsWith("--", StringComparison.Ordinal))
            {
                paths.Add(words[i]);
            }
        }
        if (mode.Contains('c', StringComparison.Ordinal))
        {
            return await PackAsync(shell, streams, folder, paths).ConfigureAwait(false);
        }
        using var archive = new MemoryStream();
        await CopyAsync(shell, streams.Input, archive).ConfigureAwait(false);
        archive.Position = 0;
        try
        {
            using var reader = new TarReader(archive);
            while (await reader.GetNextEntryAsync(copyData: true, shell.Process.Killed).ConfigureAwait(false) is { } entry)
            {
                var path = ContainerFiles.Resolve(folder, entry.Name);
                if (entry.EntryType == TarEntryType.Directory)
                {
                    shell.Container.Files.AddFolder(path);
                }
                else if (entry.EntryType is TarEntryType.RegularFile or TarEntryType.V7RegularFile)
                {
                    using var content = new MemoryStream();
                    entry.DataStream?.CopyTo(content);
                    shell.Container.Files.Write(path, content.ToArray());
                }
            }
            return 0;
        }
        catch (Exception failure) when (failure is InvalidDataException or FormatException or EndOfStreamException)
        {
            return await ComplainAsync(streams, "tar", failure.Message).ConfigureAwait(false);
        }
    }

    private static async Task<int> PackAsync(SimulatedShell shell, ShellStreams streams, string folder, List<string> paths)
    {
        using var archive = new MemoryStream();
        var code = 0;
        using (var writer = new TarWriter(archive, TarEntryFormat.Pax, leaveOpen: true))
        {
            foreach (var path in paths)
            {
                var full = ContainerFiles.Resolve(folder, path);
                var files = shell.Container.Files.Below(full);
                if (files.Count == 0 && !shell.Container.Files.IsFolder(full))
                {
                    code = await ComplainAsync(streams, "tar", $"{path}: No such file or directory").ConfigureAwait(false);
                }
                foreach (var (name, content) in files)
                {
                    writer.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, name.TrimStart('/'))
                    {
                        DataStream = new MemoryStream(content), ModificationTime = shell.Process.Time.GetUtcNow(),
                    });
                }
            }
        }
        await streams.Output.WriteAsync(archive.ToArray(), shell.Process.Killed).ConfigureAwait(false);
        return code;
    }
}
