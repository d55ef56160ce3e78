namespace ActorKube.Transport;

/// <summary>
/// Sends each group and each extra value of an impersonated user as a header line of its own. API servers read one value a line and split nothing at commas, while
/// .NET's connections write all values of a header into one line; so the values travel as one with a mark between them, and
/// <see cref="HeaderLineStream"/>, which sees what goes out below, turns marks into line ends. That is a thing of HTTP/1.1.
/// </summary>
internal sealed class HeaderLineHandler(HttpMessageHandler inner) : DelegatingHandler(inner)
{
    const string Prefix = "Impersonate-";

    /// <summary>Whether a client that acts as this user needs it.</summary>
    public static bool IsNeededFor(Impersonation impersonation) => impersonation.Groups.Count > 1 || impersonation.Extra.Values.Any(values => values.Count > 1);

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        request.Version = System.Net.HttpVersion.Version11;
        // A body of known length needs no framing of its own, which the stream below would have to follow.
        if (request.Content is { } content && content.Headers.ContentLength is null) await content.LoadIntoBufferAsync(cancellationToken).ConfigureAwait(false);
        foreach (var (name, values) in request.Headers.NonValidated.Where(header => header.Key.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase)).ToArray())
        {
            if (values.Count < 2) continue;
            request.Headers.Remove(name);
            request.Headers.TryAddWithoutValidation(name, string.Join($"{HeaderLineStream.Mark}{name}: ", values));
        }
        return await base.SendAsync(request, cancellationToken).ConfigureAwait(false);
    }
}
