using System.Text.Json.Nodes;

namespace ActorKube.ApiServer;

/// <summary>A ValidatingAdmissionPolicyBinding, read once: which policy it puts to work, for what, and what comes of a refusal.</summary>
internal sealed class PolicyBinding
{
    public PolicyBinding(JsonObject tree)
    {
        var spec = tree.Need("spec");
        Name = tree.Metadata().Text("name") ?? "";
        PolicyName = spec.Text("policyName") ?? "";
        // A binding without rules of its own takes what the policy takes; with selectors only it narrows.
        Rules = spec.Child("matchResources") is { } match ? new AdmissionRules(WithEverything(match), "resourceRules") : null;
        ParamRef = spec.Child("paramRef");
        Actions = [.. spec.List("validationActions").Texts()];
    }

    public string Name { get; }

    public string PolicyName { get; }

    public AdmissionRules? Rules { get; }

    public JsonObject? ParamRef { get; }

    public string[] Actions { get; }

    private static JsonObject WithEverything(JsonObject match)
    {
        var copy = match.Copy();
        if (copy.List("resourceRules") is not { Count: > 0 })
        {
            copy["resourceRules"] = new JsonArray(new JsonObject
            {
                ["apiGroups"] = new JsonArray("*"), ["apiVersions"] = new JsonArray("*"), ["operations"] = new JsonArray("*"), ["resources"] = new JsonArray("*", "*/*"),
            });
        }
        return copy;
    }
}
