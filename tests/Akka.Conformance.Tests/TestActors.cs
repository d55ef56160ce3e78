using Akka.Actor;

namespace Akka.Conformance;

sealed class Boom : Exception
{
    public Boom(string message = "boom")
        : base(message)
    {
    }
}

/// <summary>Does what a function says with each message.</summary>
sealed class Scripted : UntypedActor
{
    readonly Action<object, IUntypedActorContext, IActorRef> _script;

    public Scripted(Action<object, IUntypedActorContext, IActorRef> script) => _script = script;

    public static Props Props(Action<object, IUntypedActorContext, IActorRef> script) => Actor.Props.Create(() => new Scripted(script));

    protected override void OnReceive(object message) => _script(message, Context, Sender);
}

/// <summary>Echoes to the sender.</summary>
sealed class Echo : UntypedActor
{
    public static Props Props => Actor.Props.Create(() => new Echo());

    protected override void OnReceive(object message) => Sender.Tell(message);
}

/// <summary>
/// Tells a listener about each of its hooks and messages. An exception that it is sent, it throws; "children" it answers with the names of its
/// children; a Props it starts as a child, named by the message's text if it is a <see cref="Start"/>.
/// </summary>
class Witness : UntypedActor
{
    readonly IActorRef _listener;
    readonly SupervisorStrategy? _strategy;
    readonly string _name;
    int _count;

    public Witness(IActorRef listener, string name, SupervisorStrategy? strategy)
    {
        _listener = listener;
        _name = name;
        _strategy = strategy;
    }

    public sealed record Start(string Name, Props Props);

    public static Props Props(IActorRef listener, string name = "witness", SupervisorStrategy? strategy = null) =>
        Actor.Props.Create(() => new Witness(listener, name, strategy));

    protected override SupervisorStrategy SupervisorStrategy() => _strategy ?? base.SupervisorStrategy();

    protected override void PreStart() => Say("PreStart");

    protected override void PostStop() => Say("PostStop");

    protected override void PreRestart(Exception reason, object message)
    {
        Say($"PreRestart {reason.Message}");
        base.PreRestart(reason, message);
    }

    protected override void PostRestart(Exception reason)
    {
        Say($"PostRestart {reason.Message}");
        base.PostRestart(reason);
    }

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case Exception exception:
                throw exception;
            case Start start:
                Sender.Tell(Context.ActorOf(start.Props, start.Name));
                break;
            case "count":
                Sender.Tell(++_count);
                break;
            case "children":
                Sender.Tell(string.Join(",", Context.GetChildren().Select(child => child.Path.Name).Order()));
                break;
            default:
                Say(message);
                break;
        }
    }

    void Say(object what) => _listener.Tell($"{_name}: {what}");
}
