using System.Text.Json.Nodes;

namespace ActorKube.ApiServer;

/// <summary>Paths such as <c>.spec.size</c> and <c>.spec.limits['cpu']</c> into a schema.</summary>
internal static class SchemaPaths
{
    /// <summary>The schema that a path leads to, or why it leads nowhere.</summary>
    public static (JsonObject? Schema, string? Problem) Find(string path, JsonObject schema, bool withKeys)
    {
        var at = 0;
        while (at < path.Length)
        {
            string name;
            if (path[at] == '[')
            {
                if (!withKeys)
                {
                    return (null, "array notation is not allowed");
                }
                var end = path.IndexOf("']", at, StringComparison.Ordinal);
                if (end < 0 || at + 1 >= path.Length || path[at + 1] != '\'')
                {
                    return (null, at + 1 >= path.Length || end < 0 ? "unexpected end of JSON path" : $"expected single quoted string but got {path[(at + 1)..]}");
                }
                name = path[(at + 2)..end].Replace("\\'", "'", StringComparison.Ordinal).Replace("\\\\", "\\", StringComparison.Ordinal);
                at = end + 2;
            }
            else if (path[at] == '.')
            {
                var end = path.AsSpan(at + 1).IndexOfAny('.', '[', ']');
                name = end < 0 ? path[(at + 1)..] : path[(at + 1)..(at + 1 + end)];
                if (name.Length == 0)
                {
                    return (null, end < 0 ? "unexpected end of JSON path" : $"expected simple field reference but got {path[at + 1]}");
                }
                at = end < 0 ? path.Length : at + 1 + end;
            }
            else
            {
                var end = path.AsSpan(at).IndexOfAny('.', '[', ']');
                return (null, $"expected [ or . but got: {(end <= 0 ? path[at..] : path[at..(at + end)])}");
            }
            var found = schema.At("properties", name) as JsonObject ?? (schema.Child("properties") is null ? schema.Child("additionalProperties") : null);
            if (found is null)
            {
                return (null, "does not refer to a valid field");
            }
            schema = found;
        }
        return (schema, null);
    }
}
