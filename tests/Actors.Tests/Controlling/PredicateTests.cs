using System.Text;
using ActorKube.Models;

namespace ActorKube.Actors.Tests;

/// <summary>Which changes matter: each predicate by what it looks at, and their compositions.</summary>
public sealed class PredicateTests
{
    static KubeObject Map(string metadata) => KubeObject.Parse(Encoding.UTF8.GetBytes(
        $$"""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a","namespace":"default","uid":"u"{{metadata}} } }"""));

    static CacheChange Changed(string before, string after) => new CacheChange.Modified(Map(before), Map(after));

    /// <summary>Each, and what it looks at.</summary>
    static readonly (string Name, Func<CacheChange, bool> Predicate, string Metadata)[] Each =
    [
        (nameof(Predicates.GenerationChanged), Predicates.GenerationChanged, ",\"generation\":2"),
        (nameof(Predicates.ResourceVersionChanged), Predicates.ResourceVersionChanged, ",\"resourceVersion\":\"2\""),
        (nameof(Predicates.LabelsChanged), Predicates.LabelsChanged, ",\"labels\":{\"x\":\"1\"}"),
        (nameof(Predicates.AnnotationsChanged), Predicates.AnnotationsChanged, ",\"annotations\":{\"x\":\"1\"}"),
    ];

    public static TheoryData<string> Names => [.. Each.Select(static e => e.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Each_agrees_to_a_change_of_what_it_looks_at_and_to_no_other(string name)
    {
        var (_, predicate, metadata) = Each.Single(e => e.Name == name);
        Assert.True(predicate(Changed("", metadata)));
        Assert.True(predicate(Changed(metadata, "")));
        Assert.False(predicate(Changed(metadata, metadata)));
        Assert.All(Each.Where(e => e.Name != name), other => Assert.False(predicate(Changed("", other.Metadata))));
    }

    [Theory]
    [InlineData("labels")]
    [InlineData("annotations")]
    public void Another_value_another_key_and_a_key_less_are_changes(string field)
    {
        Func<CacheChange, bool> changed = field == "labels" ? Predicates.LabelsChanged : Predicates.AnnotationsChanged;
        string With(string pairs) => $",\"{field}\":{{{pairs}}}";
        Assert.True(changed(Changed(With("\"x\":\"1\""), With("\"x\":\"2\""))));
        Assert.True(changed(Changed(With("\"x\":\"1\""), With("\"y\":\"1\""))));
        Assert.True(changed(Changed(With("\"x\":\"1\",\"y\":\"1\""), With("\"x\":\"1\""))));
    }

    [Fact]
    public void What_comes_and_what_goes_always_matters()
    {
        Assert.All(Each, static each =>
        {
            Assert.True(each.Predicate(new CacheChange.Added(Map(""), Initial: true)));
            Assert.True(each.Predicate(new CacheChange.Deleted(Map(""), FinalStateUnknown: false)));
        });
    }

    [Theory]
    [InlineData(false, false, false, false)]
    [InlineData(false, true, true, false)]
    [InlineData(true, false, true, false)]
    [InlineData(true, true, true, true)]
    public void They_compose(bool one, bool other, bool any, bool all)
    {
        var change = Changed("", "");
        Assert.Equal(any, Predicates.Any(_ => one, _ => other)(change));
        Assert.Equal(all, Predicates.All(_ => one, _ => other)(change));
        Assert.Equal(!one, Predicates.Not(_ => one)(change));
    }
}
