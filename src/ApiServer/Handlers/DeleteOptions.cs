using System.Text.Json.Nodes;

namespace ActorKube.ApiServer;

/// <summary>Delete options, from body or query.</summary>
internal sealed record DeleteOptions
{
    public long? GracePeriodSeconds { get; init; }

    public string? Uid { get; init; }

    public string? ResourceVersion { get; init; }

    /// <summary><c>Orphan</c>, <c>Background</c> or <c>Foreground</c>; null leaves it to the kind.</summary>
    public string? PropagationPolicy { get; init; }

    /// <summary>The old form of <see cref="PropagationPolicy"/>: answered with 202 where it says no and the object stays for now.</summary>
    public bool? OrphanDependents { get; init; }

    public bool DryRun { get; init; }

    /// <summary>The object is one of a collection that is deleted: admission is not told its name.</summary>
    public bool OfCollection { get; init; }

    public static DeleteOptions None { get; } = new();

    /// <summary>As admission is shown them.</summary>
    public JsonObject Describe()
    {
        var tree = new JsonObject();
        if (GracePeriodSeconds is { } grace)
        {
            tree["gracePeriodSeconds"] = grace;
        }
        if (Uid is not null || ResourceVersion is not null)
        {
            var preconditions = new JsonObject();
            if (Uid is not null)
            {
                preconditions["uid"] = Uid;
            }
            if (ResourceVersion is not null)
            {
                preconditions["resourceVersion"] = ResourceVersion;
            }
            tree["preconditions"] = preconditions;
        }
        if (OrphanDependents is { } orphan)
        {
            tree["orphanDependents"] = orphan;
        }
        else if (PropagationPolicy is { } policy)
        {
            tree["propagationPolicy"] = policy;
        }
        if (DryRun)
        {
            tree["dryRun"] = new JsonArray("All");
        }
        return tree;
    }

    /// <summary>Reads the options of a request: a body where there is one, otherwise the query.</summary>
    /// <exception cref="ApiException">400: a number that is none; 422: options that contradict each other.</exception>
    public static DeleteOptions Read(JsonObject? body, Exchange exchange) => body is not null
        ? Read(Typed(body))
        : Read(exchange.Query("propagationPolicy"), exchange.Query("orphanDependents") is null ? null : exchange.Flag("orphanDependents"),
            [.. exchange.Http.Request.Query["dryRun"].Select(d => d ?? "")], exchange.Number("gracePeriodSeconds"), Preconditions(exchange));

    /// <summary>A query that names a uid or a resourceVersion means them as preconditions, also where it is a collection that is to be deleted.</summary>
    private static JsonObject? Preconditions(Exchange exchange)
    {
        JsonObject? found = null;
        foreach (var field in (string[])["uid", "resourceVersion"])
        {
            if (exchange.Query(field) is { Length: > 0 } asked)
            {
                (found ??= [])[field] = asked;
            }
        }
        return found is null ? null : new JsonObject { ["preconditions"] = found };
    }

    /// <exception cref="ApiException">500, as the real server has it: a field of the wrong type.</exception>
    private static JsonObject Typed(JsonObject body)
    {
        foreach (var (field, type, fits) in ((string, string, Func<JsonNode, bool>)[])
            [("gracePeriodSeconds", "int64", n => n.AsLong() is not null), ("propagationPolicy", "v1.DeletionPropagation", n => n.AsText() is not null),
             ("orphanDependents", "bool", n => n.AsBool() is not null), ("dryRun", "[]string", n => n is JsonArray), ("preconditions", "v1.Preconditions", n => n is JsonObject)])
        {
            if (body[field] is { } value && !fits(value))
            {
                throw Errors.Unforeseen($"json: cannot unmarshal {BodyReader.Word(value)} into Go struct field DeleteOptions.{field} of type {type}");
            }
        }
        return body;
    }

    private static DeleteOptions Read(JsonObject body) =>
        Read(body.Text("propagationPolicy"), body["orphanDependents"].AsBool(), body.List("dryRun").Texts().ToList(), body["gracePeriodSeconds"].AsLong(), body);

    private static DeleteOptions Read(string? policy, bool? orphan, List<string> dryRun, long? grace, JsonObject? body)
    {
        var errors = new FieldErrors();
        if (policy is { Length: > 0 } and not ("Foreground" or "Background" or "Orphan"))
        {
            errors.NotSupported("propagationPolicy", policy, ["Foreground", "Background", "Orphan", "nil"]);
        }
        else if (policy is { Length: > 0 } && orphan is not null)
        {
            errors.Invalid("propagationPolicy", policy, "orphanDependents and deletionPropagation cannot be both set");
        }
        if (dryRun.Exists(d => d != "All"))
        {
            errors.Add("FieldValueNotSupported", "dryRun", $"Unsupported value: []string{{{string.Join(", ", dryRun.Select(FieldErrors.Quote))}}}: supported values: \"All\"");
        }
        if (errors.Any)
        {
            throw Errors.Invalid("meta.k8s.io", "DeleteOptions", "", errors);
        }
        return new DeleteOptions
        {
            GracePeriodSeconds = grace,
            OrphanDependents = orphan,
            Uid = body.TextAt("preconditions", "uid"),
            ResourceVersion = body.TextAt("preconditions", "resourceVersion"),
            PropagationPolicy = !string.IsNullOrEmpty(policy) ? policy : orphan switch { true => "Orphan", false => "Background", null => null },
            DryRun = dryRun.Count > 0,
        };
    }
}
