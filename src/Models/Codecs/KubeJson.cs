using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using System.Text.Unicode;
using k8s;

namespace ActorKube.Models;

/// <summary>
/// Kubernetes objects as JSON. Generated types (<c>k8s.Models</c>) go through their field tables; other classes through
/// System.Text.Json with <see cref="Options"/>, which know the generated types, so that the two mix freely.
/// </summary>
/// <remarks>
/// Names are case-sensitive. A null is read as absent, and what is absent is not written; empty lists and maps are left out where Go's
/// <c>omitempty</c> leaves them out. Of repeated names the last wins. Fields that a generated type does not know survive. Thread-safe.
/// </remarks>
/// <example><code>
/// var pod = KubeJson.Deserialize&lt;V1Pod&gt;(bytes);
/// byte[] again = KubeJson.Serialize(pod);
/// </code></example>
public static class KubeJson
{
    /// <summary>How deep objects and lists may be nested; deeper input is refused before it can exhaust a thread's stack.</summary>
    public const int MaxDepth = 1000;

    /// <summary>Options for System.Text.Json under which hand-written resource classes read and write as Kubernetes expects.</summary>
    /// <example><code>var backup = JsonSerializer.Deserialize&lt;Backup>(json, KubeJson.Options);</code></example>
    /// <remarks><see cref="k8s.KubernetesJson.AddJsonOptions"/> changes them, when a program starts.</remarks>
    public static JsonSerializerOptions Options => _options;

    private static readonly Lock Changing = new();

    private static volatile JsonSerializerOptions _options = CreateOptions();

    /// <summary>Reads an object.</summary>
    /// <param name="utf8">One JSON value as UTF-8.</param>
    /// <exception cref="KubeFormatException">The bytes are not JSON, or a value has the wrong shape; says where.</exception>
    public static T Deserialize<T>(ReadOnlySpan<byte> utf8)
    {
        if (SchemaOf<T>.Schema is { } schema) return (T)(object)Deserialize(schema, utf8);
        return (T)DeserializeClass(typeof(T), utf8);
    }

    /// <summary>As <see cref="Deserialize{T}(ReadOnlySpan{byte})"/>, for a class that is only known when the program runs.</summary>
    internal static object Deserialize(Type type, ReadOnlySpan<byte> utf8) => ModelSchema.For(type) is { } schema ? Deserialize(schema, utf8) : DeserializeClass(type, utf8);

    private static object DeserializeClass(Type type, ReadOnlySpan<byte> utf8)
    {
        try
        {
            if (!Utf8.IsValid(utf8)) throw new KubeFormatException("Not valid UTF-8", Utf8Position(utf8));
            return JsonSerializer.Deserialize(utf8, type, Options) ?? throw new KubeFormatException("Expected an object but found null", 0);
        }
        catch (KubeFormatException fault) when (fault is { Position: >= 0, Path: null })
        {
            throw new KubeFormatException(fault.Problem, fault.Position, JsonPath.At(utf8, fault.Position));
        }
        catch (JsonException fault)
        {
            throw NotJson(utf8, fault);
        }
    }

    /// <summary>As <see cref="Deserialize{T}(ReadOnlySpan{byte})"/>, for a generated type that is known by its schema.</summary>
    internal static KubeModel Deserialize(ModelSchema schema, ReadOnlySpan<byte> utf8)
    {
        try
        {
            if (!Utf8.IsValid(utf8)) throw new KubeFormatException("Not valid UTF-8", Utf8Position(utf8));
            var reader = new Utf8JsonReader(utf8, new JsonReaderOptions { MaxDepth = MaxDepth });
            reader.Read();
            var value = schema.ReadJson(ref reader);
            reader.Read();
            return value;
        }
        catch (KubeFormatException fault) when (fault is { Position: >= 0, Path: null })
        {
            throw new KubeFormatException(fault.Problem, fault.Position, JsonPath.At(utf8, fault.Position));
        }
        catch (JsonException fault)
        {
            throw NotJson(utf8, fault);
        }
    }

    /// <inheritdoc cref="Deserialize{T}(ReadOnlySpan{byte})"/>
    /// <param name="json">One JSON value.</param>
    public static T Deserialize<T>(string json) => Deserialize<T>(Encoding.UTF8.GetBytes(json));

    /// <summary>Reads any JSON into nodes, held to the same limits.</summary>
    /// <exception cref="KubeFormatException">The bytes are not JSON.</exception>
    public static JsonNode? ParseNode(ReadOnlySpan<byte> utf8)
    {
        if (!Utf8.IsValid(utf8)) throw new KubeFormatException("Not valid UTF-8", Utf8Position(utf8));
        try
        {
            // JsonNode's own parser would take repeated names and refuse them when somebody first looks.
            var reader = new Utf8JsonReader(utf8, new JsonReaderOptions { MaxDepth = MaxDepth });
            reader.Read();
            var node = JsonNodes.Read(ref reader);
            reader.Read();
            return node;
        }
        catch (JsonException fault)
        {
            throw NotJson(utf8, fault);
        }
    }

    /// <summary>Writes an object.</summary>
    /// <param name="value">A generated type, a class for System.Text.Json, or a JSON node.</param>
    public static byte[] Serialize<T>(T value)
    {
        using var buffer = new JsonBuffer();
        Write(buffer.Writer, value);
        return buffer.ToArray();
    }

    /// <summary>Writes an object as text.</summary>
    /// <inheritdoc cref="Serialize{T}(T)"/>
    public static string SerializeToString<T>(T value)
    {
        using var buffer = new JsonBuffer();
        Write(buffer.Writer, value);
        return Encoding.UTF8.GetString(buffer.Written);
    }

    /// <summary>Writes an object to a writer, as one value.</summary>
    public static void Write<T>(Utf8JsonWriter writer, T value)
    {
        if (value is null) writer.WriteNullValue();
        else AnyJson.Write(writer, value);
    }

    internal static void Configure(Action<JsonSerializerOptions> configure)
    {
        lock (Changing)
        {
            var changed = new JsonSerializerOptions(_options);
            configure(changed);
            changed.MakeReadOnly(populateMissingResolver: true);
            _options = changed;
        }
    }

    internal static KubeFormatException NotJson(ReadOnlySpan<byte> utf8, JsonException fault)
    {
        var position = Position(utf8, fault.LineNumber ?? 0, fault.BytePositionInLine ?? 0);
        // System.Text.Json's message ends with its own account of the place.
        var message = fault.Message;
        var place = message.IndexOf(" LineNumber:", StringComparison.Ordinal);
        if (place < 0) place = message.IndexOf(" Path:", StringComparison.Ordinal);
        if (place >= 0) message = message[..place];
        return new KubeFormatException($"Not valid JSON: {message.TrimEnd('.')}", position, fault.Path is { } path ? path.TrimStart('$') : JsonPath.At(utf8, position), fault);
    }

    private static long Position(ReadOnlySpan<byte> utf8, long line, long inLine)
    {
        var start = 0;
        for (; line > 0; line--)
        {
            var next = utf8[start..].IndexOf((byte)'\n');
            if (next < 0) break;
            start += next + 1;
        }
        return start + inLine;
    }

    internal static long Utf8Position(ReadOnlySpan<byte> utf8)
    {
        var valid = 0;
        while (valid < utf8.Length && Rune.DecodeFromUtf8(utf8[valid..], out _, out var used) == System.Buffers.OperationStatus.Done) valid += used;
        return valid;
    }

    private static JsonSerializerOptions CreateOptions()
    {
        var options = new JsonSerializerOptions
        {
            PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
            DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
            Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
            MaxDepth = MaxDepth,
        };
        options.Converters.Add(new JsonStringEnumConverter());
        options.Converters.Add(new KubernetesJson.Iso8601TimeSpanConverter());
        options.Converters.Add(new KubernetesJson.KubernetesDateTimeConverter());
        options.Converters.Add(new KubernetesJson.KubernetesDateTimeOffsetConverter());
        options.Converters.Add(new ApplyConfigurationConverter());
        options.MakeReadOnly(populateMissingResolver: true);
        return options;
    }

    /// <summary>The schema of a generated type, looked up once a type; null for others.</summary>
    private static class SchemaOf<T>
    {
        public static readonly ModelSchema? Schema = ModelSchema.For(typeof(T));
    }
}
