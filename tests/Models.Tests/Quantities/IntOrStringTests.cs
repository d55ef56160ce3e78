using System.Text.Json;
using k8s.Models;

namespace Models.Tests.Quantities;

public sealed class IntOrStringTests
{
    [Theory]
    [InlineData("80", true)]
    [InlineData("\"80\"", false)]
    [InlineData("\"25%\"", false)]
    [InlineData("-1", true)]
    public void Keeps_the_type_it_was_read_with(string json, bool isInt)
    {
        var value = JsonSerializer.Deserialize<IntOrString>(json)!;
        Assert.Equal(isInt, value.IsInt);
        Assert.Equal(json, JsonSerializer.Serialize(value));
    }

    [Theory]
    [InlineData("1.5")]
    [InlineData("2147483648")]
    [InlineData("true")]
    [InlineData("[]")]
    public void Other_json_is_refused(string json) => Assert.Throws<JsonException>(() => JsonSerializer.Deserialize<IntOrString>(json));

    [Fact]
    public void A_text_of_digits_becomes_a_number_unless_asked_otherwise()
    {
        IntOrString port = "80", name = "http";
        Assert.True(port.IsInt);
        Assert.Equal<IntOrString>(80, port);
        Assert.Equal(new IntOrString { Value = "80" }, port);
        Assert.False(name.IsInt);
        Assert.NotEqual(IntOrString.FromString("80"), port);
        Assert.Equal(80, IntOrString.FromString("80").IntValue);
        Assert.Equal(0, name.IntValue);
        Assert.Null((IntOrString?)(string?)null);
    }

    [Theory]
    [InlineData("25%", 10, true, 3)]
    [InlineData("25%", 10, false, 2)]
    [InlineData("0%", 10, true, 0)]
    [InlineData("100%", 7, false, 7)]
    [InlineData("3", 10, true, 3)]
    [InlineData("-25%", 10, true, -2)]
    [InlineData("-25%", 10, false, -3)]
    [InlineData("2147483647%", 100, true, 2147483647)]
    public void Scales_percentages(string value, int total, bool roundUp, int scaled) =>
        Assert.Equal(scaled, IntOrString.Parse(value).ScaledValue(total, roundUp));

    [Theory]
    [InlineData("http")]
    [InlineData("2.5%")]
    [InlineData("%")]
    [InlineData("25 %")]
    public void What_is_no_percentage_does_not_scale(string value) =>
        Assert.Contains($"'{value}'", Assert.Throws<FormatException>(() => IntOrString.Parse(value).ScaledValue(10, true)).Message);
}
