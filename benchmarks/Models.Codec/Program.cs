using System.Text.Json;
using ActorKube.Models;
using k8s.Models;
using Models.Codec;

// What reading and writing one pod costs, and how it compares with System.Text.Json's reflection on plain classes in the same run.
//   dotnet run -c Release --project benchmarks/Models.Codec [rounds, 5 by default] [seconds a measurement, 0.2 by default]
// What loading the assembly costs a started program, in processor time of processes of its own:
//   dotnet run -c Release --project benchmarks/Models.Codec -- startup [processes of each kind, 15 by default]

if (args is ["startup", ..]) return Startup.Run(args.Length > 1 ? int.Parse(args[1], System.Globalization.CultureInfo.InvariantCulture) : 15);
if (args is ["child", var what]) return Startup.Child(what);

var rounds = args.Length > 0 ? int.Parse(args[0], System.Globalization.CultureInfo.InvariantCulture) : 5;
var seconds = args.Length > 1 ? double.Parse(args[1], System.Globalization.CultureInfo.InvariantCulture) : 0.2;
var json = File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "pod.json"));
var typed = KubeJson.Deserialize<V1Pod>(json);
var protobuf = KubeProtobuf.Serialize(typed);
var plain = JsonSerializer.Deserialize<PlainPod>(json, PlainPod.Options)!;
var quantity = ResourceQuantity.Parse("500m"u8);
var metadataOnly = new KubeObjectOptions { MetadataOnly = true };
var cached = KubeObject.Parse(json).Bytes.ToArray();

Console.WriteLine($"pod: {json.Length} bytes of JSON, {cached.Length} without managedFields, {protobuf.Length} of protobuf");
var board = new Board(rounds, seconds);
board.Measure(
    "reading",
    ("System.Text.Json reflection, JSON to classes", () => JsonSerializer.Deserialize<PlainPod>(json, PlainPod.Options)),
    ("typed, from JSON", () => KubeJson.Deserialize<V1Pod>(json)),
    ("typed, from JSON as caches keep it", () => KubeJson.Deserialize<V1Pod>(cached)),
    ("typed, from protobuf", () => KubeProtobuf.Deserialize<V1Pod>(protobuf)),
    ("raw, metadata pass over JSON and copy", () => KubeObject.Parse(json)),
    ("raw, stopping after the metadata", () => KubeObject.Parse(json, metadataOnly)),
    ("raw, metadata pass over protobuf and copy", () => KubeObject.ParseProtobuf(protobuf)),
    ("unstructured, from JSON", () => Unstructured.Parse(json)),
    ("strict check", () => StrictDecoding.Check<V1Pod>(json)),
    ("one quantity, from text", () => ResourceQuantity.Parse("500m"u8)),
    ("one quantity, to text", () => quantity.ToString()));
board.Measure(
    "writing",
    ("System.Text.Json reflection, classes to JSON", () => JsonSerializer.SerializeToUtf8Bytes(plain, PlainPod.Options)),
    ("typed, to JSON", () => KubeJson.Serialize(typed)),
    ("typed, to protobuf", () => KubeProtobuf.Serialize(typed)),
    ("copy", () => typed.DeepCopy()),
    ("compare", () => typed.SemanticallyEquals(typed)));
return 0;
