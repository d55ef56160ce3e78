#nullable disable
using System.Collections.Concurrent;
using Akka.Actor;
using Akka.Configuration;
using Akka.Util;

namespace Akka.Dispatch;

/// <summary>A system's kinds of mailboxes by their configuration path, and which kind an actor needs.</summary>
public class Mailboxes
{
    public static readonly string DefaultMailboxId = "akka.actor.default-mailbox";
    public static readonly string NoMailboxRequirement = "";

    private readonly ActorSystem _system;
    private readonly DeadLetterMailbox _deadLetters;
    private readonly ConcurrentDictionary<string, MailboxType> _types = new();
    private readonly ConcurrentDictionary<Type, Type> _required = new();
    private readonly ConcurrentDictionary<(Type Actor, string Mailbox, Config Dispatcher), MailboxType> _chosen = new();
    private readonly Dictionary<Type, string> _bindings = [];

    public Mailboxes(ActorSystem system)
    {
        _system = system;
        _deadLetters = new DeadLetterMailbox(system.DeadLetters);
        var requirements = system.Settings.Config.GetConfig("akka.actor.mailbox.requirements");
        if (requirements is null)
            return;
        foreach (var (name, path) in requirements.AsEnumerable())
        {
            if (TypeResolver.Find(name) is { } semantics)
                _bindings[semantics] = path.GetString();
            else
                throw new ConfigurationException($"akka.actor.mailbox.requirements names the type '{name}', which cannot be found.");
        }
    }

    public DeadLetterMailbox DeadLetterMailbox => _deadLetters;

    /// <summary>What <see cref="IRequiresMessageQueue{T}"/> on the actor's class asks for, or null.</summary>
    public Type GetRequiredType(Type actorType)
    {
        var required = _required.GetOrAdd(actorType, static type => type.GetInterfaces()
            .Where(i => i.IsGenericType && i.GetGenericTypeDefinition() == typeof(IRequiresMessageQueue<>))
            .Select(i => i.GetGenericArguments()[0])
            .FirstOrDefault() ?? typeof(void));
        return required == typeof(void) ? null : required;
    }

    public bool HasRequiredType(Type actorType) => GetRequiredType(actorType) is not null;

    /// <summary>The queue type a mailbox type says it produces.</summary>
    public bool ProducesMessageQueue(Type mailboxType) => ProducedQueue(mailboxType) is not null;

    /// <summary>The mailbox type configured for a queue semantics.</summary>
    public MailboxType LookupByQueueType(Type queueType) => _bindings.TryGetValue(queueType, out var path)
        ? Lookup(path)
        : throw new ConfigurationException($"No mailbox is mapped to the message queue semantics {queueType} in akka.actor.mailbox.requirements.");

    /// <summary>The mailbox type configured at <paramref name="id"/>.</summary>
    public MailboxType Lookup(string id) => _types.TryGetValue(id, out var known) ? known : _types.GetOrAdd(id, Make(id));

    /// <summary>The mailbox type for an actor: what its props say, else what its class requires, else what its dispatcher says, else the default.</summary>
    public MailboxType GetMailboxType(Props props, Config dispatcherConfig)
    {
        var key = (props.Type, props.Deploy.Mailbox, dispatcherConfig);
        if (_chosen.TryGetValue(key, out var chosen))
            return chosen;
        return _chosen[key] = Choose(props, dispatcherConfig);
    }

    private MailboxType Choose(Props props, Config dispatcherConfig)
    {
        var id = dispatcherConfig?.GetString("id") ?? "";
        var required = GetRequiredType(props.Type);
        if (props.Deploy.Mailbox is { Length: > 0 } wanted && wanted != Deploy.NoMailboxGiven)
            return Checked(Lookup(wanted), required, props, wanted);
        if (dispatcherConfig?.GetValue("mailbox-type") is { Values.Count: > 0 } byDispatcher && !string.IsNullOrEmpty(byDispatcher.GetString()))
            return Checked(_types.TryGetValue(id, out var known) ? known : _types.GetOrAdd(id, Make(id)), required, props, id);
        if (required is not null)
            return LookupByQueueType(required);
        var requirement = dispatcherConfig?.GetString("mailbox-requirement");
        if (!string.IsNullOrEmpty(requirement))
        {
            return LookupByQueueType(TypeResolver.Find(requirement)
                ?? throw new ConfigurationException($"The mailbox-requirement '{requirement}' of the dispatcher '{id}' is a type that cannot be found."));
        }

        return Lookup(DefaultMailboxId);
    }

    /// <summary>How many messages an actor with this dispatcher and mailbox may stash; negative for any number.</summary>
    public int StashCapacity(string dispatcher, string mailbox)
    {
        var config = _system.Settings.Config;
        foreach (var path in new[] { dispatcher, mailbox, DefaultMailboxId })
        {
            if (!string.IsNullOrEmpty(path) && config.GetConfig(path) is { } section && section.HasPath("stash-capacity"))
                return section.GetInt("stash-capacity", -1);
        }

        return -1;
    }

    private static Type ProducedQueue(Type mailboxType) => mailboxType.GetInterfaces()
        .Where(i => i.IsGenericType && i.GetGenericTypeDefinition() == typeof(IProducesMessageQueue<>))
        .Select(i => i.GetGenericArguments()[0])
        .FirstOrDefault();

    private static MailboxType Checked(MailboxType type, Type required, Props props, string id)
    {
        if (required is not null && ProducedQueue(type.GetType()) is { } queue && !required.IsAssignableFrom(queue))
            throw new ArgumentException($"{props.Type} requires a {required.Name}, and the mailbox '{id}' produces a {queue.Name}. Leave the mailbox out, or name one that produces what the actor requires.");
        return type;
    }

    private MailboxType Make(string id)
    {
        if (id == "unbounded")
            return new UnboundedMailbox();
        var root = _system.Settings.Config;
        var config = root.GetConfig(id) ?? throw new ConfigurationException($"Mailbox Type [{id}] not configured: there is no section of that path.");
        var name = config.GetString("mailbox-type");
        if (string.IsNullOrEmpty(name))
            throw new ConfigurationException($"The setting 'mailbox-type' is missing in [{id}].");
        var type = TypeResolver.Find(name)
            ?? throw new ConfigurationException($"The mailbox '{id}' has the type '{name}', which cannot be found. Name a MailboxType with its assembly.");
        return (MailboxType)Activator.CreateInstance(type, _system.Settings, config.WithFallback(root.GetConfig(DefaultMailboxId)));
    }
}
