using ActorKube.Actors;

namespace ActorKube.Testing;

/// <summary>
/// One thing that goes on: a reconcile, or a request. It works while a thread runs in its flow, or while it is not known to wait for anything: between two steps of an
/// asynchronous method there is nobody to ask, so only known waits are believed.
/// </summary>
/// <remarks>All but the two constants is read and written under its owner's lock.</remarks>
sealed class WorkFlow(OutstandingWork owner, string what, bool timersAreWaits, WorkFlow? parent) : IReconcileWitness
{
    // The runtime tells us whenever a thread begins or leaves off to run in a flow, however that came about.
    static readonly AsyncLocal<WorkFlow?> Flow = new(static change =>
    {
        change.PreviousValue?.ThreadLeft();
        change.CurrentValue?.ThreadCame();
    });

    readonly List<Task> _awaited = [];
    int _threads;
    int _timers;
    int _children;
    bool _ended;

    /// <summary>The flow that this thread runs in.</summary>
    public static WorkFlow? Current => Flow.Value;

    public string What => what;

    OutstandingWork Owner => owner;

    /// <summary>Whether only time, the test, or something else that is counted can bring more of it.</summary>
    public bool OnlyWaits => _threads == 0 && ((timersAreWaits && _timers > 0) || _children > 0 || Awaits());

    /// <summary>Whether it is code of the test's, which may wait, or even block, for something that never comes.</summary>
    public bool MayHang => timersAreWaits;

    /// <summary>From here on, this asynchronous method and all that it calls belong to it.</summary>
    public void Enter()
    {
        parent?.Owner.Change(() => parent._children++);
        Flow.Value = this;
    }

    /// <summary>A timer was set in this flow.</summary>
    public void TimerSet() => owner.Change(() => _timers++);

    /// <summary>A timer is due, or was stopped.</summary>
    public void TimerGone() => owner.Change(() => _timers--);

    /// <summary>It waits for a task that somebody outside ends.</summary>
    public void WaitFor(Task task) => owner.Change(() => _awaited.Add(task));

    /// <summary>Blocks this thread, which runs in it, until a task ends.</summary>
    public bool Block(Task until, TimeSpan patience)
    {
        owner.Change(() =>
        {
            _awaited.Add(until);
            _threads--;
        });
        try
        {
            return until.Wait(patience);
        }
        finally
        {
            owner.Change(() => _threads++);
        }
    }

    /// <summary>It has ended, and so has what its end brought about.</summary>
    public void End()
    {
        parent?.Owner.Change(() => parent._children--);
        owner.Change(() => _ended = true);
        ForgetIfOver();
    }

    void IReconcileWitness.Left() => End();

    void IReconcileWitness.Awaits(Task answer) => WaitFor(answer);

    void ThreadCame() => owner.Change(() => _threads++);

    void ThreadLeft()
    {
        owner.Change(() => _threads--);
        ForgetIfOver();
    }

    void ForgetIfOver()
    {
        if (_ended && _threads == 0)
            owner.Remove(this);
    }

    // What has ended is not waited for any more, even where what comes after it has not begun yet.
    bool Awaits()
    {
        _awaited.RemoveAll(static t => t.IsCompleted);
        return _awaited.Count > 0;
    }
}
