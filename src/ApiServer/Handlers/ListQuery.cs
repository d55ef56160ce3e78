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
    public bool IsExact => ResourceVersionMatch == "Exact" || (ResourceVersionMatch is null && ResourceVersion is not ("" or "0") && (Limit > 0 || IsPaged));

    /// <summary>The list is read page by page whatever it says, as a deletion of a collection reads its own.</summary>
    public bool IsPaged { get; init; }

    public static ListQuery Read(Exchange exchange, ApiResource row, bool watch, string? name = null, bool paged = false)
    {
        var initial = exchange.Query("sendInitialEvents") is null ? (bool?)null : exchange.Flag("sendInitialEvents");
        var version = exchange.Query("resourceVersion") ?? "";
        var match = exchange.Query("resourceVersionMatch") is { Length: > 0 } named ? named : null;
        if (watch && initial is null && match is null && version is "" or "0")
        {
            // A watch from any state has always begun with the present objects: since 1.32 it is one that asks for them, and its bookmarks say where they end.
            (initial, match) = (true, "NotOlderThan");
        }
        var query = new ListQuery
        {
            Labels = ReadLabels(exchange.Query("labelSelector")),
            Fields = ReadFields(exchange.Query("fieldSelector"), row, name),
            Limit = exchange.Number("limit") ?? 0,
            Continue = exchange.Query("continue") is { Length: > 0 } token ? token : null,
            ResourceVersion = version,
            ResourceVersionMatch = match,
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
    /// <exception cref="ApiException">It is no number: 500, but 400 where one state is asked for, as a real server's storage says it and its cache does not.</exception>
    public long? Version
    {
        get
        {
            if (ResourceVersion.Length == 0)
            {
                return null;
            }
            if (ulong.TryParse(ResourceVersion, NumberStyles.None, CultureInfo.InvariantCulture, out var version))
            {
                return (long)Math.Min(version, long.MaxValue);
            }
            var wrong = $"resourceVersion: Invalid value: {FieldErrors.Quote(ResourceVersion)}: strconv.ParseUint: parsing {FieldErrors.Quote(ResourceVersion)}: {(ResourceVersion.Length > 0 && ResourceVersion.All(char.IsAsciiDigit) ? "value out of range" : "invalid syntax")}";
            throw IsExact ? Errors.BadRequest($"invalid resource version: {wrong}") : Errors.Unforeseen(wrong);
        }
    }
}
