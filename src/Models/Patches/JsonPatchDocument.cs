using System.Text.Json.Nodes;

namespace ActorKube.Models;

/// <summary>The document while the operations of a JSON patch are carried out.</summary>
sealed class JsonPatchDocument(JsonNode? root, long copyLimit, JsonPatchRules rules)
{
    readonly bool _lenient = rules == JsonPatchRules.ApiServer;
    long _copied;

    public JsonNode? Root { get; private set; } = root;

    /// <exception cref="JsonPatchException">The operation does not apply.</exception>
    public void CarryOut(JsonPatchOperation operation)
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
                if (!_lenient && operation.From.Contains(operation.Path) && operation.FromText != operation.PathText)
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
                var tested = operation.Path.IsRoot ? Root : Find(operation, operation.Path, operation.PathText);
                if (!JsonNode.DeepEquals(tested, operation.Value)) throw operation.Fails($"testing value '{operation.PathText}' failed: it has another value");
                break;
        }
    }

    /// <summary>What stands at a place. By the API server's rules a member that is not there is null, and the whole document stands at none.</summary>
    JsonNode? Find(JsonPatchOperation operation, JsonPointer place, string text)
    {
        if (_lenient && !place.IsRoot && Container(operation, place, text) is JsonObject members) return members[place.Last];
        return place.TryFind(Root, out var found, _lenient) && !(_lenient && place.IsRoot) ? found : throw Missing(operation, text);
    }

    JsonNode Container(JsonPatchOperation operation, JsonPointer place, string text) =>
        !place.IsRoot && place.TryFindContainer(Root, out var container, _lenient) ? container : throw Missing(operation, text);

    static JsonPatchException Missing(JsonPatchOperation operation, string text) => operation.Fails($"doc is missing path: '{text}'");

    void Add(JsonPatchOperation operation, JsonNode? value)
    {
        if (operation.Path.IsRoot && !_lenient)
        {
            Root = value;
            return;
        }
        switch (Container(operation, operation.Path, operation.PathText))
        {
            case JsonObject members:
                members[operation.Path.Last] = value;
                break;
            case JsonArray elements when operation.Path.Last == "-":
                elements.Add(value);
                break;
            case JsonArray elements when JsonPointer.TryReadIndex(operation.Path.Last, elements.Count + 1, out var index, _lenient):
                elements.Insert(index, value);
                break;
            case JsonArray elements:
                throw operation.Fails($"'{operation.Path.Last}' in '{operation.PathText}' is no place in a list of {elements.Count}");
        }
    }

    JsonNode? Take(JsonPatchOperation operation, JsonPointer place, string text)
    {
        if (place.IsRoot && !_lenient)
        {
            var whole = Root;
            Root = null;
            return whole;
        }
        switch (Container(operation, place, text))
        {
            case JsonObject members when members.TryGetPropertyValue(place.Last, out var taken):
                members.Remove(place.Last);
                return taken;
            case JsonArray elements when JsonPointer.TryReadIndex(place.Last, elements.Count, out var index, _lenient):
                var element = elements[index];
                elements.RemoveAt(index);
                return element;
            default:
                throw Missing(operation, text);
        }
    }

    void Replace(JsonPatchOperation operation)
    {
        var value = operation.Value?.DeepClone();
        if (operation.Path.IsRoot)
        {
            // The API server takes no other document than an object or a list, and lets another value pass without a word.
            if (!_lenient || value is JsonObject or JsonArray) Root = value;
            return;
        }
        Find(operation, operation.Path, operation.PathText);
        switch (Container(operation, operation.Path, operation.PathText))
        {
            case JsonArray elements when JsonPointer.TryReadIndex(operation.Path.Last, elements.Count, out var index, _lenient):
                elements[index] = value;
                break;
            case JsonObject members:
                members[operation.Path.Last] = value;
                break;
        }
    }
}
