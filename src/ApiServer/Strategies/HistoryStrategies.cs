using System.Text;
using System.Text.Json.Nodes;

namespace ActorKube.ApiServer;

/// <summary>Revisions of stateful sets and daemon sets: what they hold stays.</summary>
internal sealed class ControllerRevisionStrategy : ResourceStrategy
{
    public override (int Whole, int Changes) MetadataChecksOnUpdate => (1, 1);

    public override void Validate(JsonObject tree, FieldErrors errors)
    {
        if (tree["data"] is null)
        {
            errors.Required("data", "data is mandatory");
        }
        else if (tree["data"] is not JsonObject)
        {
            errors.Required("data", "data must be a valid JSON object");
        }
        PodValidation.NotNegative(tree, "revision", "", errors);
    }

    public override void ValidateUpdate(JsonObject tree, JsonObject old, FieldErrors errors)
    {
        PodValidation.NotNegative(tree, "revision", "", errors);
        // It is bytes to a real server: the same members in another order are something else.
        if (Text(tree) is var text && text != Text(old))
        {
            var bytes = text is null ? "[]uint8(nil)" : $"[]uint8{{{string.Join(", ", Encoding.UTF8.GetBytes(text).Select(b => $"0x{b:x}"))}}}";
            errors.Add("FieldValueInvalid", "data", $"Invalid value: runtime.RawExtension{{Raw:{bytes}, Object:runtime.Object(nil)}}: field is immutable");
        }
    }

    private static string? Text(JsonObject tree) => tree["data"]?.ToJsonString(Json.Compact);
}
