using System.Globalization;
using ActorKube.Benchmarks.Cluster;

// dotnet run -c Release --project benchmarks/Cluster -p:ActorRuntime=akka -- MODE [NODES [OBJECTS [SHARDS [IDLE-SECONDS]]]], the mode being Default, Leases or WatchLabel: one a process, since it measures the heap.
if (args.Length == 0 || !Enum.TryParse<Mode>(args[0], ignoreCase: true, out var mode))
{
    Console.Error.WriteLine($"Name a mode: {string.Join(", ", Enum.GetNames<Mode>())}.");
    return 1;
}
int Argument(int place, int otherwise) => args.Length > place ? int.Parse(args[place], CultureInfo.InvariantCulture) : otherwise;
var (nodes, objects, shards, idle) = (Argument(1, 3), Argument(2, 5_000), Argument(3, 64), Argument(4, 60));
Console.WriteLine($"{nodes} nodes, {objects} config maps of 2 KB, {shards} shards");
Console.WriteLine(await Mesh.MeasureAsync(mode, nodes, objects, shards, TimeSpan.FromSeconds(idle)));
return 0;
