namespace ActorKube.ApiServer;

/// <summary>The functions that <see cref="CelFunctions"/> evaluates, by the types that they take and give.</summary>
internal static class CelSignatures
{
    private static readonly CelShape Texts = CelShape.ListOf(CelShape.Text);

    private static readonly Dictionary<string, (CelShape[] Takes, CelShape Gives)[]> Functions = new(StringComparer.Ordinal)
    {
        ["size"] = [([CelShape.Dyn], CelShape.Int)],
        ["type"] = [([CelShape.Dyn], CelShape.Type)],
        ["dyn"] = [([CelShape.Dyn], CelShape.Dyn)],
        ["int"] = [([CelShape.Dyn], CelShape.Int)],
        ["uint"] = [([CelShape.Dyn], CelShape.Int)],
        ["double"] = [([CelShape.Dyn], CelShape.Double)],
        ["string"] = [([CelShape.Dyn], CelShape.Text)],
        ["bytes"] = [([CelShape.Text], CelShape.Dyn)],
        ["bool"] = [([CelShape.Dyn], CelShape.Bool)],
        ["duration"] = [([CelShape.Text], CelShape.Duration), ([CelShape.Duration], CelShape.Duration)],
        ["timestamp"] = [([CelShape.Text], CelShape.Timestamp), ([CelShape.Timestamp], CelShape.Timestamp), ([CelShape.Int], CelShape.Timestamp)],
        ["matches"] = [([CelShape.Text, CelShape.Text], CelShape.Bool)],
        ["quantity"] = [([CelShape.Text], CelShape.Quantity)],
        ["isQuantity"] = [([CelShape.Text], CelShape.Bool)],
        ["url"] = [([CelShape.Text], CelShape.Url)],
        ["isURL"] = [([CelShape.Text], CelShape.Bool)],
        ["ip"] = [([CelShape.Text], CelShape.Address)],
        ["isIP"] = [([CelShape.Text], CelShape.Bool)],
        ["cidr"] = [([CelShape.Text], CelShape.Network)],
        ["isCIDR"] = [([CelShape.Text], CelShape.Bool)],
    };

    private static readonly Dictionary<string, Dictionary<string, (CelShape[] Takes, CelShape Gives)[]>> Methods = new(StringComparer.Ordinal)
    {
        ["string"] = new(StringComparer.Ordinal)
        {
            ["size"] = [([], CelShape.Int)],
            ["startsWith"] = [([CelShape.Text], CelShape.Bool)],
            ["endsWith"] = [([CelShape.Text], CelShape.Bool)],
            ["contains"] = [([CelShape.Text], CelShape.Bool)],
            ["matches"] = [([CelShape.Text], CelShape.Bool)],
            ["find"] = [([CelShape.Text], CelShape.Text)],
            ["findAll"] = [([CelShape.Text], Texts), ([CelShape.Text, CelShape.Int], Texts)],
            ["lowerAscii"] = [([], CelShape.Text)],
            ["upperAscii"] = [([], CelShape.Text)],
            ["trim"] = [([], CelShape.Text)],
            ["charAt"] = [([CelShape.Int], CelShape.Text)],
            ["indexOf"] = [([CelShape.Text], CelShape.Int), ([CelShape.Text, CelShape.Int], CelShape.Int)],
            ["lastIndexOf"] = [([CelShape.Text], CelShape.Int)],
            ["substring"] = [([CelShape.Int], CelShape.Text), ([CelShape.Int, CelShape.Int], CelShape.Text)],
            ["replace"] = [([CelShape.Text, CelShape.Text], CelShape.Text), ([CelShape.Text, CelShape.Text, CelShape.Int], CelShape.Text)],
            ["split"] = [([CelShape.Text], Texts), ([CelShape.Text, CelShape.Int], Texts)],
            ["format"] = [([CelShape.ListOf(CelShape.Dyn)], CelShape.Text)],
        },
        ["list"] = new(StringComparer.Ordinal)
        {
            ["size"] = [([], CelShape.Int)],
            ["isSorted"] = [([], CelShape.Bool)],
            ["min"] = [([], CelShape.Dyn)],
            ["max"] = [([], CelShape.Dyn)],
            ["sum"] = [([], CelShape.Dyn)],
            ["indexOf"] = [([CelShape.Dyn], CelShape.Int)],
            ["lastIndexOf"] = [([CelShape.Dyn], CelShape.Int)],
            ["join"] = [([], CelShape.Text), ([CelShape.Text], CelShape.Text)],
            ["distinct"] = [([], CelShape.ListOf(CelShape.Dyn))],
            ["sort"] = [([], CelShape.ListOf(CelShape.Dyn))],
        },
        ["map"] = new(StringComparer.Ordinal) { ["size"] = [([], CelShape.Int)] },
        ["timestamp"] = Numbers("getFullYear", "getMonth", "getDate", "getDayOfMonth", "getDayOfWeek", "getDayOfYear", "getHours", "getMinutes", "getSeconds", "getMilliseconds"),
        ["duration"] = Numbers("getHours", "getMinutes", "getSeconds", "getMilliseconds"),
        ["kubernetes.Quantity"] = new(StringComparer.Ordinal)
        {
            ["compareTo"] = [([CelShape.Quantity], CelShape.Int)],
            ["isGreaterThan"] = [([CelShape.Quantity], CelShape.Bool)],
            ["isLessThan"] = [([CelShape.Quantity], CelShape.Bool)],
            ["add"] = [([CelShape.Quantity], CelShape.Quantity), ([CelShape.Int], CelShape.Quantity)],
            ["sub"] = [([CelShape.Quantity], CelShape.Quantity), ([CelShape.Int], CelShape.Quantity)],
            ["sign"] = [([], CelShape.Int)],
            ["isInteger"] = [([], CelShape.Bool)],
            ["asInteger"] = [([], CelShape.Int)],
            ["asApproximateFloat"] = [([], CelShape.Double)],
        },
        ["kubernetes.URL"] = new(StringComparer.Ordinal)
        {
            ["getScheme"] = [([], CelShape.Text)], ["getHost"] = [([], CelShape.Text)], ["getHostname"] = [([], CelShape.Text)], ["getPort"] = [([], CelShape.Text)], ["getEscapedPath"] = [([], CelShape.Text)],
            ["getQuery"] = [([], CelShape.MapOf(Texts))],
        },
        ["net.IP"] = new(StringComparer.Ordinal)
        {
            ["family"] = [([], CelShape.Int)], ["isLoopback"] = [([], CelShape.Bool)], ["isUnspecified"] = [([], CelShape.Bool)], ["isLinkLocalUnicast"] = [([], CelShape.Bool)],
            ["isLinkLocalMulticast"] = [([], CelShape.Bool)], ["isGlobalUnicast"] = [([], CelShape.Bool)], ["string"] = [([], CelShape.Text)],
        },
        ["kubernetes.NamedFormat"] = new(StringComparer.Ordinal) { ["validate"] = [([CelShape.Text], CelShape.OptionalOf(Texts))] },
        ["net.CIDR"] = new(StringComparer.Ordinal)
        {
            ["containsIP"] = [([CelShape.Text], CelShape.Bool), ([CelShape.Address], CelShape.Bool)],
            ["containsCIDR"] = [([CelShape.Text], CelShape.Bool), ([CelShape.Network], CelShape.Bool)],
            ["ip"] = [([], CelShape.Address)],
            ["prefixLength"] = [([], CelShape.Int)],
            ["masked"] = [([], CelShape.Network)],
        },
    };

    public static CelShape Function(string name, CelShape[] arguments) =>
        Functions.TryGetValue(name, out var overloads) ? Choose(name, overloads, arguments) : throw CelChecker.Undeclared(name);

    public static CelShape Method(CelShape self, string name, CelShape[] arguments)
    {
        if (self.Name == "optional_type")
        {
            return name switch
            {
                "hasValue" => CelShape.Bool,
                "value" => self.Of!,
                "orValue" when arguments.Length == 1 => self.Of!.IsDyn ? arguments[0] : self.Of!,
                _ => throw CelChecker.Undeclared(name),
            };
        }
        if (self.IsDyn)
        {
            return name is "orValue" or "value" or "hasValue" || Methods.Values.Any(m => m.ContainsKey(name)) ? CelShape.Dyn : throw CelChecker.Undeclared(name);
        }
        if (Methods.TryGetValue(self.Name, out var methods) && methods.TryGetValue(name, out var overloads))
        {
            var found = Choose(name, overloads, arguments, self);
            return name is "min" or "max" or "sum" ? self.Of! : name is "distinct" or "sort" ? self : found;
        }
        throw Methods.Values.Any(m => m.ContainsKey(name)) ? CelChecker.NoMethod(name, self, arguments) : CelChecker.Undeclared(name);
    }

    private static CelShape Choose(string name, (CelShape[] Takes, CelShape Gives)[] overloads, CelShape[] arguments, CelShape? self = null)
    {
        foreach (var (takes, gives) in overloads)
        {
            if (takes.Length == arguments.Length && takes.Zip(arguments).All(p => p.First.Fits(p.Second) && !(p.First.IsNumber && p.Second.IsNumber && p.First.Name != p.Second.Name)))
            {
                return gives;
            }
        }
        throw self is null ? CelChecker.NoOverload(name, arguments) : CelChecker.NoMethod(name, self, arguments);
    }

    private static Dictionary<string, (CelShape[], CelShape)[]> Numbers(params string[] names) =>
        names.ToDictionary(n => n, _ => ((CelShape[], CelShape)[])[([], CelShape.Int), ([CelShape.Text], CelShape.Int)], StringComparer.Ordinal);
}
