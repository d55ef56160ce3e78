using System.Text.Json.Nodes;

namespace ActorKube.Models;

/// <summary>Applies strategic merge patches.</summary>
static class StrategicMerge
{
    /// <summary>Merges a patch into an object, which may be changed and returned. The patch is only read.</summary>
    public static JsonObject Merge(JsonObject target, JsonObject patch, MergeSchema schema)
    {
        if (patch.TryGetPropertyValue(StrategicDirectives.Patch, out var directive))
        {
            switch (StrategicDirectives.Text(directive))
            {
                case "replace":
                    return (JsonObject)WithoutDirectives(patch)!;
                case "delete":
                    return [];
                case "merge":
                    break;
                default:
                    throw UnknownDirective(directive, patch);
            }
        }
        RetainKeys(target, patch);
        foreach (var (name, change) in patch)
        {
            if (StrategicDirectives.Is(name)) continue;
            var field = schema.Field(name) ?? MergeSchema.Any;
            if (change is null) target.Remove(name);
            else if (change is JsonObject changes && target[name] is JsonObject member)
            {
                var merged = field.PatchReplaces ? WithoutDirectives(changes) : Merge(member, changes, field);
                if (!ReferenceEquals(merged, member)) target[name] = merged;
            }
            else if (change is JsonArray elements && target[name] is JsonArray present)
            {
                target[name] = field.PatchMerges ? MergeLists(present, elements, OrderOf(patch, name), field) : elements.DeepClone();
            }
            else
            {
                if (change is JsonArray fresh && field.PatchMerges && OrderOf(patch, name) is { } order) RequireOrder(fresh, order, field.PatchMergeKey);
                // Servers leave out what comes with a directive and has nothing to be laid over.
                if (change is JsonObject unfounded && unfounded.ContainsKey(StrategicDirectives.Patch)) target.Remove(name);
                else target[name] = WithoutDirectives(change);
            }
        }
        foreach (var (name, directiveList) in patch)
        {
            if (name.StartsWith(StrategicDirectives.DeletePrefix, StringComparison.Ordinal))
                DeleteScalars(target, name[StrategicDirectives.DeletePrefix.Length..], directiveList);
            else if (name.StartsWith(StrategicDirectives.OrderPrefix, StringComparison.Ordinal))
                ReorderUnpatched(target, patch, name[StrategicDirectives.OrderPrefix.Length..], schema);
        }
        return target;
    }

    static JsonArray? OrderOf(JsonObject patch, string list) => patch[StrategicDirectives.OrderPrefix + list] switch
    {
        null => null,
        JsonArray order => order,
        _ => throw new StrategicMergePatchException($"expected a []interface {{}}, but received a {WordFor(patch[StrategicDirectives.OrderPrefix + list])}", 500),
    };

    static string WordFor(JsonNode? value) => value switch
    {
        JsonObject => "map",
        JsonArray => "slice",
        JsonValue text when text.TryGetValue(out string? _) => "string",
        JsonValue flag when flag.TryGetValue(out bool _) => "bool",
        _ => "number",
    };

    static void RetainKeys(JsonObject target, JsonObject patch)
    {
        if (!patch.TryGetPropertyValue(StrategicDirectives.RetainKeys, out var directive)) return;
        var retained = new HashSet<string>(StringComparer.Ordinal);
        foreach (var name in directive as JsonArray ?? throw BadRetainKeys())
        {
            if (name is not JsonValue value || !value.TryGetValue(out string? text)) throw BadRetainKeys();
            retained.Add(text);
        }
        foreach (var (name, change) in patch)
        {
            if (change is not null && !StrategicDirectives.Is(name) && !retained.Contains(name)) throw BadRetainKeys();
        }
        foreach (var name in target.Select(member => member.Key).Where(name => !retained.Contains(name)).ToArray()) target.Remove(name);

        static StrategicMergePatchException BadRetainKeys() => new("invalid patch format of retainKeys", 400);
    }

    static void DeleteScalars(JsonObject target, string name, JsonNode? directive)
    {
        // Servers pass over what is no list, and merge lists of objects: what names an element and says no more changes nothing.
        if (directive is not JsonArray deleted || target[name] is not JsonArray present) return;
        RequireSameType(present, deleted);
        if (present.Any(element => element is JsonObject)) return;
        var gone = deleted.Select(element => StrategicDirectives.Identity(element, null)).ToHashSet();
        for (var i = present.Count - 1; i >= 0; i--)
        {
            if (gone.Contains(StrategicDirectives.Identity(present[i], null))) present.RemoveAt(i);
        }
    }

    static void ReorderUnpatched(JsonObject target, JsonObject patch, string name, MergeSchema schema)
    {
        var order = OrderOf(patch, name)!;
        if (patch[name] is not null || target[name] is not JsonArray present) return;
        var mergeKey = schema.Field(name)?.PatchMergeKey;
        var (elements, serverOrder) = (present.ToList(), Identities(present, mergeKey));
        present.Clear();
        target[name] = ElementOrder.Arrange(elements, Identities(order, mergeKey), serverOrder, mergeKey);
    }

    static JsonArray MergeLists(JsonArray target, JsonArray patch, JsonArray? order, MergeSchema field)
    {
        if (target.Concat(patch).Any(element => element is JsonArray)) throw new StrategicMergePatchException("lists of lists are not supported", 422);
        var mergeKey = field.PatchMergeKey;
        RequireSameType(target, patch);
        var objects = target.Concat(patch).Count(element => element is JsonObject);
        if (objects > 0 && mergeKey is null) throw new StrategicMergePatchException("cannot merge lists without merge key", 500);

        if (order is not null) RequireOrder(patch, order, mergeKey);
        var patchOrder = Identities(order ?? patch, mergeKey);
        if (objects > 0) return MergeObjects(target, patch, patchOrder, mergeKey!, field.Element);

        var serverOrder = Identities(target, null);
        var merged = target.Concat(patch.Select(element => element?.DeepClone())).DistinctBy(element => StrategicDirectives.Identity(element, null)).ToList();
        target.Clear();
        return ElementOrder.Arrange(merged, patchOrder, serverOrder, null);
    }

    /// <summary>Lists that meet hold elements of one type.</summary>
    static void RequireSameType(JsonArray target, JsonArray patch)
    {
        if (target.Concat(patch).Select(WordFor).Distinct(StringComparer.Ordinal).Skip(1).Any())
        {
            throw new StrategicMergePatchException($"list element types are not identical: [{GoText.Of(target)} {GoText.Of(patch)}]", 500);
        }
    }

    static JsonArray MergeObjects(JsonArray target, JsonArray patch, List<string> patchOrder, string mergeKey, MergeSchema element)
    {
        var merged = target.ToList();
        var changes = new List<JsonObject>(patch.Count);
        var replaces = false;
        foreach (var change in patch.Select(change => change!.AsObject()))
        {
            if (!change.TryGetPropertyValue(StrategicDirectives.Patch, out var directive))
            {
                changes.Add(change);
                continue;
            }
            switch (StrategicDirectives.Text(directive))
            {
                case "merge":
                    throw new StrategicMergePatchException("merging lists cannot yet be specified in the patch", 500);
                case "replace":
                    replaces = true;
                    break;
                case "delete":
                    var gone = StrategicDirectives.Identity(change, mergeKey) ?? throw NoMergeKey(change, mergeKey);
                    merged.RemoveAll(present => StrategicDirectives.Identity(present, mergeKey) == gone);
                    break;
                default:
                    throw UnknownDirective(directive, change);
            }
        }
        // A replaced list is what the patch says, in its order.
        if (replaces) return new JsonArray([.. changes.Select(change => WithoutDirectives(change))]);

        var serverOrder = Identities(target, mergeKey);
        target.Clear();
        var places = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var i = 0; i < merged.Count; i++)
        {
            if (StrategicDirectives.Identity(merged[i], mergeKey) is { } identity) places.TryAdd(identity, i);
        }
        foreach (var change in changes)
        {
            var identity = StrategicDirectives.Identity(change, mergeKey) ?? throw NoMergeKey(change, mergeKey);
            if (places.TryGetValue(identity, out var place))
            {
                merged[place] = Merge(merged[place]!.AsObject(), change, element);
            }
            else
            {
                places[identity] = merged.Count;
                merged.Add(WithoutDirectives(change));
            }
        }
        return ElementOrder.Arrange(merged, patchOrder, serverOrder, mergeKey);
    }

    static void RequireOrder(JsonArray patch, JsonArray order, string? mergeKey)
    {
        var next = 0;
        if (mergeKey is not null && patch.Count > 0 && order.FirstOrDefault(element => element is not JsonObject) is { } odd)
        {
            throw new StrategicMergePatchException($"expected a map[string]interface {{}}, but received a {WordFor(odd)}", 500);
        }
        foreach (var element in patch)
        {
            if (element is JsonObject members && members.ContainsKey(StrategicDirectives.Patch)) continue;
            var identity = StrategicDirectives.Identity(element, mergeKey);
            while (next < order.Count && StrategicDirectives.Identity(order[next], mergeKey) != identity) next++;
            if (next++ == order.Count)
            {
                throw new StrategicMergePatchException($"The order in patch list:\n{GoText.Of(patch)}\n doesn't match $setElementOrder list:\n{GoText.Of(order)}\n", 500);
            }
        }
    }

    static List<string> Identities(JsonArray elements, string? mergeKey) =>
        [.. elements.Select(element => StrategicDirectives.Identity(element, mergeKey)).OfType<string>()];

    /// <summary>A value that stands nowhere yet, as a patch says it: without its directives, and without the nulls that take something out.</summary>
    static JsonNode? WithoutDirectives(JsonNode? value)
    {
        switch (value)
        {
            case JsonObject members:
                var kept = new JsonObject();
                foreach (var (name, member) in members)
                {
                    if (member is not null && !StrategicDirectives.Is(name)) kept[name] = WithoutDirectives(member);
                }
                return kept;
            case JsonArray elements:
                var left = new JsonArray();
                foreach (var element in elements)
                {
                    var isDirective = element is JsonObject candidate && candidate.TryGetPropertyValue(StrategicDirectives.Patch, out var found) && StrategicDirectives.Text(found) != "merge";
                    if (!isDirective) left.Add(WithoutDirectives(element));
                }
                return left;
            default:
                return value?.DeepClone();
        }
    }

    static StrategicMergePatchException UnknownDirective(JsonNode? directive, JsonObject patch) =>
        new($"unknown patch type: {StrategicDirectives.Text(directive)} in map: {GoText.Of(patch)}", 500);

    static StrategicMergePatchException NoMergeKey(JsonObject element, string mergeKey) =>
        new($"map: {GoText.Of(element)} does not contain declared merge key: {mergeKey}", 500);
}
