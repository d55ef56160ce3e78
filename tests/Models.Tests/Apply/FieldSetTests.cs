using ActorKube.Models;
using FsCheck;
using FsCheck.Fluent;

namespace Models.Tests.Apply;

public sealed class FieldSetTests
{
    static readonly Gen<FieldPathElement> Steps = Gen.Elements(
        FieldPathElement.Field("a"), FieldPathElement.Field("b"), FieldPathElement.Field("c.d/e"), FieldPathElement.Index(0),
        FieldPathElement.Parse("k:{\"name\":\"x\"}"), FieldPathElement.Parse("k:{\"port\":80,\"protocol\":\"TCP\"}"), FieldPathElement.Parse("v:\"x\""), FieldPathElement.Parse("v:1"));

    static readonly Gen<FieldSet> Sets =
        from length in Gen.Choose(0, 6)
        from paths in (from depth in Gen.Choose(1, 3) from steps in Steps.ArrayOf(depth) select new FieldPath(steps)).ArrayOf(length)
        select FieldSet.Of(paths);

    static HashSet<FieldPath> Naive(FieldSet set) => [.. set.Paths()];

    static bool IsWithin(FieldPath path, FieldPath outer) =>
        path.Elements.Count >= outer.Elements.Count && path.Elements.Take(outer.Elements.Count).SequenceEqual(outer.Elements);

    [Fact]
    public void Operations_are_those_of_sets_of_paths() => Property.Holds(from a in Sets from b in Sets select (a, b), t =>
    {
        var (a, b) = (Naive(t.a), Naive(t.b));
        Assert.Equal(FieldSet.Of(a.Union(b)), t.a.Union(t.b));
        Assert.Equal(FieldSet.Of(a.Intersect(b)), t.a.Intersection(t.b));
        Assert.Equal(FieldSet.Of(a.Except(b)), t.a.Difference(t.b));
        Assert.Equal(FieldSet.Of(a.Where(path => !b.Any(outer => IsWithin(path, outer)))), t.a.RecursiveDifference(t.b));
        Assert.Equal(FieldSet.Of(a.Where(path => !a.Any(inner => inner.Elements.Count > path.Elements.Count && IsWithin(inner, path)))), t.a.Leaves());
        Assert.All(b, path => Assert.Equal(a.Contains(path), t.a.Contains(path)));
        Assert.Equal(a.SetEquals(b), t.a.Equals(t.b));
        if (t.a.Equals(t.b)) Assert.Equal(t.a.GetHashCode(), t.b.GetHashCode());
    }, 3000);

    [Fact]
    public void FieldsV1_reads_back_what_was_written() => Property.Holds(Sets, set =>
    {
        Assert.Equal(set, FieldSet.FromFieldsV1(set.ToFieldsV1()));
        Assert.Equal(set.ToFieldsV1().ToJsonString(), FieldSet.FromFieldsV1(set.ToFieldsV1()).ToFieldsV1().ToJsonString());
    });

    [Fact]
    public void Reads_the_form_that_servers_write()
    {
        var set = FieldSet.FromFieldsV1(Json.Object("""
            {"f:metadata":{"f:labels":{".":{},"f:app":{}}},"f:spec":{"f:containers":{"k:{\"name\":\"main\"}":{".":{},"f:image":{},"f:ports":{"k:{\"protocol\":\"TCP\",\"containerPort\":80}":{".":{}}}}},"f:finalizers":{"v:\"a\"":{}}}}
            """));
        Assert.Equal(
            [
                ".metadata.labels", ".metadata.labels.app", ".spec.containers[name=\"main\"]", ".spec.containers[name=\"main\"].image",
                ".spec.containers[name=\"main\"].ports[containerPort=80,protocol=\"TCP\"]", ".spec.finalizers[=\"a\"]",
            ],
            set.Paths().Select(path => path.ToString()));
        Assert.True(set.Contains(FieldPath.Of("metadata", "labels")));
        Assert.False(set.Contains(FieldPath.Of("metadata")));
        Assert.False(set.Contains(FieldPath.Of("metadata", "labels", "app", "x")));
    }

    [Theory]
    [InlineData("""{"spec":{}}""", "'spec' is not a step of a field path")]
    [InlineData("""{"x:spec":{}}""", "'x:spec' is not a step")]
    [InlineData("""{"k:[1]":{}}""", "'k:[1]' is not a step")]
    [InlineData("""{"k:{":{}}""", "'k:{' is not a step")]
    [InlineData("""{"i:x":{}}""", "'i:x' is not a step")]
    [InlineData("""{"i:99999999999":{}}""", "is not a step")]
    [InlineData("""{"f:spec":1}""", "The value of 'f:spec' in fieldsV1 is not an object")]
    public void What_is_malformed_is_refused(string fields, string problem) =>
        Assert.Contains(problem, Assert.ThrowsAny<FormatException>(() => FieldSet.FromFieldsV1(Json.Object(fields))).Message);
}
