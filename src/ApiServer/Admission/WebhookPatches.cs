using System.Text.Json;
using System.Text.Json.Nodes;
using ActorKube.Models;

namespace ActorKube.ApiServer;

/// <summary>Carries out what a mutating webhook wants changed. What does not apply fails the request whatever the webhook's failure policy says.</summary>
internal static class WebhookPatches
{
    /// <exception cref="ApiException">500: the patch is none, or an operation does not apply.</exception>
    public static JsonObject Apply(JsonObject document, byte[] patch)
    {
        JsonNode? operations;
        try
        {
            operations = Json.Parse(patch);
        }
        catch (JsonException wrong)
        {
            throw Errors.Internal(BodyReader.Why(patch, wrong));
        }
        if (operations is not JsonArray list)
        {
            throw Errors.Internal($"json: cannot unmarshal {BodyReader.Word(operations)} into Go value of type jsonpatch.Patch");
        }
        JsonNode result = document;
        foreach (var operation in list.Objects())
        {
            try
            {
                result = JsonPatch.ApplyInPlace(result as JsonObject ?? throw NoObject(result), [operation.DeepClone()], rules: JsonPatchRules.ApiServer)!;
            }
            catch (JsonPatchException)
            {
                throw Errors.Internal(Why(operation, result));
            }
        }
        return result as JsonObject ?? throw NoObject(result);
    }

    private static ApiException NoObject(JsonNode made) => Errors.Internal($"couldn't get version/kind; json parse error: json: cannot unmarshal {BodyReader.Word(made)} into Go value of type {WebhookAnswers.Typeless}");

    /// <summary>Why an operation does not apply.</summary>
    private static string Why(JsonObject operation, JsonNode document)
    {
        var (kind, path, from) = (operation.Text("op") ?? "unknown", operation.Text("path") ?? "", operation.Text("from") ?? "");
        return kind switch
        {
            "test" => $"testing value {path} failed: test failed",
            "replace" => $"replace operation does not apply: doc is missing {(HasParent(document, path) ? "key" : "path")}: {path}: missing value",
            "remove" when HasParent(document, path) => $"error in remove for path: '{path}': Unable to remove nonexistent key: {path[(path.LastIndexOf('/') + 1)..]}: missing value",
            "add" or "remove" => $"{kind} operation does not apply: doc is missing path: \"{path}\": missing value",
            "move" or "copy" => $"{kind} operation does not apply: doc is missing from path: {from}: missing value",
            _ => $"Unexpected kind: {kind}",
        };
    }

    private static bool HasParent(JsonNode document, string path)
    {
        JsonNode? at = document;
        foreach (var key in path.Split('/').Skip(1).SkipLast(1))
        {
            at = at is JsonObject tree ? tree[key.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal)]
                : at is JsonArray list && int.TryParse(key, out var index) && index >= 0 && index < list.Count ? list[index] : null;
        }
        return at is JsonObject or JsonArray;
    }
}
