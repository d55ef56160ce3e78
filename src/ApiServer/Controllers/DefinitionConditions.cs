using System.Text.Json.Nodes;

namespace ActorKube.ApiServer;

/// <summary>The conditions of a definition.</summary>
internal static class DefinitionConditions
{
    public static bool Holds(JsonObject definition, string type) => Find(definition, type)?.Text("status") == "True";

    public static JsonObject? Find(JsonObject definition, string type) =>
        (definition.At("status", "conditions") as JsonArray).Objects().FirstOrDefault(c => c.Text("type") == type);

    /// <summary>Puts a condition in its place; what has not changed keeps its time.</summary>
    public static void Set(JsonObject definition, JsonObject condition)
    {
        var status = definition.Need("status");
        var conditions = status.List("conditions")?.DeepClone().AsArray() ?? [];
        var place = conditions.Objects().ToList().FindIndex(c => c.Text("type") == condition.Text("type"));
        if (place < 0)
        {
            conditions.Add(condition);
        }
        else
        {
            var old = conditions[place]!;
            if (old.AsObject().Text("status") == condition.Text("status"))
            {
                condition["lastTransitionTime"] = old["lastTransitionTime"]?.DeepClone();
            }
            conditions[place] = condition;
        }
        status["conditions"] = conditions;
    }

    public static JsonObject Of(string type, string status, string reason, string message, string time) => new()
    {
        ["type"] = type,
        ["status"] = status,
        ["lastTransitionTime"] = time,
        ["reason"] = reason,
        ["message"] = message,
    };
}
