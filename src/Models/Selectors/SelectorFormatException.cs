namespace ActorKube.Models;

/// <summary>A text that is no label or field selector.</summary>
public sealed class SelectorFormatException : FormatException
{
    internal SelectorFormatException(string selector, int position, string problem)
        : base($"{problem} (at character {position + 1} of '{selector}')") => (Selector, Position, Problem) = (selector, position, problem);

    /// <summary>The whole text.</summary>
    public string Selector { get; }

    /// <summary>Where in the text the fault lies, counted from 0; its length where something is missing at the end.</summary>
    public int Position { get; }

    /// <summary>What is wrong, in the words of the API server's answer.</summary>
    public string Problem { get; }
}
