using ActorKube.Models;
using FsCheck;
using FsCheck.Fluent;
using k8s.Models;

namespace Models.Tests.Selectors;

public sealed class LabelSelectorTests
{
    static readonly Gen<string> Keys = Gen.Elements("a", "b", "c", "in", "notin", "example.com/a", "A-b_c.9");
    static readonly Gen<string> Values = Gen.Elements("", "1", "2", "10", "-3", "x", "in", "X.y-z_9");

    // A label's value cannot begin with a minus.
    static readonly Gen<LabelRequirement> Requirements =
        from key in Keys
        from comparison in Gen.Elements(Enum.GetValues<LabelOperator>())
        from number in Gen.Choose(0, 12)
        from length in Gen.Choose(1, 4)
        from many in Values.Where(value => !value.StartsWith('-')).ArrayOf(length)
        select comparison switch
        {
            LabelOperator.In or LabelOperator.NotIn => new LabelRequirement(key, comparison, many),
            LabelOperator.Exists or LabelOperator.DoesNotExist => new LabelRequirement(key, comparison),
            LabelOperator.GreaterThan or LabelOperator.LessThan => new LabelRequirement(key, comparison, $"{number}"),
            _ => new LabelRequirement(key, comparison, many[0]),
        };

    static readonly Gen<LabelSelector> Selectors =
        from length in Gen.Choose(0, 5) from all in Requirements.ArrayOf(length) select LabelSelector.Of(all);

    static readonly Gen<Dictionary<string, string>> Labels =
        from length in Gen.Choose(0, 5)
        from keys in Keys.ArrayOf(length)
        from values in Values.ArrayOf(length)
        select keys.Zip(values).DistinctBy(pair => pair.First).ToDictionary(pair => pair.First, pair => pair.Second);

    static bool Naively(LabelRequirement requirement, Dictionary<string, string> labels)
    {
        var value = labels.GetValueOrDefault(requirement.Key);
        return requirement.ToString() switch
        {
            var negative when negative.StartsWith('!') => value is null,
            var set when set.Contains(" in (") => value is not null && requirement.Values.Any(v => v == value),
            var set when set.Contains(" notin (") => requirement.Values.All(v => v != value),
            var different when different.Contains("!=") => value != requirement.Values.Single(),
            var equal when equal.Contains('=') => value == requirement.Values.Single(),
            var above when above.Contains('>') => long.TryParse(value, out var number) && number > long.Parse(requirement.Values.Single()),
            var below when below.Contains('<') => long.TryParse(value, out var number) && number < long.Parse(requirement.Values.Single()),
            _ => value is not null,
        };
    }

    [Fact]
    public void Reads_back_what_it_prints() => Property.Holds(Selectors, selector =>
    {
        var again = LabelSelector.Parse(selector.ToString());
        Assert.Equal(selector.Requirements, again.Requirements);
        Assert.Equal(selector, again);
        Assert.Equal(selector.ToString(), again.ToString());
    }, 3000);

    [Fact]
    public void Matches_what_a_naive_reading_matches() => Property.Holds(
        from selector in Selectors from labels in Labels select (selector, labels),
        t => Assert.Equal(t.selector.Requirements.All(r => Naively(r, t.labels)), t.selector.Matches(t.labels)),
        5000);

    [Fact]
    public void Matches_in_an_objects_bytes_what_it_matches_in_its_labels() => Property.Holds(
        from selector in Selectors from labels in Labels select (selector, labels),
        t =>
        {
            var pod = new V1Pod { ApiVersion = "v1", Kind = "Pod", Metadata = new V1ObjectMeta { Name = "a", Labels = t.labels, Annotations = new Dictionary<string, string> { ["a"] = "1" } } };
            var expected = t.selector.Matches(t.labels);
            Assert.Equal(expected, t.selector.Matches(KubeObject.From(pod)));
            Assert.Equal(expected, t.selector.Matches(KubeObject.ParseProtobuf(KubeProtobuf.Serialize(pod))));
            Assert.Equal(expected, t.selector.Matches(pod.Metadata.Labels));
        },
        3000);

    [Theory]
    [InlineData("""{"a":"1","a":"2"}""", "a=2", true)]
    [InlineData("""{"a":"1","a":"2"}""", "a=1", false)]
    [InlineData("""{"\u0061":"\u0031"}""", "a=1,a>0", true)]
    [InlineData("""{"b":"\/","a":"1"}""", "a=1,!c", true)]
    [InlineData("""{"a":null}""", "a=", true)]
    [InlineData("{}", "a", false)]
    [InlineData("null", "!a", true)]
    [InlineData(""" { "a" : "1" , "b" : "2" } """, "b=2,a in (1,2)", true)]
    public void Labels_are_read_from_bytes_as_they_are_from_a_map(string labels, string selector, bool matches)
    {
        var obj = KubeObject.Parse(System.Text.Encoding.UTF8.GetBytes("""{"kind":"A","apiVersion":"v1","metadata":{"name":"n","labels":""" + labels + "}}"));

        Assert.Equal(matches, LabelSelector.Parse(selector).Matches(obj));
        Assert.Equal(matches, LabelSelector.Parse(selector).Matches(obj.Labels));
        Assert.True(LabelSelector.Parse("!a").Matches((IDictionary<string, string>?)null));
    }

    [Fact]
    public void Nothing_in_brackets_is_the_empty_value()
    {
        var empty = new Dictionary<string, string> { ["x"] = "" };
        var some = new Dictionary<string, string> { ["x"] = "1" };

        Assert.Equal((true, false), (LabelSelector.Parse("x in ()").Matches(empty), LabelSelector.Parse("x in ()").Matches(some)));
        Assert.Equal((false, true), (LabelSelector.Parse("x notin ()").Matches(empty), LabelSelector.Parse("x notin ()").Matches(some)));
    }

    [Fact]
    public void Going_through_objects_by_label_allocates_nothing()
    {
        var pod = new V1Pod { ApiVersion = "v1", Kind = "Pod", Metadata = new V1ObjectMeta { Labels = new Dictionary<string, string> { ["app"] = "web", ["tier"] = "front", ["generation"] = "12" } } };
        KubeObject[] objects = [KubeObject.From(pod), KubeObject.ParseProtobuf(KubeProtobuf.Serialize(pod))];
        var selector = LabelSelector.Parse("app=web,tier in (front,back),!legacy,generation>11,app!=other");
        Count();

        var before = GC.GetAllocatedBytesForCurrentThread();
        var matched = Count();
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        Assert.Equal(2000, matched);
        Assert.Equal(0, allocated);

        int Count()
        {
            var count = 0;
            for (var round = 0; round < 1000; round++)
            {
                foreach (var obj in objects) count += selector.Matches(obj) ? 1 : 0;
            }
            return count;
        }
    }

    [Theory]
    [InlineData("", "")]
    [InlineData("x=a,y=b,z=c", "x=a,y=b,z=c")]
    [InlineData("z=c,x=a", "x=a,z=c")]
    [InlineData("x==a", "x==a")]
    [InlineData("x != a", "x!=a")]
    [InlineData(" x = a , !y ", "x=a,!y")]
    [InlineData("x", "x")]
    [InlineData("! x", "!x")]
    [InlineData("x=", "x=")]
    [InlineData("x=,z= ", "x=,z=")]
    [InlineData("x!=,z=a", "x!=,z=a")]
    [InlineData("x in (b,a,b)", "x in (a,b)")]
    [InlineData("x notin ( a )", "x notin (a)")]
    [InlineData("x in (,)", "x in (,)")]
    [InlineData("x in (a,,b)", "x in (,a,b)")]
    [InlineData("x in (a,)", "x in (,a)")]
    [InlineData("in in (in,notin)", "in in (in,notin)")]
    [InlineData("notin=in", "notin=in")]
    [InlineData("x>1,x<7", "x>1,x<7")]
    [InlineData("x > 1,z < 5", "x>1,z<5")]
    [InlineData("x\tin\n(a)\r", "x in (a)")]
    [InlineData("example.com/role=web", "example.com/role=web")]
    public void Parses_and_prints(string text, string printed) => Assert.Equal(printed, LabelSelector.Parse(text).ToString());

    [Theory]
    [InlineData("x=a||y=b", 2, "values[0][x]: Invalid value: \"a||y\"")]
    [InlineData("x==a==b", 4, "found '==', expected: ',' or 'end of string'")]
    [InlineData("a=b=c", 3, "found '=', expected: ',' or 'end of string'")]
    [InlineData("!x=a", 2, "found '=', expected: ',' or 'end of string'")]
    [InlineData("x<a", 2, "the value must be an integer")]
    [InlineData("x,", 2, "found '', expected: identifier after ','")]
    [InlineData(",x", 0, "found ',', expected: !, identifier, or 'end of string'")]
    [InlineData("x,,y", 2, "found ',', expected: identifier after ','")]
    [InlineData("=a", 0, "found '=', expected: !, identifier, or 'end of string'")]
    [InlineData("!", 1, "unable to parse requirement: found '', expected: identifier")]
    [InlineData("x a", 2, "found 'a', expected: in, notin, =, ==, !=, gt, lt")]
    [InlineData("x in a", 5, "found 'a' expected: '('")]
    [InlineData("x in", 4, "found '' expected: '('")]
    [InlineData("x in (", 6, "found '', expected: ',', ')' or identifier")]
    [InlineData("x in (a", 7, "found '', expected: ',' or ')'")]
    [InlineData("x in (a b)", 8, "found 'b', expected: ',' or ')'")]
    [InlineData("x in (a=b)", 7, "found '=', expected: ',' or ')'")]
    [InlineData("x=(a)", 2, "found '(', expected: identifier")]
    [InlineData("x_=a", 0, "<nil>: Invalid value: \"x_\": name part must consist of alphanumeric characters")]
    [InlineData("y=b,/x=a", 4, "prefix part must be non-empty")]
    [InlineData("a/b/c=1", 0, "a qualified name must consist of")]
    [InlineData("x=a b", 4, "found 'b', expected: ',' or 'end of string'")]
    [InlineData("x=-a", 2, "values[0][x]: Invalid value: \"-a\": a valid label must be an empty string or consist of")]
    [InlineData("x in (ok,bad-)", 9, "values[0][x]: Invalid value: \"bad-\"")]
    [InlineData("y,x notin ( -a ,ok)", 12, "values[0][x]: Invalid value: \"-a\"")]
    public void A_fault_is_named_and_pointed_at(string text, int position, string problem)
    {
        var fault = Assert.Throws<SelectorFormatException>(() => LabelSelector.Parse(text));
        Assert.Equal(position, fault.Position);
        Assert.Contains(problem, fault.Problem);
        Assert.EndsWith($"(at character {position + 1} of '{text}')", fault.Message);
        Assert.False(LabelSelector.TryParse(text, out _));
    }

    [Fact]
    public void Long_keys_and_values_are_refused()
    {
        Assert.Contains("name part must be no more than 63 characters", Problem(new string('a', 64) + "=b"));
        Assert.Contains("must be no more than 63 characters", Problem("a=" + new string('b', 64)));
        Assert.Contains("prefix part must be no more than 253 characters", Problem(string.Join('.', Enumerable.Repeat("abc", 64)) + "/a=b"));
        Assert.Equal(63, LabelSelector.Parse("a=" + new string('b', 63)).Requirements[0].Values[0].Length);

        static string Problem(string text) => Assert.Throws<SelectorFormatException>(() => LabelSelector.Parse(text)).Problem;
    }

    [Fact]
    public void Everything_and_nothing_are_what_they_say()
    {
        var none = new Dictionary<string, string>();
        var some = new Dictionary<string, string> { ["none"] = "x" };
        Assert.True(LabelSelector.Everything.Matches(none));
        Assert.True(LabelSelector.Parse("").IsEverything);
        Assert.False(LabelSelector.Nothing.Matches(none));
        Assert.False(LabelSelector.Nothing.Matches(some));
        Assert.False(LabelSelector.Parse(LabelSelector.Nothing.ToString()).Matches(some));
    }

    [Fact]
    public void A_set_is_validated()
    {
        Assert.Equal("a=1,b=", LabelSelector.FromSet(new Dictionary<string, string> { ["b"] = "", ["a"] = "1" }).ToString());
        Assert.Same(LabelSelector.Everything, LabelSelector.FromSet(new Dictionary<string, string>()));
        Assert.Throws<FormatException>(() => LabelSelector.FromSet(new Dictionary<string, string> { ["a"] = "b c" }));
        Assert.Throws<FormatException>(() => LabelSelector.FromSet(new Dictionary<string, string> { [""] = "b" }));
        Assert.Throws<FormatException>(() => new LabelRequirement("a", LabelOperator.Equals, "b", "c"));
        Assert.Throws<FormatException>(() => new LabelRequirement("a", LabelOperator.Exists, "b"));
        Assert.Throws<FormatException>(() => new LabelRequirement("a", LabelOperator.LessThan));
    }

    [Fact]
    public void Two_selectors_join()
    {
        var both = LabelSelector.Parse("b=1").And(LabelSelector.Parse("a"));
        Assert.Equal("a,b=1", both.ToString());
        Assert.Same(both, both.And(LabelSelector.Everything));
        Assert.Same(both, LabelSelector.Everything.And(both));
    }

    [Fact]
    public void An_objects_selector_converts()
    {
        Assert.Same(LabelSelector.Nothing, LabelSelector.From(null));
        Assert.Same(LabelSelector.Everything, LabelSelector.From(new V1LabelSelector()));
        var selector = LabelSelector.From(new V1LabelSelector
        {
            MatchLabels = new Dictionary<string, string> { ["app"] = "web" },
            MatchExpressions =
            [
                new V1LabelSelectorRequirement { Key = "tier", OperatorProperty = "In", Values = ["front", "back"] },
                new V1LabelSelectorRequirement { Key = "zone", OperatorProperty = "NotIn", Values = ["a"] },
                new V1LabelSelectorRequirement { Key = "old", OperatorProperty = "DoesNotExist" },
                new V1LabelSelectorRequirement { Key = "new", OperatorProperty = "Exists" },
            ],
        });
        Assert.Equal("app=web,new,!old,tier in (back,front),zone notin (a)", selector.ToString());
        Assert.Contains("\"Like\" is not a valid label selector operator", Assert.Throws<FormatException>(() =>
            LabelSelector.From(new V1LabelSelector { MatchExpressions = [new V1LabelSelectorRequirement { Key = "a", OperatorProperty = "Like" }] })).Message);
    }
}
