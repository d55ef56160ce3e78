using System.Text.Json.Nodes;

namespace ActorKube.Models;

/// <summary>
/// Carries a change that was made to a typed object over to the object that it was decoded from. What the class does not know, and what it only writes in another way
/// (a quantity, an empty list), stays as it came.
/// </summary>
internal static class TypedChange
{
    // What tells the elements of Kubernetes' lists apart, where they are objects.
    private static readonly string[] Identities = ["name", "key", "type", "uid", "id"];

    /// <summary>What becomes of a value.</summary>
    /// <param name="target">The value as it came; changed, or replaced by what is returned.</param>
    /// <param name="before">The value as the class wrote it before the change.</param>
    /// <param name="after">The value as the class writes it now.</param>
    public static JsonNode? Carry(JsonNode? target, JsonNode? before, JsonNode? after)
    {
        if (JsonNode.DeepEquals(before, after)) return target;
        switch (target, before, after)
        {
            case (JsonObject came, JsonObject was, JsonObject wanted):
                Members(came, was, wanted);
                return came;
            case (JsonArray came, JsonArray was, JsonArray wanted) when came.Count == was.Count:
                return Elements(came, was, wanted);
            default:
                return after?.DeepClone();
        }
    }

    private static void Members(JsonObject came, JsonObject was, JsonObject wanted)
    {
        foreach (var (name, _) in was)
        {
            if (!wanted.ContainsKey(name)) came.Remove(name);
        }
        foreach (var (name, value) in wanted)
        {
            var written = was.TryGetPropertyValue(name, out var earlier);
            if (written && JsonNode.DeepEquals(earlier, value)) continue;
            // What the class left out of what came was empty to it, and yet there may be something in it.
            if (!written && value is JsonObject) earlier = new JsonObject();
            var present = came[name];
            var carried = present is null ? value?.DeepClone() : Carry(present, earlier, value);
            if (!ReferenceEquals(carried, present) || !came.ContainsKey(name)) came[name] = carried;
        }
    }

    private static JsonArray Elements(JsonArray came, JsonArray was, JsonArray wanted)
    {
        var sources = Sources(was, wanted);
        var elements = came.ToArray();
        came.Clear();
        var made = new JsonArray();
        for (var i = 0; i < wanted.Count; i++) made.Add(sources[i] is var source and >= 0 ? Carry(elements[source], was[source], wanted[i]) : wanted[i]?.DeepClone());
        return made;
    }

    /// <summary>For each element of a list which one of the earlier list it was: an equal one, one of the same name, or the one in the same place where nothing has a name; -1 for a new one.</summary>
    private static int[] Sources(JsonArray was, JsonArray wanted)
    {
        var sources = new int[wanted.Count];
        Array.Fill(sources, -1);
        var taken = new bool[was.Count];
        for (var i = 0; i < Math.Min(was.Count, wanted.Count); i++)
        {
            if (JsonNode.DeepEquals(was[i], wanted[i])) Take(i, i);
        }
        Match(JsonNode.DeepEquals);
        foreach (var identity in Identities) Match((earlier, now) => Identity(earlier, identity) is { } name && name == Identity(now, identity));
        for (var i = 0; i < Math.Min(was.Count, wanted.Count); i++)
        {
            if (sources[i] < 0 && !taken[i] && !IsNamed(was[i]) && !IsNamed(wanted[i])) Take(i, i);
        }
        return sources;

        void Take(int i, int source) => (sources[i], taken[source]) = (source, true);

        void Match(Func<JsonNode?, JsonNode?, bool> isSame)
        {
            for (var i = 0; i < wanted.Count; i++)
            {
                for (var source = 0; sources[i] < 0 && source < was.Count; source++)
                {
                    if (!taken[source] && isSame(was[source], wanted[i])) Take(i, source);
                }
            }
        }
    }

    private static bool IsNamed(JsonNode? element) => Array.Exists(Identities, identity => Identity(element, identity) is not null);

    private static string? Identity(JsonNode? element, string name) => element is JsonObject members && members[name] is JsonValue value && value.TryGetValue(out string? text) ? text : null;
}
