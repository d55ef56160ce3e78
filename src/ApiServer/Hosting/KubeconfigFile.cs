using System.Text;

namespace ActorKube.ApiServer;

/// <summary>Writes the kubeconfig of a server.</summary>
internal static class KubeconfigFile
{
    /// <summary>For the administrator, by token.</summary>
    public static string Text(Uri server, string token, string caPem) => Text(server, "admin", caPem, $"    token: {token}\n");

    /// <summary>For a user with a client certificate.</summary>
    public static string Text(Uri server, string user, string certificatePem, string keyPem, string caPem) =>
        Text(server, user, caPem, $"    client-certificate-data: {Base64(certificatePem)}\n    client-key-data: {Base64(keyPem)}\n");

    private static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));

    private static string Text(Uri server, string user, string caPem, string credentials)
    {
        var name = System.Text.Json.JsonSerializer.Serialize(user, Json.Compact);
        name = user.All(char.IsAsciiLetterOrDigit) ? user : name;
        var ca = caPem.Length == 0 ? "" : $"    certificate-authority-data: {Base64(caPem)}\n";
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
                user: {name}
            current-context: actorkube
            users:
            - name: {name}
              user:
            {credentials}
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
