using System.Text.Json;

namespace ActorKube.Models;

/// <summary>Reads whole numbers, also when they are written as <c>3.0</c> or <c>1e3</c>, as JSON Schema counts them among the integers.</summary>
internal static class JsonIntegers
{
    public static long Read(ref Utf8JsonReader reader)
    {
        JsonShape.Expect(ref reader, JsonTokenType.Number, "a whole number");
        if (reader.TryGetInt64(out var value)) return value;
        if (reader.TryGetDecimal(out var exact) && decimal.IsInteger(exact) && exact is >= long.MinValue and <= long.MaxValue) return (long)exact;
        throw JsonShape.Invalid(ref reader, "The number is not whole or does not fit into 64 bits");
    }
}
