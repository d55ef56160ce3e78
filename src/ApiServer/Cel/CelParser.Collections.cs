namespace ActorKube.ApiServer;

/// <summary>Lists and maps, and what is said of their ends.</summary>
internal sealed partial class CelParser
{
    private CelList List(int position)
    {
        var items = new List<CelItem>();
        if (Next is { Kind: CelTokenKind.Symbol, Text: "," })
        {
            _at++;
            Need("]");
            return new CelList(items) { Position = position };
        }
        while (!Closed("]"))
        {
            var optional = Take("?");
            items.Add(new CelItem(Expression(items.Count == 0 && !optional ? CelExpected.Item : CelExpected.Operand), optional));
            if (!Separated("]"))
            {
                break;
            }
        }
        return new CelList(items) { Position = position };
    }

    private CelMap Map(int position)
    {
        var entries = new List<CelEntry>();
        if (Next is { Kind: CelTokenKind.Symbol, Text: "," })
        {
            _at++;
            Need("}");
            return new CelMap(entries) { Position = position };
        }
        while (!Closed("}"))
        {
            var optional = Take("?");
            var key = Expression(entries.Count == 0 && !optional ? CelExpected.Entry : CelExpected.Operand);
            _open++;
            Need(":");
            var colon = Last;
            entries.Add(new CelEntry(key, Expression(), optional, colon));
            if (!Separated("}"))
            {
                break;
            }
        }
        return new CelMap(entries) { Position = position };
    }

    private bool Closed(string closer)
    {
        if (!Take(closer))
        {
            if (Next.Kind == CelTokenKind.End && _at > 0 && _tokens[_at - 1].Text == ",")
            {
                Need(closer);
                return true;
            }
            return false;
        }
        _open--;
        return true;
    }

    /// <summary>Whether another element follows; takes what closes the sequence where none does.</summary>
    private bool Separated(string closer)
    {
        if (Take(","))
        {
            return true;
        }
        if (Take(closer))
        {
            _open--;
            return false;
        }
        var expected = $"{{'{closer}', ','}}";
        if (AfterNext is { Kind: CelTokenKind.Symbol } after && (after.Text == closer || after.Text == ","))
        {
            _problems.Add(Next.Position, CelExpected.Extraneous(Next, expected));
            _at++;
            return Separated(closer);
        }
        throw new CelException(CelExpected.Mismatched(Next, expected), Next.Position);
    }
}
