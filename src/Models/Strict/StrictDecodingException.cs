namespace ActorKube.Models;

/// <summary>An object has fields that its kind does not know, or fields that are there twice, and was to be read strictly.</summary>
public sealed class StrictDecodingException : FormatException
{
    internal StrictDecodingException(IReadOnlyList<StrictProblem> problems) : base($"strict decoding error: {string.Join(", ", problems)}") => Problems = problems;

    /// <summary>What was found, in the order of the input; no more than <see cref="StrictDecoding.MostProblems"/>.</summary>
    public IReadOnlyList<StrictProblem> Problems { get; }
}
