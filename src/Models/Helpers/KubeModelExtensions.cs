using System.Text.Json;
using System.Text.Json.Nodes;

namespace ActorKube.Models;

/// <summary>Copying and comparing objects.</summary>
public static class KubeModelExtensions
{
    /// <summary>A copy that shares nothing that could be changed with the object; unknown fields are in it. (<c>with</c> copies one object and shares what is within.)</summary>
    /// <param name="value">A generated type, or a class for System.Text.Json (copied through JSON).</param>
    public static T DeepCopy<T>(this T value) where T : class => value switch
    {
        KubeModel model => (T)(object)model.FieldTable.Copy(model),
        Unstructured unstructured => (T)(object)unstructured.DeepCopy(),
        _ => KubeJson.Deserialize<T>(KubeJson.Serialize(value)),
    };

    /// <summary>
    /// Whether two objects mean the same to Kubernetes: an empty list or map equals an absent one, quantities compare by value, times by
    /// the precision they are sent with. As apimachinery's <c>equality.Semantic.DeepEqual</c>. (<c>==</c> and <c>Equals</c> are a record's: two lists or maps are equal there only when they are the same one.)
    /// </summary>
    /// <example><code>if (!wanted.Spec.SemanticallyEquals(live.Spec)) await deployments.UpdateAsync(wanted);</code></example>
    public static bool SemanticallyEquals<T>(this T? left, T? right) where T : class
    {
        if (left is null || right is null) return ReferenceEquals(left, right);
        if (left is KubeModel a && right is KubeModel b) return a.FieldTable == b.FieldTable && a.FieldTable.Same(a, b);
        return JsonElement.DeepEquals(WithoutEmpty(left), WithoutEmpty(right));
    }

    private static JsonElement WithoutEmpty(object value)
    {
        var node = KubeJson.ParseNode(value is Unstructured unstructured ? KubeJson.Serialize(unstructured.Root) : AnyJson.ToRaw(value));
        using var buffer = new JsonBuffer();
        WriteWithoutEmpty(buffer.Writer, node);
        return JsonElement.Parse(buffer.Written);
    }

    private static void WriteWithoutEmpty(Utf8JsonWriter writer, JsonNode? node)
    {
        switch (node)
        {
            case JsonObject map:
                writer.WriteStartObject();
                foreach (var (name, value) in map)
                {
                    if (value is null or JsonArray { Count: 0 } or JsonObject { Count: 0 }) continue;
                    writer.WritePropertyName(name);
                    WriteWithoutEmpty(writer, value);
                }
                writer.WriteEndObject();
                break;
            case JsonArray list:
                writer.WriteStartArray();
                foreach (var item in list) WriteWithoutEmpty(writer, item);
                writer.WriteEndArray();
                break;
            case null:
                writer.WriteNullValue();
                break;
            default:
                node.WriteTo(writer);
                break;
        }
    }
}
