using ActorKube.Models;
using ActorKube.Transport;
using k8s.Models;
using static ActorKube.Streams.Tests.Make;

namespace ActorKube.Streams.Tests;

/// <summary>A loop under test: remembers the state and what it was last told to do.</summary>
sealed class RunningLoop
{
    readonly ReflectorLoop _loop;
    LoopStep _step;

    public RunningLoop(ListAndWatchSettings settings, double random = 0)
    {
        _loop = new ReflectorLoop(Pods, null, settings, () => random);
        _step = _loop.Start(Now);
    }

    public DateTimeOffset Now { get; set; } = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);

    public ReflectorState State => _step.State;

    public LoopAction Does => _step.Do;

    public ReflectorEvent? Tells => _step.Tell;

    public ListOptions Lists => Assert.IsType<LoopAction.List>(Does).Options;

    public ListOptions Watches => Assert.IsType<LoopAction.Watch>(Does).Options;

    public double Waits => Assert.IsType<LoopAction.Wait>(Does).Delay.TotalSeconds;

    public ReflectorTrouble Trouble => Assert.IsType<ReflectorEvent.Troubled>(Tells).Trouble;

    public string[] Replaced => [.. Assert.IsType<ReflectorEvent.Replaced>(Tells).Objects.Select(o => $"{o.Name}@{o.ResourceVersion}")];

    public RunningLoop Meets(LoopInput input)
    {
        _step = _loop.Step(_step.State, input, Now);
        return this;
    }

    public RunningLoop Page(int version, string? next, params KubeObject[] items) => Meets(LoopInput.Page(new KubeList("v1", "PodList", items, version.ToString(), next ?? "", null)));

    public RunningLoop Event(WatchEvent watchEvent) => Meets(LoopInput.Event(watchEvent));

    public RunningLoop Fails(Exception error) => Meets(LoopInput.Failed(error));

    public RunningLoop Closes(double afterSeconds)
    {
        Now = Now.AddSeconds(afterSeconds);
        return Meets(LoopInput.Closed);
    }

    public RunningLoop WaitIsOver()
    {
        Now = Now.AddSeconds(Waits);
        return Meets(LoopInput.Elapsed);
    }

    public RunningLoop Listed(int version = 10) => Page(version, null, Pod("a", 5));
}
