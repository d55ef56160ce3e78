namespace ActorKube.Transport;

/// <summary>Whom to act as. The server checks that the real user may.</summary>
public sealed record Impersonation
{
    static readonly IReadOnlyDictionary<string, IReadOnlyList<string>> NoExtra = new Dictionary<string, IReadOnlyList<string>>();

    /// <summary>Acting as oneself.</summary>
    public static Impersonation None { get; } = new();

    /// <summary>The user's name; null for none. The others need it.</summary>
    public string? User { get; init; }
    /// <summary>The user's uid; null for none.</summary>
    public string? Uid { get; init; }
    /// <summary>The user's groups.</summary>
    public IReadOnlyList<string> Groups { get; init; } = [];
    /// <summary>More about the user; keys are matched by servers in lower case.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> Extra { get; init; } = NoExtra;

    /// <summary>Whether this changes nothing.</summary>
    public bool IsNone => User is null && Uid is null && Groups.Count == 0 && Extra.Count == 0;
}
