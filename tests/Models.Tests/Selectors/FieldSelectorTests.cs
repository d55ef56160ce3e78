using ActorKube.Models;
using FsCheck;
using FsCheck.Fluent;

namespace Models.Tests.Selectors;

public sealed class FieldSelectorTests
{
    static readonly Gen<string> Fields = Gen.Elements("metadata.name", "metadata.namespace", "spec.nodeName", "status.phase");

    static readonly Gen<FieldSelector> Selectors =
        from length in Gen.Choose(0, 4)
        from all in (from field in Fields
                     from equal in Gen.Elements(true, false)
                     from value in Property.Text("ab=,\\! .", 0, 6)
                     select new FieldRequirement(field, equal, value)).ArrayOf(length)
        select FieldSelector.Of(all);

    [Fact]
    public void Reads_back_what_it_prints() => Property.Holds(Selectors, selector =>
    {
        var again = FieldSelector.Parse(selector.ToString());
        Assert.Equal(selector.Requirements, again.Requirements);
        Assert.Equal(selector, again);
    }, 3000);

    [Fact]
    public void Matches_what_a_naive_reading_matches() => Property.Holds(
        from selector in Selectors from value in Property.Text("ab=,\\! .", 0, 3) select (selector, value),
        t => Assert.Equal(t.selector.Requirements.All(r => r.Equal ? r.Value == t.value : r.Value != t.value), t.selector.Matches(_ => t.value)));

    [Theory]
    [InlineData("", "")]
    [InlineData(",", "")]
    [InlineData("a=b,", "a=b")]
    [InlineData("x=a,y=b", "x=a,y=b")]
    [InlineData("x==a", "x=a")]
    [InlineData("x!=a", "x!=a")]
    [InlineData("x=", "x=")]
    [InlineData(@"x=\,\=\\", @"x=\,\=\\")]
    [InlineData("x= a b ", "x= a b ")]
    public void Parses_and_prints(string text, string printed) => Assert.Equal(printed, FieldSelector.Parse(text).ToString());

    [Theory]
    [InlineData("metadata.name", 0, "invalid selector: 'metadata.name'; can't understand 'metadata.name'")]
    [InlineData("a=b,c", 4, "invalid selector: 'a=b,c'; can't understand 'c'")]
    [InlineData("a=b=c", 3, "invalid field selector: unescaped character in value: 61")]
    [InlineData(@"a=\x", 2, @"invalid field selector: invalid escape sequence: \x")]
    [InlineData(@"a=\", 2, @"invalid field selector: invalid escape sequence: \")]
    public void A_fault_is_named_and_pointed_at(string text, int position, string problem)
    {
        var fault = Assert.Throws<SelectorFormatException>(() => FieldSelector.Parse(text));
        Assert.Equal(position, fault.Position);
        Assert.Equal(problem, fault.Problem);
        Assert.False(FieldSelector.TryParse(text, out _));
    }

    [Fact]
    public void A_field_that_is_not_set_compares_as_empty()
    {
        Assert.True(FieldSelector.Parse("spec.nodeName=").Matches(_ => null));
        Assert.False(FieldSelector.Parse("spec.nodeName!=").Matches(_ => null));
    }

    [Fact]
    public void Tells_the_value_that_it_requires()
    {
        var selector = FieldSelector.Parse("metadata.namespace!=b,metadata.name=a");
        Assert.Equal("a", selector.RequiredValue("metadata.name"));
        Assert.Null(selector.RequiredValue("metadata.namespace"));
        Assert.Equal("a=1,b=2", FieldSelector.FromSet(new Dictionary<string, string> { ["b"] = "2", ["a"] = "1" }).ToString());
    }
}
