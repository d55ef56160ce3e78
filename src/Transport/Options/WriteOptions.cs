namespace ActorKube.Transport;

/// <summary>What every write can say.</summary>
public abstract record WriteOptions
{
    /// <summary>Whether the server does everything but store the result.</summary>
    public bool DryRun { get; init; }
    /// <summary>Who writes, for the object's managed fields; null for what the server makes of the user agent.</summary>
    public string? FieldManager { get; init; }
    /// <summary>What happens to fields that the server does not know or that are there twice.</summary>
    public FieldValidation? FieldValidation { get; init; }

    internal PathBuilder AppendTo(PathBuilder path) => path
        .Query("dryRun", DryRun ? "All" : null)
        .Query("fieldManager", FieldManager)
        .Query("fieldValidation", FieldValidation?.ToString());
}

/// <summary>How an object is created.</summary>
public sealed record CreateOptions : WriteOptions;

/// <summary>How an object is replaced.</summary>
public sealed record UpdateOptions : WriteOptions;

/// <summary>How an object is patched.</summary>
public sealed record PatchOptions : WriteOptions
{
    /// <summary>For apply patches: whether fields of other managers are taken over.</summary>
    public bool Force { get; init; }
}

/// <summary>How an object is applied on the server's side.</summary>
/// <param name="FieldManager">Who applies: what this manager no longer says is removed.</param>
public sealed record ApplyOptions(string FieldManager)
{
    /// <summary>Whether fields of other managers are taken over; else they are a conflict.</summary>
    public bool Force { get; init; }
    /// <summary>Whether the server does everything but store the result.</summary>
    public bool DryRun { get; init; }
    /// <summary>What happens to fields that the server does not know or that are there twice.</summary>
    public FieldValidation? FieldValidation { get; init; }
}

/// <summary>What happens to fields that the server does not know or that are there twice.</summary>
public enum FieldValidation
{
    /// <summary>They are dropped in silence.</summary>
    Ignore,
    /// <summary>They are dropped with a warning.</summary>
    Warn,
    /// <summary>The write is refused.</summary>
    Strict
}
