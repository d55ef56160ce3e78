using System.Diagnostics;
using Akka.Actor;
using Akka.Primitives;

// dotnet run -c Release --project benchmarks/Akka.Primitives [-- row …]; without rows, all of them.
var rows = new (string Name, Func<ActorSystem, Task<string>> Run)[]
{
    ("tell", Rows.TellAsync),
    ("ping-pong", system => Rows.PingPongAsync(system, inFlight: 1, rounds: 2_000_000)),
    ("ping-pong-100", system => Rows.PingPongAsync(system, inFlight: 100, rounds: 4_000_000)),
    ("ask", Rows.AskAsync),
    ("spawn", Rows.SpawnAsync),
    ("burst", Rows.BurstAsync),
    ("stream-fused", StreamRows.FusedAsync),
    ("stream-async", StreamRows.AsyncBoundaryAsync),
    ("stream-select-async", StreamRows.SelectAsyncAsync),
};

foreach (var (name, run) in rows)
{
    if (args.Length > 0 && !args.Contains(name))
        continue;
    var system = ActorSystem.Create("bench", "akka.loglevel = WARNING");
    var watch = Stopwatch.StartNew();
    var result = await run(system);
    Console.WriteLine($"{name,-19} {result}   ({watch.Elapsed.TotalSeconds:F1} s)");
    await system.Terminate();
}
