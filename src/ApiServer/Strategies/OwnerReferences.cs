using System.Text.Json.Nodes;

namespace ActorKube.ApiServer;

/// <summary>Owner references that say the same twice.</summary>
internal static class OwnerReferences
{
    private const string Advice = "API server dedups owner references in 1.20+, and may reject such requests as early as 1.24; please fix your requests; duplicate UID(s) observed: ";

    /// <summary>Keeps the first of equal references and warns of the others.</summary>
    /// <param name="meta">An object's metadata, which is changed.</param>
    /// <param name="context">Gets the warning.</param>
    /// <param name="admitted">Whether admission may have added them.</param>
    public static void DropRepeated(JsonObject meta, WriteContext context, bool admitted)
    {
        if (meta["ownerReferences"] is not JsonArray { Count: > 1 } references)
        {
            return;
        }
        var kept = new List<JsonNode?>();
        var repeated = new List<string>();
        foreach (var reference in references)
        {
            if (kept.Exists(k => JsonNode.DeepEquals(k, reference)))
            {
                repeated.Add(reference.TextAt("uid") ?? "");
            }
            else
            {
                kept.Add(reference);
            }
        }
        if (repeated.Count == 0)
        {
            return;
        }
        meta["ownerReferences"] = new JsonArray([.. kept.Select(k => k?.DeepClone())]);
        context.Warnings.Add($".metadata.ownerReferences contains duplicate entries{(admitted ? " after mutating admission happens" : "")}; {Advice}{string.Join(", ", repeated)}");
    }
}
