using System.Text.Json.Nodes;
using ActorKube.Models;

namespace Models.Tests.Patches;

/// <summary>The three kinds of patches over objects of every built-in kind that patches can be sent for, all fields filled in by chance.</summary>
public sealed class EveryKindPatchTests
{
    public static TheoryData<string> Kinds => new(ResourceDefinition.BuiltIn.Where(definition => ModelSchema.For(definition.Kind)!.Field("metadata") is not null).Select(definition => definition.Kind.ToString()));

    [Theory, MemberData(nameof(Kinds))]
    public void Applying_a_difference_gives_the_other_object(string name)
    {
        var kind = ResourceDefinition.BuiltIn.Single(definition => definition.Kind.ToString() == name).Kind;
        var (open, schema) = (ModelOpenApi.Of(ModelSchema.For(kind)!), MergeSchema.For(kind)!);
        var random = new Random(name.Sum(letter => letter));
        for (var round = 0; round < 4; round++)
        {
            var before = EveryTypeTests.Value(open, random, 0.5, "").AsObject();
            var after = (JsonObject)Between(before, EveryTypeTests.Value(open, random, 0.5, ""), random)!;

            Json.Equal(after, JsonMergePatch.Apply(before, JsonMergePatch.Diff(before, after)));
            Json.Equal(after, JsonPatch.Apply(before, JsonPatch.Diff(before, after)));
            Json.Equal(after, StrategicMergePatch.Apply(before, StrategicMergePatch.Diff(before, after, schema), schema));
            Assert.Empty(StrategicMergePatch.Diff(after, after, schema));
        }
    }

    // Some of the one and some of the other, so that the two have much in common at every depth.
    private static JsonNode? Between(JsonNode? left, JsonNode? right, Random random) => (left, right, random.Next(4)) switch
    {
        (_, _, 0) or (_, null, _) => left?.DeepClone(),
        (null, _, _) => right?.DeepClone(),
        (JsonObject mine, JsonObject theirs, _) => new JsonObject(mine.Select(member => member.Key).Union(theirs.Select(member => member.Key))
            .Select(name => KeyValuePair.Create(name, Between(mine[name], theirs[name], random))).Where(member => member.Value is not null && random.Next(5) > 0)),
        (JsonArray mine, JsonArray theirs, 1) => new JsonArray([.. mine.Zip(theirs, (one, other) => Between(one, other, random))]),
        (JsonArray mine, JsonArray theirs, 2) => new JsonArray([.. mine.Take(1).Concat(theirs).Select(element => element?.DeepClone())]),
        _ => right?.DeepClone(),
    };
}
