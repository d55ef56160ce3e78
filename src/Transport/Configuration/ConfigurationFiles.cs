namespace ActorKube.Transport;

/// <summary>Files of a configuration, with errors that say what to do.</summary>
internal static class ConfigurationFiles
{
    /// <summary>More than any kubeconfig or certificate bundle, far less than a file picked by mistake.</summary>
    const long MaxLength = 16 * 1024 * 1024;

    /// <exception cref="KubeConfigException">The file is missing, unreadable or absurdly large.</exception>
    public static string ReadText(string path, string what, string advice)
    {
        try
        {
            if (Directory.Exists(path)) throw new KubeConfigException(path, $"the {what} is a directory", advice);
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            // Pipes and devices have no length, and may be all a shell's <(…) gives.
            if (stream.CanSeek && stream.Length > MaxLength)
                throw new KubeConfigException(path, $"the {what} is larger than {MaxLength / (1024 * 1024)} MiB", advice);
            using var reader = new StreamReader(stream);
            return reader.ReadToEnd();
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new KubeConfigException(path, $"the {what} does not exist", advice, error);
        }
        catch (UnauthorizedAccessException error)
        {
            throw new KubeConfigException(path, $"the {what} may not be read by this user", "Change its permissions or run as its owner.", error);
        }
        catch (Exception error) when (error is IOException or NotSupportedException or ArgumentException)
        {
            throw new KubeConfigException(path, $"the {what} cannot be read ({error.Message})", advice, error);
        }
    }
}
