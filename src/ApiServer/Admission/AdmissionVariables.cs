using System.Text.Json.Nodes;

namespace ActorKube.ApiServer;

/// <summary>What CEL expressions of admission see.</summary>
internal static class AdmissionVariables
{
    /// <summary><c>object</c>, <c>oldObject</c> and <c>request</c>.</summary>
    public static Dictionary<string, object?> Of(JsonObject request)
    {
        var rest = request.Copy();
        rest.Remove("object");
        rest.Remove("oldObject");
        return new Dictionary<string, object?>
        {
            ["object"] = CelValues.From(request["object"], null),
            ["oldObject"] = CelValues.From(request["oldObject"], null),
            ["request"] = CelValues.From(rest, null),
        };
    }
}
