using System.Buffers;
using System.Text.Json;

namespace ActorKube.Transport;

/// <summary>How objects are deleted.</summary>
public sealed record DeleteOptions
{
    /// <summary>Whether the server does everything but delete.</summary>
    public bool DryRun { get; init; }
    /// <summary>Seconds the object gets to end; 0 for at once; null for its own default.</summary>
    public long? GracePeriodSeconds { get; init; }
    /// <summary>Delete only the object with this uid, not a later one of the same name.</summary>
    public string? Uid { get; init; }
    /// <summary>Delete only this version of the object.</summary>
    public string? ResourceVersion { get; init; }
    /// <summary>What becomes of the objects it owns.</summary>
    public DeletePropagation? Propagation { get; init; }

    /// <summary>The body of a delete request; empty where everything is left to the server.</summary>
    internal ReadOnlyMemory<byte> ToBody()
    {
        if (this == new DeleteOptions()) return default;
        var body = new ArrayBufferWriter<byte>(256);
        using (var json = new Utf8JsonWriter(body))
        {
            json.WriteStartObject();
            json.WriteString("kind", "DeleteOptions");
            json.WriteString("apiVersion", "v1");
            if (GracePeriodSeconds is { } grace) json.WriteNumber("gracePeriodSeconds", grace);
            if (Uid is not null || ResourceVersion is not null)
            {
                json.WriteStartObject("preconditions");
                if (Uid is not null) json.WriteString("uid", Uid);
                if (ResourceVersion is not null) json.WriteString("resourceVersion", ResourceVersion);
                json.WriteEndObject();
            }
            if (Propagation is { } propagation) json.WriteString("propagationPolicy", propagation.ToString());
            if (DryRun)
            {
                json.WriteStartArray("dryRun");
                json.WriteStringValue("All");
                json.WriteEndArray();
            }
            json.WriteEndObject();
        }
        return body.WrittenMemory;
    }
}

/// <summary>What becomes of the objects that a deleted object owns.</summary>
public enum DeletePropagation
{
    /// <summary>They stay, without an owner.</summary>
    Orphan,
    /// <summary>The garbage collector deletes them afterwards.</summary>
    Background,
    /// <summary>They go first; the owner stays visible until then.</summary>
    Foreground
}
