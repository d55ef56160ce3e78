using System.Text.Json.Nodes;

namespace ActorKube.ApiServer;

/// <summary>Who asks.</summary>
internal sealed record UserInfo(string Name, string[] Groups, string Uid = "")
{
    public const string Authenticated = "system:authenticated";
    public const string Unauthenticated = "system:unauthenticated";

    private static readonly Dictionary<string, string[]> NoExtra = [];

    /// <summary>What else the authenticator knows about the user.</summary>
    public IReadOnlyDictionary<string, string[]> Extra { get; init; } = NoExtra;

    public static UserInfo Admin { get; } = new("admin", ["system:masters", Authenticated]);

    public static UserInfo Anonymous { get; } = new("system:anonymous", [Unauthenticated]);

    public bool IsMaster => Array.IndexOf(Groups, "system:masters") >= 0;

    /// <summary>As <c>authentication.k8s.io/v1 UserInfo</c>.</summary>
    public JsonObject Describe()
    {
        var info = new JsonObject { ["username"] = Name };
        if (Uid.Length > 0)
        {
            info["uid"] = Uid;
        }
        info["groups"] = new JsonArray([.. Groups.Select(g => (JsonNode)g)]);
        if (Extra.Count > 0)
        {
            var extra = new JsonObject();
            foreach (var (key, values) in Extra.OrderBy(e => e.Key, StringComparer.Ordinal))
            {
                extra[key] = new JsonArray([.. values.Select(v => (JsonNode)v)]);
            }
            info["extra"] = extra;
        }
        return info;
    }
}
