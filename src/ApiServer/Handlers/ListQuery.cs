using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using ActorKube.Models;

namespace ActorKube.ApiServer;

/// <summary>The parameters of a list or watch, read and checked.</summary>
internal sealed class ListQuery
{
    public required LabelSelector Labels { get; init; }

    public required FieldSelector Fields { get; init; }

    public long Limit { get; init; }

    public string? Continue { get; init; }

    public string ResourceVersion { get; init; } = "";

    public string? ResourceVersionMatch { get; init; }

    public long? TimeoutSeconds { get; init; }

    public bool AllowWatchBookmarks { get; init; }

    public bool? SendInitialEvents { get; init; }

    /// <summary>Whether the resourceVersion names one state, neither older nor newer.</summary>
    public bool IsExact => ResourceVersionMatch == "Exact" || (ResourceVersionMatch is null && (Limit > 0 || IsPaged));

    /// <summary>The list is read page by page whatever it says, as a deletion of a collection reads its own.</summary>
    public bool IsPaged { get; init; }

    public static ListQuery Read(Exchange exchange, ApiResource row, bool watch, string? name = null, bool paged = false)
    {
        var initial = exchange.Query("sendInitialEvents") is { } asked ? asked is "" or "true" or "1" : (bool?)null;
        var query = new ListQuery
        {
            Labels = ReadLabels(exchange.Query("labelSelector")),
            Fields = ReadFields(exchange.Query("fieldSelector"), row, name),
            Limit = exchange.Number("limit") ?? 0,
            Continue = exchange.Query("continue") is { Length: > 0 } token ? token : null,
            ResourceVersion = exchange.Query("resourceVersion") ?? "",
            ResourceVersionMatch = exchange.Query("resourceVersionMatch") is { Length: > 0 } match ? match : null,
            TimeoutSeconds = exchange.Number("timeoutSeconds"),
            AllowWatchBookmarks = exchange.Flag("allowWatchBookmarks"),
            SendInitialEvents = initial,
            IsPaged = paged,
        };
        query.Check(watch);
        return query;
    }

    private void Check(bool watch)
    {
        var errors = new FieldErrors();
        if (watch)
        {
            if (Continue is not null && ResourceVersionMatch is null)
            {
                errors.Forbidden("resourceVersionMatch", "resourceVersionMatch is forbidden when continue is provided");
            }
            if (SendInitialEvents is not null && ResourceVersionMatch is null)
            {
                errors.Forbidden("resourceVersionMatch", "sendInitialEvents requires setting resourceVersionMatch to NotOlderThan");
            }
            else if (ResourceVersionMatch is not null)
            {
                if (SendInitialEvents is null)
                {
                    errors.Forbidden("resourceVersionMatch", "resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided");
                }
                else if (ResourceVersionMatch != "NotOlderThan")
                {
                    errors.Forbidden("resourceVersionMatch", "sendInitialEvents requires setting resourceVersionMatch to NotOlderThan");
                }
                if (ResourceVersionMatch != "NotOlderThan")
                {
                    errors.NotSupported("resourceVersionMatch", ResourceVersionMatch, ["NotOlderThan"]);
                }
                if (Continue is not null)
                {
                    errors.Forbidden("resourceVersionMatch", "resourceVersionMatch is forbidden when continue is provided");
                }
            }
        }
        else
        {
            if (SendInitialEvents is not null)
            {
                errors.Forbidden("sendInitialEvents", "sendInitialEvents is forbidden for list");
            }
            if (ResourceVersionMatch is not null)
            {
                if (Continue is not null)
                {
                    errors.Forbidden("resourceVersionMatch", "resourceVersionMatch is forbidden when continue is provided");
                }
                if (ResourceVersion.Length == 0)
                {
                    errors.Forbidden("resourceVersionMatch", "resourceVersionMatch is forbidden unless resourceVersion is provided");
                }
                if (ResourceVersionMatch is not ("Exact" or "NotOlderThan"))
                {
                    errors.NotSupported("resourceVersionMatch", ResourceVersionMatch, ["Exact", "NotOlderThan", ""]);
                }
                if (ResourceVersionMatch == "Exact" && ResourceVersion == "0")
                {
                    errors.Forbidden("resourceVersionMatch", "resourceVersionMatch \"exact\" is forbidden for resourceVersion \"0\"");
                }
            }
        }
        if (errors.Any)
        {
            throw Errors.Invalid("meta.k8s.io", "ListOptions", "", errors);
        }
    }

    private static LabelSelector ReadLabels(string? text)
    {
        try
        {
            return string.IsNullOrEmpty(text) ? LabelSelector.Everything : LabelSelector.Parse(text);
        }
        catch (SelectorFormatException wrong)
        {
            throw Errors.BadRequest(wrong.Problem);
        }
    }

    private static FieldSelector ReadFields(string? text, ApiResource row, string? name)
    {
        FieldSelector selector;
        try
        {
            selector = string.IsNullOrEmpty(text) ? FieldSelector.Everything : FieldSelector.Parse(text);
        }
        catch (SelectorFormatException wrong)
        {
            throw Errors.BadRequest(wrong.Problem);
        }
        foreach (var requirement in selector.Requirements)
        {
            if (!row.Selectable.Supports(requirement.Field, row))
            {
                throw Errors.BadRequest(row.Custom is null && row.Selectable.IsOrdinary
                    ? $"{FieldErrors.Quote(requirement.Field)} is not a known field selector: only \"metadata.name\", \"metadata.namespace\""
                    : row is { Group: "batch", Kind: "Job" } ? $"field label {FieldErrors.Quote(requirement.Field)} not supported for Job" : $"field label not supported: {requirement.Field}");
            }
        }
        if (name is not null && !selector.IsEverything && !selector.Requirements.Any(r => r.Field == "metadata.name" && r.Value == name && r.Equal))
        {
            throw Errors.BadRequest("fieldSelector metadata.name doesn't match requested name");
        }
        return name is null ? selector : selector.And(FieldSelector.FromSet([new KeyValuePair<string, string>("metadata.name", name)]));
    }

    /// <summary>Whether an object is among what was asked for.</summary>
    public bool Selects(StoredObject value) =>
        (Labels.IsEverything || Labels.Matches(value.Labels)) && (Fields.IsEverything || Fields.Matches(value.Field));

    /// <summary>Whether what a change was about is selected after it, and whether it was before. A watch tells of it where either holds.</summary>
    public (bool Is, bool Was) Selects(StoreEvent change, string? @namespace)
    {
        if (change.Object is not { } now || (@namespace is not null && now.Namespace != @namespace))
        {
            return (false, false);
        }
        return (change.Type != StoreEventType.Deleted && Selects(now), change.Previous is { } previous && Selects(previous));
    }

    public bool SelectsEverything => Labels.IsEverything && Fields.IsEverything;

    /// <summary>The resourceVersion as a number; null where none was given.</summary>
    public long? Version
    {
        get
        {
            if (ResourceVersion.Length == 0)
            {
                return null;
            }
            return ulong.TryParse(ResourceVersion, NumberStyles.None, CultureInfo.InvariantCulture, out var version)
                ? (long)Math.Min(version, long.MaxValue)
                : throw Errors.Unforeseen($"resourceVersion: Invalid value: {FieldErrors.Quote(ResourceVersion)}: strconv.ParseUint: parsing {FieldErrors.Quote(ResourceVersion)}: {(ResourceVersion.All(char.IsAsciiDigit) ? "value out of range" : "invalid syntax")}");
        }
    }
}

/// <summary>Where a list goes on: the state it was read at and the last key that was sent. Opaque to clients.</summary>
internal sealed record ContinueToken(long Revision, string Namespace, string Name)
{
    public string Encode()
    {
        var tree = new JsonObject { ["v"] = "meta.k8s.io/v1", ["rv"] = Revision, ["start"] = $"{Namespace}/{Name}\0" };
        return Convert.ToBase64String(Json.Bytes(tree)).TrimEnd('=').Replace('+', '-').Replace('/', '_');
    }

    /// <exception cref="ApiException">400: not a token of this server.</exception>
    public static ContinueToken Decode(string token)
    {
        if (BadByte(token) is { } at)
        {
            throw Invalid($"illegal base64 data at input byte {at}");
        }
        try
        {
            var text = token.Replace('-', '+').Replace('_', '/');
            var bytes = Convert.FromBase64String(text.PadRight((text.Length + 3) / 4 * 4, '='));
            if (Json.Parse(bytes) is JsonObject tree && tree.Text("start") is { } start && tree["rv"].AsLong() is { } revision && start.IndexOf('/', StringComparison.Ordinal) is var slash and >= 0)
            {
                return revision == 0 ? throw Invalid("incorrect encoded start resourceVersion (version meta.k8s.io/v1)") : new ContinueToken(revision, start[..slash], start[(slash + 1)..].TrimEnd('\0'));
            }
        }
        catch (Exception wrong) when (wrong is FormatException or System.Text.Json.JsonException or DecoderFallbackException)
        {
            throw Invalid();
        }
        throw Invalid();
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

    private static ApiException Invalid(string why = "encoded start key or version is missing or wrong") => Errors.BadRequest($"invalid continue token: continue key is not valid: {why}");
}
