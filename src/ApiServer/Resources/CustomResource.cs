using System.Text.Json.Nodes;

namespace ActorKube.ApiServer;

/// <summary>What a CRD says about one of its versions, beyond what every resource row has.</summary>
internal sealed class CustomResource
{
    /// <summary>Name of the definition: <c>plural.group</c>.</summary>
    public required string DefinitionName { get; init; }

    /// <summary>The definition's uid.</summary>
    public required string DefinitionUid { get; init; }

    /// <summary>The version that objects are stored in.</summary>
    public required string StorageVersion { get; init; }

    /// <summary>Unknown fields are kept everywhere (the v1beta1 way, still possible in stored definitions).</summary>
    public bool PreserveUnknownFields { get; init; }

    /// <summary>The structural schema of this version.</summary>
    public Schema? Schema { get; init; }

    /// <summary>The schema as it was written, for OpenAPI.</summary>
    public JsonObject? OpenApiSchema { get; init; }

    /// <summary>Paths of the fields that select, as the definition lists them, without the leading dot.</summary>
    public string[] SelectableFields { get; init; } = [];

    public bool Deprecated { get; init; }

    public string? DeprecationWarning { get; init; }

    /// <summary>Where the scale subresource finds its numbers; null without one.</summary>
    public ScalePaths? Scale { get; init; }

    /// <summary>The definition is being deleted: nothing new is taken.</summary>
    public bool Terminating { get; init; }

    /// <summary>Whether the definition has gone, or says something else by now; shared by all rows that were made of the same specification.</summary>
    public required Retirement Retirement { get; init; }
}

/// <summary>Tells the watches of a custom resource that they end, once they have told all that has happened: their definition is not what it was.</summary>
internal sealed class Retirement
{
    private volatile bool _retired;

    public bool Retired => _retired;

    public void Retire() => _retired = true;
}

/// <summary>JSON paths of a scale subresource, split into property names.</summary>
internal sealed record ScalePaths(string[] SpecReplicas, string[] StatusReplicas, string[]? LabelSelector);
