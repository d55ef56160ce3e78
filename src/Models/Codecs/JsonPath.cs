using System.Text;
using System.Text.Json;

namespace ActorKube.Models;

/// <summary>Names the field at a position of a JSON text: reads it again from the start, which only errors pay for.</summary>
internal static class JsonPath
{
    // A path into hostile input may be as long as the input is deep.
    private const int MaxLength = 300;

    public static string? At(ReadOnlySpan<byte> utf8, long position)
    {
        var stack = new List<(string? Name, int Index)>();
        var reader = new Utf8JsonReader(utf8, new JsonReaderOptions { MaxDepth = int.MaxValue });
        try
        {
            while (reader.Read())
            {
                switch (reader.TokenType)
                {
                    case JsonTokenType.EndObject or JsonTokenType.EndArray:
                        stack.RemoveAt(stack.Count - 1);
                        Done(stack);
                        break;
                    case JsonTokenType.PropertyName:
                        stack[^1] = (reader.GetString(), -1);
                        break;
                    default:
                        if (stack.Count > 0 && stack[^1].Name is null) stack[^1] = (null, stack[^1].Index + 1);
                        if (reader.TokenStartIndex >= position) return Print(stack);
                        if (reader.TokenType is JsonTokenType.StartObject) stack.Add(("", -1));
                        else if (reader.TokenType is JsonTokenType.StartArray) stack.Add((null, -1));
                        else Done(stack);
                        break;
                }
                if (reader.TokenStartIndex >= position) break;
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // The path so far is where it broke.
        }
        return Print(stack);
    }

    // What follows a field's value is no longer that field.
    private static void Done(List<(string? Name, int Index)> stack)
    {
        if (stack.Count > 0 && stack[^1].Name is not null) stack[^1] = ("", -1);
    }

    private static string? Print(List<(string? Name, int Index)> stack)
    {
        var path = new StringBuilder();
        foreach (var (name, index) in stack)
        {
            if (path.Length > MaxLength) return path.Append('…').ToString();
            if (name is null) path.Append('[').Append(Math.Max(index, 0)).Append(']');
            else if (name.Length > 0) path.Append('.').Append(name);
        }
        return path.Length == 0 ? null : path.ToString();
    }
}
