using System.Globalization;
using System.Text;

namespace ActorKube.Kubelet;

/// <summary>The programs that simulated containers have: what examples, probes and <c>kubectl cp</c> run.</summary>
internal static partial class ShellPrograms
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
}
