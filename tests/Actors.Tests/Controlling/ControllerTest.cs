using ActorKube.Models;
using ActorKube.Testing;
using ActorKube.Transport;
using Akka.Actor;
using Akka.TestKit;
using k8s.Models;
using Microsoft.Extensions.Logging.Abstractions;

namespace ActorKube.Actors.Tests;

/// <summary>A controller of pods that owns config maps, its reconciler and its server in the test's hands.</summary>
public abstract class ControllerTest : ActorTest
{
    IActorRef? _controllers;

    /// <summary>What controllers said that could not start.</summary>
    protected System.Collections.Concurrent.ConcurrentQueue<string> StartsFailed { get; } = new();

    sealed class Listener(ControllerTest test) : IRuntimeObserver
    {
        public void StartFailed(string controller, string why) => test.StartsFailed.Enqueue(why);
    }

    protected ReconcileProbe<V1Pod> Probe { get; } = new();

    protected static CacheSpec ConfigMaps { get; } = CacheSpec.Of<V1ConfigMap>();

    protected IActorRef Controllers => _controllers ??= StartControllers(leads: true);

    protected IActorRef StartControllers(bool leads)
    {
        var time = Work.Time;
        var recorder = new EventRecorder(CreateTestProbe("events"), time, new EventIntake(1000));
        return _controllers = Sys.ActorOf(
            ControllersActor.Props(
                new ControllerServices(Reflectors, Health),
                spec => new RunFactory(spec, new FakeClient(), recorder, NullLoggerFactory.Instance, time, [Work, new Listener(this)]),
                NullLogger.Instance,
                leads),
            "controllers");
    }

    /// <summary>Adds a controller of pods.</summary>
    protected async Task Add(Action<ControllerBuilder<V1Pod>>? configure = null)
    {
        var builder = new ControllerBuilder<V1Pod>().WithReconciler(Probe).WithResync(null);
        configure?.Invoke(builder);
        await Add(builder.Build());
    }

    /// <summary>Adds a controller.</summary>
    protected async Task Add(ControllerSpec spec) =>
        Assert.Null((await Controllers.Ask<ControllersActor.Added>(new ControllersActor.Add(spec), Patience)).Refusal);

    /// <summary>Adds a controller whose pods are synced and all reconciled once.</summary>
    protected async Task<FakeWatch> Settled(Action<ControllerBuilder<V1Pod>>? configure = null, params KubeObject[] pods)
    {
        await Add(configure);
        var watch = await Sync(Pods, 10, pods);
        foreach (var _ in pods)
            (await Probe.Next()).Done();
        await Until(() => Health.Controllers.Single().IsStarted && Health.Controllers.Single().Running.Count == 0);
        return watch;
    }

    /// <summary>Ends when all that was told to the controllers before has reached the controller of pods, and a reconciler below it where its name is given.</summary>
    protected async Task Reached(string? child = null)
    {
        foreach (var path in new[] { "/user/controllers", "/user/controllers/pod", child is null ? null : $"/user/controllers/pod/{child}" })
        {
            if (path is not null)
                await Sys.ActorSelection(path).Ask<ActorIdentity>(new Identify(null), Patience);
        }
    }

    /// <summary>Ends when the controller of pods has acted on all that a cache knew at a version.</summary>
    protected async Task Heard(CacheSpec spec, int version)
    {
        // The second round is for what gathered while the controller had not taken what it was told before.
        for (var round = 0; round < 2; round++)
        {
            await Applied(spec, version);
            await Reached();
        }
    }

    protected static WatchEvent Added(KubeObject item) => new(WatchEventType.Added, item);

    protected static WatchEvent Modified(KubeObject item) => new(WatchEventType.Modified, item);

    protected static WatchEvent Deleted(KubeObject item) => new(WatchEventType.Deleted, item);

    /// <summary>A config map that says who owns it.</summary>
    protected static KubeObject Owned(string name, int version, string owner, string ownerUid, bool controller) => KubeObject.Parse(System.Text.Encoding.UTF8.GetBytes($$"""
        {"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"{{name}}","namespace":"default","uid":"uid-{{name}}","resourceVersion":"{{version}}",
         "ownerReferences":[{"apiVersion":"v1","kind":"Pod","name":"{{owner}}","uid":"{{ownerUid}}","controller":{{(controller ? "true" : "false")}} }] } }
        """));
}
