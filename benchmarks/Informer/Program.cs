using ActorKube.Actors;
using ActorKube.Models;
using ActorKube.Streams;
using ActorKube.Transport;
using Akka.Actor;
using Informer;
using k8s.Models;

// dotnet run -c Release --project benchmarks/Informer -- --server URL [--mode typed|dynamic|metadata|bare] [--protobuf] [--reconcile]
// Reads all pods, then the watch until the pod named 'sentinel' was seen (with --reconcile: and each key was reconciled), and prints two lines.
//   typed      a shared cache of V1Pod and a subscriber     dynamic   the same of a resource without a class, in JSON
//   metadata   the same of the metadata alone               bare      no ActorKube actor or stream at all: the socket, a scan for the metadata, a dictionary
if (InformerArguments.Parse(args) is not { } arguments)
{
    Console.Error.WriteLine("usage: Informer --server URL [--mode typed|dynamic|metadata|bare] [--protobuf] [--reconcile]");
    return 2;
}
if (arguments.Mode == "bare")
{
    await BareReader.RunAsync(arguments.Server);
    return 0;
}

var figures = new Figures();
var seen = new Seen();
var configuration = new KubernetesClientConfiguration
{
    Server = arguments.Server, Qps = -1, WireFormat = arguments is { Protobuf: true, Mode: "typed" } ? WireFormat.Protobuf : WireFormat.Json, LogDetail = RequestLogDetail.None,
};
using var client = new KubernetesClient(configuration);
using var system = ActorSystem.Create("informer", "akka.loglevel = WARNING");
// Every object that comes passes here once, whoever conflates what afterwards.
var settings = new ListAndWatchSettings { Transform = seen.Receive };
var kubernetes = system.AddKubernetes(client, new KubernetesOptions { ListAndWatch = settings });
var spec = arguments.Mode switch
{
    "dynamic" => new CacheSpec(new ResourceDefinition(new GroupVersionKind("", "v1", "Pod"), "pods", true)),
    "metadata" => CacheSpec.Of<V1Pod>() with { MetadataOnly = true },
    _ => CacheSpec.Of<V1Pod>(),
};
var cache = await kubernetes.CacheAsync(spec);
system.ActorOf(Props.Create(() => new Subscriber(cache, seen)), "subscriber");
if (arguments.Reconcile)
{
    await kubernetes.AddAsync(new ControllerBuilder<V1Pod>()
        .WithMaxConcurrentReconciles(4)
        .WithReconciler((context, _) =>
        {
            // Decoded, as any reconciler does first.
            if (context.Object is not null) seen.Reconciled(context.Key.Name);
            return Task.FromResult(ReconcileResult.Done);
        })
        .Build());
}
await cache.WaitForSyncAsync();
var objects = cache.Count;
figures.PrintSync(objects);
await seen.Sentinel;
if (arguments.Reconcile) await seen.ReconciledAsync(objects + 1);
figures.PrintWatch(seen.Received - objects - 1, seen.Reconciles);
return 0;
