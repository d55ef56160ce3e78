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

    public bool DryRun { get; init; }

    public static DeleteOptions None { get; } = new();

    /// <summary>Reads a body; null when it is absent. Query parameters stand in where the body says nothing.</summary>
    public static DeleteOptions Read(JsonObject? body, Func<string, string?> query)
    {
        var errors = new FieldErrors();
        var policy = body?.Text("propagationPolicy") ?? query("propagationPolicy");
        var orphan = body?["orphanDependents"].AsBool() ?? (query("orphanDependents") is { } o ? o is "true" or "1" : null);
        if (policy is { Length: > 0 } and not ("Foreground" or "Background" or "Orphan"))
        {
            errors.NotSupported("propagationPolicy", policy, ["Foreground", "Background", "Orphan", "nil"]);
        }
        else if (policy is { Length: > 0 } && orphan is not null)
        {
            errors.Invalid("propagationPolicy", policy, "orphanDependents and deletionPropagation cannot be both set");
        }
        var dryRun = body?.List("dryRun").Texts().ToList() ?? [];
        if (dryRun.Count == 0 && query("dryRun") is { Length: > 0 } asked)
        {
            dryRun.Add(asked);
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
            GracePeriodSeconds = body?["gracePeriodSeconds"].AsLong() ?? (long.TryParse(query("gracePeriodSeconds"), out var grace) ? grace : null),
            Uid = body.TextAt("preconditions", "uid"),
            ResourceVersion = body.TextAt("preconditions", "resourceVersion"),
            PropagationPolicy = !string.IsNullOrEmpty(policy) ? policy : orphan switch { true => "Orphan", false => "Background", null => null },
            DryRun = dryRun.Count > 0,
        };
    }
}
