using System.CommandLine;
using System.Net;
using System.Net.Http.Headers;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace ActorKube.Tool;

/// <summary>Reads what a generator starts from: a file, or a document of a live server.</summary>
internal sealed class SourceReader
{
    private readonly Option<FileInfo?> _tokenFile = new("--token-file") { Description = "A file with the bearer token for the server." };
    private readonly Option<FileInfo?> _authority = new("--certificate-authority") { Description = "A file with the server's certificate authority (PEM)." };

    /// <summary>Adds the options that say how to reach a server.</summary>
    public void AddTo(Command command)
    {
        command.Add(_tokenFile);
        command.Add(_authority);
    }

    public static bool IsServer(string source) => Uri.TryCreate(source, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https";

    /// <summary>Reads a source.</summary>
    /// <param name="source">A file, or an http(s) URL.</param>
    /// <param name="parsed">The command line.</param>
    /// <param name="hint">Where a server has such a document, for people.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="GenerateException">The server cannot be read; says why and what to do.</exception>
    public async Task<byte[]> ReadAsync(string source, ParseResult parsed, string hint, CancellationToken cancellation)
    {
        if (!IsServer(source)) return await File.ReadAllBytesAsync(source, cancellation);
        var uri = new Uri(source);
        var tokenFile = parsed.GetValue(_tokenFile);
        if (tokenFile is not null && uri.Scheme != "https" && !uri.IsLoopback) throw new GenerateException("A token is not sent without TLS: use https.");
        using var handler = new SocketsHttpHandler();
        if (parsed.GetValue(_authority) is { } authority)
        {
            var trusted = new X509Certificate2Collection();
            trusted.ImportFromPem(await File.ReadAllTextAsync(authority.FullName, cancellation));
            handler.SslOptions.CertificateChainPolicy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
            handler.SslOptions.CertificateChainPolicy.CustomTrustStore.AddRange(trusted);
        }
        using var client = new HttpClient(handler);
        client.DefaultRequestHeaders.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
        if (tokenFile is not null)
            client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", (await File.ReadAllTextAsync(tokenFile.FullName, cancellation)).Trim());
        try
        {
            return await client.GetByteArrayAsync(uri, cancellation);
        }
        catch (HttpRequestException fault)
        {
            var (what, todo) = fault switch
            {
                { StatusCode: HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden } => ($"the server answers {(int)fault.StatusCode} {fault.StatusCode}", "Give a token that may read it with --token-file."),
                { StatusCode: { } code } => ($"the server answers {(int)code} {code}", hint),
                { InnerException: AuthenticationException certificate } => (certificate.Message.TrimEnd('.'), "Name the server's authority with --certificate-authority."),
                _ => (fault.Message.TrimEnd('.'), "Is the server running?"),
            };
            throw new GenerateException($"{uri} cannot be read: {what}. {todo}");
        }
    }
}
