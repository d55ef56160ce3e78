using Akka.Actor;
using Akka.Event;

namespace Akka.Conformance.Actors;

/// <summary>Machines of <see cref="FSM{TState,TData}"/> that are each written by their test.</summary>
public abstract class FSMScriptTest : VirtualTimeTest
{
    protected FSMScriptTest()
        : base("akka.loglevel = DEBUG\nakka.stdout-loglevel = OFF\nakka.actor.debug.fsm = on\nakka.loggers = [\"Akka.TestKit.TestEventListener, Akka.TestKit\"]")
    {
    }

    /// <summary>A machine of two states with data, which a script writes. "say X" is answered in every state; a task is waited for.</summary>
    protected class Machine : FSM<string, int>
    {
        public Machine(Action<Machine, IActorRef> script, IActorRef probe)
        {
            script(this, probe);
            Initialize();
        }

        public new IActorRef Self => base.Self;
    }

    protected sealed class LoggingMachine : Machine, ILoggingFSM
    {
        public LoggingMachine(Action<Machine, IActorRef> script, IActorRef probe)
            : base(script, probe)
        {
        }
    }

    protected IActorRef Start(Action<Machine, IActorRef> script) => Sys.ActorOf(Props.Create(() => new Machine(script, TestActor)));

    protected void Later(IActorRef machine, double seconds)
    {
        Fence(machine);
        Advance(seconds);
        Fence(machine);
    }

    protected static FSM<string, int>.StateFunction Moves(Machine m, string to, object timeoutTo) => e => e.FsmEvent switch
    {
        "go" => m.GoTo(to),
        FSMBase.StateTimeout when timeoutTo is string state => m.GoTo(state),
        "stay" => m.Stay(),
        _ => null!,
    };
}
