using System.Text.Json;
using System.Text.Json.Nodes;
using ActorKube.Models;

namespace ActorKube.ApiServer;

internal enum PatchType
{
    Json,
    Merge,
    Strategic,
    Apply,
}

/// <summary>A patch as it came in.</summary>
internal sealed record PatchBody(PatchType Type, JsonNode? Body);

/// <summary>The four kinds of patches.</summary>
internal sealed class Patcher(ObjectService objects)
{
    public async Task<PatchBody> ReadAsync(Exchange exchange, ApiResource row)
    {
        var media = BodyReader.MediaType(exchange.Http.Request);
        PatchType? type = media switch
        {
            "application/json-patch+json" => PatchType.Json,
            "application/merge-patch+json" => PatchType.Merge,
            "application/strategic-merge-patch+json" when row.Custom is null => PatchType.Strategic,
            "application/apply-patch+yaml" or "application/apply-patch+json" => PatchType.Apply,
            _ => null,
        };
        if (type is not { } known)
        {
            throw media == "application/strategic-merge-patch+json"
                ? Errors.Of(415, "UnsupportedMediaType",
                    "the body of the request was in an unknown format - accepted media types include: application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml")
                : Errors.UnsupportedPatch();
        }
        var bytes = await BodyReader.ReadAsync(exchange.Http.Request, exchange.Aborted).ConfigureAwait(false);
        try
        {
            return new PatchBody(known, known == PatchType.Apply ? BodyReader.ParseYaml(bytes) : Json.Parse(bytes.Span));
        }
        catch (JsonException wrong)
        {
            throw Errors.BadRequest($"error decoding patch: {wrong.Message}");
        }
        catch (KubeFormatException wrong)
        {
            throw Errors.BadRequest($"error decoding YAML: {wrong.Message}");
        }
    }

    public WriteResult Apply(ApiResource row, string? @namespace, string name, PatchBody patch, WriteContext context, string? subresource)
    {
        if (patch.Type == PatchType.Apply)
        {
            throw Errors.UnsupportedPatch();
        }
        return objects.Change(row, @namespace, name, old => Patched(row, old, patch, context), context, subresource);
    }

    private static JsonObject Patched(ApiResource row, JsonObject old, PatchBody patch, WriteContext context)
    {
        // A patch that names no version shall not be held to the one it was computed from.
        var version = old.Metadata().Text("resourceVersion");
        var result = Combine(row, old, patch);
        if (result.Metadata().Text("resourceVersion") == version && !Mentions(patch.Body))
        {
            result.Metadata().Remove("resourceVersion");
        }
        ObjectService.Decode(row, result, context);
        return result;
    }

    private static bool Mentions(JsonNode? patch) => patch.At("metadata", "resourceVersion") is not null;

    public static JsonObject Combine(ApiResource row, JsonObject old, PatchBody patch)
    {
        switch (patch.Type)
        {
            case PatchType.Json:
                if (patch.Body is not JsonArray operations)
                {
                    throw Errors.BadRequest($"error decoding patch: json: cannot unmarshal object into Go value of type jsonpatch.Patch");
                }
                try
                {
                    return JsonPatch.Apply(old, operations) as JsonObject ?? throw Errors.BadRequest("the patch leaves no object");
                }
                catch (JsonPatchException wrong)
                {
                    throw wrong.Operation is "" ? Errors.BadRequest(wrong.Message) : Errors.Of(422, "Invalid", $"the server rejected our request due to an error in our request: {wrong.Message}", []);
                }
            case PatchType.Merge:
                if (patch.Body is not JsonObject)
                {
                    throw Errors.BadRequest($"error decoding patch: json: cannot unmarshal {(patch.Body is JsonArray ? "array" : "value")} into Go value of type map[string]interface {{}}");
                }
                return JsonMergePatch.Apply(old, patch.Body) as JsonObject ?? throw Errors.BadRequest("the patch leaves no object");
            default:
                if (patch.Body is not JsonObject strategic)
                {
                    throw Errors.BadRequest("error decoding patch: json: cannot unmarshal into Go value of type map[string]interface {}");
                }
                try
                {
                    return StrategicMergePatch.Apply(old, strategic, row.MergeSchema);
                }
                catch (StrategicMergePatchException wrong)
                {
                    throw wrong.StatusCode == 400 ? Errors.BadRequest(wrong.Message) : Errors.Of(wrong.StatusCode, wrong.StatusCode == 422 ? "Invalid" : "", wrong.Message);
                }
        }
    }
}
