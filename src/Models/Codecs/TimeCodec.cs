using System.Text.Json;
using System.Text.Json.Nodes;

namespace ActorKube.Models;

/// <summary>
/// Points in time: RFC 3339 in UTC, to the second for <c>metav1.Time</c> and with six digits for <c>metav1.MicroTime</c>.
/// Go writes a point that is not set as null in JSON and as an empty message in protobuf.
/// </summary>
internal sealed class TimeCodec(bool micro) : Codec<DateTime>
{
    public override JsonObject OpenApi(Func<ModelSchema, JsonObject> objects) => new() { ["type"] = "string", ["format"] = "date-time" };

    public override bool IsAbsent(DateTime value) => false;

    public override DateTime ReadJson(ref Utf8JsonReader reader)
    {
        JsonShape.Expect(ref reader, JsonTokenType.String, "a point in time as RFC 3339 text");
        if (!reader.HasValueSequence && IsPlain(reader.ValueSpan) && reader.TryGetDateTimeOffset(out var fast)) return fast.UtcDateTime;
        return KubeTime.TryParse(reader.GetString()!, out var value)
            ? value.UtcDateTime
            : throw JsonShape.Invalid(ref reader, "The text is not a point in time as RFC 3339 has it, such as 2025-01-31T12:00:00Z");
    }

    // .NET's reader would also take a date alone, a time without an offset, a day that ends at 24, and a point with nothing behind it.
    private static bool IsPlain(ReadOnlySpan<byte> text) =>
        text is [.., (byte)'Z'] and { Length: >= 20 } && !text[11..].StartsWith("24"u8) && (text.Length == 20 || (text[19] == '.' && char.IsAsciiDigit((char)text[20])));

    public override void WriteJson(Utf8JsonWriter writer, DateTime value)
    {
        if (value == default)
        {
            writer.WriteNullValue();
            return;
        }
        Span<char> text = stackalloc char[32];
        writer.WriteStringValue(text[..KubeTime.Format(value, micro, text)]);
    }

    public override DateTime ReadProtobuf(ref ProtobufReader reader, WireType wire, DateTime earlier)
    {
        reader.Expect(WireType.Bytes, wire);
        var message = reader.ReadMessage();
        if (message.AtEnd) return default;
        long seconds = 0, nanos = 0;
        while (message.TryReadTag(out var number, out var inner))
        {
            if (number == 1 && inner == WireType.Varint) seconds = (long)message.ReadVarint();
            else if (number == 2 && inner == WireType.Varint) nanos = (long)message.ReadVarint();
            else message.Skip(inner);
        }
        if (seconds is < -62135596800 or > 253402300799 || nanos is < 0 or > 999_999_999) throw message.Fault("a point in time is out of range");
        return DateTime.UnixEpoch.AddTicks(seconds * TimeSpan.TicksPerSecond + (micro ? nanos / 100 : 0));
    }

    public override void WriteProtobuf(ref ProtobufWriter writer, int number, DateTime value)
    {
        var before = writer.Length;
        if (value != default)
        {
            var ticks = KubeTime.ToUtc(value).Ticks - DateTime.UnixEpoch.Ticks;
            var seconds = Math.DivRem(ticks, TimeSpan.TicksPerSecond, out var rest);
            if (rest < 0) (seconds, rest) = (seconds - 1, rest + TimeSpan.TicksPerSecond);
            writer.Varint(micro ? (ulong)(rest / 10 * 1000) : 0);
            writer.Tag(2, WireType.Varint);
            writer.Varint((ulong)seconds);
            writer.Tag(1, WireType.Varint);
        }
        writer.Close(number, before);
    }

    public override bool Same(DateTime left, DateTime right)
    {
        var unit = micro ? TimeSpan.TicksPerMicrosecond : TimeSpan.TicksPerSecond;
        return KubeTime.ToUtc(left).Ticks / unit == KubeTime.ToUtc(right).Ticks / unit;
    }
}
