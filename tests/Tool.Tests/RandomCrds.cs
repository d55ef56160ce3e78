using System.Text.Json.Nodes;

namespace Tool.Tests;

/// <summary>Definitions that say anything a definition can say, put together by chance.</summary>
internal sealed class RandomCrds(int seed)
{
    private readonly Random _random = new(seed);

    public JsonObject Next(int number)
    {
        var versions = new JsonArray(Version("v1", stored: true));
        if (Sometimes(3)) versions.Add((JsonNode)Version("v1beta1", stored: false));
        var names = new JsonObject { ["kind"] = $"Thing{number}", ["plural"] = $"things{number}", ["singular"] = Sometimes(4) ? "thingummy" : $"thing{number}", ["listKind"] = Sometimes(4) ? "Things" : $"Thing{number}List" };
        if (Sometimes(2)) names["shortNames"] = new JsonArray("th", "tg");
        if (Sometimes(2)) names["categories"] = new JsonArray("all");
        var spec = new JsonObject { ["group"] = "random.example.com", ["scope"] = Sometimes(2) ? "Cluster" : "Namespaced", ["names"] = names, ["versions"] = versions };
        if (Sometimes(3)) spec["conversion"] = Conversion();
        return new JsonObject
        {
            ["apiVersion"] = "apiextensions.k8s.io/v1",
            ["kind"] = "CustomResourceDefinition",
            ["metadata"] = new JsonObject { ["name"] = $"things{number}.random.example.com" },
            ["spec"] = spec,
        };
    }

    private JsonObject Conversion()
    {
        var client = new JsonObject();
        if (Sometimes(2))
        {
            client["url"] = "https://hooks.example.com/convert";
        }
        else
        {
            var service = new JsonObject { ["namespace"] = "system", ["name"] = "hooks" };
            if (Sometimes(2)) service["path"] = "/convert";
            if (Sometimes(2)) service["port"] = 9443;
            client["service"] = service;
        }
        if (Sometimes(2)) client["caBundle"] = "Y2VydGlmaWNhdGU=";
        JsonArray versions = Sometimes(2) ? ["v1"] : ["v1", "v1beta1"];
        return new JsonObject { ["strategy"] = "Webhook", ["webhook"] = new JsonObject { ["clientConfig"] = client, ["conversionReviewVersions"] = versions } };
    }

    private JsonObject Version(string name, bool stored)
    {
        var schema = Object(3, isRoot: true);
        var properties = schema["properties"]!.AsObject();
        (properties["apiVersion"], properties["kind"], properties["metadata"]) = (Typed("string"), Typed("string"), Typed("object"));
        var hasStatus = Sometimes(2);
        if (hasStatus) properties["status"] = Object(2);
        var version = new JsonObject { ["name"] = name, ["served"] = stored || Sometimes(2), ["storage"] = stored, ["schema"] = new JsonObject { ["openAPIV3Schema"] = schema } };
        var subresources = new JsonObject();
        if (hasStatus) subresources["status"] = new JsonObject();
        if (Sometimes(3))
        {
            subresources["scale"] = new JsonObject { ["specReplicasPath"] = ".spec.replicas", ["statusReplicasPath"] = ".status.replicas" };
            if (Sometimes(2)) subresources["scale"]!["labelSelectorPath"] = ".status.selector";
        }
        if (subresources.Count > 0) version["subresources"] = subresources;
        if (!stored && Sometimes(2)) version["deprecated"] = true;
        if (version["deprecated"] is not null && Sometimes(2)) version["deprecationWarning"] = "use \"v1\"\nsoon";
        if (Sometimes(2)) version["selectableFields"] = new JsonArray(new JsonObject { ["jsonPath"] = ".spec.a" });
        if (Sometimes(2))
        {
            var column = new JsonObject { ["name"] = "Age", ["type"] = "date", ["jsonPath"] = ".metadata.creationTimestamp" };
            if (Sometimes(2)) column["description"] = "How \"old\" it is";
            if (Sometimes(2)) column["priority"] = 1;
            version["additionalPrinterColumns"] = new JsonArray(column);
        }
        return version;
    }

    private JsonObject Schema(int depth)
    {
        var schema = (depth == 0 ? _random.Next(7) : _random.Next(11)) switch
        {
            0 => Text(),
            1 => Number("integer", Sometimes(3) ? null : Sometimes(2) ? "int32" : "int64"),
            2 => Number("number", Sometimes(3) ? null : Sometimes(2) ? "float" : "double"),
            3 => With(Typed("boolean"), "default", JsonValue.Create(true)),
            4 => IntOrString(),
            5 => Text(),
            6 => Loose(),
            7 => List(depth),
            8 => With(With(Typed("object"), "additionalProperties", Schema(depth - 1), 1), "maxProperties", JsonValue.Create(5)),
            _ => Object(depth),
        };
        if (Sometimes(6)) schema["nullable"] = true;
        if (Sometimes(6)) schema["title"] = "a title";
        if (schema["description"] is null && Sometimes(2)) schema["description"] = Sometimes(2) ? "It is \"this\" & <that>." : "Two lines.\nThe second.";
        return schema;
    }

    private JsonObject Object(int depth, bool isRoot = false)
    {
        var properties = new JsonObject();
        foreach (var name in (ReadOnlySpan<string>)["spec", "a", "b-c", "d.e", "class", "Items", "fooBar"])
        {
            if (name == "spec" ? isRoot : properties.Count == 0 || Sometimes(3)) properties[name] = Schema(depth - 1);
        }
        var schema = With(Typed("object"), "properties", properties, 1);
        string[] required = [.. properties.Select(property => property.Key).Where(_ => Sometimes(3))];
        if (required.Length > 0) schema["required"] = new JsonArray([.. required.Select(name => JsonValue.Create(name))]);
        if (!isRoot && Sometimes(5)) schema["x-kubernetes-map-type"] = Sometimes(2) ? "atomic" : "granular";
        if (!isRoot && Sometimes(5)) schema["x-kubernetes-preserve-unknown-fields"] = true;
        if (!isRoot && Sometimes(6)) schema["minProperties"] = 1;
        if (Sometimes(5)) schema["oneOf"] = new JsonArray(new JsonObject { ["required"] = new JsonArray("a") });
        return Rules(schema);
    }

    private JsonObject List(int depth)
    {
        var items = Schema(depth - 1);
        var schema = new JsonObject { ["type"] = "array", ["items"] = items };
        if (Sometimes(3)) schema["minItems"] = 1;
        if (Sometimes(3)) schema["maxItems"] = 9;
        if (Sometimes(6)) schema["default"] = new JsonArray();
        switch (_random.Next(3))
        {
            case 0:
                schema["x-kubernetes-list-type"] = "atomic";
                break;
            case 1 when items["properties"] is JsonObject properties && items["nullable"] is null:
                var key = properties.First().Key;
                schema["x-kubernetes-list-type"] = "map";
                schema["x-kubernetes-list-map-keys"] = new JsonArray(key);
                break;
            case 2 when (string?)items["type"] is "string" or "integer":
                schema["x-kubernetes-list-type"] = "set";
                break;
        }
        return Rules(schema);
    }

    private JsonObject Text()
    {
        var schema = Typed("string");
        if (Sometimes(3)) schema["format"] = new[] { "email", "date-time", "byte", "uuid", "date" }[_random.Next(5)];
        if (Sometimes(4)) schema["enum"] = new JsonArray("A", "a", "b-c", "");
        if (Sometimes(4)) schema["pattern"] = """^[a-z"\\]+\d$""";
        if (Sometimes(4)) schema["minLength"] = 2;
        if (Sometimes(4)) schema["maxLength"] = 20;
        if (Sometimes(4)) schema["default"] = "some \"text\"";
        return Rules(schema);
    }

    private JsonObject Number(string type, string? format)
    {
        var schema = Typed(type);
        if (format is not null) schema["format"] = format;
        if (Sometimes(3)) schema["minimum"] = type == "number" && Sometimes(2) ? -0.5 : -3;
        if (Sometimes(3)) schema["maximum"] = Sometimes(2) ? 9_007_199_254_740_991 : 7;
        if (schema["minimum"] is not null && Sometimes(2)) schema["exclusiveMinimum"] = true;
        if (schema["maximum"] is not null && Sometimes(2)) schema["exclusiveMaximum"] = true;
        if (Sometimes(4)) schema["multipleOf"] = 2;
        if (Sometimes(4)) schema["default"] = type == "number" ? 1.5 : 5;
        if (Sometimes(6)) schema["enum"] = new JsonArray(1, 5);
        return Rules(schema);
    }

    private JsonObject IntOrString()
    {
        var schema = new JsonObject { ["x-kubernetes-int-or-string"] = true };
        if (Sometimes(2)) schema["anyOf"] = new JsonArray(Typed("integer"), Typed("string"));
        if (Sometimes(3)) schema["pattern"] = "^[0-9]+%$";
        return schema;
    }

    private JsonObject Loose() => _random.Next(3) switch
    {
        0 => new JsonObject { ["x-kubernetes-preserve-unknown-fields"] = true },
        1 => new JsonObject { ["type"] = "object", ["x-kubernetes-preserve-unknown-fields"] = true },
        _ => new JsonObject { ["type"] = "object", ["x-kubernetes-embedded-resource"] = true, ["x-kubernetes-preserve-unknown-fields"] = true },
    };

    private JsonObject Rules(JsonObject schema)
    {
        if (!Sometimes(5)) return schema;
        var rule = new JsonObject { ["rule"] = "self == \"x\" || oldSelf != self" };
        if (Sometimes(2)) rule["message"] = "it is \\ wrong";
        if (Sometimes(3)) rule["messageExpression"] = "'it is ' + self";
        if (Sometimes(3)) rule["reason"] = "FieldValueForbidden";
        if (Sometimes(3)) rule["fieldPath"] = ".a";
        if (Sometimes(3)) rule["optionalOldSelf"] = true;
        schema["x-kubernetes-validations"] = new JsonArray(rule);
        return schema;
    }

    private JsonObject With(JsonObject schema, string field, JsonNode value, int oneIn = 3)
    {
        if (Sometimes(oneIn)) schema[field] = value;
        return schema;
    }

    private static JsonObject Typed(string type) => new() { ["type"] = type };

    private bool Sometimes(int oneIn) => _random.Next(oneIn) == 0;
}
