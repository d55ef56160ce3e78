using ActorKube.ApiServer;

namespace ApiServer.Tests;

public sealed class CelTests
{
    [Theory]
    [InlineData("1 + 2 * 3 == 7")]
    [InlineData("'abc'.startsWith('a') && 'abc'.size() == 3")]
    [InlineData("[1, 2, 3].all(x, x > 0) && [1, 2].exists(x, x == 2) && [1, 1, 2].exists_one(x, x == 2)")]
    [InlineData("[1, 2, 3].map(x, x * 2) == [2, 4, 6] && [1, 2, 3].filter(x, x > 1) == [2, 3]")]
    [InlineData("{'a': 1}.a == 1 && 'a' in {'a': 1} && has({'a': 1}.a) && !has({'a': 1}.b)")]
    [InlineData("duration('1h30m') == duration('90m') && timestamp('2024-01-02T03:04:05Z').getFullYear() == 2024")]
    [InlineData("true || 1 / 0 == 1")]
    [InlineData("1 / 0 == 1 || true")]
    [InlineData("quantity('1Gi').isGreaterThan(quantity('500Mi'))")]
    [InlineData("'a-b'.matches('^[a-z-]+$') && r'\\d' == '\\\\d'")]
    [InlineData("type(1) == int && type('') == string && string(5) == '5' && int('7') == 7")]
    [InlineData("{'a': {'b': 1}}.?a.?c.orValue(9) == 9 && {'a': 1}[?'a'].orValue(2) == 1")]
    [InlineData("['a', 'b'].join('-') == 'a-b' && 'a,b'.split(',') == ['a', 'b'] && [1, 2].sum() == 3 && [1, 2].isSorted()")]
    [InlineData("'%s has %d of %.1f, %x and %b: %s'.format(['a', 3, 2.25, 255, 5, [1, 'b']]) == 'a has 3 of 2.3, ff and 101: [1, b]' || '%.2f%%'.format([2.5]) == '2.50%'")]
    [InlineData("cidr('10.0.0.0/8').containsIP('10.1.2.3') && !cidr('10.0.0.0/8').containsCIDR('11.0.0.0/16') && cidr('10.0.0.0/8').prefixLength() == 8")]
    [InlineData("ip('169.254.1.1').isLinkLocalUnicast() && string(ip('::1')) == '::1' && !isIP('1.2.3.4.5')")]
    [InlineData("(3 > 2 ? 'yes' : 'no') == 'yes' && !(1 == 2) && -(-1) == 1 && 7 % 4 == 3")]
    [InlineData("sets.contains([1, 2], [1]) && sets.equivalent([1, 2], [2, 1]) && !sets.intersects([1], [2])")]
    [InlineData("'a-a-a'.replace('a', 'b', 2) == 'b-b-a' && '1 2 3'.findAll('[0-9]', 2) == ['1', '2'] && timestamp(0) < timestamp('2024-01-02T03:04:05Z')")]
    [InlineData("url('https://a.b/?k=1&k=2').getQuery()['k'] == ['1', '2'] && ip('8.8.8.8').isGlobalUnicast() && ip.isCanonical('::1') && !ip.isCanonical('0:0:0:0:0:0:0:1')")]
    [InlineData("!format.dns1123Label().validate('a-b').hasValue() && format.dns1123Label().validate('A').hasValue() && format.named('uuid').hasValue() && format.byte().validate('x').value() == ['invalid base64']")]
    [InlineData("5u + 1u == 6u && uint(7) > 6u && type(1u) == uint && dyn(1u) == 1 && b'ab' + bytes('c') == b'abc' && size(b'abc') == 3 && string(b'\\x61') == 'a' && b'a' < b'b'")]
    [InlineData("optional.of(2).optMap(x, x + 1).value() == 3 && optional.of(2).optFlatMap(x, optional.none()).orValue(9) == 9 && optional.none().or(optional.of(1)).value() == 1")]
    [InlineData("{?'a': optional.of(1), ?'b': optional.none()} == {'a': 1} && [?optional.none(), 1] == [1] && optional.of(1 / 1).orValue(1 / 0) == 1")]
    [InlineData("type(duration('1s')) == google.protobuf.Duration && type(optional.none()) == optional_type && !has({'a': null}.a.b) && {'a': null}.a.?b.orValue(1) == 1")]
    [InlineData("'\\u00e9\\x41\\101' == 'éAA' && r'\\n' != '\\n' && \"it's\" == 'it' + '\\'s' && --1 == 1 && 0xfF == 255 && .5e1 == 5.0")]
    [InlineData("['a', 'b'].transformList(i, v, v + string(i)) == ['a0', 'b1'] && {'a': 1}.transformMapEntry(k, v, {string(v): k}) == {'1': 'a'}")]
    public void Holds(string expression) => Assert.Equal(true, new CelEvaluator(new Dictionary<string, object?>()).Evaluate(CelParser.Parse(expression)));

    [Theory]
    [InlineData("1 / 0")]
    [InlineData("'a' + 1")]
    [InlineData("nobody")]
    [InlineData("{'a': 1}.b")]
    [InlineData("9223372036854775807 + 1")]
    public void Fails_with_an_error_of_its_own(string expression) =>
        Assert.Throws<CelException>(() => new CelEvaluator(new Dictionary<string, object?>()).Evaluate(CelParser.Parse(expression)));

    [Theory]
    [InlineData("1 +")]
    [InlineData("self.")]
    [InlineData("'open")]
    [InlineData("a b")]
    public void Refuses_what_is_no_expression(string text) => Assert.Throws<CelException>(() => CelParser.Parse(text));

    [Fact]
    public void An_expression_that_costs_too_much_is_stopped()
    {
        var list = Enumerable.Range(0, 2000).Select(i => (object?)(long)i).ToList();
        var node = CelParser.Parse("self.all(a, self.all(b, self.all(c, a + b + c >= 0)))");

        var failure = Assert.Throws<CelException>(() => new CelEvaluator(new Dictionary<string, object?> { ["self"] = list }).Evaluate(node));

        Assert.Contains("cost limit", failure.Message, StringComparison.Ordinal);
    }
}
