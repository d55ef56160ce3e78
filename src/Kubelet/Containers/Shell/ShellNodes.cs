namespace ActorKube.Kubelet;

/// <summary>A command of the simulator's shell.</summary>
internal abstract record ShellNode;

/// <summary>A program with its arguments, assignments before it and redirections.</summary>
internal sealed record SimpleCommand(IReadOnlyList<(string Name, ShellWord Value)> Assignments, IReadOnlyList<ShellWord> Words, IReadOnlyList<Redirection> Redirections) : ShellNode;

/// <summary>Commands whose output feeds the next one's input.</summary>
internal sealed record Pipeline(IReadOnlyList<ShellNode> Commands, bool Negated) : ShellNode;

/// <summary>Two commands, the second of which runs where the first succeeds (<c>&amp;&amp;</c>) or fails (<c>||</c>).</summary>
internal sealed record Conditional(ShellNode First, bool OnSuccess, ShellNode Second) : ShellNode;

/// <summary>One after another.</summary>
internal sealed record Sequence(IReadOnlyList<ShellNode> Commands) : ShellNode;

/// <summary><c>( … )</c>: what exits inside ends there.</summary>
internal sealed record Subshell(ShellNode Body) : ShellNode;

/// <summary><c>while</c> and <c>until</c>.</summary>
internal sealed record WhileLoop(ShellNode Condition, bool Until, ShellNode Body) : ShellNode;

internal sealed record ForLoop(string Variable, IReadOnlyList<ShellWord> Values, ShellNode Body) : ShellNode;

/// <summary>Branches in order, each with its condition; a null condition is <c>else</c>.</summary>
internal sealed record IfCommand(IReadOnlyList<(ShellNode? Condition, ShellNode Body)> Branches) : ShellNode;

/// <summary>Where a stream goes: <c>&lt;</c>, <c>&gt;</c>, <c>&gt;&gt;</c>, or another stream (<c>2&gt;&amp;1</c>).</summary>
internal sealed record Redirection(int Stream, string Operator, ShellWord Target);

/// <summary>A word: its parts are put together, and what was not quoted is split at blanks.</summary>
internal sealed record ShellWord(IReadOnlyList<WordPart> Parts)
{
    /// <summary>The text, where nothing in the word has to be expanded.</summary>
    public string? Literal => Parts.All(p => p.Kind == WordKind.Text) ? string.Concat(Parts.Select(p => p.Text)) : null;

    public bool IsBare(string text) => Parts is [{ Kind: WordKind.Text, Quoted: false } part] && part.Text == text;
}

internal enum WordKind
{
    Text,
    Variable,
    Command,
    Arithmetic,
}

internal sealed record WordPart(WordKind Kind, string Text, bool Quoted, string? Default = null);

/// <summary>What the simulator's shell does not understand.</summary>
internal sealed class ShellSyntaxException(string message) : Exception(message);
