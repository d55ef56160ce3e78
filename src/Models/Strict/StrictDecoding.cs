using System.Text.Json;

namespace ActorKube.Models;

/// <summary>
/// Finds what lenient reading passes over: fields that a kind does not know (misspelt ones above all), and fields that are there twice. Thread-safe.
/// </summary>
/// <remarks>
/// As the API server's field validation with <c>fieldValidation=Strict</c> (Kubernetes' documentation, "Field validation"), whose rules are those of
/// <c>sigs.k8s.io/json</c>: names are case-sensitive, what is within an unknown field is not looked at, nor what is within a field of any JSON. Protobuf is
/// never strict: its fields have no names.
/// </remarks>
/// <example><code>
/// var pod = StrictDecoding.Read&lt;V1Pod>(bytes);                      // throws StrictDecodingException
/// foreach (var problem in StrictDecoding.Check&lt;V1Pod>(bytes)) log.LogWarning("{Problem}", problem);
/// </code></example>
public static class StrictDecoding
{
    /// <summary>More problems than this in one object are not told.</summary>
    public const int MostProblems = 100;

    /// <summary>Reads an object strictly.</summary>
    /// <param name="utf8">One JSON value as UTF-8.</param>
    /// <exception cref="KubeFormatException">The bytes are not JSON, or a value has the wrong shape; says where.</exception>
    /// <exception cref="StrictDecodingException">Fields are unknown or there twice; says which.</exception>
    public static T Read<T>(ReadOnlySpan<byte> utf8)
    {
        var value = KubeJson.Deserialize<T>(utf8);
        return Check<T>(utf8) is { Count: > 0 } problems ? throw new StrictDecodingException(problems) : value;
    }

    /// <summary>Reads an object from YAML strictly.</summary>
    /// <param name="yaml">YAML or JSON text with one document.</param>
    /// <exception cref="KubeFormatException">The text is not one YAML document, or a value has the wrong shape; says where.</exception>
    /// <exception cref="StrictDecodingException">Fields are unknown or there twice; says which.</exception>
    public static T ReadYaml<T>(string yaml)
    {
        var duplicates = new List<StrictProblem>();
        var json = KubeJson.Serialize(KubeYaml.ParseNode(yaml, duplicates));
        var value = KubeJson.Deserialize<T>(json);
        IReadOnlyList<StrictProblem> problems = [.. duplicates, .. Check<T>(json)];
        return problems.Count > 0 ? throw new StrictDecodingException([.. problems.Take(MostProblems)]) : value;
    }

    /// <summary>What a strict reader would refuse, in the order of the input; nothing where all is well.</summary>
    /// <typeparam name="T">
    /// A generated type or a class for System.Text.Json, whose fields are the known ones; <see cref="Unstructured"/> knows them all, so that only those that
    /// are there twice are found.
    /// </typeparam>
    /// <param name="utf8">One JSON value as UTF-8.</param>
    /// <exception cref="KubeFormatException">The bytes are not JSON; says where.</exception>
    public static IReadOnlyList<StrictProblem> Check<T>(ReadOnlySpan<byte> utf8) => Check(typeof(T), utf8);

    /// <inheritdoc cref="Check{T}(ReadOnlySpan{byte})"/>
    /// <param name="type">As the type parameter of <see cref="Check{T}(ReadOnlySpan{byte})"/>.</param>
    /// <param name="utf8">One JSON value as UTF-8.</param>
    public static IReadOnlyList<StrictProblem> Check(Type type, ReadOnlySpan<byte> utf8)
    {
        ArgumentNullException.ThrowIfNull(type);
        var walker = new StrictWalker();
        try
        {
            var reader = new Utf8JsonReader(utf8, new JsonReaderOptions { MaxDepth = KubeJson.MaxDepth });
            reader.Read();
            walker.Value(ref reader, StrictShape.Of(type));
            reader.Read();
        }
        catch (JsonException fault)
        {
            throw KubeJson.NotJson(utf8, fault);
        }
        return walker.Problems;
    }
}
