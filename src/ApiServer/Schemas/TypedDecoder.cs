using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using k8s.Models;

namespace ActorKube.ApiServer;

/// <summary>
/// Reads a tree as a built-in type would be read: fields the type does not know are left out (and reported), a value of the wrong JSON type
/// is an error, and what a Go struct would not write again (null, empty lists and maps) is dropped.
/// </summary>
internal static class TypedDecoder
{
    /// <summary>Decodes <paramref name="tree"/> in place.</summary>
    /// <param name="tree">The object; changed.</param>
    /// <param name="schema">What its kind has.</param>
    /// <param name="version">The kind's version, without its group.</param>
    /// <param name="kind">The kind.</param>
    /// <param name="unknown">Receives the paths of unknown fields.</param>
    /// <param name="typeName">Go's name of the type, where it is not that of the kind.</param>
    /// <exception cref="ApiException">400: a value has the wrong type.</exception>
    public static void Decode(JsonObject tree, Schema schema, string version, string kind, List<string> unknown, string? typeName = null)
    {
        var walk = new Walk(version, kind, unknown);
        walk.Object(tree, schema, "", typeName ?? kind, true);
    }

    /// <summary>What Go calls a JSON value that it cannot put somewhere.</summary>
    public static string GoKind(JsonNode value) => GoKind(value.GetValueKind());

    private static string GoKind(JsonValueKind given) => given switch
    {
        JsonValueKind.String => "string",
        JsonValueKind.Number => "number",
        JsonValueKind.True or JsonValueKind.False => "bool",
        JsonValueKind.Array => "array",
        _ => "object",
    };

    private sealed class Walk(string version, string kind, List<string> unknown)
    {
        public void Object(JsonObject tree, Schema schema, string path, string typeName, bool root)
        {
            if (schema.PreserveUnknownFields)
            {
                return;
            }
            if (schema.AdditionalProperties is { } values)
            {
                foreach (var key in tree.Select(p => p.Key).ToArray())
                {
                    if (tree[key] is not { } value)
                    {
                        if (values.Type == "string")
                        {
                            tree[key] = "";
                        }
                        continue;
                    }
                    Value(value, values, $"{path}.{MapKey}{key}", $"{typeName}");
                    Settle(tree, key, value, values);
                }
                return;
            }
            foreach (var key in tree.Select(p => p.Key).ToArray())
            {
                if (!schema.Properties.TryGetValue(key, out var field))
                {
                    unknown.Add(Join(path, key).Replace(MapKey, "", StringComparison.Ordinal));
                    tree.Remove(key);
                    continue;
                }
                var value = tree[key];
                if (value is null)
                {
                    tree.Remove(key);
                    continue;
                }
                var at = Join(path, key);
                Value(value, field, at, $"{typeName}.{(at.AsSpan().ContainsAny('[', MapKey[0]) ? FieldsOf(at) : at)}");
                value = Settle(tree, key, value, field);
                if (Drops(key, value, field, schema))
                {
                    tree.Remove(key);
                }
            }
            if (root)
            {
                AddSpecAndStatus(tree, schema);
            }
            else
            {
                AddAlways(tree, schema);
                AddTimes(tree, schema);
            }
        }

        /// <summary>Stands in a path before what is a map's key and no field.</summary>
        private const string MapKey = "\u0001";

        /// <summary>Go names a field by the fields on the way to it, and says nothing of elements and keys.</summary>
        private static string FieldsOf(string path)
        {
            var text = new StringBuilder(path.Length);
            for (var i = 0; i < path.Length; i++)
            {
                if (path[i] == '[')
                {
                    i = path.IndexOf(']', i);
                }
                else if (path[i] == '.' && path.AsSpan(i + 1).StartsWith(MapKey, StringComparison.Ordinal))
                {
                    i = path.IndexOf('.', i + 1) is var next and > 0 ? next - 1 : path.Length;
                }
                else
                {
                    text.Append(path[i]);
                }
            }
            return text.ToString();
        }

        /// <summary>Quantities and times come back in the one form in which Go's types write them.</summary>
        private static JsonNode Settle(JsonObject tree, string key, JsonNode value, Schema schema)
        {
            var text = schema.TypeName switch
            {
                "Quantity" => ResourceQuantity.TryParse(value.AsText() ?? value.ToJsonString(), out var quantity) ? quantity.RoundUp(-9).ToString() : null,
                "Time" or "MicroTime" => GoTimes.Canonical(value.AsText() ?? "", schema.TypeName == "MicroTime"),
                _ => null,
            };
            if (text is null || text == value.AsText())
            {
                return value;
            }
            var settled = JsonValue.Create(text);
            tree[key] = settled;
            return settled;
        }

        /// <summary>Whether Go's encoder would leave a value out.</summary>
        private static bool Drops(string key, JsonNode value, Schema field, Schema parent)
        {
            if (parent.Always.Contains(key) || Array.IndexOf(parent.Required, key) >= 0)
            {
                return false;
            }
            return value switch
            {
                JsonArray { Count: 0 } => true,
                JsonObject { Count: 0 } => field.AdditionalProperties is not null,
                _ => !parent.Pointers.Contains(key) && field is { IntOrString: false, PreserveUnknownFields: false } && IsZero(value),
            };
        }

        private static bool IsZero(JsonNode value) => value.GetValueKind() switch
        {
            JsonValueKind.String => value.AsText() == "",
            JsonValueKind.False => true,
            JsonValueKind.Number => value.AsLong() == 0,
            _ => false,
        };

        /// <summary>Spec and status are structs in Go: written even when nothing stands in them.</summary>
        private static void AddSpecAndStatus(JsonObject tree, Schema schema)
        {
            foreach (var name in (string[])["spec", "status"])
            {
                if (schema.Properties.TryGetValue(name, out var field) && field is { Type: "object", AdditionalProperties: null } && !tree.ContainsKey(name))
                {
                    var empty = new JsonObject();
                    AddAlways(empty, field);
                    tree[name] = empty;
                }
            }
        }

        /// <summary>Times that are no pointers in Go are written as null when they are not set.</summary>
        private static void AddTimes(JsonObject tree, Schema schema)
        {
            if (schema.TypeName is null)
            {
                return;
            }
            foreach (var name in TimesOf(schema.TypeName))
            {
                if (!tree.ContainsKey(name) && schema.Properties.ContainsKey(name))
                {
                    tree[name] = null;
                }
            }
        }

        private static string[] TimesOf(string type) => type switch
        {
            "ObjectMeta" => ["creationTimestamp"],
            "ContainerStateRunning" or "ContainerStateTerminated" => ["startedAt", "finishedAt"],
            _ when type.EndsWith("Condition", StringComparison.Ordinal) => ["lastTransitionTime", "lastUpdateTime", "lastProbeTime", "lastHeartbeatTime"],
            _ => [],
        };

        /// <summary>Writes what Go's encoder would write though nobody set it.</summary>
        private static void AddAlways(JsonObject tree, Schema schema)
        {
            if (schema.TypeName == "ContainerStatus")
            {
                tree.Default("state", new JsonObject());
                tree.Default("lastState", new JsonObject());
            }
            foreach (var name in schema.Always)
            {
                if (tree.ContainsKey(name) || !schema.Properties.TryGetValue(name, out var field))
                {
                    continue;
                }
                tree[name] = field switch
                {
                    { Format: "date-time" } or { Type: "array" } or { AdditionalProperties: not null } or { PreserveUnknownFields: true } => null,
                    { Type: "string", TypeName: null } => "",
                    { Type: "integer" or "number" } => 0,
                    { Type: "boolean" } => false,
                    { Type: "object" } => schema.Pointers.Contains(name) ? null : new JsonObject(),
                    _ => null,
                };
                if (tree[name] is JsonObject child)
                {
                    AddAlways(child, field);
                }
            }
        }

        private void Value(JsonNode value, Schema schema, string path, string goPath)
        {
            var given = value.GetValueKind();
            if (schema.IntOrString)
            {
                if (given is not (JsonValueKind.String or JsonValueKind.Number))
                {
                    throw Wrong(given, goPath, "intstr.IntOrString");
                }
                return;
            }
            switch (schema.Type)
            {
                case "string" when schema.TypeName == "Quantity":
                    if (given is not (JsonValueKind.String or JsonValueKind.Number))
                    {
                        throw Wrong(given, goPath, "resource.Quantity");
                    }
                    if (!ResourceQuantity.TryParse(value.AsText() ?? value.ToJsonString(), out _))
                    {
                        throw Failure("quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'");
                    }
                    break;
                case "string":
                    if (given != JsonValueKind.String)
                    {
                        throw Wrong(given, goPath, schema.Format == "byte" ? "[]uint8" : "string");
                    }
                    Format(value, schema);
                    break;
                case "integer":
                    if (given != JsonValueKind.Number)
                    {
                        throw Wrong(given, goPath, schema.Format == "int64" ? "int64" : "int32");
                    }
                    if (value.AsLong() is not { } number || (schema.Format == "int32" && number is > int.MaxValue or < int.MinValue))
                    {
                        throw Failure($"json: cannot unmarshal number {value.ToJsonString()} into Go struct field {goPath} of type {schema.Format ?? "int32"}");
                    }
                    break;
                case "number":
                    if (given != JsonValueKind.Number)
                    {
                        throw Wrong(given, goPath, "float64");
                    }
                    break;
                case "boolean":
                    if (given is not (JsonValueKind.True or JsonValueKind.False))
                    {
                        throw Wrong(given, goPath, "bool");
                    }
                    break;
                case "array":
                    if (value is not JsonArray list)
                    {
                        throw Wrong(given, goPath, $"[]{GoType(schema.Items)}");
                    }
                    if (schema.Items is { } items)
                    {
                        for (var i = 0; i < list.Count; i++)
                        {
                            if (list[i] is { } item)
                            {
                                Value(item, items, $"{path}[{i}]", items.TypeName ?? goPath);
                            }
                        }
                    }
                    break;
                case "object" when schema.TypeName == "RawExtension":
                    // Whatever it is: who looks into it says what is wrong with it.
                    break;
                case "object":
                    if (value is not JsonObject child)
                    {
                        throw Wrong(given, goPath, GoType(schema));
                    }
                    Object(child, schema, path, schema.TypeName is null ? goPath : schema.TypeName, false);
                    break;
            }
        }

        private void Format(JsonNode value, Schema schema)
        {
            var text = value.GetValue<string>();
            if (schema.Format == "byte")
            {
                Span<byte> room = text.Length < 4096 ? stackalloc byte[text.Length] : new byte[text.Length];
                if (!Convert.TryFromBase64String(text, room, out _))
                {
                    throw Failure($"illegal base64 data at input byte {FirstBadBase64(text)}");
                }
            }
            else if (schema.Format == "date-time" && text.Length > 0 && GoTimes.Problem(text, schema.TypeName == "MicroTime") is { } problem)
            {
                throw Failure(problem);
            }
        }

        private static int FirstBadBase64(string text)
        {
            for (var i = 0; i < text.Length; i++)
            {
                if (!char.IsAsciiLetterOrDigit(text[i]) && text[i] is not ('+' or '/' or '=' or '\n' or '\r'))
                {
                    return i;
                }
            }
            return text.Length - text.Length % 4;
        }

        private ApiException Wrong(JsonValueKind given, string goPath, string wanted)
        {
            return Failure($"json: cannot unmarshal {GoKind(given)} into Go struct field {goPath} of type {wanted}");
        }

        private ApiException Failure(string why) =>
            Errors.BadRequest($"{kind} in version \"{version}\" cannot be handled as a {kind}: {why}");

        private string GoType(Schema? schema) => schema switch
        {
            null => "interface {}",
            { Type: "string" } => "string",
            { Type: "integer" } => schema.Format ?? "int32",
            { Type: "boolean" } => "bool",
            { AdditionalProperties: { } values } => $"map[string]{GoType(values)}",
            // Go's package is the version, but for what all kinds have from elsewhere.
            { TypeName: { } name } => $"{(name is "ObjectMeta" or "LabelSelector" or "LabelSelectorRequirement" or "OwnerReference" or "ManagedFieldsEntry" or "ListMeta" ? "v1" : version)}.{name}",
            _ => "map[string]interface {}",
        };

        private static string Join(string path, string key) => path.Length == 0 ? key : $"{path}.{key}";
    }
}
