using System.Text.Json.Nodes;

namespace ActorKube.Models;

/// <summary>
/// JSON patches (RFC 6902, <c>application/json-patch+json</c>): operations <c>add</c>, <c>remove</c>, <c>replace</c>, <c>move</c>, <c>copy</c> and <c>test</c> on places
/// of a document, all or none. Inputs are left as they are and nothing of them is shared with the results.
/// </summary>
/// <example><code>
/// var patched = JsonPatch.Apply(stored, JsonNode.Parse("""[{"op":"replace","path":"/spec/replicas","value":3}]""")!.AsArray());
/// </code></example>
public static class JsonPatch
{
    /// <summary>How many characters all <c>copy</c> operations of a patch together may add unless something else is said: the API server's default.</summary>
    public const long DefaultCopyLimit = 3 * 1024 * 1024;

    /// <summary>What a document becomes when the operations are carried out in order.</summary>
    /// <param name="target">The document.</param>
    /// <param name="operations">The patch.</param>
    /// <param name="copyLimit">How many characters all <c>copy</c> operations together may add, against patches that double a document again and again.</param>
    /// <param name="rules">By whose rules.</param>
    /// <exception cref="JsonPatchException">An operation is malformed or does not apply; the message names it.</exception>
    public static JsonNode? Apply(JsonNode? target, JsonArray operations, long copyLimit = DefaultCopyLimit, JsonPatchRules rules = JsonPatchRules.Rfc6902) =>
        ApplyInPlace(target?.DeepClone(), operations, copyLimit, rules);

    /// <summary>
    /// The same on the document itself, for who owns it: it is what is changed and, unless an operation puts another in its place, returned. A patch that does not
    /// apply leaves it half done.
    /// </summary>
    /// <param name="target">The document, which is changed.</param>
    /// <param name="operations">The patch; nothing of it is shared with the result.</param>
    /// <param name="copyLimit">How many characters all <c>copy</c> operations together may add.</param>
    /// <param name="rules">By whose rules.</param>
    /// <exception cref="JsonPatchException">An operation is malformed or does not apply; the message names it.</exception>
    public static JsonNode? ApplyInPlace(JsonNode? target, JsonArray operations, long copyLimit = DefaultCopyLimit, JsonPatchRules rules = JsonPatchRules.Rfc6902)
    {
        ArgumentNullException.ThrowIfNull(operations);
        var document = new JsonPatchDocument(target, copyLimit, rules);
        for (var i = 0; i < operations.Count; i++) document.CarryOut(JsonPatchOperation.Read(operations[i], i, rules));
        return document.Root;
    }

    /// <summary>The operations that make <paramref name="after"/> out of <paramref name="before"/>; none where the two are equal.</summary>
    /// <example><code>JsonPatch.Diff(before, after)   // [{"op":"replace","path":"/spec/replicas","value":3}]</code></example>
    public static JsonArray Diff(JsonNode? before, JsonNode? after)
    {
        var operations = new JsonArray();
        Compare("", before, after, operations);
        return operations;
    }

    static void Compare(string path, JsonNode? before, JsonNode? after, JsonArray operations)
    {
        switch (before, after)
        {
            case (JsonObject from, JsonObject to):
                foreach (var (name, _) in from)
                {
                    if (!to.ContainsKey(name)) Emit("remove", JsonPointer.Append(path, name));
                }
                foreach (var (name, wanted) in to)
                {
                    if (from.TryGetPropertyValue(name, out var present)) Compare(JsonPointer.Append(path, name), present, wanted, operations);
                    else Emit("add", JsonPointer.Append(path, name), wanted);
                }
                break;
            case (JsonArray from, JsonArray to):
                CompareLists(from, to);
                break;
            default:
                if (!JsonNode.DeepEquals(before, after)) Emit("replace", path, after);
                break;
        }

        // What both lists begin and end with stays, so that one element put in or taken out is one operation.
        void CompareLists(JsonArray from, JsonArray to)
        {
            int start = 0, shorter = Math.Min(from.Count, to.Count);
            while (start < shorter && JsonNode.DeepEquals(from[start], to[start])) start++;
            var same = 0;
            while (same < shorter - start && JsonNode.DeepEquals(from[^(same + 1)], to[^(same + 1)])) same++;

            int fromEnd = from.Count - same, toEnd = to.Count - same, common = Math.Min(fromEnd, toEnd);
            for (var i = start; i < common; i++) Compare($"{path}/{i}", from[i], to[i], operations);
            for (var i = fromEnd - 1; i >= common; i--) Emit("remove", $"{path}/{i}");
            for (var i = common; i < toEnd; i++) Emit("add", $"{path}/{i}", to[i]);
        }

        void Emit(string operation, string where, JsonNode? value = null)
        {
            var emitted = new JsonObject { ["op"] = operation, ["path"] = where };
            if (operation != "remove") emitted["value"] = value?.DeepClone();
            operations.Add((JsonNode)emitted);
        }
    }
}
