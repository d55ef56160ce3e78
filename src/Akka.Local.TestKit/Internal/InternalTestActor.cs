using Akka.Actor;

namespace Akka.TestKit.Internal;

/// <summary>The actor behind every test kit and probe: queues what it gets for the test to expect.</summary>
sealed class InternalTestActor : UntypedActor
{
    readonly TestActorQueue _queue;
    readonly DelegatingSupervisorStrategy _supervision = new();
    TestActor.Ignore? _ignore;
    AutoPilot? _pilot;

    public InternalTestActor(TestActorQueue queue) => _queue = queue;

    protected override SupervisorStrategy SupervisorStrategy() => _supervision;

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case TestActor.SetIgnore setIgnore:
                _ignore = setIgnore.Ignore;
                break;
            case TestActor.Watch watch:
                Context.Watch(watch.Actor);
                Sender.Tell(TestActor.WatchAck.Instance, Self);
                break;
            case TestActor.Unwatch unwatch:
                Context.Unwatch(unwatch.Actor);
                Sender.Tell(TestActor.WatchAck.Instance, Self);
                break;
            case TestActor.SetAutoPilot setAutoPilot:
                _pilot = setAutoPilot.AutoPilot;
                break;
            case TestActor.Spawn spawn:
                var child = spawn.Apply(Context);
                if (spawn._supervisorStrategy.HasValue)
                    _supervision.Update(child, spawn._supervisorStrategy.Value);
                _queue.Add(new RealMessageEnvelope(child, Self));
                break;
            default:
                Enqueue(message);
                break;
        }
    }

    void Enqueue(object message)
    {
        var sender = Sender;
        if (_pilot is not null)
        {
            var next = _pilot.Run(sender, message);
            if (next is not KeepRunning)
                _pilot = next is NoAutoPilot ? null : next;
        }

        if (_ignore is null || !_ignore(message))
            _queue.Add(new RealMessageEnvelope(message, sender));
    }
}
