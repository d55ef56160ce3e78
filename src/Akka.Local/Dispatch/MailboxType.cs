#nullable disable
using Akka.Actor;
using Akka.Configuration;
using Akka.Dispatch.MessageQueues;

namespace Akka.Dispatch;

/// <summary>Makes the message queues of a kind of mailbox. One instance serves every actor that uses the setting.</summary>
public abstract class MailboxType
{
    protected readonly Settings Settings;
    protected readonly Config Config;

    protected MailboxType(Settings settings, Config config)
    {
        Settings = settings;
        Config = config;
    }

    public abstract IMessageQueue Create(IActorRef owner, ActorSystem system);

    internal virtual Mailbox CreateMailbox(IActorRef owner, ActorSystem system) => new(Create(owner, system));
}

/// <summary>The ordinary mailbox.</summary>
public sealed class UnboundedMailbox : MailboxType, IProducesMessageQueue<UnboundedMessageQueue>
{
    public UnboundedMailbox() : this(null, null) { }

    public UnboundedMailbox(Settings settings, Config config) : base(settings, config) { }

    public override IMessageQueue Create(IActorRef owner, ActorSystem system) => new UnboundedMessageQueue();

    internal override Mailbox CreateMailbox(IActorRef owner, ActorSystem system) => new OrdinaryMailbox();
}

/// <summary>A mailbox with a capacity (<c>mailbox-capacity</c>, <c>mailbox-push-timeout-time</c>).</summary>
public sealed class BoundedMailbox : MailboxType, IProducesMessageQueue<BoundedMessageQueue>, IProducesPushTimeoutSemanticsMailbox
{
    public BoundedMailbox(Settings settings, Config config) : base(settings, config)
    {
        Capacity = BoundedSettings.Capacity(config, nameof(BoundedMailbox));
        PushTimeout = BoundedSettings.PushTimeout(config, nameof(BoundedMailbox));
    }

    public int Capacity { get; }

    public TimeSpan PushTimeout { get; }

    public override IMessageQueue Create(IActorRef owner, ActorSystem system) => new BoundedMessageQueue(Capacity, PushTimeout);
}

/// <summary>The mailbox of an actor with a stash.</summary>
public sealed class UnboundedDequeBasedMailbox : MailboxType, IProducesMessageQueue<UnboundedDequeMessageQueue>
{
    public UnboundedDequeBasedMailbox(Settings settings, Config config) : base(settings, config) { }

    public override IMessageQueue Create(IActorRef owner, ActorSystem system) => new UnboundedDequeMessageQueue();
}

/// <summary>The mailbox with a capacity of an actor with a stash.</summary>
public class BoundedDequeBasedMailbox : MailboxType, IProducesMessageQueue<BoundedDequeMessageQueue>, IProducesPushTimeoutSemanticsMailbox
{
    public BoundedDequeBasedMailbox(Settings settings, Config config) : base(settings, config)
    {
        Capacity = BoundedSettings.Capacity(config, nameof(BoundedDequeBasedMailbox));
        PushTimeout = BoundedSettings.PushTimeout(config, nameof(BoundedDequeBasedMailbox));
    }

    public int Capacity { get; }

    public TimeSpan PushTimeout { get; }

    public override IMessageQueue Create(IActorRef owner, ActorSystem system) => new BoundedDequeMessageQueue(Capacity, PushTimeout);
}

internal static class BoundedSettings
{
    public static int Capacity(Config config, string type)
    {
        var capacity = config.GetInt("mailbox-capacity");
        return capacity > 0 ? capacity : throw new ArgumentException($"{type} needs mailbox-capacity above 0, not {capacity}.", nameof(config));
    }

    public static TimeSpan PushTimeout(Config config, string type)
    {
        var timeout = config.GetTimeSpan("mailbox-push-timeout-time", TimeSpan.FromSeconds(-1));
        return timeout >= TimeSpan.Zero ? timeout : throw new ArgumentException($"{type} needs mailbox-push-timeout-time of 0 or more, not {timeout}.", nameof(config));
    }
}
