using System.Text.Json;
using System.Text.Unicode;
using k8s.Models;

namespace ActorKube.Models;

/// <summary>What a <c>ConversionReview</c> asks. Its objects stay where they are, in the bytes of the review.</summary>
/// <param name="ApiVersion">The version of the review, which the answer repeats.</param>
/// <param name="Uid">What the answer repeats, too.</param>
/// <param name="DesiredVersion">The version that is wanted, as it was said; null where nothing was.</param>
/// <param name="Objects">The places of the objects.</param>
internal sealed record ConversionQuestion(string ApiVersion, string Uid, string? DesiredVersion, IReadOnlyList<Range> Objects)
{
    /// <summary>The versions that are spoken; they are alike.</summary>
    public static readonly IReadOnlyList<string> Versions = [$"{V1ConversionReview.KubeGroup}/{V1ConversionReview.KubeApiVersion}", $"{V1ConversionReview.KubeGroup}/v1beta1"];

    /// <summary>Reads a review in one pass.</summary>
    /// <exception cref="KubeFormatException">The bytes are no review, or one that asks nothing.</exception>
    public static ConversionQuestion Read(ReadOnlySpan<byte> utf8)
    {
        if (!Utf8.IsValid(utf8)) throw new KubeFormatException("Not valid UTF-8", KubeJson.Utf8Position(utf8));
        try
        {
            var reader = new Utf8JsonReader(utf8, new JsonReaderOptions { MaxDepth = KubeJson.MaxDepth });
            reader.Read();
            JsonShape.Expect(ref reader, JsonTokenType.StartObject, "a ConversionReview");
            string? apiVersion = null, kind = null, uid = null, desired = null;
            List<Range> objects = [];
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                if (reader.ValueTextEquals("apiVersion"u8)) apiVersion = JsonShape.Text(ref reader);
                else if (reader.ValueTextEquals("kind"u8)) kind = JsonShape.Text(ref reader);
                else if (reader.ValueTextEquals("request"u8)) Request(ref reader, ref uid, ref desired, objects);
                else JsonShape.Pass(ref reader);
            }
            reader.Read();
            if (kind is { Length: > 0 } && kind != V1ConversionReview.KubeKind || apiVersion is { Length: > 0 } && !Versions.Contains(apiVersion))
                throw new KubeFormatException($"Expected a ConversionReview of {string.Join(" or ", Versions)}, but found another kind");
            if (string.IsNullOrEmpty(uid)) throw new KubeFormatException("A ConversionReview without a request, or whose request has no uid, asks nothing");
            return new ConversionQuestion(string.IsNullOrEmpty(apiVersion) ? Versions[0] : apiVersion, uid, desired, objects);
        }
        catch (KubeFormatException fault) when (fault is { Position: >= 0, Path: null })
        {
            throw new KubeFormatException(fault.Problem, fault.Position, JsonPath.At(utf8, fault.Position));
        }
        catch (JsonException fault)
        {
            throw KubeJson.NotJson(utf8, fault);
        }
    }

    private static void Request(ref Utf8JsonReader reader, ref string? uid, ref string? desired, List<Range> objects)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.Null) return;
        JsonShape.Expect(ref reader, JsonTokenType.StartObject, "a request");
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("uid"u8)) uid = JsonShape.Text(ref reader);
            else if (reader.ValueTextEquals("desiredAPIVersion"u8)) desired = JsonShape.Text(ref reader);
            else if (reader.ValueTextEquals("objects"u8)) Places(ref reader, objects);
            else JsonShape.Pass(ref reader);
        }
    }

    private static void Places(ref Utf8JsonReader reader, List<Range> objects)
    {
        objects.Clear();
        reader.Read();
        if (reader.TokenType == JsonTokenType.Null) return;
        JsonShape.Expect(ref reader, JsonTokenType.StartArray, "a list of objects");
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            var start = (int)reader.TokenStartIndex;
            reader.Skip();
            objects.Add(start..(int)reader.BytesConsumed);
        }
    }
}
