using System.Text.Json.Nodes;
using ActorKube.Models;

namespace ActorKube.ApiServer;

/// <summary>One write, as admission looks at it.</summary>
internal sealed record AdmissionAttributes(ApiResource Row, string Operation, string? Namespace, string Name, WriteContext Context)
{
    public string? Subresource { get; init; }

    /// <summary>The kind of <see cref="Object"/> where it is not the resource's own, as a Scale is of a Deployment.</summary>
    public GroupVersionKind? OtherKind { get; init; }

    /// <summary>The object as it would be stored; null for a deletion.</summary>
    public JsonObject? Object { get; init; }

    /// <summary>The object as it stands; null for a creation.</summary>
    public JsonObject? OldObject { get; init; }

    /// <summary>How it is to be done, where the request's query does not say: options of a deletion.</summary>
    public JsonObject? Options { get; init; }

    public GroupVersionKind Kind => OtherKind ?? new GroupVersionKind(Row.Group, Row.Version, Row.Kind);
}
