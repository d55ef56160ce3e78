using System.Text.Json;
using System.Text.Json.Serialization;

namespace Models.Codec;

internal sealed partial class PlainPod
{
    public static JsonSerializerOptions Options { get; } = new() { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };
}
