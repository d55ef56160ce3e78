using Akka.Actor;
using Akka.TestKit;

namespace Akka.Conformance.TestKits;

public sealed class DispatcherTests : ActorTest
{
    sealed class Recorder : ReceiveActor
    {
        public Recorder(List<string> seen) => Receive<string>(message =>
        {
            seen.Add($"{message} on {Environment.CurrentManagedThreadId}");
            if (message == "first")
            {
                Self.Tell("second");
                seen.Add("first is done");
            }
        });
    }

    [Fact]
    public void On_the_calling_threads_dispatcher_a_message_has_been_handled_when_Tell_returns()
    {
        var seen = new List<string>();
        var recorder = Sys.ActorOf(Props.Create(() => new Recorder(seen)).WithDispatcher(CallingThreadDispatcher.Id));
        Fence(recorder);
        recorder.Tell("hello", ActorRefs.NoSender);
        Assert.Equal([$"hello on {Environment.CurrentManagedThreadId}"], seen);
    }

    [Fact]
    public void On_the_calling_threads_dispatcher_an_actor_still_handles_one_message_at_a_time()
    {
        var seen = new List<string>();
        var recorder = Sys.ActorOf(Props.Create(() => new Recorder(seen)).WithDispatcher(CallingThreadDispatcher.Id));
        Fence(recorder);
        recorder.Tell("first", ActorRefs.NoSender);
        Assert.Equal(["first", "first is done", "second"], seen.Select(line => line.Split(" on ")[0]));
    }
}
