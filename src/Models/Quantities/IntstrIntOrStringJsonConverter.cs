using System.Text.Json;
using System.Text.Json.Serialization;
using k8s.Models;

namespace ActorKube.Models;

/// <summary>The older name's values in JSON, as those of <see cref="IntOrString"/>.</summary>
sealed class IntstrIntOrStringJsonConverter : JsonConverter<IntstrIntOrString>
{
    static readonly IntOrStringJsonConverter Converter = new();

    public override IntstrIntOrString Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => Converter.Read(ref reader, typeof(IntOrString), options);

    public override void Write(Utf8JsonWriter writer, IntstrIntOrString value, JsonSerializerOptions options) => Converter.Write(writer, value, options);
}
