namespace ActorKube.Models;

/// <summary>What one pass over an object's bytes finds: names as strings, because they are looked up by; all else as ranges.</summary>
internal struct ObjectMetadata
{
    public string ApiVersion, Kind, Name, Namespace;
    public long Generation;

    /// <summary>JSON: content between quotes. Protobuf: the value.</summary>
    public ByteRange Uid, ResourceVersion, CreationTimestamp, DeletionTimestamp;

    /// <summary>JSON: the value. Protobuf: the metadata message, in which these are repeated fields.</summary>
    public ByteRange Labels, Annotations, Finalizers, OwnerReferences;

    /// <summary>What is left out of the copy: managedFields with the comma that belongs to it.</summary>
    public ByteRange Cut;

    /// <summary>JSON: where the metadata's value begins.</summary>
    public int MetadataStart;

    /// <summary>Where the metadata ends, and what nobody looks up by begins; 0 where there is no metadata.</summary>
    public int MetadataEnd;
}
