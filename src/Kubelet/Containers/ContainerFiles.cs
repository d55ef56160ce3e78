namespace ActorKube.Kubelet;

/// <summary>The files of a simulated container: paths and bytes, in memory and bounded. Thread-safe.</summary>
internal sealed class ContainerFiles
{
    private const int MaxBytes = 16 * 1024 * 1024;
    private readonly Lock _lock = new();
    private readonly SortedDictionary<string, byte[]> _files = new(StringComparer.Ordinal);
    private readonly SortedSet<string> _folders = new(StringComparer.Ordinal) { "/", "/tmp", "/root", "/etc", "/var", "/home" };
    private int _bytes;

    /// <summary>A path from the root, without <c>.</c> and <c>..</c>.</summary>
    public static string Resolve(string folder, string path)
    {
        var parts = new List<string>();
        foreach (var part in (path.StartsWith('/') ? path : $"{folder}/{path}").Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            if (part == "..")
            {
                if (parts.Count > 0)
                {
                    parts.RemoveAt(parts.Count - 1);
                }
            }
            else if (part != ".")
            {
                parts.Add(part);
            }
        }
        return "/" + string.Join('/', parts);
    }

    public byte[]? Read(string path)
    {
        lock (_lock)
        {
            return _files.GetValueOrDefault(path);
        }
    }

    public bool IsFolder(string path)
    {
        lock (_lock)
        {
            return _folders.Contains(path);
        }
    }

    /// <exception cref="ContainerFileException">The path is a folder, or the container's files would be too large.</exception>
    public void Write(string path, byte[] content, bool append = false)
    {
        lock (_lock)
        {
            if (_folders.Contains(path))
            {
                throw new ContainerFileException($"{path}: Is a directory");
            }
            var old = _files.GetValueOrDefault(path) ?? [];
            byte[] now = append ? [.. old, .. content] : content;
            if (_bytes - old.Length + now.Length > MaxBytes)
            {
                throw new ContainerFileException($"{path}: No space left on device");
            }
            _bytes += now.Length - old.Length;
            _files[path] = now;
            AddFolders(Parent(path));
        }
    }

    public void AddFolder(string path)
    {
        lock (_lock)
        {
            AddFolders(path);
        }
    }

    private void AddFolders(string path)
    {
        for (; _folders.Add(path); path = Parent(path))
        {
        }
    }

    /// <summary>Removes a file, or a folder and all below it.</summary>
    public bool Remove(string path)
    {
        lock (_lock)
        {
            var below = path == "/" ? "/" : path + "/";
            var found = false;
            foreach (var file in _files.Keys.Where(f => f == path || f.StartsWith(below, StringComparison.Ordinal)).ToList())
            {
                _bytes -= _files[file].Length;
                found |= _files.Remove(file);
            }
            return _folders.RemoveWhere(f => f != "/" && (f == path || f.StartsWith(below, StringComparison.Ordinal))) > 0 || found;
        }
    }

    /// <summary>The names right below a folder.</summary>
    public IReadOnlyList<string> List(string folder)
    {
        var below = folder == "/" ? "/" : folder + "/";
        lock (_lock)
        {
            return [.. _files.Keys.Concat(_folders).Where(f => f.StartsWith(below, StringComparison.Ordinal) && f.Length > below.Length)
                .Select(f => f[below.Length..].Split('/')[0]).Distinct().Order(StringComparer.Ordinal)];
        }
    }

    /// <summary>A file, or every file below a folder.</summary>
    public IReadOnlyList<KeyValuePair<string, byte[]>> Below(string path)
    {
        var below = path == "/" ? "/" : path + "/";
        lock (_lock)
        {
            return [.. _files.Where(f => f.Key == path || f.Key.StartsWith(below, StringComparison.Ordinal))];
        }
    }

    private static string Parent(string path)
    {
        var slash = path.LastIndexOf('/');
        return slash <= 0 ? "/" : path[..slash];
    }
}

/// <summary>A file that cannot be written, in the words of a program that tried.</summary>
internal sealed class ContainerFileException(string message) : Exception(message);
