using System.Text.Json.Nodes;
using FsCheck;
using FsCheck.Fluent;

namespace Models.Tests;

/// <summary>Small JSON documents over few names and values, so that two of them have much in common.</summary>
static class JsonGenerators
{
    static readonly Gen<string> Names = Gen.Elements("a", "b", "c", "~/x", "");

    /// <summary>Any document.</summary>
    public static Gen<JsonNode?> Nodes(bool nulls, int depth = 4) => depth == 0
        ? Scalars(nulls)
        : Gen.Frequency((2, Scalars(nulls)), (3, Objects(nulls, depth).Select(o => (JsonNode?)o)), (2, Lists(nulls, depth).Select(l => (JsonNode?)l)));

    /// <summary>A document that is an object.</summary>
    public static Gen<JsonObject> Objects(bool nulls, int depth = 4) =>
        from length in Gen.Choose(0, 4)
        from names in Names.ArrayOf(length)
        from values in Nodes(nulls, depth - 1).ArrayOf(length)
        select new JsonObject(names.Zip(values).DistinctBy(p => p.First).Select(p => KeyValuePair.Create(p.First, p.Second?.DeepClone())));

    static Gen<JsonArray> Lists(bool nulls, int depth) =>
        from length in Gen.Choose(0, 4)
        from values in Nodes(nulls, depth - 1).ArrayOf(length)
        select new JsonArray([.. values.Select(v => v?.DeepClone())]);

    static Gen<JsonNode?> Scalars(bool nulls) => Gen.Elements(nulls ? ["null", "1", "2", "\"x\"", "true"] : new[] { "1", "2", "\"x\"", "true" })
        .Select(json => JsonNode.Parse(json));
}
