using System.Numerics;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using k8s.Models;

namespace Models.Tests.Quantities;

public sealed class ResourceQuantityTests
{
    /// <summary>A quantity as text, and its amount in nanos as plain integer arithmetic finds it.</summary>
    sealed record Sample(string Text, BigInteger Nanos, bool Binary)
    {
        public override string ToString() => Text;
    }

    static readonly (string Text, int Base, int Exponent)[] Suffixes =
    [
        ("n", 10, -9), ("u", 10, -6), ("m", 10, -3), ("", 10, 0), ("k", 10, 3), ("M", 10, 6), ("G", 10, 9), ("T", 10, 12), ("P", 10, 15), ("E", 10, 18),
        ("Ki", 2, 10), ("Mi", 2, 20), ("Gi", 2, 30), ("Ti", 2, 40), ("Pi", 2, 50), ("Ei", 2, 60),
        ("e3", 10, 3), ("E-4", 10, -4), ("e+17", 10, 17), ("e0", 10, 0), ("e-12", 10, -12),
    ];

    static readonly Gen<Sample> Samples =
        from sign in Gen.Elements("", "", "-", "+")
        from whole in Property.Text("0123456789", 0, 22)
        from fraction in Property.Text("0123456789", 0, 14)
        from point in Gen.Elements(true, false)
        from suffix in Gen.Elements(Suffixes)
        select Sampled(sign, whole, point ? fraction : null, suffix);

    static Sample Sampled(string sign, string whole, string? fraction, (string Text, int Base, int Exponent) suffix)
    {
        var numerator = BigInteger.Parse("0" + whole + fraction) * BigInteger.Pow(10, 9);
        var denominator = BigInteger.Pow(10, fraction?.Length ?? 0);
        var factor = BigInteger.Pow(suffix.Base, Math.Abs(suffix.Exponent));
        if (suffix.Exponent < 0) denominator *= factor;
        else numerator *= factor;
        var nanos = RoundUp(numerator, denominator);
        if (suffix.Base == 2) nanos = BigInteger.Min(nanos, long.MaxValue * BigInteger.Pow(10, 9));
        return new Sample(sign + whole + (fraction is null ? "" : "." + fraction) + suffix.Text, sign == "-" ? -nanos : nanos, suffix.Base == 2);
    }

    static BigInteger RoundUp(BigInteger numerator, BigInteger denominator)
    {
        var quotient = BigInteger.DivRem(numerator, denominator, out var rest);
        return rest.IsZero ? quotient : quotient + rest.Sign * denominator.Sign;
    }

    static BigInteger Nanos(ResourceQuantity quantity) => (quantity * 1_000_000_000).ToBigInteger();

    static readonly Gen<(Sample A, Sample B)> Pairs = from a in Samples where a.Text != "" from b in Samples where b.Text != "" select (a, b);

    [Fact]
    public void Reads_what_integer_arithmetic_reads() =>
        Property.Holds(Samples.Where(s => s.Text != ""), s => Assert.Equal(s.Nanos, Nanos(ResourceQuantity.Parse(s.Text))), 5000);

    [Fact]
    public void Adds_subtracts_and_compares_as_integer_arithmetic_does() => Property.Holds(Pairs, pair =>
    {
        ResourceQuantity a = pair.A.Text, b = pair.B.Text;
        Assert.Equal(pair.A.Nanos + pair.B.Nanos, Nanos(a + b));
        Assert.Equal(pair.A.Nanos - pair.B.Nanos, Nanos(a - b));
        Assert.Equal(pair.A.Nanos.CompareTo(pair.B.Nanos), Math.Sign(a.CompareTo(b)));
        Assert.Equal(pair.A.Nanos == pair.B.Nanos, a == b);
    }, 3000);

    [Fact]
    public void Printing_loses_nothing_and_settles_at_once() => Property.Holds(Samples.Where(s => s.Text != ""), s =>
    {
        var quantity = ResourceQuantity.Parse(s.Text);
        var printed = quantity.ToString();
        var again = ResourceQuantity.Parse(printed);
        Assert.Equal(quantity, again);
        Assert.Equal(quantity.GetHashCode(), again.GetHashCode());
        Assert.Equal(printed, again.ToString());
        Assert.DoesNotContain('.', printed);
        Assert.DoesNotContain('+', printed);
        Assert.Equal(quantity, JsonSerializer.Deserialize<ResourceQuantity>(JsonSerializer.Serialize(quantity)));
    }, 3000);

    [Fact]
    public void Rounds_away_from_zero_at_any_scale() => Property.Holds(
        from s in Samples where s.Text != "" from scale in Gen.Choose(-9, 6) select (s, scale),
        t => Assert.Equal(
            RoundUp(t.s.Nanos, BigInteger.Pow(10, 9 + t.scale)) * BigInteger.Pow(10, 9 + t.scale),
            Nanos(ResourceQuantity.Parse(t.s.Text).RoundUp(t.scale))),
        3000);

    // Cases of the reference implementation's own documentation, and what is remarkable beside them.
    [Theory]
    [InlineData("0", "0")]
    [InlineData("0Ki", "0")]
    [InlineData("1.5", "1500m")]
    [InlineData("0.5", "500m")]
    [InlineData("1.5Gi", "1536Mi")]
    [InlineData("1024Mi", "1Gi")]
    [InlineData("1000", "1k")]
    [InlineData("1000000", "1M")]
    [InlineData("1023Ki", "1023Ki")]
    [InlineData("0.5Ki", "512")]
    [InlineData("1Ki", "1Ki")]
    [InlineData("0.0001Mi", "104857600u")]
    [InlineData("1.1Ki", "1126400m")]
    [InlineData("12e6", "12e6")]
    [InlineData("12E6", "12e6")]
    [InlineData("1e2", "100")]
    [InlineData("1e4", "10e3")]
    [InlineData("1e-4", "100e-6")]
    [InlineData("0.1n", "1n")]
    [InlineData("-0.1n", "-1n")]
    [InlineData("1.1n", "2n")]
    [InlineData("+5", "5")]
    [InlineData(".5", "500m")]
    [InlineData("5.", "5")]
    [InlineData("1.G", "1G")]
    [InlineData("100E", "100E")]
    [InlineData("1000E", "1e21")]
    [InlineData("8Ei", "9223372036854775807")]
    [InlineData("-8Ei", "-9223372036854775807")]
    [InlineData("00100", "100")]
    [InlineData("9223372036854775808", "9223372036854775808")]
    public void Prints_the_canonical_form(string text, string canonical) => Assert.Equal(canonical, ResourceQuantity.Parse(text).ToString());

    [Theory]
    [InlineData("")]
    [InlineData(" 1")]
    [InlineData("1 ")]
    [InlineData("1.1.M")]
    [InlineData("1+1.0M")]
    [InlineData("0.1mi")]
    [InlineData("0.1am")]
    [InlineData("aoeu")]
    [InlineData(".5i")]
    [InlineData("1i")]
    [InlineData("-3.01i")]
    [InlineData("-3.01e-")]
    [InlineData("1K")]
    [InlineData("1ki")]
    [InlineData("1e")]
    [InlineData("1e1.5")]
    [InlineData("1e99999999999")]
    [InlineData("--1")]
    [InlineData("1,5")]
    [InlineData("٣")]
    public void Refuses_what_Kubernetes_refuses(string text)
    {
        Assert.False(ResourceQuantity.TryParse(text, out _));
        var refusal = Assert.Throws<FormatException>(() => ResourceQuantity.Parse(text));
        Assert.StartsWith($"'{text}' is not a quantity", refusal.Message);
    }

    [Fact]
    public void Survives_hostile_texts()
    {
        Assert.Throws<FormatException>(() => ResourceQuantity.Parse(new string('9', 1_000_000)));
        var huge = ResourceQuantity.Parse("1e2147483000");
        Assert.Equal("100e2147482998", huge.ToString());
        Assert.True(huge > ResourceQuantity.Parse("1"));
        Assert.True(-huge < ResourceQuantity.Parse("-1"));
        Assert.Throws<OverflowException>(() => huge + ResourceQuantity.Parse("1"));
        Assert.Throws<OverflowException>(() => huge.ToInt64());
        Assert.Equal("1e-9", ResourceQuantity.Parse("1e-2147483648").ToString());
    }

    [Fact]
    public void A_sum_is_printed_as_its_first_part_was()
    {
        Assert.Equal("1536Mi", (ResourceQuantity.Parse("1Gi") + "512M" + "24870912").ToString());
        Assert.Equal("1Gi", (ResourceQuantity.Zero + "1Gi").ToString());
        Assert.Equal("250m", (ResourceQuantity.Parse("1") - "750m").ToString());
    }

    [Fact]
    public void Converts_to_numbers()
    {
        var quantity = ResourceQuantity.Parse("1234567u");
        Assert.Equal(1.234567m, quantity.ToDecimal());
        Assert.Equal(-1.234567m, (-quantity).ToDecimal());
        Assert.Equal(2, quantity.ToInt64());
        Assert.Equal(-2, (-quantity).ToInt32());
        Assert.Equal(1235, quantity.ToMilli());
        Assert.Equal(1.234567, quantity.ToDouble());
        Assert.Equal("1234567u", new ResourceQuantity(1.234567m).ToString());
        Assert.Equal("79228162514264337593543950335", new ResourceQuantity(decimal.MaxValue).ToString());
        Assert.Throws<OverflowException>(() => (int)ResourceQuantity.Parse("3G"));
    }

    [Theory]
    [InlineData("\"1500m\"", "1500m")]
    [InlineData("\" 1.5 \"", "1500m")]
    [InlineData("1.5", "1500m")]
    [InlineData("1000", "1k")]
    public void Reads_json_strings_and_numbers(string json, string canonical) =>
        Assert.Equal($"\"{canonical}\"", JsonSerializer.Serialize(JsonSerializer.Deserialize<ResourceQuantity>(json)));

    [Theory]
    [InlineData("true")]
    [InlineData("{}")]
    [InlineData("\"x\"")]
    public void Other_json_is_refused(string json) => Assert.Throws<JsonException>(() => JsonSerializer.Deserialize<ResourceQuantity>(json));
}
