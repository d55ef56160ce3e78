using System.Globalization;
using ActorKube.Benchmarks.Cluster;

// dotnet run -c Release --project benchmarks/Cluster -p:ActorRuntime=akka -- [NODES [OBJECTS [SHARDS [IDLE-SECONDS]]]]
int Argument(int place, int otherwise) => args.Length > place ? int.Parse(args[place], CultureInfo.InvariantCulture) : otherwise;
var (nodes, objects, shards, idle) = (Argument(0, 3), Argument(1, 10_000), Argument(2, 64), Argument(3, 60));
Console.WriteLine($"{nodes} nodes, {objects} config maps of 2 KB, {shards} shards");
foreach (var mode in Enum.GetValues<Mode>())
    Console.WriteLine(await Mesh.MeasureAsync(mode, nodes, objects, shards, TimeSpan.FromSeconds(idle)));
