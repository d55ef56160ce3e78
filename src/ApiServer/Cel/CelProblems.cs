using System.Text;

namespace ActorKube.ApiServer;

/// <summary>An expression that cannot be read, or a value that an operation does not take.</summary>
/// <param name="message">What is wrong.</param>
/// <param name="position">Where in the text; null where nobody has said yet.</param>
internal sealed class CelException(string message, int? position = null) : Exception(message)
{
    public int? Position { get; } = position;
}

/// <summary>What is wrong with one expression, each mistake with its place in the text.</summary>
internal sealed class CelProblems
{
    private readonly List<(int Position, string Message)> _found = [];

    public bool Any => _found.Count > 0;

    public void Add(int position, string message) => _found.Add((position, message));

    /// <summary>
    /// All mistakes in the order of their places, each as <c>ERROR: &lt;input>:1:5: what is wrong</c>, the line, and a mark below it.
    /// </summary>
    public string Explain(string expression)
    {
        var text = new StringBuilder();
        foreach (var (at, message) in _found.OrderBy(f => f.Position))
        {
            var position = Math.Clamp(at, 0, expression.Length);
            var start = position == 0 ? 0 : expression.LastIndexOf('\n', position - 1) + 1;
            var end = expression.IndexOf('\n', start);
            var line = expression.AsSpan(0, position).Count('\n') + 1;
            text.Append(text.Length > 0 ? "\n" : "").Append("ERROR: <input>:").Append(line).Append(':').Append(position - start + 1).Append(": ").Append(message)
                .Append("\n | ").Append(end < 0 ? expression.AsSpan(start) : expression.AsSpan(start, end - start)).Append("\n | ").Append('.', position - start).Append('^');
        }
        return text.ToString();
    }
}
