namespace ActorKube.Models;

/// <summary>How an object's bytes are taken over.</summary>
/// <example><code>var pod = KubeObject.Parse(item, KubeObjectOptions.Everything with { Kind = new GroupVersionKind("", "v1", "Pod") });</code></example>
public sealed record KubeObjectOptions
{
    /// <summary>What caches use: managedFields, which nobody but the API server reads, is left behind.</summary>
    public static KubeObjectOptions Default { get; } = new();

    /// <summary>Keeps everything.</summary>
    public static KubeObjectOptions Everything { get; } = new() { DropManagedFields = false };

    /// <summary>Whether <c>metadata.managedFields</c> is left out of the copy; a third of a typical object's bytes.</summary>
    public bool DropManagedFields { get; init; } = true;

    /// <summary>
    /// What the object is if it does not say so itself: servers leave <c>apiVersion</c> and <c>kind</c> out of a list's items.
    /// Its bytes then say so.
    /// </summary>
    public GroupVersionKind? Kind { get; init; }

    /// <summary>
    /// Whether to stop reading after the metadata, for callers that know where the value ends and that something decodes it later:
    /// what is wrong with the rest is then found by <see cref="KubeObject.As{T}"/> alone.
    /// </summary>
    public bool MetadataOnly { get; init; }

    /// <summary>
    /// Whether only the metadata is kept, as a <c>PartialObjectMetadata</c>, whatever the object was: for those who asked the server for metadata alone and may have
    /// been sent all. JSON only; protobuf is kept as it comes.
    /// </summary>
    public bool KeepOnlyMetadata { get; init; }

    /// <summary>
    /// Packs what follows the metadata, for objects that are held long and read now and then; null keeps all bytes as they come. The packer must be one for the kind.
    /// </summary>
    public ObjectPacker? Packer { get; init; }
}
