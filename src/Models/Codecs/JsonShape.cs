using System.Text.Json;

namespace ActorKube.Models;

/// <summary>Checks what a JSON value is.</summary>
internal static class JsonShape
{
    public static void Expect(ref Utf8JsonReader reader, JsonTokenType expected, string what)
    {
        if (reader.TokenType != expected) throw Unexpected(ref reader, what);
    }

    /// <summary>The error for a value of the wrong shape. The codec's entry point adds the path.</summary>
    public static KubeFormatException Unexpected(ref Utf8JsonReader reader, string expected) =>
        new($"Expected {expected} but found {Name(reader.TokenType)}", reader.TokenStartIndex);

    /// <summary>The error for a value of the right shape that means nothing.</summary>
    public static KubeFormatException Invalid(ref Utf8JsonReader reader, string problem) => new(problem, reader.TokenStartIndex);

    /// <summary>The text that comes next; null where that is null.</summary>
    public static string? Text(ref Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.Null) return null;
        Expect(ref reader, JsonTokenType.String, "text");
        return reader.GetString();
    }

    /// <summary>Leaves out the value that comes next.</summary>
    public static void Pass(ref Utf8JsonReader reader)
    {
        reader.Read();
        reader.Skip();
    }

    private static string Name(JsonTokenType token) => token switch
    {
        JsonTokenType.StartObject => "an object",
        JsonTokenType.StartArray => "a list",
        JsonTokenType.String => "text",
        JsonTokenType.Number => "a number",
        JsonTokenType.True or JsonTokenType.False => "a truth value",
        JsonTokenType.Null => "null",
        _ => "the end of the input",
    };
}
