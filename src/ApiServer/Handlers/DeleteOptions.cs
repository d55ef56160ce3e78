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

    public static DeleteOptions None { get; } = new();

    /// <summary>Reads the options of a request: a body where there is one, otherwise the query.</summary>
    /// <exception cref="ApiException">400: a number that is none; 422: options that contradict each other.</exception>
    public static DeleteOptions Read(JsonObject? body, Exchange exchange) => body is not null
        ? Read(body.Text("propagationPolicy"), body["orphanDependents"].AsBool(), body.List("dryRun").Texts().ToList(), body["gracePeriodSeconds"].AsLong(), body)
        : Read(exchange.Query("propagationPolicy"), exchange.Query("orphanDependents") is null ? null : exchange.Flag("orphanDependents"),
            exchange.Query("dryRun") is { } asked ? [asked] : [], exchange.Number("gracePeriodSeconds"), null);

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
            errors.NotSupported("dryRun", new JsonArray([.. dryRun.Select(d => (JsonNode)d)]), ["All"]);
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
