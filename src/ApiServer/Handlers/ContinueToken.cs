using System.Text.Json;
using System.Text.Json.Nodes;

namespace ActorKube.ApiServer;

/// <summary>
/// Where a list goes on: the state it was read at and the key to start from, below the list's own. Opaque to clients, yet made as a real server makes it,
/// so that a token that is used on another list leads where it leads there.
/// </summary>
/// <param name="Revision">The state; below zero stands for the present one.</param>
/// <param name="Start">The first key that may follow: <c>name</c> in a namespace or of cluster-wide objects, <c>namespace/name</c> across namespaces, with a zero behind what was sent last.</param>
internal sealed record ContinueToken(long Revision, string Start)
{
    private const string Version = "meta.k8s.io/v1";

    /// <summary>The present state, whichever that is when the list goes on.</summary>
    public const long Present = -1;

    public static ContinueToken After(long revision, StoredObject last, string? @namespace) =>
        new(revision, @namespace is null && last.Namespace.Length > 0 ? $"{last.Namespace}/{last.Name}\0" : $"{last.Name}\0");

    public string Encode()
    {
        var tree = new JsonObject { ["v"] = Version, ["rv"] = Revision, ["start"] = Start };
        return Convert.ToBase64String(Json.Bytes(tree)).TrimEnd('=').Replace('+', '-').Replace('/', '_');
    }

    /// <summary>What was sent last, in a list of a namespace, of all namespaces, or of objects that have none.</summary>
    public (string Namespace, string Name) Last(ApiResource row, string? @namespace)
    {
        var key = Start.TrimStart('/').TrimEnd('\0');
        if (@namespace is not null || !row.Namespaced)
        {
            return (@namespace ?? "", key);
        }
        var slash = key.IndexOf('/', StringComparison.Ordinal);
        return slash < 0 ? (key, "") : (key[..slash], key[(slash + 1)..]);
    }

    /// <summary>Reads a token.</summary>
    /// <exception cref="ApiException">400: not a token of this server.</exception>
    public static ContinueToken Decode(string token)
    {
        if (BadByte(token) is { } at)
        {
            throw Invalid($": illegal base64 data at input byte {at}");
        }
        JsonObject tree;
        try
        {
            var text = token.Replace('-', '+').Replace('_', '/');
            var bytes = Convert.FromBase64String(text.PadRight((text.Length + 3) / 4 * 4, '='));
            tree = Json.Parse(bytes) as JsonObject ?? [];
        }
        catch (Exception wrong) when (wrong is FormatException or JsonException or ArgumentException)
        {
            throw Invalid(": it is no JSON");
        }
        if (tree.Text("v") is var version && version != Version)
        {
            throw Invalid($": server does not recognize this encoded version {version}");
        }
        if (tree["rv"].AsLong() is not { } revision || revision == 0)
        {
            throw Invalid($": incorrect encoded start resourceVersion (version {Version})");
        }
        if (tree.Text("start") is not { Length: > 0 } start)
        {
            throw Invalid($": encoded start key empty (version {Version})");
        }
        // No token leads out of what it lists.
        return start.TrimStart('/').Split('/') is var parts && parts.Any(p => p is "" or "." or "..") ? throw Invalid($": {start}") : new ContinueToken(revision, start);
    }

    private static int? BadByte(string token)
    {
        for (var i = 0; i < token.Length; i++)
        {
            if (!char.IsAsciiLetterOrDigit(token[i]) && token[i] is not ('-' or '_'))
            {
                return i;
            }
        }
        return token.Length % 4 == 1 ? token.Length - 1 : null;
    }

    private static ApiException Invalid(string why) => Errors.BadRequest($"invalid continue token: continue key is not valid{why}");
}
