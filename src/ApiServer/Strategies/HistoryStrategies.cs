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
        Validate(tree, errors);
        if (!JsonNode.DeepEquals(tree["data"], old["data"]))
        {
            errors.Invalid("data", tree["data"]?.DeepClone(), "field is immutable");
        }
    }
}
