using System.Globalization;
using System.Text.Json.Nodes;

namespace ActorKube.Models;

/// <summary>
/// JSON patches (RFC 6902, <c>application/json-patch+json</c>): operations <c>add</c>, <c>remove</c>, <c>replace</c>, <c>move</c>, <c>copy</c> and <c>test</c> on places
/// of a document, all or none. Inputs are left as they are and nothing of them is shared with the results.
/// </summary>
/// <example><code>
/// var patched = JsonPatch.Apply(stored, JsonNode.Parse("""[{"op":"replace","path":"/spec/replicas","value":3}]""")!.AsArray());
/// </code></example>
public static class JsonPatch
{
    /// <summary>What a document becomes when the operations are carried out in order.</summary>
    /// <param name="target">The document.</param>
    /// <param name="operations">The patch.</param>
    /// <param name="copyLimit">How many characters all <c>copy</c> operations together may add; the API server's default, against patches that double a document again and again.</param>
    /// <exception cref="JsonPatchException">An operation is malformed or does not apply; the message names it.</exception>
    public static JsonNode? Apply(JsonNode? target, JsonArray operations, long copyLimit = 3 * 1024 * 1024)
    {
        ArgumentNullException.ThrowIfNull(operations);
        var document = new Document(target?.DeepClone(), copyLimit);
        for (var i = 0; i < operations.Count; i++) document.CarryOut(Operation.Read(operations[i], i));
        return document.Root;
    }

    /// <summary>The operations that make <paramref name="after"/> out of <paramref name="before"/>; none where the two are equal.</summary>
    /// <example><code>JsonPatch.Diff(before, after)   // [{"op":"replace","path":"/spec/replicas","value":3}]</code></example>
    public static JsonArray Diff(JsonNode? before, JsonNode? after)
    {
        var operations = new JsonArray();
        Compare("", before, after, operations);
        return operations;
    }

    static void Compare(string path, JsonNode? before, JsonNode? after, JsonArray operations)
    {
        switch (before, after)
        {
            case (JsonObject from, JsonObject to):
                foreach (var (name, _) in from)
                {
                    if (!to.ContainsKey(name)) Emit("remove", JsonPointer.Append(path, name));
                }
                foreach (var (name, wanted) in to)
                {
                    if (from.TryGetPropertyValue(name, out var present)) Compare(JsonPointer.Append(path, name), present, wanted, operations);
                    else Emit("add", JsonPointer.Append(path, name), wanted);
                }
                break;
            case (JsonArray from, JsonArray to):
                CompareLists(from, to);
                break;
            default:
                if (!JsonNode.DeepEquals(before, after)) Emit("replace", path, after);
                break;
        }

        // What both lists begin and end with stays, so that one element put in or taken out is one operation.
        void CompareLists(JsonArray from, JsonArray to)
        {
            int start = 0, shorter = Math.Min(from.Count, to.Count);
            while (start < shorter && JsonNode.DeepEquals(from[start], to[start])) start++;
            var same = 0;
            while (same < shorter - start && JsonNode.DeepEquals(from[^(same + 1)], to[^(same + 1)])) same++;

            int fromEnd = from.Count - same, toEnd = to.Count - same, common = Math.Min(fromEnd, toEnd);
            for (var i = start; i < common; i++) Compare($"{path}/{i}", from[i], to[i], operations);
            for (var i = fromEnd - 1; i >= common; i--) Emit("remove", $"{path}/{i}");
            for (var i = common; i < toEnd; i++) Emit("add", $"{path}/{i}", to[i]);
        }

        void Emit(string operation, string where, JsonNode? value = null)
        {
            var emitted = new JsonObject { ["op"] = operation, ["path"] = where };
            if (operation != "remove") emitted["value"] = value?.DeepClone();
            operations.Add((JsonNode)emitted);
        }
    }

    /// <summary>One operation, read and checked.</summary>
    sealed record Operation(int Index, string Name, string PathText, JsonPointer Path, string FromText, JsonPointer From, JsonNode? Value)
    {
        public static Operation Read(JsonNode? node, int index)
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
            if (name is "add" or "replace" or "test" && !members.TryGetPropertyValue("value", out value))
            {
                throw new JsonPatchException(index, name, "it has no 'value'");
            }
            return new Operation(index, name, path, Pointer(path), from, Pointer(from), value);

            string? Text(string member, string operation) => members[member] switch
            {
                null => null,
                JsonValue text when text.TryGetValue(out string? read) => read,
                _ => throw new JsonPatchException(index, operation, $"its '{member}' is not a string"),
            };

            JsonPointer Pointer(string text) => JsonPointer.TryParse(text, out var pointer)
                ? pointer
                : throw new JsonPatchException(index, name, $"'{text}' is not a JSON pointer: expected '' or '/name/name', with ~0 for ~ and ~1 for /");
        }

        public JsonPatchException Fails(string problem) => new(Index, Name, problem);
    }

    /// <summary>The document while the operations are carried out.</summary>
    sealed class Document(JsonNode? root, long copyLimit)
    {
        long _copied;

        public JsonNode? Root { get; private set; } = root;

        public void CarryOut(Operation operation)
        {
            switch (operation.Name)
            {
                case "add":
                    Add(operation, operation.Value?.DeepClone());
                    break;
                case "remove":
                    Take(operation, operation.Path, operation.PathText);
                    break;
                case "replace":
                    Replace(operation);
                    break;
                case "move":
                    if (operation.From.Contains(operation.Path) && operation.FromText != operation.PathText)
                    {
                        throw operation.Fails($"'{operation.FromText}' cannot move into itself, to '{operation.PathText}'");
                    }
                    Add(operation, Take(operation, operation.From, operation.FromText));
                    break;
                case "copy":
                    var copied = Find(operation, operation.From, operation.FromText)?.DeepClone();
                    _copied += copied?.ToJsonString().Length ?? 4;
                    if (_copied > copyLimit) throw operation.Fails($"the patch copies more than {copyLimit} characters");
                    Add(operation, copied);
                    break;
                case "test":
                    if (!JsonNode.DeepEquals(Find(operation, operation.Path, operation.PathText), operation.Value))
                    {
                        throw operation.Fails($"testing value '{operation.PathText}' failed: it has another value");
                    }
                    break;
            }
        }

        JsonNode? Find(Operation operation, JsonPointer place, string text) =>
            place.TryFind(Root, out var found) ? found : throw operation.Fails($"doc is missing path: '{text}'");

        JsonNode Container(Operation operation, JsonPointer place, string text) =>
            place.TryFindContainer(Root, out var container) ? container : throw operation.Fails($"doc is missing path: '{text}'");

        void Add(Operation operation, JsonNode? value)
        {
            if (operation.Path.IsRoot)
            {
                Root = value;
                return;
            }
            var name = operation.Path.Last;
            switch (Container(operation, operation.Path, operation.PathText))
            {
                case JsonObject members:
                    members[name] = value;
                    break;
                case JsonArray elements when name == "-":
                    elements.Add(value);
                    break;
                case JsonArray elements when JsonPointer.TryReadIndex(name, elements.Count + 1, out var index):
                    elements.Insert(index, value);
                    break;
                case JsonArray elements:
                    throw operation.Fails($"'{name}' in '{operation.PathText}' is no place in a list of {elements.Count}");
            }
        }

        JsonNode? Take(Operation operation, JsonPointer place, string text)
        {
            var taken = Find(operation, place, text);
            if (place.IsRoot) Root = null;
            else if (Container(operation, place, text) is JsonArray elements) elements.RemoveAt(Index(place));
            else Container(operation, place, text).AsObject().Remove(place.Last);
            return taken;
        }

        void Replace(Operation operation)
        {
            Find(operation, operation.Path, operation.PathText);
            var value = operation.Value?.DeepClone();
            if (operation.Path.IsRoot) Root = value;
            else if (Container(operation, operation.Path, operation.PathText) is JsonArray elements) elements[Index(operation.Path)] = value;
            else Container(operation, operation.Path, operation.PathText).AsObject()[operation.Path.Last] = value;
        }

        // Only for places that were found.
        static int Index(JsonPointer place) => int.Parse(place.Last, NumberStyles.None, CultureInfo.InvariantCulture);
    }
}
