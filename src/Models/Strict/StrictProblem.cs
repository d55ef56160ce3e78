namespace ActorKube.Models;

/// <summary>Something that a strict reader refuses and a lenient one passes over.</summary>
/// <param name="Field">Where it is, as <c>spec.containers[0].image</c>.</param>
/// <param name="IsDuplicate">Whether the field is there twice; else the kind does not know it.</param>
public sealed record StrictProblem(string Field, bool IsDuplicate)
{
    /// <summary>For a field that YAML says twice: the line on which its later value begins, counted from 1. 0 where it is not known.</summary>
    public int Line { get; init; }

    /// <summary>In the words of the API server: <c>unknown field "spec.replica"</c>, <c>duplicate field "metadata.name"</c>.</summary>
    public override string ToString() => $"{(IsDuplicate ? "duplicate" : "unknown")} field \"{Field}\"";
}
