#nullable disable
using Akka.Actor.Internal;
using Akka.Dispatch;
using Akka.Dispatch.SysMsg;
using Akka.Event;
using Akka.Util;
using Debug = Akka.Event.Debug;

namespace Akka.Actor;

/// <summary>
/// What stands behind an actor's reference for its whole life: mailbox, children, watches, behaviour, and the present incarnation.
/// Everything but sending belongs to the thread that runs the mailbox.
/// </summary>
public partial class ActorCell : IUntypedActorContext, ICell
{
    /// <summary>The uid of a path that names no particular incarnation.</summary>
    public const int UndefinedUid = 0;

    private readonly ActorSystemImpl _system;
    private readonly IInternalActorRef _self;
    private readonly IInternalActorRef _parent;
    private Mailbox _mailbox;
    private ActorBase _actor;
    private Behaviour _behaviour;
    private SystemMessage _stashedSystemMessages;
    private ActorTaskScheduler _taskScheduler;
    private bool _actorHasBeenCleared;

    public ActorCell(ActorSystemImpl system, IInternalActorRef self, Props props, MessageDispatcher dispatcher, IInternalActorRef parent)
    {
        _system = system;
        _self = self;
        Props = props;
        Dispatcher = dispatcher;
        _parent = parent;
    }

    public ActorSystem System => _system;

    public ActorSystemImpl SystemImpl => _system;

    public IActorRef Self => _self;

    public IInternalActorRef Parent => _parent;

    public Props Props { get; private set; }

    public MessageDispatcher Dispatcher { get; private set; }

    public Mailbox Mailbox => Volatile.Read(ref _mailbox);

    public IActorRef Sender { get; internal set; }

    public object CurrentMessage { get; internal set; }

    /// <summary>Numbers the messages this cell has taken up, so that a stash sees when one is stashed twice.</summary>
    public int CurrentEnvelopeId { get; private set; }

    public bool IsLocal => true;

    public bool HasMessages => Mailbox.HasMessages;

    public int NumberOfMessages => Mailbox.NumberOfMessages;

    public bool IsTerminated => Mailbox.IsClosed;

    public virtual ActorTaskScheduler TaskScheduler => _taskScheduler ??= new ActorTaskScheduler(this);

    internal static ActorCell Current => InternalCurrentActorCellKeeper.Current;

    internal ActorBase Actor => _actor;

    internal bool ActorHasBeenCleared => _actorHasBeenCleared;

    internal Type ActorType => _actor?.GetType() ?? Props.Type;

    IActorRef IActorContext.Parent => _parent;

    public static IActorRef GetCurrentSelfOrNoSender() => Current?.Self;

    public static IActorRef GetCurrentSenderOrNoSender() => Current?.Sender;

    /// <summary>Makes the mailbox, with the first system message in it.</summary>
    public void Init(bool sendSupervise, MailboxType mailboxType)
    {
        _ = sendSupervise;
        var mailbox = new Mailbox(mailboxType.Create(_self, _system));
        mailbox.SetActor(this);
        mailbox.SystemEnqueue(_self, new Create());
        Volatile.Write(ref _mailbox, mailbox);
    }

    public virtual void Start() => Dispatcher.Attach(this);

    public void Suspend() => SendSystemMessage(new Suspend());

    public void Resume(Exception causedByFailure) => SendSystemMessage(new Resume(causedByFailure));

    public void Restart(Exception cause) => SendSystemMessage(new Recreate(cause));

    public void Stop() => SendSystemMessage(new Terminate());

    public virtual void SendMessage(Envelope message)
    {
        if (message.Message is null)
            throw new InvalidMessageException("Message is null");
        Dispatcher.Dispatch(this, message);
    }

    public virtual void SendMessage(IActorRef sender, object message) => SendMessage(new Envelope(message, sender));

    public virtual void SendSystemMessage(ISystemMessage systemMessage) => Dispatcher.SystemDispatch(this, (SystemMessage)systemMessage);

    /// <summary>Processes one user message.</summary>
    public void Invoke(Envelope envelope)
    {
        CurrentEnvelopeId++;
        var message = envelope.Message;
        try
        {
            CurrentMessage = message;
            Sender = envelope.Sender ?? _system.DeadLetters;
            if (message is TimerMessage timer && (message = timer.Accept(_actor)) is not null)
            {
                CurrentMessage = message;
                envelope = new Envelope(message, envelope.Sender);
            }

            if (message is IAutoReceivedMessage)
                AutoReceiveMessage(envelope);
            else if (message is not null)
                ReceiveMessage(message);
            CurrentMessage = null;
        }
        catch (Exception cause)
        {
            HandleInvokeFailure(cause);
        }

        if (_receiveTimeout is not null)
            CheckReceiveTimeout(message is not INotInfluenceReceiveTimeout);
    }

    /// <summary>Has the actor receive a message on the caller's thread, and lets its exceptions through. For tests of an actor's state.</summary>
    public void ReceiveMessageForTest(Envelope envelope)
    {
        CurrentMessage = envelope.Message;
        Sender = envelope.Sender;
        try
        {
            ReceiveMessage(envelope.Message);
        }
        finally
        {
            CurrentMessage = null;
            Sender = _system.DeadLetters;
        }
    }

    public void Become(Receive receive) => _behaviour = new Behaviour(receive ?? throw new ArgumentNullException(nameof(receive)), _behaviour.Below);

    public void BecomeStacked(Receive receive) => _behaviour = new Behaviour(receive ?? throw new ArgumentNullException(nameof(receive)), _behaviour);

    public void UnbecomeStacked()
    {
        if (_behaviour.Below is not null)
            _behaviour = _behaviour.Below;
    }

    void IUntypedActorContext.Become(UntypedReceive receive) => Become(UntypedActor.Handling(receive));

    void IUntypedActorContext.BecomeStacked(UntypedReceive receive) => BecomeStacked(UntypedActor.Handling(receive));

    /// <summary>Runs an action as this cell's actor on the caller's thread.</summary>
    public void UseThreadContext(Action action)
    {
        var outer = InternalCurrentActorCellKeeper.Current;
        InternalCurrentActorCellKeeper.Current = this;
        try
        {
            action();
        }
        finally
        {
            InternalCurrentActorCellKeeper.Current = outer;
        }
    }

    public ActorSelection ActorSelection(string path) => ActorRefFactoryShared.ActorSelection(path, _system, _self);

    public ActorSelection ActorSelection(ActorPath path) => ActorRefFactoryShared.ActorSelection(path, _system);

    /// <summary>Called by the constructor of every actor: its own receive is its first behaviour.</summary>
    internal void Begin(ActorBase actor) => _behaviour = AroundReceive.IsOverriddenBy(actor.GetType()) ? new Behaviour(actor) : Behaviour.Own;

    internal Mailbox SwapMailbox(Mailbox mailbox) => Interlocked.Exchange(ref _mailbox, mailbox);

    /// <summary>Processes one system message, and those it lets out of the stash.</summary>
    internal void SystemInvoke(SystemMessage message)
    {
        var before = State();
        if (MustWait(message, before))
        {
            message.Next = _stashedSystemMessages;
            _stashedSystemMessages = message;
            return;
        }

        try
        {
            Handle(message);
        }
        catch (Exception cause)
        {
            HandleInvokeFailure(cause);
        }

        if (_stashedSystemMessages is not null && (IsTerminated || State() < before))
            ReleaseSystemMessages();
    }

    protected virtual ActorBase CreateNewActorInstance() => Props.NewActor();

    protected virtual void PreStart() => _actor.AroundPreStart();

    protected virtual void ReceiveMessage(object message)
    {
        var handled = ReferenceEquals(_behaviour, Behaviour.Own) ? _actor.ReceiveDirectly(message) : _actor.AroundReceive(_behaviour.Receive, message);
        if (_system.Settings.AddLoggingReceive && _actor is ILogReceive)
            Publish(new Debug(_self.Path.ToString(), ActorType, $"received {(handled ? "handled" : "unhandled")} message {message} from {Sender.Path}"));
    }

    internal void AutoReceive(Envelope envelope) => AutoReceiveMessage(envelope);

    protected virtual void AutoReceiveMessage(Envelope envelope)
    {
        var message = envelope.Message;
        if (_system.Settings.DebugAutoReceive)
            Publish(new Debug(_self.Path.ToString(), ActorType, "received AutoReceiveMessage " + message));
        switch (message)
        {
            case Terminated terminated:
                ReceivedTerminated(terminated);
                break;
            case PoisonPill:
                Stop();
                break;
            case Kill:
                throw new ActorKilledException("Kill");
            case Identify identify:
                Sender.Tell(new ActorIdentity(identify.MessageId, _self), _self);
                break;
            case ActorSelectionMessage selection:
                new ActorSelection(_self, selection.Elements).Tell(selection.Message, Sender);
                break;
        }
    }

    protected void SetActorFields(ActorBase actor) => actor.Unclear();

    protected void ClearActor(ActorBase actor)
    {
        if (actor is { IsCleared: false })
        {
            if (actor is IDisposable disposable)
            {
                try
                {
                    disposable.Dispose();
                }
                catch (Exception e)
                {
                    Publish(new Error(e, _self.Path.ToString(), actor.GetType(), $"{actor.GetType()}.Dispose threw: {e.Message}"));
                }
            }

            Props.Release(actor);
            actor.Clear(_self);
        }

        _actorHasBeenCleared = true;
        CurrentMessage = null;
        _behaviour = null;
    }

    protected void ClearActorCell()
    {
        while (_stashedSystemMessages is { } message)
        {
            _stashedSystemMessages = message.Next;
            message.Next = null;
        }
    }

    private void Handle(SystemMessage message)
    {
        switch (message)
        {
            case ActorTask task:
                TaskScheduler.Execute(task);
                break;
            case ActorTaskCompleted completed:
                CurrentMessage = completed.Turn.Message;
                Sender = completed.Turn.Sender;
                Mailbox.Resume();
                global::System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(completed.Failure);
                break;
            case Failed failed:
                HandleFailed(failed);
                break;
            case DeathWatchNotification notification:
                WatchedActorTerminated(notification.Actor, notification.ExistenceConfirmed, notification.AddressTerminated);
                break;
            case Create create:
                Create(create.Failure);
                break;
            case Watch watch:
                AddWatcher(watch.Watchee, watch.Watcher);
                break;
            case Unwatch unwatch:
                RemWatcher(unwatch.Watchee, unwatch.Watcher);
                break;
            case Recreate recreate:
                FaultRecreate(recreate.Cause);
                break;
            case Dispatch.SysMsg.Suspend:
                FaultSuspend();
                break;
            case Resume resume:
                FaultResume(resume.CausedByFailure);
                break;
            case Dispatch.SysMsg.Terminate:
                Terminate();
                break;
            case NoMessage:
                break;
            default:
                throw new NotSupportedException($"{message.GetType()} is no system message an actor understands.");
        }
    }

    private void Create(ActorInitializationException failure)
    {
        if (failure is not null)
            throw failure;
        try
        {
            _actor = NewActor();
            PreStart();
            CheckReceiveTimeout();
            if (_system.Settings.DebugLifecycle)
                Publish(new Debug(_self.Path.ToString(), ActorType, $"Started ({_actor})"));
        }
        catch (Exception e)
        {
            if (_actor is not null)
            {
                ClearActor(_actor);
                _actor = null; // so that a restart makes it anew instead of calling its PreRestart
            }

            if (e is not ActorInitializationException)
            {
                throw new ActorInitializationException(_self,
                    $"Exception during creation: {(e is global::System.Reflection.TargetInvocationException { InnerException: { } inner } ? inner : e).Message}", e);
            }

            throw;
        }
    }

    private ActorBase NewActor()
    {
        _behaviour = null;
        _actorHasBeenCleared = false;
        var instance = CreateNewActorInstance()
            ?? throw new ActorInitializationException(_self, "Actor instance passed to actorOf can't be null");
        if (_behaviour is null)
        {
            // The creator gave an instance that has lived before.
            SetActorFields(instance);
            Begin(instance);
        }

        if (instance is IActorStash stashing)
            stashing.Stash = StashFactory.CreateStash(this, stashing);
        if (instance is IInitializableActor initializable)
            initializable.Init();
        return instance;
    }

    private int State() => IsWaitingForChildren ? 2 : Mailbox.IsSuspended ? 1 : 0;

    private static bool MustWait(SystemMessage message, int state) => state switch
    {
        2 => message is IStashWhenWaitingForChildren,
        1 => message is IStashWhenFailed,
        _ => false,
    };

    private void ReleaseSystemMessages()
    {
        SystemMessage oldest = null;
        while (_stashedSystemMessages is { } newest)
        {
            _stashedSystemMessages = newest.Next;
            newest.Next = oldest;
            oldest = newest;
        }

        while (oldest is not null)
        {
            var next = oldest.Next;
            oldest.Next = null;
            if (IsTerminated)
                _system.Mailboxes.DeadLetterMailbox.SystemEnqueue(_self, oldest);
            else
                SystemInvoke(oldest);
            oldest = next;
        }
    }

    private void Publish(LogEvent logEvent)
    {
        try
        {
            _system.EventStream.Publish(logEvent);
        }
        catch (Exception)
        {
            // The log is best effort: its failure must not become the actor's.
        }
    }

    /// <summary>A behaviour and what it lies on.</summary>
    private sealed class Behaviour
    {
        /// <summary>The own receive of an actor that leaves <see cref="ActorBase.AroundReceive"/> alone: it is called without a delegate.</summary>
        public static readonly Behaviour Own = new((ActorBase)null);

        public readonly Behaviour Below;
        private readonly ActorBase _actor;
        private Receive _receive;

        /// <summary>An actor's own receive. Its delegate is made with the first message.</summary>
        public Behaviour(ActorBase actor) => _actor = actor;

        public Behaviour(Receive receive, Behaviour below)
        {
            _receive = receive;
            Below = below;
        }

        public Receive Receive => _receive ??= _actor.OwnReceive();
    }
}
