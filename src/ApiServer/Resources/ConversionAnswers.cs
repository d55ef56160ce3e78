using System.Text.Json.Nodes;

namespace ActorKube.ApiServer;

/// <summary>Reads what conversion webhooks answer.</summary>
internal static class ConversionAnswers
{
    private const string Group = "apiextensions.k8s.io";

    /// <summary>The converted objects.</summary>
    /// <exception cref="WebhookException">It is no answer to this request, or says that it could not.</exception>
    public static List<JsonNode?> Read(JsonObject review, string version, string uid)
    {
        var (given, kind) = (review.Text("apiVersion") ?? "", review.Text("kind") ?? "");
        if (given.Length > 0 && kind.Length > 0 && kind != "ConversionReview")
        {
            throw new WebhookException($"no kind \"{kind}\" is registered for version \"{given}\" in scheme \"k8s.io/apiserver/pkg/util/webhook/client.go:71\"");
        }
        if (given.Length > 0 && given != $"{Group}/{version}")
        {
            throw new WebhookException($"converting ({given[(given.IndexOf('/', StringComparison.Ordinal) + 1)..]}.ConversionReview) to ({version}.ConversionReview): unknown conversion");
        }
        if (version == "v1" && (given.Length == 0 || kind.Length == 0))
        {
            throw new WebhookException($"expected webhook response of {Group}/v1, Kind=ConversionReview, got /, Kind={kind}");
        }
        if (review.Child("response") is not { } response)
        {
            throw new WebhookException("no response provided");
        }
        if (version == "v1" && (response.Text("uid") ?? "") is var answered && answered != uid)
        {
            throw new WebhookException($"expected response.uid={FieldErrors.Quote(uid)}, got {FieldErrors.Quote(answered)}");
        }
        if ((response.TextAt("result", "status") ?? "") is var status && status != "Success")
        {
            throw new WebhookException(response.TextAt("result", "message") is { Length: > 0 } why ? why : $"response.result.status was '{status}', not 'Success'");
        }
        return [.. response.List("convertedObjects") ?? []];
    }

    /// <summary>A converted object with the metadata that it had: a conversion may change labels and annotations, nothing else of it.</summary>
    /// <exception cref="ApiException">500: it is another object than the one that was given.</exception>
    public static JsonObject Checked(JsonObject given, JsonNode? converted, string desired, string whom)
    {
        var made = (converted as JsonObject)?.Copy() ?? throw Errors.Unforeseen($"json: cannot unmarshal {BodyReader.Word(converted)} into Go value of type map[string]interface {{}}");
        if (made.Text("kind") is not { Length: > 0 } kind)
        {
            throw Errors.Unforeseen($"Object 'Kind' is missing in '{made.ToJsonString()}'");
        }
        if (made.Text("apiVersion") != desired)
        {
            throw Errors.Unforeseen($"{whom} returned invalid object at index 0: invalid groupVersion (expected {desired}, received {made.Text("apiVersion")})");
        }
        if (kind != given.Text("kind"))
        {
            throw Errors.Unforeseen($"{whom} returned invalid object at index 0: invalid kind (expected {given.Text("kind")}, received {kind})");
        }
        var (before, after) = (given.Metadata(), made["metadata"] as JsonObject);
        foreach (var (field, shown) in ((string, string)[])[("name", "name"), ("namespace", "namespace"), ("uid", "UID")])
        {
            if ((before.Text(field) ?? "") is var was && (after?.Text(field) ?? "") is var now && was != now)
            {
                throw Errors.Unforeseen($"{whom} returned invalid object: must have the same {shown}: {was} != {now}");
            }
        }
        if (after is null)
        {
            throw Errors.Unforeseen($"{whom} returned invalid metadata: missing metadata in converted object");
        }
        var metadata = before.Copy();
        foreach (var field in (string[])["labels", "annotations"])
        {
            metadata.Remove(field);
            if (after[field] is { } value)
            {
                metadata[field] = Texts(value, field, whom).DeepClone();
            }
        }
        made["metadata"] = metadata;
        return made;
    }

    private static JsonObject Texts(JsonNode value, string field, string whom)
    {
        if (value is not JsonObject map)
        {
            throw Errors.Unforeseen($"{whom} returned invalid metadata: invalid metadata.{field} of type {GoType(value)} in converted object");
        }
        foreach (var (key, text) in map)
        {
            if (text.AsText() is null)
            {
                throw Errors.Unforeseen($"{whom} returned invalid metadata: metadata.{field}[{key}] must be a string, but is {GoType(text)} in converted object");
            }
        }
        var errors = new FieldErrors();
        if (field == "labels")
        {
            NameValidation.Labels(map, "metadata.labels", errors);
        }
        else
        {
            NameValidation.Annotations(map, "metadata.annotation", errors);
        }
        return errors.Any ? throw Errors.Unforeseen($"{whom} returned invalid metadata: {errors.Joined()}") : map;
    }

    private static string GoType(JsonNode? value) => BodyReader.Word(value) switch
    {
        "object" => "map[string]interface {}",
        "array" => "[]interface {}",
        "number" => value.AsLong() is null ? "float64" : "int64",
        "null" => "<nil>",
        var word => word,
    };
}
