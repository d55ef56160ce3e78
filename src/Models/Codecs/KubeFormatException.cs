namespace ActorKube.Models;

/// <summary>
/// Bytes or text that were to be a Kubernetes object are not one: malformed JSON, YAML or protobuf, or a value of the wrong shape.
/// The message says what is wrong and where; it never quotes the value, which may be a secret.
/// </summary>
public sealed class KubeFormatException : FormatException
{
    /// <summary>Says what is wrong, and where if it is known.</summary>
    /// <param name="problem">What is wrong and what was expected.</param>
    /// <param name="position">Offset in bytes from the start of the input; negative where it is not known.</param>
    /// <param name="path">The field, as <c>.spec.containers[0].image</c>.</param>
    /// <param name="inner">What a parser below said.</param>
    public KubeFormatException(string problem, long position = -1, string? path = null, Exception? inner = null)
        : base(Describe(problem, position, path), inner)
    {
        Problem = problem;
        Position = position;
        Path = path;
    }

    /// <summary>What is wrong, without the place.</summary>
    public string Problem { get; }

    /// <summary>Offset in bytes from the start of the input; negative where it is not known.</summary>
    public long Position { get; }

    /// <summary>The field, as <c>.spec.containers[0].image</c>, where it is known.</summary>
    public string? Path { get; }

    private static string Describe(string problem, long position, string? path) => (path, position) switch
    {
        (null, < 0) => problem,
        (null, _) => $"{problem} (at byte {position})",
        (_, < 0) => $"{problem} (at {path})",
        _ => $"{problem} (at {path}, byte {position})",
    };
}
