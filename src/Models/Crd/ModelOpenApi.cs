using System.Text.Json.Nodes;
using k8s.Models;

namespace ActorKube.Models;

/// <summary>The OpenAPI v3 schemas of generated types, for custom resources that embed them: pod templates, conditions, selectors.</summary>
internal static class ModelOpenApi
{
    public static JsonObject Of(ModelSchema model) => Of(model, []);

    private static JsonObject Of(ModelSchema model, HashSet<Type> within)
    {
        // Metadata of embedded objects may be anything; types that contain themselves (schemas) end where they begin again.
        if (model.Type == typeof(V1ObjectMeta) || !within.Add(model.Type))
            return new JsonObject { ["type"] = "object", ["x-kubernetes-preserve-unknown-fields"] = true };
        var properties = new JsonObject();
        var required = new JsonArray();
        foreach (var field in model.Fields)
        {
            properties[field.JsonName] = Of(field, within);
            if (field.IsRequired) required.Add(field.JsonName);
        }
        within.Remove(model.Type);
        var schema = new JsonObject { ["type"] = "object", ["properties"] = properties };
        if (required.Count > 0) schema["required"] = required;
        if (model.IsAtomic) schema["x-kubernetes-map-type"] = "atomic";
        return schema;
    }

    private static JsonObject Of(ModelField field, HashSet<Type> within)
    {
        var schema = field.OpenApi(element => Of(element, within));
        if (field.Patch.MapType is { } map) schema["x-kubernetes-map-type"] = map;
        if (field.Patch.ListType is not { } list) return schema;
        schema["x-kubernetes-list-type"] = list;
        if (field.Patch.MapKeys is not { } keys) return schema;
        schema["x-kubernetes-list-map-keys"] = new JsonArray([.. keys.Select(key => JsonValue.Create(key))]);
        // The server wants each key to be required or to have a default; protocol is the one that may be left out.
        var item = schema["items"]!.AsObject();
        var required = item["required"]?.AsArray() ?? [];
        foreach (var key in keys)
        {
            if (key == "protocol") item["properties"]!["protocol"]!["default"] = "TCP";
            else if (!required.Any(name => name!.GetValue<string>() == key)) required.Add(key);
        }
        if (required.Count > 0 && required.Parent is null) item["required"] = required;
        return schema;
    }
}
