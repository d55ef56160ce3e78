namespace ActorKube.ApiServer;

/// <summary>The functions that expressions can call, by the types that they take and give: the language's own, and those that Kubernetes 1.32 adds.</summary>
internal static class CelLibrary
{
    private const string Operators = """
        _?_:_(bool, A, A) A
        !_(bool) bool
        -_(int) int
        -_(double) double
        _==_(A, A) bool
        _!=_(A, A) bool
        _+_(bytes, bytes) bytes
        _+_(double, double) double
        _+_(duration, duration) duration
        _+_(duration, timestamp) timestamp
        _+_(timestamp, duration) timestamp
        _+_(int, int) int
        _+_(list(A), list(A)) list(A)
        _+_(string, string) string
        _+_(uint, uint) uint
        _-_(double, double) double
        _-_(duration, duration) duration
        _-_(int, int) int
        _-_(timestamp, duration) timestamp
        _-_(timestamp, timestamp) duration
        _-_(uint, uint) uint
        _*_(double, double) double
        _*_(int, int) int
        _*_(uint, uint) uint
        _/_(double, double) double
        _/_(int, int) int
        _/_(uint, uint) uint
        _%_(int, int) int
        _%_(uint, uint) uint
        @in(A, list(A)) bool
        @in(A, map(A, B)) bool
        _[_](list(A), int) A
        _[_](map(A, B), A) B
        _[_](optional_type(list(V)), int) optional_type(V)
        _[_](optional_type(map(K, V)), K) optional_type(V)
        _[?_](list(V), int) optional_type(V)
        _[?_](optional_type(list(V)), int) optional_type(V)
        _[?_](map(K, V), K) optional_type(V)
        _[?_](optional_type(map(K, V)), K) optional_type(V)
        """;

    private const string Standard = """
        size(bytes) int
        size(list(A)) int
        size(map(A, B)) int
        size(string) int
        bytes .size() int
        list(A) .size() int
        map(A, B) .size() int
        string .size() int
        type(A) type(A)
        dyn(A) dyn
        bool(bool) bool
        bool(string) bool
        bytes(bytes) bytes
        bytes(string) bytes
        double(double) double
        double(int) double
        double(string) double
        double(uint) double
        duration(duration) duration
        duration(int) duration
        duration(string) duration
        int(int) int
        int(double) int
        int(duration) int
        int(string) int
        int(timestamp) int
        int(uint) int
        string(string) string
        string(bool) string
        string(bytes) string
        string(double) string
        string(duration) string
        string(int) string
        string(timestamp) string
        string(uint) string
        timestamp(timestamp) timestamp
        timestamp(int) timestamp
        timestamp(string) timestamp
        uint(uint) uint
        uint(double) uint
        uint(int) uint
        uint(string) uint
        string .contains(string) bool
        string .endsWith(string) bool
        string .startsWith(string) bool
        matches(string, string) bool
        string .matches(string) bool
        optional.of(V) optional_type(V)
        optional.ofNonZeroValue(V) optional_type(V)
        optional.none() optional_type(V)
        optional_type(V) .value() V
        optional_type(V) .hasValue() bool
        optional_type(V) .or(optional_type(V)) optional_type(V)
        optional_type(V) .orValue(V) V
        """;

    private const string Added = """
        string .charAt(int) string
        string .indexOf(string) int
        string .indexOf(string, int) int
        string .lastIndexOf(string) int
        string .lastIndexOf(string, int) int
        string .lowerAscii() string
        string .upperAscii() string
        string .replace(string, string) string
        string .replace(string, string, int) string
        string .split(string) list(string)
        string .split(string, int) list(string)
        string .substring(int) string
        string .substring(int, int) string
        string .trim() string
        string .format(list(dyn)) string
        strings.quote(string) string
        list(string) .join() string
        list(string) .join(string) string
        string .find(string) string
        string .findAll(string) list(string)
        string .findAll(string, int) list(string)
        list(A) .indexOf(A) int
        list(A) .lastIndexOf(A) int
        sets.contains(list(T), list(T)) bool
        sets.equivalent(list(T), list(T)) bool
        sets.intersects(list(T), list(T)) bool
        url(string) kubernetes.URL
        isURL(string) bool
        kubernetes.URL .getScheme() string
        kubernetes.URL .getHost() string
        kubernetes.URL .getHostname() string
        kubernetes.URL .getPort() string
        kubernetes.URL .getEscapedPath() string
        kubernetes.URL .getQuery() map(string, list(string))
        quantity(string) kubernetes.Quantity
        isQuantity(string) bool
        sign(kubernetes.Quantity) int
        kubernetes.Quantity .isGreaterThan(kubernetes.Quantity) bool
        kubernetes.Quantity .isLessThan(kubernetes.Quantity) bool
        kubernetes.Quantity .compareTo(kubernetes.Quantity) int
        kubernetes.Quantity .asApproximateFloat() double
        kubernetes.Quantity .asInteger() int
        kubernetes.Quantity .isInteger() bool
        kubernetes.Quantity .add(kubernetes.Quantity) kubernetes.Quantity
        kubernetes.Quantity .add(int) kubernetes.Quantity
        kubernetes.Quantity .sub(kubernetes.Quantity) kubernetes.Quantity
        kubernetes.Quantity .sub(int) kubernetes.Quantity
        ip(string) net.IP
        isIP(string) bool
        ip.isCanonical(string) bool
        string(net.IP) string
        net.IP .family() int
        net.IP .isUnspecified() bool
        net.IP .isLoopback() bool
        net.IP .isLinkLocalMulticast() bool
        net.IP .isLinkLocalUnicast() bool
        net.IP .isGlobalUnicast() bool
        cidr(string) net.CIDR
        isCIDR(string) bool
        string(net.CIDR) string
        net.CIDR .containsIP(string) bool
        net.CIDR .containsIP(net.IP) bool
        net.CIDR .containsCIDR(string) bool
        net.CIDR .containsCIDR(net.CIDR) bool
        net.CIDR .ip() net.IP
        net.CIDR .prefixLength() int
        net.CIDR .masked() net.CIDR
        kubernetes.NamedFormat .validate(string) optional_type(list(string))
        format.named(string) optional_type(kubernetes.NamedFormat)
        kubernetes.authorization.Authorizer .path(string) kubernetes.authorization.PathCheck
        kubernetes.authorization.Authorizer .group(string) kubernetes.authorization.GroupCheck
        kubernetes.authorization.Authorizer .serviceAccount(string, string) kubernetes.authorization.Authorizer
        kubernetes.authorization.GroupCheck .resource(string) kubernetes.authorization.ResourceCheck
        kubernetes.authorization.ResourceCheck .subresource(string) kubernetes.authorization.ResourceCheck
        kubernetes.authorization.ResourceCheck .namespace(string) kubernetes.authorization.ResourceCheck
        kubernetes.authorization.ResourceCheck .name(string) kubernetes.authorization.ResourceCheck
        kubernetes.authorization.ResourceCheck .fieldSelector(string) kubernetes.authorization.ResourceCheck
        kubernetes.authorization.ResourceCheck .labelSelector(string) kubernetes.authorization.ResourceCheck
        kubernetes.authorization.PathCheck .check(string) kubernetes.authorization.Decision
        kubernetes.authorization.ResourceCheck .check(string) kubernetes.authorization.Decision
        kubernetes.authorization.Decision .errored() bool
        kubernetes.authorization.Decision .error() string
        kubernetes.authorization.Decision .allowed() bool
        kubernetes.authorization.Decision .reason() string
        """;

    private static readonly string[] Numbers = ["int", "uint", "double"];
    private static readonly string[] Ordered = ["int", "uint", "double", "bool", "string", "bytes", "duration", "timestamp"];

    private static readonly Dictionary<string, CelShape> NamedTypes = new CelShape[]
    {
        CelShape.Dyn, CelShape.Null, CelShape.Bool, CelShape.Int, CelShape.Uint, CelShape.Double, CelShape.Text, CelShape.Bytes, CelShape.Timestamp, CelShape.Duration,
        CelShape.Struct("kubernetes.URL"), CelShape.Struct("kubernetes.Quantity"), CelShape.Opaque("net.IP"), CelShape.Opaque("net.CIDR"), CelShape.Struct("kubernetes.NamedFormat"),
        CelShape.Struct("kubernetes.authorization.Authorizer"), CelShape.Struct("kubernetes.authorization.PathCheck"), CelShape.Struct("kubernetes.authorization.GroupCheck"),
        CelShape.Struct("kubernetes.authorization.ResourceCheck"), CelShape.Struct("kubernetes.authorization.Decision"),
    }.ToDictionary(t => t.Name, StringComparer.Ordinal);

    private static readonly Dictionary<string, CelOverload[]> Functions = CelOverload.Read($"{Operators}\n{Standard}\n{Added}\n{Generated()}");

    /// <summary>Names that stand for a type where a value is expected: <c>type(x) == string</c>.</summary>
    private static readonly Dictionary<string, CelShape> TypeNames = new(StringComparer.Ordinal)
    {
        ["bool"] = CelShape.Bool, ["int"] = CelShape.Int, ["uint"] = CelShape.Uint, ["double"] = CelShape.Double, ["string"] = CelShape.Text, ["bytes"] = CelShape.Bytes,
        ["list"] = CelShape.ListOf(CelShape.Dyn), ["map"] = CelShape.MapOf(CelShape.Dyn, CelShape.Dyn), ["null_type"] = CelShape.Null, ["type"] = CelShape.TypeOf(CelShape.Dyn),
        ["google.protobuf.Timestamp"] = CelShape.Timestamp, ["google.protobuf.Duration"] = CelShape.Duration, ["optional_type"] = CelShape.OptionalOf(CelShape.Dyn),
        ["kubernetes.URL"] = NamedType("kubernetes.URL"), ["kubernetes.Quantity"] = NamedType("kubernetes.Quantity"), ["net.IP"] = NamedType("net.IP"), ["net.CIDR"] = NamedType("net.CIDR"),
    };

    public static CelShape NamedType(string name) => NamedTypes[name];

    /// <summary>The forms of a function; null where there is no such function.</summary>
    public static CelOverload[]? Find(string name) => Functions.GetValueOrDefault(name);

    /// <summary>The type that a name stands for; null where it is none's.</summary>
    public static CelShape? TypeNamed(string name) => TypeNames.GetValueOrDefault(name);

    private static string Generated()
    {
        var lines = new List<string>();
        foreach (var symbol in (string[])["_<_", "_<=_", "_>_", "_>=_"])
        {
            lines.AddRange(Ordered.Select(t => $"{symbol}({t}, {t}) bool"));
            lines.AddRange(from one in Numbers from other in Numbers where one != other select $"{symbol}({one}, {other}) bool");
        }
        foreach (var part in (string[])["getFullYear", "getMonth", "getDayOfYear", "getDayOfMonth", "getDate", "getDayOfWeek", "getHours", "getMinutes", "getSeconds", "getMilliseconds"])
        {
            lines.Add($"timestamp .{part}() int");
            lines.Add($"timestamp .{part}(string) int");
        }
        lines.AddRange(((string[])["getHours", "getMinutes", "getSeconds", "getMilliseconds"]).Select(part => $"duration .{part}() int"));
        foreach (var item in Ordered)
        {
            lines.Add($"list({item}) .isSorted() bool");
            lines.Add($"list({item}) .min() {item}");
            lines.Add($"list({item}) .max() {item}");
        }
        lines.AddRange(((string[])["int", "uint", "double", "duration"]).Select(item => $"list({item}) .sum() {item}"));
        lines.AddRange(CelNamedFormat.Names.Select(format => $"format.{format}() kubernetes.NamedFormat"));
        return string.Join('\n', lines);
    }
}
