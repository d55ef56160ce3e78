using System.Formats.Tar;

namespace ActorKube.Kubelet;

/// <summary>The programs around files and folders.</summary>
internal static partial class ShellPrograms
{
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
