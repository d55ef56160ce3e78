using System.Net;

namespace ActorKube.Transport;

/// <summary>
/// Puts the caller's identity on each request: the Authorization header, and whom to act as. After a 401 the source is asked once for another credential and
/// the request is sent again: servers refuse before they act, so this is safe for every verb.
/// </summary>
internal sealed class AuthenticationHandler(ITokenSource? source, Impersonation impersonation, HttpMessageHandler inner) : DelegatingHandler(inner)
{
    const string Header = "Authorization";
    readonly KeyValuePair<string, string[]>[] _impersonation = [.. ImpersonationHeaders(impersonation)];

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        foreach (var (name, values) in _impersonation)
            if (!request.Headers.Contains(name)) request.Headers.TryAddWithoutValidation(name, values);
        if (source is null || request.Headers.Contains(Header)) return await base.SendAsync(request, cancellationToken).ConfigureAwait(false);

        var header = await source.GetAsync(cancellationToken).ConfigureAwait(false);
        if (header is not null) request.Headers.TryAddWithoutValidation(Header, header.Value);
        var response = await base.SendAsync(request, cancellationToken).ConfigureAwait(false);
        if (response.StatusCode != HttpStatusCode.Unauthorized || !CanRepeat(request) || !source.Rejected(header)) return response;

        var other = await source.GetAsync(cancellationToken).ConfigureAwait(false);
        // The same token again would be refused again. Without one the credential is a certificate, and the connections below are new ones by now.
        if (other?.Value == header?.Value && (other is not null || !source.GivesCertificates)) return response;
        response.Dispose();
        request.Headers.Remove(Header);
        if (other is not null) request.Headers.TryAddWithoutValidation(Header, other.Value);
        return await base.SendAsync(request, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>A body that was read from a stream is gone.</summary>
    static bool CanRepeat(HttpRequestMessage request) => request.Content is null or ByteArrayContent or ReadOnlyMemoryContent;

    static IEnumerable<KeyValuePair<string, string[]>> ImpersonationHeaders(Impersonation impersonation)
    {
        if (impersonation.User is { } user) yield return KeyValuePair.Create("Impersonate-User", new[] { user });
        if (impersonation.Uid is { } uid) yield return KeyValuePair.Create("Impersonate-Uid", new[] { uid });
        if (impersonation.Groups.Count > 0) yield return KeyValuePair.Create("Impersonate-Group", impersonation.Groups.ToArray());
        // A key may hold characters that a header's name may not.
        foreach (var (key, values) in impersonation.Extra)
            yield return KeyValuePair.Create("Impersonate-Extra-" + EscapeHeaderName(key), values.ToArray());
    }

    static string EscapeHeaderName(string key)
    {
        var escaped = new System.Text.StringBuilder(key.Length);
        foreach (var octet in System.Text.Encoding.UTF8.GetBytes(key))
        {
            var character = (char)octet;
            if (character != '%' && (char.IsAsciiLetterOrDigit(character) || "!#$&'*+-.^_`|~".Contains(character))) escaped.Append(character);
            else escaped.Append(System.Globalization.CultureInfo.InvariantCulture, $"%{octet:X2}");
        }
        return escaped.ToString();
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing) source?.Dispose();
        base.Dispose(disposing);
    }
}
