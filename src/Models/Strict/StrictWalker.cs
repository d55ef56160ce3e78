using System.Text.Json;

namespace ActorKube.Models;

/// <summary>Walks over one JSON value beside what it should be.</summary>
internal sealed class StrictWalker
{
    private readonly List<string> _path = [];
    private readonly HashSet<StrictProblem> _told = [];

    public List<StrictProblem> Problems { get; } = [];

    /// <summary>Looks at the value that the reader stands on; leaves the reader on its last token.</summary>
    public void Value(ref Utf8JsonReader reader, StrictShape shape)
    {
        if (shape.IsOpaque || reader.TokenType is not (JsonTokenType.StartObject or JsonTokenType.StartArray)) reader.Skip();
        else if (reader.TokenType == JsonTokenType.StartObject) Object(ref reader, shape);
        else List(ref reader, shape);
    }

    private void Object(ref Utf8JsonReader reader, StrictShape shape)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.GetString()!;
            _path.Add(_path.Count == 0 ? name : "." + name);
            reader.Read();
            if (shape.Field(name) is not { } field)
            {
                Tell(isDuplicate: false);
                reader.Skip();
            }
            else
            {
                if (!seen.Add(name)) Tell(isDuplicate: true);
                Value(ref reader, field);
            }
            _path.RemoveAt(_path.Count - 1);
        }
    }

    private void List(ref Utf8JsonReader reader, StrictShape shape)
    {
        var element = shape.Element;
        for (var index = 0; reader.Read() && reader.TokenType != JsonTokenType.EndArray; index++)
        {
            _path.Add($"[{index}]");
            Value(ref reader, element);
            _path.RemoveAt(_path.Count - 1);
        }
    }

    // The same field is told once, however often it is there.
    private void Tell(bool isDuplicate)
    {
        if (Problems.Count >= StrictDecoding.MostProblems) return;
        var problem = new StrictProblem(string.Concat(_path), isDuplicate);
        if (_told.Add(problem)) Problems.Add(problem);
    }
}
