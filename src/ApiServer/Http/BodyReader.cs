using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace ActorKube.ApiServer;

/// <summary>Reads request bodies: bounded in size and depth, as JSON or YAML.</summary>
internal static partial class BodyReader
{
    /// <summary>The largest body, as a kube-apiserver has it.</summary>
    public const int Limit = 3 * 1024 * 1024;

    /// <summary>How long a body may take to arrive, as a kube-apiserver has it for a whole request.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <exception cref="ApiException">413: too much; 408: too slow.</exception>
    public static async Task<ReadOnlyMemory<byte>> ReadAsync(Exchange exchange)
    {
        using var limit = new CancellationTokenSource(Patience, exchange.Time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, exchange.Aborted);
        try
        {
            return await ReadAsync(exchange.Http.Request, both.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!exchange.Aborted.IsCancellationRequested)
        {
            throw Errors.Of(408, "Timeout", $"Timeout: the request's body did not arrive within {Patience.TotalSeconds:0} seconds");
        }
    }

    private static async Task<ReadOnlyMemory<byte>> ReadAsync(HttpRequest request, CancellationToken cancellation)
    {
        if (request.ContentLength > Limit)
        {
            throw Errors.TooLargeBody(Limit);
        }
        var buffer = new ArrayBufferWriter<byte>((int)Math.Max(256, request.ContentLength ?? 4096));
        while (true)
        {
            var read = await request.Body.ReadAsync(buffer.GetMemory(4096), cancellation).ConfigureAwait(false);
            if (read == 0)
            {
                return buffer.WrittenMemory;
            }
            buffer.Advance(read);
            if (buffer.WrittenCount > Limit)
            {
                throw Errors.TooLargeBody(Limit);
            }
        }
    }

    /// <summary>The media type of a body; JSON where none is given.</summary>
    public static string MediaType(HttpRequest request)
    {
        var type = request.ContentType;
        if (string.IsNullOrEmpty(type))
        {
            return Exchange.JsonType;
        }
        var end = type.IndexOf(';', StringComparison.Ordinal);
        return (end < 0 ? type : type[..end]).Trim().ToLowerInvariant();
    }

    /// <summary>Reads an object of a kind from a body.</summary>
    /// <exception cref="ApiException">400, 413 or 415 with the real server's words.</exception>
    public static async Task<JsonObject> ReadObjectAsync(Exchange exchange, ApiResource row, List<string> duplicates, string? kind = null, string? apiVersion = null)
    {
        var request = exchange.Http.Request;
        var media = MediaType(request);
        // Custom kinds have no protobuf form.
        if (media is not (Exchange.JsonType or "application/yaml") && (media != ActorKube.Models.KubeProtobuf.MediaType || row.Custom is not null))
        {
            throw Errors.UnsupportedBody();
        }
        var bytes = await ReadAsync(exchange).ConfigureAwait(false);
        if (media == ActorKube.Models.KubeProtobuf.MediaType)
        {
            if (!bytes.Span.StartsWith("k8s\0"u8))
            {
                throw Errors.BadRequest($"the object provided is unrecognized (must be of type {kind ?? row.Kind}): provided data does not appear to be a protobuf message, expected prefix [107 56 115 0] ({Summary(bytes.Span)})");
            }
            bytes = FromProtobuf(bytes);
            media = Exchange.JsonType;
        }
        kind ??= row.Kind;
        apiVersion ??= row.ApiVersion;
        var node = Parse(bytes, media, kind, duplicates, merges: row.Custom is null);
        if (node is null && row.Custom is null)
        {
            // Nothing is an object of the kind that says nothing.
            node = new JsonObject();
        }
        if (node is null)
        {
            throw Errors.BadRequest($"the object provided is unrecognized (must be of type {kind}): Object 'Kind' is missing in 'null' ({Hex(bytes.Span)})");
        }
        if (node is not JsonObject tree)
        {
            throw Errors.BadRequest(
                $"the object provided is unrecognized (must be of type {kind}): couldn't get version/kind; json parse error: json: cannot unmarshal {Word(node)} into Go value of type struct {{ APIVersion string \"json:\\\"apiVersion,omitempty\\\"\"; Kind string \"json:\\\"kind,omitempty\\\"\" }} ({Hex(bytes.Span)})");
        }
        CheckType(tree, kind, apiVersion, row, media == Exchange.JsonType ? bytes : default);
        if (kind != row.Kind || apiVersion != row.ApiVersion)
        {
            HoldTo(tree, kind, apiVersion, duplicates);
        }
        return tree;
    }

    /// <summary>Holds a body to the shape of its kind, where that is not its resource's: a scale, a binding, an eviction.</summary>
    /// <exception cref="ApiException">400: a value has the wrong type.</exception>
    /// <param name="tree">The body, which is changed.</param>
    /// <param name="kind">What it is to be.</param>
    /// <param name="apiVersion">Of which group and version.</param>
    /// <param name="problems">Gets what it does not know.</param>
    public static void HoldTo(JsonObject tree, string kind, string apiVersion, List<string> problems)
    {
        var version = ActorKube.Models.GroupVersion.Parse(apiVersion);
        if (BuiltInSchemas.For(new ActorKube.Models.GroupVersionKind(version.Group, version.Version, kind)) is { } schema)
        {
            var unknown = new List<string>();
            TypedDecoder.Decode(tree, schema, version.Version, kind, unknown);
            problems.AddRange(unknown.Select(u => $"unknown field {WarningHeaders.Quote(u)}"));
        }
    }

    /// <summary>The beginning of a body, as messages show it: text where it looks like an object, otherwise its bytes.</summary>
    private static string Summary(ReadOnlySpan<byte> bytes)
    {
        const int most = 30;
        var start = bytes[..Math.Min(most, bytes.Length)];
        return (start.Length > 0 && start[0] == '{' ? Encoding.UTF8.GetString(start) : Hex(start)) + (bytes.Length > most ? " ..." : "");
    }

    public static ReadOnlyMemory<byte> FromProtobuf(ReadOnlyMemory<byte> bytes)
    {
        try
        {
            return Encoding.UTF8.GetBytes(ActorKube.Models.KubeObject.ParseProtobuf(bytes.Span, ActorKube.Models.KubeObjectOptions.Everything).ToJson());
        }
        catch (ActorKube.Models.KubeFormatException wrong)
        {
            throw Errors.BadRequest($"the object provided is unrecognized: {wrong.Message}");
        }
        catch (NotSupportedException)
        {
            throw Errors.UnsupportedBody();
        }
    }

    private static void CheckType(JsonObject tree, string kind, string apiVersion, ApiResource row, ReadOnlyMemory<byte> written)
    {
        foreach (var field in (string[])["apiVersion", "kind"])
        {
            if (tree[field] is { } value && value.AsText() is null)
            {
                var text = tree.ToJsonString(Json.Compact);
                throw Errors.BadRequest(
                    $"the object provided is unrecognized (must be of type {kind}): couldn't get version/kind; json parse error: json: cannot unmarshal {Word(value)} into Go struct field .{field} of type string ({(text.Length > 30 ? text[..30] + " ..." : text)})");
            }
        }
        var (givenVersion, givenKind) = (tree.Text("apiVersion") ?? "", tree.Text("kind") ?? "");
        var custom = row.Custom is not null && kind == row.Kind;
        if (custom && givenKind.Length == 0)
        {
            var text = written.IsEmpty ? tree.ToJsonString(Json.Compact) : Encoding.UTF8.GetString(written.Span);
            throw Errors.BadRequest($"the object provided is unrecognized (must be of type {kind}): Object 'Kind' is missing in '{text}' ({(text.Length > 30 ? text[..30] + " ..." : text)})");
        }
        if (custom && givenVersion.Length == 0)
        {
            throw Errors.BadRequest($"the API version in the data () does not match the expected API version ({apiVersion})");
        }
        if (row.Custom is null && ForeignType(givenVersion, givenKind, kind, apiVersion, tree) is { } foreign)
        {
            throw foreign;
        }
        if (kind == "Eviction" && givenVersion == "policy/v1beta1")
        {
            // Evictions are taken in their old version too.
            tree["apiVersion"] = givenVersion = apiVersion;
        }
        if (givenVersion.Length > 0 && givenVersion != apiVersion)
        {
            throw Errors.BadRequest($"the API version in the data ({givenVersion}) does not match the expected API version ({apiVersion})");
        }
        if (givenKind.Length > 0 && givenKind != kind)
        {
            throw WrongKind(row, givenKind, tree);
        }
    }

    /// <summary>A body for a built-in kind that says it is of a type that nobody knows, or of another one; null for the same kind, be it in another version.</summary>
    private static ApiException? ForeignType(string givenVersion, string givenKind, string kind, string apiVersion, JsonObject tree)
    {
        if (givenVersion.Count(c => c == '/') > 1)
        {
            var text = tree.ToJsonString(Json.Compact);
            return Errors.BadRequest($"the object provided is unrecognized (must be of type {kind}): unexpected GroupVersion string: {givenVersion} ({(text.Length > 30 ? text[..30] + " ..." : text)})");
        }
        var version = ActorKube.Models.GroupVersion.Parse(givenVersion.Length == 0 ? apiVersion : givenVersion);
        var read = givenKind.Length == 0 ? kind : givenKind;
        if (read == kind && (version.ToString() == apiVersion || IsFormer(version, apiVersion)))
        {
            return null;
        }
        var cannot = $"{read} in version \"{version.Version}\" cannot be handled as a {kind}: ";
        if (BuiltInSchemas.For(new ActorKube.Models.GroupVersionKind(version.Group, version.Version, read)) is null)
        {
            return Errors.BadRequest(cannot + NotRegistered(read, version.ToString(), ActorKube.Models.GroupVersion.Parse(apiVersion).Group));
        }
        var package = ActorKube.Models.GroupVersion.Parse(apiVersion).Group is { Length: > 0 } own ? own.Split('.')[0] : "core";
        return read == kind ? null : Errors.BadRequest($"{cannot}converting ({version.Version}.{read}) to ({package}.{kind}): unknown conversion");
    }

    /// <summary>Versions that are not served any more are still known.</summary>
    private static bool IsFormer(ActorKube.Models.GroupVersion version, string apiVersion) =>
        version.Group == "extensions" && version.Version == "v1beta1" || (version.Group.Length > 0 && version.Group == ActorKube.Models.GroupVersion.Parse(apiVersion).Group
            && (version.Version.Contains("beta", StringComparison.Ordinal) || version.Version.Contains("alpha", StringComparison.Ordinal)));

    /// <summary>What Kubernetes says of a kind that it does not have; the aggregator's own group is read by a scheme of its own.</summary>
    public static string NotRegistered(string kind, string version, string group) =>
        $"no kind \"{kind}\" is registered for version \"{version}\" in scheme \"{(group == "apiregistration.k8s.io" ? "k8s.io/kube-aggregator/pkg/apiserver/scheme/scheme.go:28" : "pkg/api/legacyscheme/scheme.go:30")}\"";

    /// <summary>A custom object that says it is of another kind.</summary>
    public static ApiException WrongKind(ApiResource row, string given, JsonObject tree)
    {
        var errors = new FieldErrors();
        errors.Invalid("kind", given, $"must be {row.Kind}");
        return Errors.Invalid(row.Group, given, tree.TextAt("metadata", "name") ?? "", errors);
    }

    private static JsonNode? Parse(ReadOnlyMemory<byte> bytes, string media, string kind, List<string> duplicates, bool merges)
    {
        try
        {
            return media == "application/yaml" ? ParseYaml(bytes, duplicates) : Json.Parse(bytes.Span, duplicates, merges);
        }
        catch (JsonException failure)
        {
            throw Errors.BadRequest(
                $"the object provided is unrecognized (must be of type {kind}): couldn't get version/kind; json parse error: {Why(bytes.Span, failure)} ({(bytes.Length == 0 ? Hex(bytes.Span) : Summary(bytes.Span))})");
        }
        catch (ActorKube.Models.KubeFormatException failure)
        {
            throw Errors.BadRequest($"error converting YAML to JSON: yaml: {YamlProblem(failure)}");
        }
    }

    /// <summary>What Go's YAML library says of a text that is none: it counts lines from zero, and says nothing of the first.</summary>
    public static string YamlProblem(ActorKube.Models.KubeFormatException failure)
    {
        if (YamlFault().Match(failure.Message) is not { Success: true } match)
        {
            return failure.Message;
        }
        var (line, problem) = (int.Parse(match.Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture) - 1, match.Groups[2].Value);
        var scanner = false;
        (problem, scanner) = problem switch
        {
            "found invalid mapping" => ("mapping values are not allowed in this context", true),
            _ when problem.StartsWith("found ", StringComparison.Ordinal) || problem.StartsWith("Found ", StringComparison.Ordinal) || problem.StartsWith("could not ", StringComparison.Ordinal) => (problem, true),
            _ => (problem, false),
        };
        return $"{(line == 0 ? "" : FormattableString.Invariant($"line {(scanner ? line + 1 : line)}: "))}{char.ToLowerInvariant(problem[0])}{problem[1..]}";
    }

    [System.Text.RegularExpressions.GeneratedRegex(@"^Not valid YAML at line (\d+), column \d+: (?:While [^,]*, )?(.+)\z")]
    private static partial System.Text.RegularExpressions.Regex YamlFault();

    /// <summary>
    /// The first YAML document as a JSON tree; what comes behind it is not looked at. <paramref name="duplicates"/> is told of keys that are there twice, of which the last
    /// wins, in the words of a real server.
    /// </summary>
    /// <exception cref="ActorKube.Models.KubeFormatException">The bytes are no YAML.</exception>
    public static JsonNode? ParseYaml(ReadOnlyMemory<byte> bytes, List<string>? duplicates = null)
    {
        if (!System.Text.Unicode.Utf8.IsValid(bytes.Span))
        {
            throw Errors.BadRequest("error converting YAML to JSON: yaml: invalid UTF-8");
        }
        var twice = new List<ActorKube.Models.StrictProblem>();
        var tree = ActorKube.Models.KubeYaml.ParseFirstNode(Encoding.UTF8.GetString(bytes.Span), duplicates is null ? null : twice);
        duplicates?.AddRange(twice.Select(problem => $"line {problem.Line}: key \"{problem.Field[(problem.Field.LastIndexOf('.') + 1)..]}\" already set in map"));
        return tree;
    }

    /// <summary>Why bytes are no JSON, in Go's words where they are simply cut short.</summary>
    public static string Why(ReadOnlySpan<byte> bytes, JsonException failure) =>
        IsTruncated(bytes, failure) ? "unexpected end of JSON input" : BadCharacter(bytes, failure) ?? "invalid character in JSON input: " + failure.Message.Split('.')[0];

    /// <summary>What Go says of the byte at which reading stopped.</summary>
    private static string? BadCharacter(ReadOnlySpan<byte> bytes, JsonException failure)
    {
        var at = Offset(bytes, failure);
        if (at < 0 || at >= bytes.Length)
        {
            return null;
        }
        var shown = bytes[at] switch { (byte)'\'' => "'\\''", < 0x20 => $"'\\x{bytes[at]:x2}'", var other => $"'{(char)other}'" };
        if (((string[])["null", "true", "false"]).FirstOrDefault(l => failure.Message.Contains($"Expected the literal '{l}'", StringComparison.Ordinal)) is { } literal)
        {
            var read = 0;
            while (read < at && char.IsAsciiLetter((char)bytes[at - read - 1]))
            {
                read++;
            }
            return $"invalid character {shown} in literal {literal} (expecting '{literal[Math.Min(read, literal.Length - 1)]}')";
        }
        var where = failure.Message.Contains("after a single JSON value", StringComparison.Ordinal) ? "after top-level value"
            : failure.Message.Contains("trailing comma at the end", StringComparison.Ordinal) && bytes[at] == '}' ? "looking for beginning of object key string"
            : failure.Message.Contains("start of a property name", StringComparison.Ordinal) ? "looking for beginning of object key string"
            : failure.Message.Contains("start of a value", StringComparison.Ordinal) || failure.Message.Contains("trailing comma", StringComparison.Ordinal) ? "looking for beginning of value"
            : failure.Message.Contains("after a property name", StringComparison.Ordinal) ? "after object key"
            : null;
        return where is null ? null : $"invalid character {shown} {where}";
    }

    private static int Offset(ReadOnlySpan<byte> bytes, JsonException failure)
    {
        if (failure is not { LineNumber: { } line, BytePositionInLine: { } position })
        {
            return -1;
        }
        var start = 0;
        for (; line > 0; line--)
        {
            var end = bytes[start..].IndexOf((byte)'\n');
            if (end < 0)
            {
                return -1;
            }
            start += end + 1;
        }
        return start + (int)position;
    }

    private static bool IsTruncated(ReadOnlySpan<byte> bytes, JsonException failure) =>
        bytes.Length == 0 || failure.Message.Contains("but", StringComparison.Ordinal) && failure.Message.Contains("end", StringComparison.Ordinal)
        || failure.Message.Contains("depth", StringComparison.Ordinal) || failure.Message.Contains("incomplete", StringComparison.OrdinalIgnoreCase);

    /// <summary>What Go calls the kind of a JSON value.</summary>
    public static string Word(JsonNode? node) => node.KindOf() switch
    {
        JsonValueKind.Object => "object",
        JsonValueKind.Array => "array",
        JsonValueKind.String => "string",
        JsonValueKind.Number => "number",
        JsonValueKind.True or JsonValueKind.False => "bool",
        _ => "null",
    };

    private static string Hex(ReadOnlySpan<byte> bytes) => bytes.Length == 0 ? "<empty>"
        : bytes.Length > 64 ? Convert.ToHexStringLower(bytes[..64]) : Convert.ToHexStringLower(bytes);
}
