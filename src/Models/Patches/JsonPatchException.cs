namespace ActorKube.Models;

/// <summary>A JSON patch does not apply to a document, or one of its operations is malformed.</summary>
public sealed class JsonPatchException : Exception
{
    internal JsonPatchException(int index, string operation, string problem)
        : base($"{operation} operation does not apply: {problem} (operation {index + 1} of the patch)") => (Index, Operation) = (index, operation);

    /// <summary>The operation's place in the patch, counted from 0.</summary>
    public int Index { get; }

    /// <summary>What the operation does: <c>add</c>, <c>remove</c>, <c>replace</c>, <c>move</c>, <c>copy</c> or <c>test</c>.</summary>
    public string Operation { get; }
}
