using Akka.Actor;

namespace Akka.Conformance.Actors;

public sealed class AsyncReceiveTests : ActorTest
{
    sealed class Worker : ReceiveActor
    {
        public Worker(IActorRef listener)
        {
            ReceiveAsync<Task>(async task =>
            {
                listener.Tell("begin");
                await task;
                listener.Tell("end");
            });
            ReceiveAsync<Func<Task>>(work => work());
            ReceiveAsync<int>(number => number > 100, async number =>
            {
                await Task.Yield();
                Sender.Tell($"large {number}");
            });
            Receive<string>(text => listener.Tell(text));
            ReceiveAnyAsync(async message =>
            {
                var (self, sender) = (Self, Sender);
                await Task.Yield();
                Assert.Equal((self, sender), (Self, Sender));
                Sender.Tell($"any {message}");
            });
        }
    }

    IActorRef NewWorker()
    {
        var listener = TestActor;
        return Sys.ActorOf(Props.Create(() => new Worker(listener)));
    }

    [Fact]
    public void The_mailbox_waits_while_an_async_handler_runs()
    {
        var gate = new TaskCompletionSource();
        var worker = NewWorker();
        worker.Tell(gate.Task);
        worker.Tell("next");
        ExpectMsg("begin");
        Nothing();
        gate.SetResult();
        ExpectMsg("end");
        ExpectMsg("next");
    }

    [Fact]
    public void Other_actors_run_while_an_async_handler_waits()
    {
        var gate = new TaskCompletionSource();
        var workers = Enumerable.Range(0, 50).Select(_ => NewWorker()).ToList();
        workers.ForEach(worker => worker.Tell(gate.Task));
        for (var i = 0; i < 50; i++)
            ExpectMsg("begin");
        Sys.ActorOf(Echo.Props).Tell("still here");
        ExpectMsg("still here");
        gate.SetResult();
        for (var i = 0; i < 50; i++)
            ExpectMsg("end");
    }

    [Fact]
    public void Sender_and_Self_are_the_same_after_an_await()
    {
        var worker = NewWorker();
        worker.Tell(5);
        ExpectMsgFrom(worker, "any 5");
    }

    [Fact]
    public void A_predicate_chooses_an_async_handler()
    {
        var worker = NewWorker();
        worker.Tell(101);
        ExpectMsg("large 101");
        worker.Tell(100);
        ExpectMsg("any 100");
    }

    [Fact]
    public void Async_handlers_run_in_the_order_of_their_messages()
    {
        var worker = NewWorker();
        for (var i = 0; i < 500; i++)
            worker.Tell(i);
        for (var i = 0; i < 500; i++)
            ExpectMsg(i > 100 ? $"large {i}" : $"any {i}");
    }

    [Fact]
    public void A_failure_after_an_await_is_supervised()
    {
        var events = CreateTestProbe();
        var seen = CreateTestProbe();
        var supervisor = Sys.ActorOf(Witness.Props(events.Ref, "supervisor", new OneForOneStrategy(exception =>
        {
            seen.Ref.Tell(exception);
            return Directive.Restart;
        })));
        var listener = TestActor;
        supervisor.Tell(new Witness.Start("worker", Props.Create(() => new Worker(listener))));
        var worker = ExpectMsg<IActorRef>();
        EventFilter.Exception<Boom>().ExpectOne(() =>
        {
            Func<Task> fail = async () =>
            {
                await Task.Yield();
                throw new Boom("after await");
            };
            worker.Tell(fail);
            worker.Tell("next");
        });
        Assert.Equal("after await", seen.ExpectMsg<Boom>().Message);
        ExpectMsg("next");
    }

    [Fact]
    public void A_failure_before_the_first_await_is_supervised_too()
    {
        var worker = NewWorker();
        EventFilter.Exception<Boom>().ExpectOne(() =>
        {
            Func<Task> fail = () => throw new Boom();
            worker.Tell(fail);
            worker.Tell("next");
        });
        ExpectMsg("next");
    }

    [Fact]
    public void Stop_does_not_wait_for_an_async_handler_that_waits()
    {
        var gate = new TaskCompletionSource();
        var worker = NewWorker();
        Watch(worker);
        worker.Tell(gate.Task);
        worker.Tell("never handled");
        ExpectMsg("begin");
        Sys.Stop(worker);
        ExpectTerminated(worker);
        gate.SetResult();
    }

    [Fact]
    public void RunTask_suspends_like_an_async_handler()
    {
        var gate = new TaskCompletionSource();
        var listener = TestActor;
        var actor = Sys.ActorOf(Props.Create(() => new RunsTask(listener, gate.Task)));
        actor.Tell("run");
        actor.Tell("next");
        ExpectMsg("begin");
        Nothing();
        gate.SetResult();
        ExpectMsg("end");
        ExpectMsg("next");
    }

    sealed class RunsTask(IActorRef listener, Task task) : UntypedActor
    {
        protected override void OnReceive(object message)
        {
            if (message is not "run")
            {
                listener.Tell(message);
                return;
            }

            RunTask(async () =>
            {
                listener.Tell("begin");
                await task;
                listener.Tell("end");
            });
        }
    }

    [Fact]
    public void Become_after_an_await_takes_effect_for_the_next_message()
    {
        var actor = Sys.ActorOf(Props.Create(() => new Changing()));
        actor.Tell("go");
        actor.Tell("go");
        ExpectMsg("changed");
    }

    sealed class Changing : ReceiveActor
    {
        public Changing() => ReceiveAsync<string>(async _ =>
        {
            await Task.Yield();
            Become(() => Receive<string>(_ => Sender.Tell("changed")));
        });
    }

    [Fact]
    public void Concurrent_awaits_of_one_handler_never_run_at_the_same_time()
    {
        var worker = NewWorker();
        var inside = 0;
        var overlaps = 0;
        var steps = 0;
        Func<Task> work = () => Task.WhenAll(Enumerable.Range(0, 50).Select(async _ =>
        {
            for (var i = 0; i < 20; i++)
            {
                await Task.Yield();
                if (Interlocked.Increment(ref inside) != 1)
                    Interlocked.Increment(ref overlaps);
                steps++;
                Interlocked.Decrement(ref inside);
            }
        }));
        worker.Tell(work);
        worker.Tell("done");
        ExpectMsg("done");
        Assert.Equal((0, 1_000), (overlaps, steps));
    }

    [Fact]
    public void An_actor_restarted_from_an_async_failure_handles_async_messages_again()
    {
        var worker = NewWorker();
        for (var i = 0; i < 3; i++)
        {
            EventFilter.Exception<Boom>().ExpectOne(() =>
            {
                Func<Task> fail = async () =>
                {
                    await Task.Yield();
                    throw new Boom();
                };
                worker.Tell(fail);
            });
            worker.Tell(1);
            ExpectMsg("any 1");
        }
    }
}
