using System.Diagnostics;
using System.Text.Json;
using ActorKube.Models;
using k8s.Models;
using Models.Codec;

// What reading and writing one pod costs, and how it compares with System.Text.Json's reflection on plain classes, in the same run.
//   dotnet run -c Release --project benchmarks/Models.Codec [seconds a measurement, 0.5 by default]

var seconds = args.Length > 0 ? double.Parse(args[0], System.Globalization.CultureInfo.InvariantCulture) : 0.5;
var json = File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "pod.json"));
var typed = KubeJson.Deserialize<V1Pod>(json);

var protobuf = KubeProtobuf.Serialize(typed);
var plain = JsonSerializer.Deserialize<PlainPod>(json, PlainPod.Options)!;

var quantity = ResourceQuantity.Parse("500m"u8);

Console.WriteLine($"pod: {json.Length} bytes of JSON, {protobuf.Length} of protobuf");
Console.WriteLine($"{"",-44}{"µs",8}{"bytes allocated",18}{"× reflection",14}");
var reflection = Measure("System.Text.Json reflection, JSON to classes", () => JsonSerializer.Deserialize<PlainPod>(json, PlainPod.Options), null);
Measure("typed, from JSON", () => KubeJson.Deserialize<V1Pod>(json), reflection);
Measure("typed, from protobuf", () => KubeProtobuf.Deserialize<V1Pod>(protobuf), reflection);
Measure("raw, metadata pass over JSON and copy", () => KubeObject.Parse(json), reflection);
Measure("raw, stopping after the metadata", () => KubeObject.Parse(json, MetadataOnly), reflection);
Measure("raw, metadata pass over protobuf and copy", () => KubeObject.ParseProtobuf(protobuf), reflection);
Measure("unstructured, from JSON", () => Unstructured.Parse(json), reflection);
Measure("one quantity, from text", () => ResourceQuantity.Parse("500m"u8), reflection);
Measure("one quantity, to text", () => quantity.ToString(), reflection);
var writing = Measure("System.Text.Json reflection, classes to JSON", () => JsonSerializer.SerializeToUtf8Bytes(plain, PlainPod.Options), null);
Measure("typed, to JSON", () => KubeJson.Serialize(typed), writing);
Measure("typed, to protobuf", () => KubeProtobuf.Serialize(typed), writing);

double Measure(string what, Func<object?> run, double? baseline)
{
    // Until the runtime has compiled the hot paths a second time.
    for (var warm = Stopwatch.StartNew(); warm.Elapsed.TotalSeconds < seconds;) run();
    var best = double.MaxValue;
    var count = 0L;
    var before = GC.GetAllocatedBytesForCurrentThread();
    for (var all = Stopwatch.StartNew(); all.Elapsed.TotalSeconds < seconds;)
    {
        var batch = Stopwatch.GetTimestamp();
        for (var i = 0; i < 100; i++) run();
        best = Math.Min(best, Stopwatch.GetElapsedTime(batch).TotalMicroseconds / 100);
        count += 100;
    }
    var allocated = (GC.GetAllocatedBytesForCurrentThread() - before) / count;
    Console.WriteLine($"{what,-44}{best,8:F2}{allocated,18}{(baseline is { } other ? $"{best / other:F2}" : "1"),14}");
    return best;
}

internal static partial class Program
{
    private static readonly KubeObjectOptions MetadataOnly = new() { MetadataOnly = true };
}
