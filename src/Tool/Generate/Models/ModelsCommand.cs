using System.CommandLine;
using System.Net;
using System.Net.Http.Headers;
using System.Reflection;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace ActorKube.Tool;

/// <summary>
/// <c>actorkube generate models</c>: the built-in types of <c>src/Models</c> from an OpenAPI v2 document: the one that is checked in, a file,
/// or a live server's.
/// </summary>
internal static class ModelsCommand
{
    public static Command Create()
    {
        var openApi = new Option<string?>("--openapi") { Description = "A file, or the URL of a server's /openapi/v2. Default: the document of the Kubernetes version that this tool was made for." };
        var tokenFile = new Option<FileInfo?>("--token-file") { Description = "A file with the bearer token for the server." };
        var authority = new Option<FileInfo?>("--certificate-authority") { Description = "A file with the server's certificate authority (PEM)." };
        var output = new Option<DirectoryInfo>("--output") { Description = "The folder to write to.", Required = true };
        var check = GenerateCommand.CheckOption();
        var command = new Command("models", "Write the built-in Kubernetes types from an OpenAPI v2 document.") { openApi, tokenFile, authority, output, check };
        command.SetAction((parsed, cancellation) => GenerateCommand.Guarded(parsed, async () =>
        {
            var source = parsed.GetValue(openApi);
            var document = OpenApiDocument.Parse(await Read(source, parsed.GetValue(tokenFile), parsed.GetValue(authority), cancellation), source ?? "the built-in document").With(WireTypes());
            var files = ModelWriter.Write(document, BuiltInFacts());
            return GenerateCommand.Finish(parsed.GetRequiredValue(output).FullName, files, parsed.GetValue(check), parsed.InvocationConfiguration.Output);
        }));
        return command;
    }

    /// <summary>The facts that no OpenAPI document has, as they are kept with this tool.</summary>
    public static WireFacts BuiltInFacts() => WireFacts.Parse(Resource("protobuf-fields.json"), Resource("go-fields.json"));

    /// <summary>The OpenAPI document that is kept with this tool.</summary>
    public static OpenApiDocument BuiltInDocument() => OpenApiDocument.Parse(Resource("openapi-v2.json"), "the built-in document").With(WireTypes());

    // What travels between servers, webhooks and clients and is no resource of its own: no server's document has it.
    private static OpenApiDocument WireTypes() => OpenApiDocument.Parse(Resource("wire-types.json"), "the built-in wire types");

    private static async Task<ReadOnlyMemory<byte>> Read(string? source, FileInfo? tokenFile, FileInfo? authority, CancellationToken cancellation)
    {
        if (source is null) return Resource("openapi-v2.json");
        if (!Uri.TryCreate(source, UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https")) return await File.ReadAllBytesAsync(source, cancellation);
        if (tokenFile is not null && uri.Scheme != "https" && !uri.IsLoopback) throw new GenerateException("A token is not sent without TLS: use https.");
        using var handler = new SocketsHttpHandler();
        if (authority is not null)
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
                { StatusCode: { } code } => ($"the server answers {(int)code} {code}", "A Kubernetes API server has it at /openapi/v2."),
                { InnerException: AuthenticationException certificate } => (certificate.Message.TrimEnd('.'), "Name the server's authority with --certificate-authority."),
                _ => (fault.Message.TrimEnd('.'), "Is the server running?"),
            };
            throw new GenerateException($"{uri} cannot be read: {what}. {todo}");
        }
    }

    private static byte[] Resource(string name)
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(name) ?? throw new InvalidOperationException($"{name} is not in the assembly.");
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }
}
