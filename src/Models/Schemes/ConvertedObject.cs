using System.Text.Json;

namespace ActorKube.Models;

/// <summary>One object of a conversion: decoded where it lies, converted, and written once, with the metadata that it came with.</summary>
internal static class ConvertedObject
{
    /// <summary>Converts an object.</summary>
    /// <param name="scheme">Knows its versions.</param>
    /// <param name="given">The object as JSON.</param>
    /// <param name="version">The version that is wanted.</param>
    /// <param name="output">Receives the converted object.</param>
    /// <exception cref="KubeFormatException">It is no object, or none of its kind.</exception>
    /// <exception cref="SchemeException">Its kind or version is not registered, or there is no way from one to the other.</exception>
    public static void Append(Scheme scheme, ReadOnlySpan<byte> given, GroupVersion version, PooledBytes output)
    {
        var (kind, metadata) = Look(given);
        var value = scheme.ConvertToVersion(scheme.DecodeJson(kind, given), version);
        using var buffer = new JsonBuffer();
        KubeJson.Write(buffer.Writer, value);
        if (given[metadata] is { IsEmpty: false } kept) Join(buffer.Written, kept, output);
        else output.Append(buffer.Written);
    }

    /// <summary>What an object says it is, and where its metadata is: an empty range where there is none.</summary>
    private static (GroupVersionKind Kind, Range Metadata) Look(ReadOnlySpan<byte> json)
    {
        var reader = Reader(json);
        JsonShape.Expect(ref reader, JsonTokenType.StartObject, "an object");
        string? apiVersion = null, kind = null;
        Range metadata = default;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("apiVersion"u8)) apiVersion = JsonShape.Text(ref reader);
            else if (reader.ValueTextEquals("kind"u8)) kind = JsonShape.Text(ref reader);
            else if (reader.ValueTextEquals("metadata"u8)) metadata = Object(ref reader);
            else JsonShape.Pass(ref reader);
        }
        return (GroupVersionKind.From(apiVersion ?? "", kind ?? ""), metadata);
    }

    // Of metadata only labels and annotations are the conversion's.
    private static void Join(ReadOnlySpan<byte> converted, ReadOnlySpan<byte> kept, PooledBytes output)
    {
        var reader = Reader(converted);
        Range place = default;
        var isThere = false;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (!reader.ValueTextEquals("metadata"u8))
            {
                JsonShape.Pass(ref reader);
                continue;
            }
            reader.Read();
            var start = (int)reader.TokenStartIndex;
            reader.Skip();
            (isThere, place) = (true, start..(int)reader.BytesConsumed);
        }
        if (isThere)
        {
            output.Append(converted[..place.Start]);
            Metadata(kept, converted[place], output);
            output.Append(converted[place.End..]);
            return;
        }
        output.Append("{\"metadata\":"u8);
        Metadata(kept, default, output);
        if (!converted.SequenceEqual("{}"u8)) output.Append(","u8);
        output.Append(converted[1..]);
    }

    private static void Metadata(ReadOnlySpan<byte> kept, ReadOnlySpan<byte> converted, PooledBytes output)
    {
        output.Append("{"u8);
        var isFirst = true;
        Fields(kept, areTheConversions: false, ref isFirst, output);
        if (converted is [(byte)'{', ..]) Fields(converted, areTheConversions: true, ref isFirst, output);
        output.Append("}"u8);
    }

    private static void Fields(ReadOnlySpan<byte> metadata, bool areTheConversions, ref bool isFirst, PooledBytes output)
    {
        var reader = Reader(metadata);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isWanted = (reader.ValueTextEquals("labels"u8) || reader.ValueTextEquals("annotations"u8)) == areTheConversions;
            var start = (int)reader.TokenStartIndex;
            reader.Read();
            isWanted &= !areTheConversions || reader.TokenType != JsonTokenType.Null;
            reader.Skip();
            if (!isWanted) continue;
            if (!isFirst) output.Append(","u8);
            isFirst = false;
            output.Append(metadata[start..(int)reader.BytesConsumed]);
        }
    }

    private static Range Object(ref Utf8JsonReader reader)
    {
        reader.Read();
        var (start, isObject) = ((int)reader.TokenStartIndex, reader.TokenType == JsonTokenType.StartObject);
        reader.Skip();
        return isObject ? start..(int)reader.BytesConsumed : default;
    }

    private static Utf8JsonReader Reader(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = KubeJson.MaxDepth });
        reader.Read();
        return reader;
    }
}
