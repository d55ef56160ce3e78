using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using ActorKube.Models;

namespace ActorKube.ApiServer;

/// <summary>One webhook of a stored configuration, read once.</summary>
internal sealed class AdmissionWebhook
{
    private AdmissionWebhook(JsonObject tree)
    {
        Name = tree.Text("name") ?? "";
        Rules = new AdmissionRules(tree);
        Conditions = new MatchConditions(tree.List("matchConditions"), PolicyShapes.Environment(hasParams: false, hasAuthorizer: true, isStored: true));
        Config = tree.Child("clientConfig");
        Timeout = TimeSpan.FromSeconds(tree["timeoutSeconds"].AsLong() is >= 1 and <= 30 and var seconds ? seconds : 10);
        FailOpen = tree.Text("failurePolicy") == "Ignore";
        Reinvoked = tree.Text("reinvocationPolicy") == "IfNeeded";
        Version = tree.List("admissionReviewVersions").Texts().FirstOrDefault(v => v is "v1" or "v1beta1") ?? "v1";
    }

    public string Name { get; }

    public AdmissionRules Rules { get; }

    public MatchConditions Conditions { get; }

    public JsonObject? Config { get; }

    public TimeSpan Timeout { get; }

    /// <summary>A failure to ask lets the request pass.</summary>
    public bool FailOpen { get; }

    /// <summary>It wants to see the object again when another webhook changed it after it.</summary>
    public bool Reinvoked { get; }

    /// <summary>The version of AdmissionReview that it understands.</summary>
    public string Version { get; }

    private static readonly ConditionalWeakTable<StoreSnapshot, AdmissionWebhook[]> Read = [];

    /// <summary>All webhooks of a resource of configurations, in order. Kept as long as the configurations stand as they are.</summary>
    public static AdmissionWebhook[] All(ClusterStore cluster, GroupResource configurations)
    {
        var snapshot = cluster.Store(configurations).Current;
        return snapshot.Count == 0 ? [] : Read.GetValue(snapshot, static s =>
            [.. s.Enumerate(null).SelectMany(o => o.ToTree().List("webhooks").Objects()).Select(w => new AdmissionWebhook(w))]);
    }
}
