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

    private readonly CellOrigin _origin;
    private readonly IInternalActorRef _self;
    private readonly IInternalActorRef _parent;
    private Mailbox _mailbox;
    private ActorBase _actor;
    private Behaviour _behaviour;
    private bool _actorHasBeenCleared;

    public ActorCell(ActorSystemImpl system, IInternalActorRef self, Props props, MessageDispatcher dispatcher, IInternalActorRef parent)
    {
        _self = self;
        _parent = parent;
        _origin = (parent as LocalActorRef)?.Cell.OriginOfChild(system, props, dispatcher) ?? new CellOrigin(system, props, dispatcher);
    }

    public ActorSystem System => _origin.System;

    public ActorSystemImpl SystemImpl => _origin.System;

    public IActorRef Self => _self;

    public IInternalActorRef Parent => _parent;

    public Props Props => _origin.Props;

    public MessageDispatcher Dispatcher => _origin.Dispatcher;

    public Mailbox Mailbox => Volatile.Read(ref _mailbox);

    public IActorRef Sender { get; internal set; }

    public object CurrentMessage { get; internal set; }

    /// <summary>Numbers the messages this cell has taken up, so that a stash sees when one is stashed twice.</summary>
    public int CurrentEnvelopeId { get; private set; }

    public bool IsLocal => true;

    public bool HasMessages => Mailbox.HasMessages;

    public int NumberOfMessages => Mailbox.NumberOfMessages;

    public bool IsTerminated => Mailbox.IsClosed;

    public virtual ActorTaskScheduler TaskScheduler => Extras.TaskScheduler ??= new ActorTaskScheduler(this);

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
        var mailbox = mailboxType.CreateMailbox(_self, SystemImpl);
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
            Sender = envelope.Sender ?? SystemImpl.DeadLetters;
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

        if (_extras?.ReceiveTimeout is not null)
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
            Sender = SystemImpl.DeadLetters;
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

    public ActorSelection ActorSelection(string path) => ActorRefFactoryShared.ActorSelection(path, SystemImpl, _self);

    public ActorSelection ActorSelection(ActorPath path) => ActorRefFactoryShared.ActorSelection(path, SystemImpl);

    /// <summary>Called by the constructor of every actor: its own receive is its first behaviour.</summary>
    internal void Begin(ActorBase actor) => _behaviour = AroundReceive.IsOverriddenBy(actor.GetType()) ? new Behaviour(actor) : Behaviour.Own;

    internal Mailbox SwapMailbox(Mailbox mailbox) => Interlocked.Exchange(ref _mailbox, mailbox);

    protected virtual ActorBase CreateNewActorInstance() => Props.NewActor();

    protected virtual void PreStart() => _actor.AroundPreStart();

    protected virtual void ReceiveMessage(object message)
    {
        var handled = ReferenceEquals(_behaviour, Behaviour.Own) ? _actor.ReceiveDirectly(message) : _actor.AroundReceive(_behaviour.Receive, message);
        if (SystemImpl.Settings.AddLoggingReceive && _actor is ILogReceive)
            Publish(new Debug(_self.Path.ToString(), ActorType, $"received {(handled ? "handled" : "unhandled")} message {message} from {Sender.Path}"));
    }

    internal void AutoReceive(Envelope envelope) => AutoReceiveMessage(envelope);

    protected virtual void AutoReceiveMessage(Envelope envelope)
    {
        var message = envelope.Message;
        if (SystemImpl.Settings.DebugAutoReceive)
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

    private void Publish(LogEvent logEvent)
    {
        try
        {
            SystemImpl.EventStream.Publish(logEvent);
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
