using Akka.Actor;
using Akka.Actor.Internal;

namespace Akka.TestKit.Internal;

/// <summary>
/// Makes what a test tells without naming a sender come from its test actor: on the thread that created the kit, and on
/// those where the test continues after an await.
/// </summary>
static class ImplicitSender
{
    public static void Establish(TestKitBase kit)
    {
        if (kit is not INoImplicitSender)
            InternalCurrentActorCellKeeper.Current = (ActorCell)((ActorRefWithCell)kit.TestActor).Underlying;
        else if (kit is not TestProbe)
            InternalCurrentActorCellKeeper.Current = null!;

        // A probe is made inside of a test that has a context already, or belongs to none.
        if (kit is not TestProbe)
            SynchronizationContext.SetSynchronizationContext(new KeepingContext(InternalCurrentActorCellKeeper.Current));
    }

    sealed class KeepingContext : SynchronizationContext
    {
        readonly ActorCell? _cell;

        public KeepingContext(ActorCell? cell) => _cell = cell;

        public override SynchronizationContext CreateCopy() => this;

        public override void Post(SendOrPostCallback d, object? state) =>
            ThreadPool.QueueUserWorkItem(static work => work.Context.Run(work.Callback, work.State), (Context: this, Callback: d, State: state), preferLocal: false);

        public override void Send(SendOrPostCallback d, object? state) => Run(d, state);

        void Run(SendOrPostCallback callback, object? state)
        {
            var outerCell = InternalCurrentActorCellKeeper.Current;
            var outerContext = Current;
            InternalCurrentActorCellKeeper.Current = _cell!;
            SetSynchronizationContext(this);
            try
            {
                callback(state);
            }
            finally
            {
                InternalCurrentActorCellKeeper.Current = outerCell;
                SetSynchronizationContext(outerContext);
            }
        }
    }
}
