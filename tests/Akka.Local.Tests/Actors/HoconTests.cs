using Akka.Configuration;

namespace Akka.Local.Tests.Actors;

public sealed class HoconTests
{
    [Theory]
    [InlineData("a { b = 1 }")]
    [InlineData("a.b = 1")]
    [InlineData("{ \"a\": { \"b\": 1 } }")]
    [InlineData("a { b : 1, }")]
    [InlineData("# a comment\na\n{\n  b = 1 // another\n}")]
    [InlineData("a { b = 2 }\na { b = 1 }")]
    public void Ways_to_write_one_setting(string text) => Assert.Equal(1, ConfigurationFactory.ParseString(text).GetInt("a.b"));

    [Fact]
    public void Objects_given_in_parts_are_merged_and_values_are_replaced()
    {
        var config = ConfigurationFactory.ParseString("a { b = 1, c { d = 2 } }\na { c { e = 3 }, b = 4 }");
        Assert.Equal(4, config.GetInt("a.b"));
        Assert.Equal(2, config.GetInt("a.c.d"));
        Assert.Equal(3, config.GetInt("a.c.e"));
    }

    [Fact]
    public void A_fallback_fills_what_is_missing_and_lists_are_replaced_whole()
    {
        var config = ConfigurationFactory.ParseString("a { b = 1, list = [1] }").WithFallback("a { b = 2, c = 3, list = [2, 3] }");
        Assert.Equal(1, config.GetInt("a.b"));
        Assert.Equal(3, config.GetInt("a.c"));
        Assert.Equal([1], config.GetIntList("a.list"));
    }

    [Theory]
    [InlineData("10ms", 10)]
    [InlineData("10", 10)]
    [InlineData("5 s", 5_000)]
    [InlineData("1.5 minutes", 90_000)]
    [InlineData("2h", 7_200_000)]
    [InlineData("1 d", 86_400_000)]
    public void Durations(string text, double milliseconds) =>
        Assert.Equal(TimeSpan.FromMilliseconds(milliseconds), ConfigurationFactory.ParseString($"x = {text}").GetTimeSpan("x"));

    [Fact]
    public void Infinite_is_a_duration() =>
        Assert.Equal(Timeout.InfiniteTimeSpan, ConfigurationFactory.ParseString("x = infinite").GetTimeSpan("x"));

    [Fact]
    public void A_duration_with_an_unknown_unit_says_what_it_may_be()
    {
        var error = Assert.Throws<FormatException>(() => ConfigurationFactory.ParseString("x = 5 parsecs").GetTimeSpan("x"));
        Assert.Contains("'5 parsecs' is not a duration", error.Message);
    }

    [Theory]
    [InlineData("512", 512L)]
    [InlineData("10 kB", 10_000L)]
    [InlineData("1MiB", 1_048_576L)]
    [InlineData("2k", 2_048L)]
    public void Sizes(string text, long bytes) => Assert.Equal(bytes, ConfigurationFactory.ParseString($"x = {text}").GetByteSize("x"));

    [Theory]
    [InlineData("on", true)]
    [InlineData("yes", true)]
    [InlineData("true", true)]
    [InlineData("off", false)]
    [InlineData("no", false)]
    public void Booleans(string text, bool value) => Assert.Equal(value, ConfigurationFactory.ParseString($"x = {text}").GetBoolean("x", !value));

    [Fact]
    public void Text_may_have_spaces_quotes_and_lines()
    {
        var config = ConfigurationFactory.ParseString("""
            plain = some words here
            quoted = "a \"b\" {c} # d\t\u0041"
            joined = one"two"three
            """ + "\nlong = \"\"\"line 1\nline \"2\\\"\"\"\"");
        Assert.Equal("some words here", config.GetString("plain"));
        Assert.Equal("a \"b\" {c} # d\tA", config.GetString("quoted"));
        Assert.Equal("onetwothree", config.GetString("joined"));
        Assert.Equal("line 1\nline \"2\\\"", config.GetString("long"));
    }

    [Fact]
    public void Keys_with_dots_are_quoted()
    {
        var config = ConfigurationFactory.ParseString("deployment { \"/a.b/*\" { router = x } }");
        Assert.Equal("x", config.GetString("deployment.\"/a.b/*\".router"));
    }

    [Fact]
    public void Lists_have_commas_or_lines_and_can_be_added_to()
    {
        var config = ConfigurationFactory.ParseString("a = [1, 2]\nb = [\n  x\n  y\n]\na += 3");
        Assert.Equal([1, 2, 3], config.GetIntList("a"));
        Assert.Equal(["x", "y"], config.GetStringList("b"));
    }

    [Fact]
    public void Substitutions_take_values_objects_and_text()
    {
        var config = ConfigurationFactory.ParseString("""
            base { size = 5, name = n }
            copy = ${base}
            copy { size = 6 }
            text = "size "${base.size}
            missing = ${?no.such.thing}
            """);
        Assert.Equal(6, config.GetInt("copy.size"));
        Assert.Equal("n", config.GetString("copy.name"));
        Assert.Equal("size 5", config.GetString("text"));
        Assert.Equal("default", config.GetString("missing", "default"));
        Assert.Equal(5, config.GetInt("base.size"));
    }

    [Fact]
    public void A_substitution_without_a_value_says_where_it_is()
    {
        var error = Assert.Throws<FormatException>(() => ConfigurationFactory.ParseString("a = 1\nb = ${no.such.thing}"));
        Assert.Contains("${no.such.thing}", error.Message);
        Assert.Contains("line 2", error.Message);
    }

    [Fact]
    public void A_substitution_that_refers_to_itself_is_an_error() =>
        Assert.Throws<FormatException>(() => ConfigurationFactory.ParseString("a = ${b}\nb = ${a}"));

    [Theory]
    [InlineData("a {", "'}' is missing")]
    [InlineData("a = [1", "']' is missing")]
    [InlineData("a = \"x", "closing quote is missing")]
    [InlineData("a b", "'=', ':' or '{' is missing")]
    [InlineData("a = 1 }", "a key is missing before '}'")]
    public void What_is_no_HOCON_says_why_and_where(string text, string why)
    {
        var error = Assert.Throws<FormatException>(() => ConfigurationFactory.ParseString(text));
        Assert.Contains(why, error.Message);
        Assert.Contains("line 1", error.Message);
    }

    [Fact]
    public void Text_written_out_reads_back_the_same()
    {
        var config = ConfigurationFactory.Default();
        Assert.Equal(config.ToString(), ConfigurationFactory.ParseString(config.ToString()).ToString());
    }

    [Fact]
    public void Includes_come_from_the_callback()
    {
        var config = ConfigurationFactory.ParseString("a { include \"other\"\n b = 2 }", name => Akka.Configuration.Hocon.Parser.Parse($"from = {name}", null));
        Assert.Equal("other", config.GetString("a.from"));
        Assert.Equal(2, config.GetInt("a.b"));
    }
}
