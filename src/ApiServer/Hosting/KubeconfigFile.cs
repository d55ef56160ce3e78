using System.Text;

namespace ActorKube.ApiServer;

/// <summary>Writes the kubeconfig of a server.</summary>
internal static class KubeconfigFile
{
    public static string Text(Uri server, string token, string caPem)
    {
        var ca = caPem.Length == 0 ? "" : $"    certificate-authority-data: {Convert.ToBase64String(Encoding.UTF8.GetBytes(caPem))}\n";
        return $"""
            apiVersion: v1
            kind: Config
            clusters:
            - name: actorkube
              cluster:
                server: {server.GetLeftPart(UriPartial.Authority)}
            {ca}contexts:
            - name: actorkube
              context:
                cluster: actorkube
                user: admin
            current-context: actorkube
            users:
            - name: admin
              user:
                token: {token}

            """.Replace("\r", "", StringComparison.Ordinal);
    }

    /// <summary>Writes a file that only its owner may read, never showing half of it.</summary>
    public static async Task WriteAsync(string path, string text, CancellationToken cancellation)
    {
        var full = Path.GetFullPath(path);
        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        var temporary = $"{full}.{Guid.NewGuid():N}.tmp";
        try
        {
            var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, Share = FileShare.None };
            if (!OperatingSystem.IsWindows())
            {
                options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            }
            var stream = new FileStream(temporary, options);
            await using (stream.ConfigureAwait(false))
            {
                await stream.WriteAsync(Encoding.UTF8.GetBytes(text), cancellation).ConfigureAwait(false);
            }
            File.Move(temporary, full, overwrite: true);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }
}
