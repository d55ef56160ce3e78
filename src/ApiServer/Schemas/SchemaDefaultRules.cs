using System.Text.Json.Nodes;

namespace ActorKube.ApiServer;

/// <summary>Whether the defaults of a structural schema are values of it.</summary>
internal static class SchemaDefaultRules
{
    public static void Check(JsonObject schema, string at, FieldErrors errors, bool inMetadata = false, bool isRoot = false)
    {
        var embedded = isRoot || schema["x-kubernetes-embedded-resource"].AsBool() == true;
        if (isRoot && schema["default"] is JsonObject whole)
        {
            // What stands for a whole object must say what it is.
            foreach (var field in (string[])["apiVersion", "kind"])
            {
                if (string.IsNullOrEmpty(whole.Text(field)))
                {
                    errors.Required($"{at}.default.{field}", "must not be empty");
                }
            }
            return;
        }
        if (schema["default"] is { } given)
        {
            var read = StructuralSchemaReader.Read(schema);
            if (!inMetadata && !IsPruned(given, read))
            {
                errors.Add("FieldValueInvalid", $"{at}.default", $"Invalid value: {FieldErrors.GoShow(given)}: must not have unknown fields");
            }
            var before = errors.Count;
            SchemaValidator.ValidateValue(given, read, $"{at}.default", errors);
            if (errors.Count == before)
            {
                CelRules.Check(given, null, read, $"{at}.default", errors);
            }
        }
        else if (schema.ContainsKey("default") && schema["nullable"].AsBool() != true)
        {
            SchemaValidator.ValidateValue(null, StructuralSchemaReader.Read(schema), $"{at}.default", errors);
        }
        if (schema.Child("items") is { } items)
        {
            Check(items, $"{at}.items", errors, inMetadata);
        }
        foreach (var (name, child) in schema.Child("properties") ?? [])
        {
            if (child is JsonObject field)
            {
                Check(field, $"{at}.properties[{name}]", errors, inMetadata || (embedded && name is "metadata" or "apiVersion" or "kind" && embedded));
            }
        }
    }

    private static bool IsPruned(JsonNode given, Schema schema)
    {
        var unknown = new List<string>();
        var whole = new JsonObject { ["value"] = given.DeepClone() };
        Structural.Prune(whole, new Schema { Type = "object", Properties = new Dictionary<string, Schema> { ["value"] = schema } }, unknown);
        return unknown.Count == 0;
    }
}
