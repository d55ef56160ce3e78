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
/// <param name="Type">Which kind it is of.</param>
/// <param name="Body">What it says.</param>
/// <param name="Repeated">What it says twice, in the words of a real server.</param>
internal sealed record PatchBody(PatchType Type, JsonNode? Body, IReadOnlyList<string> Repeated)
{
    /// <summary>Why the body is no JSON; null where it is.</summary>
    public ApiException? Unreadable { get; init; }
}

/// <summary>The four kinds of patches.</summary>
internal sealed class Patcher(ObjectService objects)
{
    private const int MostOperations = 10_000;

    public async Task<PatchBody> ReadAsync(Exchange exchange, ApiResource row)
    {
        // Unlike other media types, those of patches are told apart letter by letter.
        var media = exchange.Http.Request.ContentType?.Split(';')[0].Trim() ?? "";
        PatchType? type = media switch
        {
            "application/json-patch+json" => PatchType.Json,
            "application/merge-patch+json" => PatchType.Merge,
            "application/strategic-merge-patch+json" when row.Custom is null => PatchType.Strategic,
            "application/apply-patch+yaml" => PatchType.Apply,
            _ => null,
        };
        if (type is not { } known)
        {
            throw row.Custom is not null
                ? Errors.Of(415, "UnsupportedMediaType",
                    "the body of the request was in an unknown format - accepted media types include: application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml")
                : Errors.UnsupportedPatch();
        }
        var bytes = await BodyReader.ReadAsync(exchange).ConfigureAwait(false);
        var repeated = new List<string>();
        try
        {
            return new PatchBody(known, known == PatchType.Apply ? Configuration(bytes, repeated) : Json.Parse(bytes.Span, repeated), repeated);
        }
        catch (JsonException wrong)
        {
            // What cannot be read is told only where there is something to patch.
            return new PatchBody(known, null, repeated) { Unreadable = Errors.BadRequest((known == PatchType.Strategic ? "" : "error decoding patch: ") + BodyReader.Why(bytes.Span, wrong)) };
        }
        catch (KubeFormatException wrong)
        {
            throw Errors.BadRequest($"error decoding YAML: error converting YAML to JSON: yaml: {BodyReader.YamlProblem(wrong)}");
        }
    }

    /// <summary>The document of an apply; one that is empty is a configuration of nothing.</summary>
    private static JsonNode Configuration(ReadOnlyMemory<byte> bytes, List<string> repeated)
    {
        var text = bytes.Span.Trim(" \t\r\n"u8);
        return text.IsEmpty || text.SequenceEqual("null"u8) ? new JsonObject() : BodyReader.ParseYaml(bytes, repeated) ?? new JsonObject();
    }

    public static bool IsApply(Exchange exchange) =>
        BodyReader.MediaType(exchange.Http.Request) == "application/apply-patch+yaml";

    public async ValueTask<WriteResult> ApplyAsync(ApiResource row, string? @namespace, string name, PatchBody patch, WriteContext context, string? subresource)
    {
        if (patch is { Type: PatchType.Apply, Unreadable: { } unreadable })
        {
            throw unreadable;
        }
        if (patch.Type != PatchType.Apply)
        {
            return await objects.ChangeAsync(row, @namespace, name, old => Patched(row, old, patch, context), context, subresource).ConfigureAwait(false);
        }
        var named = patch.Body.TextAt("metadata", "name");
        var configuration = Configuration(row, @namespace, name, patch.Body);
        if (configuration.Text("apiVersion") == row.ApiVersion && configuration.Metadata()["managedFields"] is null)
        {
            ApplyShape.Check(row, configuration);
        }
        if (patch.Repeated.Count > 0 && context.FieldValidation == "Strict")
        {
            throw Errors.BadRequest("error strict decoding YAML: error converting YAML to JSON: yaml: unmarshal errors:"
                + string.Concat(patch.Repeated.Select(field => "\n  " + field)));
        }
        if (named is not { Length: > 0 } && !(named is null && row.Store.Current.Get(@namespace ?? "", name) is not null))
        {
            throw Errors.BadRequest($"the name of the object ({name} based on URL) was undeterminable: name must be provided");
        }
        if (context.FieldValidation != "Ignore")
        {
            context.Warnings.AddRange(patch.Repeated);
        }
        var version = configuration.Metadata().Text("resourceVersion");
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                if (row.Store.Current.Get(@namespace ?? "", name) is not null)
                {
                    return await objects.ChangeAsync(row, @namespace, name, old => Applied(row, old, configuration, version, context, subresource, name), context, subresource, FieldManagement.Applied).ConfigureAwait(false);
                }
                if (subresource is not null)
                {
                    throw Errors.NotFound(row.GroupResource, name);
                }
                if (configuration.Metadata().Text("uid") is { Length: > 0 } uid)
                {
                    throw Errors.Conflict(row.GroupResource, name, $"uid mismatch: the provided object specified uid {uid}, and no existing object was found");
                }
                return await objects.CreateAsync(row, @namespace, Applied(row, null, configuration, null, context, null, name), context).ConfigureAwait(false);
            }
            catch (ApiException raced) when (attempt < 5 && subresource is null && raced.Reason is "AlreadyExists" or "NotFound" && raced.Status.TextAt("details", "name") == name && !context.DryRun && attempt < 5)
            {
                if (raced.Reason == "NotFound" && raced.Status.TextAt("details", "kind") != row.Plural)
                {
                    throw;
                }
            }
        }
    }

    /// <summary>Applies a configuration of the server itself to an object that is there. Nobody is asked, so nobody is waited for.</summary>
    /// <exception cref="ApiException">The object is gone, or may not become that.</exception>
    public void ApplyOwn(ApiResource row, string name, JsonObject configuration, WriteContext context, string? subresource) =>
        objects.ChangeOwn(row, name, old => Applied(row, old, configuration, null, context, subresource, name), context, subresource, FieldManagement.Applied);

    private static JsonObject Configuration(ApiResource row, string? @namespace, string name, JsonNode? body)
    {
        if (body is not JsonObject configuration)
        {
            throw Errors.BadRequest($"error decoding YAML: error unmarshaling JSON: while decoding JSON: json: cannot unmarshal {BodyReader.Word(body)} into Go value of type map[string]interface {{}}");
        }
        var (version, kind) = (configuration.Text("apiVersion") ?? "", configuration.Text("kind") ?? "");
        if (kind != row.Kind || version != row.ApiVersion)
        {
            var slash = version.IndexOf('/', StringComparison.Ordinal);
            throw Errors.BadRequest($"invalid object type: {(slash < 0 ? "/" + version : version)}, Kind={kind}".Replace("type: //", "type: /", StringComparison.Ordinal));
        }
        var meta = configuration.Metadata();
        if (meta.Text("name") is not { Length: > 0 })
        {
            meta["name"] = name;
        }
        if (meta.Text("name") != name)
        {
            throw Errors.BadRequest($"the name of the object ({meta.Text("name")}) does not match the name on the URL ({name})");
        }
        if (row.Namespaced && meta.Text("namespace") is { Length: > 0 } space && space != @namespace)
        {
            throw Errors.BadRequest("the namespace of the provided object does not match the namespace sent on the request");
        }
        return configuration;
    }

    private JsonObject Applied(ApiResource row, JsonObject? old, JsonObject configuration, string? version, WriteContext context, string? subresource, string name)
    {
        var result = objects.FieldManagement.Apply(row, old, configuration.Copy(), context, subresource, name);
        if (string.IsNullOrEmpty(version))
        {
            result.Metadata().Remove("resourceVersion");
        }
        else
        {
            result.Metadata()["resourceVersion"] = version;
        }
        if (old is null)
        {
            result.Metadata().Remove("resourceVersion");
            return result;
        }
        try
        {
            ObjectService.Decode(row, result, context);
        }
        catch (ApiException wrong) when (wrong.Code == 400 && row.Custom is null && wrong.Message.Contains("quantities must match", StringComparison.Ordinal))
        {
            var type = $"{(row.Group.Length == 0 ? "/" : "")}{row.ApiVersion}, Kind={row.Kind}";
            throw Errors.Unforeseen($"failed to convert new object ({configuration.Metadata().Text("namespace")}/{name}; {type}) to proper version: unable to convert unstructured object to {type}: {wrong.Message[wrong.Message.IndexOf("quantities", StringComparison.Ordinal)..]}");
        }
        return result;
    }

    private static JsonObject Patched(ApiResource row, JsonObject old, PatchBody patch, WriteContext context)
    {
        // A patch that names no version shall not be held to the one it was computed from.
        var version = old.Metadata().Text("resourceVersion");
        var result = Combine(row, old, patch);
        if (result["metadata"] is { } metadata and not JsonObject)
        {
            throw PatchFailures.NoMetadata(row, patch, result, metadata, version);
        }
        if (patch.Type == PatchType.Strategic)
        {
            // What it says of its own kind is not looked at.
            (result["kind"], result["apiVersion"]) = (row.Kind, row.ApiVersion);
        }
        if (result.Metadata().Text("resourceVersion") == version && !Mentions(patch.Body))
        {
            result.Metadata().Remove("resourceVersion");
        }
        // What says nothing of its kind is of the kind that was asked for.
        var (kind, apiVersion) = (result.Text("kind") is { Length: > 0 } named ? named : row.Kind, result.Text("apiVersion") is { Length: > 0 } given ? given : row.ApiVersion);
        if (kind != row.Kind || apiVersion != row.ApiVersion)
        {
            throw row.Custom is null ? PatchFailures.Undecodable(row, patch, result, version, BodyReader.NotRegistered(kind, apiVersion, row.Group))
                : kind != row.Kind ? BodyReader.WrongKind(row, kind, result)
                : Errors.BadRequest($"the API version in the data ({apiVersion}) does not match the expected API version ({row.ApiVersion})");
        }
        // What is strict shows what it does not know.
        var read = context.FieldValidation == "Strict" ? result.Copy() : result;
        try
        {
            ObjectService.Decode(row, result, context, StrictProblems(patch), sorted: true);
        }
        catch (ApiException wrong) when (wrong.Code == 400 && (row.Custom is null || wrong.Message.Contains("strict decoding error: ", StringComparison.Ordinal)))
        {
            throw PatchFailures.Undecodable(row, patch, read, version, wrong.Message);
        }
        return result;
    }

    /// <summary>What a patch makes of an object's form below it, which is of a kind of its own.</summary>
    /// <exception cref="ApiException">422: what comes out is not of that kind.</exception>
    public static JsonObject CombineAs(ApiResource row, JsonObject old, PatchBody patch, string kind, string apiVersion, List<string> problems)
    {
        var result = Combine(row, old, patch);
        try
        {
            BodyReader.HoldTo(result, kind, apiVersion, problems);
        }
        catch (ApiException wrong) when (wrong.Code == 400)
        {
            throw PatchFailures.Undecodable(row, patch, result, null, wrong.Message, ofCustom: false);
        }
        return result;
    }

    /// <summary>What strict reading finds in the patch itself.</summary>
    private static IEnumerable<string> StrictProblems(PatchBody patch)
    {
        var prefix = patch.Type == PatchType.Json ? "json patch " : "";
        foreach (var field in patch.Repeated)
        {
            yield return prefix + field;
        }
        if (patch is not { Type: PatchType.Json, Body: JsonArray operations })
        {
            yield break;
        }
        for (var i = 0; i < operations.Count; i++)
        {
            foreach (var (field, _) in operations[i] as JsonObject ?? [])
            {
                if (field is not ("op" or "path" or "from" or "value"))
                {
                    yield return $"json patch unknown field \"[{i}].{field}\"";
                }
            }
        }
    }

    /// <summary>The operations of a JSON patch; none where it is null.</summary>
    private static JsonArray Operations(JsonNode? body)
    {
        string Cannot(JsonNode? given, string what) => $"error decoding patch: json: cannot unmarshal {BodyReader.Word(given)} into Go {what}";
        if ((body ?? new JsonArray()) is not JsonArray operations)
        {
            throw Errors.BadRequest(Cannot(body, "value of type []handlers.jsonPatchOp"));
        }
        foreach (var operation in operations)
        {
            if (operation is not (null or JsonObject))
            {
                throw Errors.BadRequest(Cannot(operation, "value of type handlers.jsonPatchOp"));
            }
            foreach (var field in (string[])["op", "path", "from"])
            {
                if ((operation as JsonObject)?[field] is { } given && given.AsText() is null)
                {
                    throw Errors.BadRequest(Cannot(given, $"struct field jsonPatchOp.{field} of type string"));
                }
            }
        }
        return operations.Count <= MostOperations ? operations
            : throw Errors.Of(413, "RequestEntityTooLarge", $"Request entity too large: The allowed maximum operations in a JSON patch is {MostOperations}, got {operations.Count}");
    }

    private static bool Mentions(JsonNode? patch) => patch.At("metadata", "resourceVersion") is not null;

    public static JsonObject Combine(ApiResource row, JsonObject old, PatchBody patch)
    {
        if (patch.Unreadable is { } unreadable)
        {
            throw unreadable;
        }
        switch (patch.Type)
        {
            case PatchType.Json:
                JsonNode? patched;
                try
                {
                    patched = JsonPatch.ApplyInPlace(old, Operations(patch.Body), rules: JsonPatchRules.ApiServer);
                }
                catch (JsonPatchException)
                {
                    throw Errors.UnprocessablePatch();
                }
                return patched as JsonObject ?? throw PatchFailures.Of(patched!.ToJsonString(Json.Compact), "couldn't get version/kind; json parse error: json: cannot unmarshal array into Go value of type struct { APIVersion string \"json:\\\"apiVersion,omitempty\\\"\"; Kind string \"json:\\\"kind,omitempty\\\"\" }");
            case PatchType.Merge:
                if (patch.Body is null)
                {
                    throw Errors.BadRequest("Invalid JSON Patch");
                }
                if (patch.Body is not JsonObject)
                {
                    throw Errors.BadRequest($"error decoding patch: json: cannot unmarshal {BodyReader.Word(patch.Body)} into Go value of type map[string]interface {{}}");
                }
                return JsonMergePatch.Apply(old, patch.Body) as JsonObject ?? throw Errors.BadRequest("the patch leaves no object");
            default:
                if ((patch.Body ?? new JsonObject()) is not JsonObject strategic)
                {
                    throw Errors.BadRequest($"json: cannot unmarshal {BodyReader.Word(patch.Body)} into Go value of type map[string]interface {{}}");
                }
                try
                {
                    return StrategicMergePatch.Apply(old, strategic, row.MergeSchema);
                }
                catch (StrategicMergePatchException wrong)
                {
                    throw wrong.StatusCode switch { 400 => Errors.BadRequest(wrong.Message), 422 => Errors.UnprocessablePatch(), _ => Errors.Unforeseen(wrong.Message) };
                }
        }
    }
}
