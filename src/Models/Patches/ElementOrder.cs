using System.Text.Json.Nodes;

namespace ActorKube.Models;

/// <summary>
/// The order of a merged list: what the patch names keeps the patch's order, what only the server has keeps the server's, and the two are
/// interleaved as the server had them where it knew both. The elements must belong to no other list.
/// </summary>
static class ElementOrder
{
    public static JsonArray Arrange(List<JsonNode?> merged, List<string> patchOrder, List<string> serverOrder, string? mergeKey)
    {
        var inPatch = Places(patchOrder);
        var onServer = Places(serverOrder);
        var items = merged.ConvertAll(element => (Element: element, Identity: StrategicDirectives.Identity(element, mergeKey) ?? ""));
        var patched = items.Where(item => inPatch.ContainsKey(item.Identity)).OrderBy(item => inPatch[item.Identity]).ToList();
        var others = items.Where(item => !inPatch.ContainsKey(item.Identity)).OrderBy(item => onServer.GetValueOrDefault(item.Identity, int.MaxValue)).ToList();

        var arranged = new JsonArray();
        int left = 0, right = 0;
        while (left < others.Count || right < patched.Count)
        {
            var takesOther = right == patched.Count || (left < others.Count
                && onServer.TryGetValue(others[left].Identity, out var mine) && onServer.TryGetValue(patched[right].Identity, out var theirs) && mine < theirs);
            var (element, _) = takesOther ? others[left++] : patched[right++];
            arranged.Add(element);
        }
        return arranged;
    }

    static Dictionary<string, int> Places(List<string> identities)
    {
        var places = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var i = 0; i < identities.Count; i++) places.TryAdd(identities[i], i);
        return places;
    }
}
