using System.Text.Json.Nodes;

namespace ActorKube.Models;

/// <summary>One operation of a JSON patch, read and checked.</summary>
sealed record JsonPatchOperation(int Index, string Name, string PathText, JsonPointer Path, string FromText, JsonPointer From, JsonNode? Value)
{
    /// <exception cref="JsonPatchException">It is malformed.</exception>
    public static JsonPatchOperation Read(JsonNode? node, int index, JsonPatchRules rules)
    {
        if (node is not JsonObject members) throw new JsonPatchException(index, "unnamed", "it is not an object");
        var name = Text("op", "unnamed") ?? throw new JsonPatchException(index, "unnamed", "it has no 'op'");
        if (name is not ("add" or "remove" or "replace" or "move" or "copy" or "test"))
        {
            throw new JsonPatchException(index, name, "there is no such operation: expected add, remove, replace, move, copy or test");
        }
        var path = Text("path", name) ?? throw new JsonPatchException(index, name, "it has no 'path'");
        var from = "";
        if (name is "move" or "copy") from = Text("from", name) ?? throw new JsonPatchException(index, name, "it has no 'from'");
        JsonNode? value = null;
        if (name is "add" or "replace" or "test" && !members.TryGetPropertyValue("value", out value) && rules == JsonPatchRules.Rfc6902)
        {
            throw new JsonPatchException(index, name, "it has no 'value'");
        }
        return new JsonPatchOperation(index, name, path, Pointer(path), from, Pointer(from), value);

        string? Text(string member, string operation) => members[member] switch
        {
            null => null,
            JsonValue text when text.TryGetValue(out string? read) => read,
            _ => throw new JsonPatchException(index, operation, $"its '{member}' is not a string"),
        };

        JsonPointer Pointer(string text) => rules == JsonPatchRules.ApiServer ? JsonPointer.ParseLeniently(text)
            : JsonPointer.TryParse(text, out var pointer) ? pointer
            : throw new JsonPatchException(index, name, $"'{text}' is not a JSON pointer: expected '' or '/name/name', with ~0 for ~ and ~1 for /");
    }

    public JsonPatchException Fails(string problem) => new(Index, Name, problem);
}
