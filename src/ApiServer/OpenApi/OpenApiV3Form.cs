using System.Text.Json;
using System.Text.Json.Nodes;

namespace ActorKube.ApiServer;

/// <summary>Says in OpenAPI 3 what the built-in document says in version 2.</summary>
internal static class OpenApiV3Form
{
    private const string Definitions = "#/definitions/";
    private const string Components = "#/components/schemas/";

    public static JsonObject Schema(JsonObject v2)
    {
        var copy = v2.Copy();
        Rename(copy);
        return copy;
    }

    /// <summary>A definition; those that are more than one type, which version 2 has no words for, are said to be so.</summary>
    public static JsonObject Definition(string name, JsonObject v2)
    {
        var schema = Schema(v2);
        string[]? types = schema.Text("format") == "int-or-string" ? ["integer", "string"] : name == "io.k8s.apimachinery.pkg.api.resource.Quantity" ? ["string", "number"] : null;
        if (types is not null)
        {
            schema.Remove("type");
            schema["oneOf"] = new JsonArray([.. types.Select(t => new JsonObject { ["type"] = t })]);
        }
        OpenApiDefaults.Complete(name, schema);
        return schema;
    }

    private static void Rename(JsonNode? node)
    {
        switch (node)
        {
            case JsonObject tree:
                foreach (var (key, value) in tree.ToArray())
                {
                    if (key == "$ref" && value.AsText() is { } reference && reference.StartsWith(Definitions, StringComparison.Ordinal))
                    {
                        tree[key] = Components + reference[Definitions.Length..];
                    }
                    else
                    {
                        Rename(value);
                    }
                }
                break;
            case JsonArray list:
                foreach (var item in list)
                {
                    Rename(item);
                }
                break;
        }
    }

    /// <summary>A path with its operations. <paramref name="shared"/> holds the parameters that are referred to.</summary>
    public static JsonObject Path(JsonObject v2, JsonElement? shared)
    {
        var result = new JsonObject();
        foreach (var (key, value) in v2)
        {
            if (key == "parameters")
            {
                result[key] = Parameters(value as JsonArray, shared, out _);
            }
            else if (value is JsonObject operation)
            {
                result[key] = Operation(operation, shared);
            }
        }
        return result;
    }

    private static JsonObject Operation(JsonObject v2, JsonElement? shared)
    {
        var result = new JsonObject();
        foreach (var (key, value) in v2)
        {
            switch (key)
            {
                case "parameters":
                    var parameters = Parameters(value as JsonArray, shared, out var body);
                    if (parameters.Count > 0)
                    {
                        result[key] = parameters;
                    }
                    if (body is not null)
                    {
                        var content = new JsonObject();
                        foreach (var type in v2.List("consumes").Texts().DefaultIfEmpty("*/*"))
                        {
                            content[type] = new JsonObject { ["schema"] = Schema(body.Child("schema") ?? []) };
                        }
                        var request = new JsonObject { ["content"] = content };
                        if (body["required"].AsBool() == true)
                        {
                            request["required"] = true;
                        }
                        result["requestBody"] = request;
                    }
                    break;
                case "responses":
                    result[key] = Responses(value as JsonObject ?? [], v2.List("produces"));
                    break;
                case "consumes" or "produces" or "schemes":
                    break;
                default:
                    result[key] = value?.DeepClone();
                    break;
            }
        }
        return result;
    }

    private static JsonArray Parameters(JsonArray? v2, JsonElement? shared, out JsonObject? body)
    {
        body = null;
        var result = new JsonArray();
        foreach (var given in v2.Objects())
        {
            var parameter = given;
            if (given.Text("$ref") is { } reference && shared is { } all && all.TryGetProperty(reference[(reference.LastIndexOf('/') + 1)..], out var found))
            {
                parameter = JsonObject.Create(found)!;
            }
            if (parameter.Text("in") == "body")
            {
                body = parameter;
                continue;
            }
            var converted = new JsonObject { ["name"] = parameter.Text("name"), ["in"] = parameter.Text("in") };
            if (parameter["required"].AsBool() == true)
            {
                converted["required"] = true;
            }
            converted["schema"] = new JsonObject { ["type"] = parameter.Text("type"), ["uniqueItems"] = true };
            result.Add(converted);
        }
        return result;
    }

    private static JsonObject Responses(JsonObject v2, JsonArray? produces)
    {
        var result = new JsonObject();
        foreach (var (code, value) in v2)
        {
            var response = new JsonObject { ["description"] = (value as JsonObject)?.Text("description") ?? "" };
            if ((value as JsonObject)?.Child("schema") is { } schema)
            {
                var content = new JsonObject();
                foreach (var type in produces.Texts())
                {
                    content[type] = new JsonObject { ["schema"] = Schema(schema) };
                }
                response["content"] = content;
            }
            result[code] = response;
        }
        return result;
    }
}
