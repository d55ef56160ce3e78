#nullable disable
using Akka.Configuration;
using Akka.Routing;
using Akka.Util;

namespace Akka.Actor;

/// <summary>Where an actor is to run.</summary>
public abstract class Scope : IEquatable<Scope>
{
    public static readonly LocalScope Local = LocalScope.Instance;

    protected Scope() { }

    public abstract Scope WithFallback(Scope other);

    public abstract Scope Copy();

    public virtual bool Equals(Scope other) => other is not null && other.GetType() == GetType();
}

/// <summary>In this process.</summary>
public class LocalScope : Scope, ISurrogated
{
    private LocalScope() { }

    public static LocalScope Instance { get; } = new();

    public override Scope WithFallback(Scope other) => Instance;

    public override Scope Copy() => Instance;

    public ISurrogate ToSurrogate(ActorSystem system) => throw NoSurrogates.For(this);
}

/// <summary>How an actor is to be deployed: its dispatcher, mailbox, router and stash capacity, from code or from <c>akka.actor.deployment</c>.</summary>
public class Deploy : IEquatable<Deploy>, ISurrogated
{
    public static readonly Scope NoScopeGiven = null;
    public static readonly string NoDispatcherGiven = "";
    public static readonly string NoMailboxGiven = "";
    public const int NoStashSize = -1;
    public static readonly Deploy Local = new(Scope.Local);
    public static readonly Deploy None = new();

    public Deploy() : this("", Config.Empty, NoRouter.Instance, NoScopeGiven, NoDispatcherGiven, NoMailboxGiven, NoStashSize) { }

    public Deploy(string path, Scope scope) : this(path, Config.Empty, NoRouter.Instance, scope, NoDispatcherGiven, NoMailboxGiven, NoStashSize) { }

    public Deploy(Scope scope) : this("", scope) { }

    public Deploy(RouterConfig routerConfig) : this(routerConfig, NoScopeGiven) { }

    public Deploy(RouterConfig routerConfig, Scope scope) : this("", Config.Empty, routerConfig, scope, NoDispatcherGiven, NoMailboxGiven, NoStashSize) { }

    public Deploy(string path, Config config, RouterConfig routerConfig, Scope scope, string dispatcher)
        : this(path, config, routerConfig, scope, dispatcher, NoMailboxGiven, NoStashSize) { }

    public Deploy(string path, Config config, RouterConfig routerConfig, Scope scope, string dispatcher, string mailbox)
        : this(path, config, routerConfig, scope, dispatcher, mailbox, NoStashSize) { }

    public Deploy(string path, Config config, RouterConfig routerConfig, Scope scope, string dispatcher, string mailbox, int stashCapacity)
    {
        Path = path;
        Config = config;
        RouterConfig = routerConfig;
        Scope = scope;
        Dispatcher = dispatcher ?? NoDispatcherGiven;
        Mailbox = mailbox ?? NoMailboxGiven;
        StashCapacity = stashCapacity;
    }

    public string Path { get; }

    public Config Config { get; }

    public RouterConfig RouterConfig { get; }

    public Scope Scope { get; }

    public string Mailbox { get; }

    public string Dispatcher { get; }

    public int StashCapacity { get; }

    /// <summary>This, and <paramref name="other"/> where this says nothing.</summary>
    public virtual Deploy WithFallback(Deploy other) => new(
        Path,
        ReferenceEquals(Config, other.Config) ? Config : Config.WithFallback(other.Config),
        RouterConfig.WithFallback(other.RouterConfig),
        Scope?.WithFallback(other.Scope) ?? other.Scope,
        Dispatcher == NoDispatcherGiven ? other.Dispatcher : Dispatcher,
        Mailbox == NoMailboxGiven ? other.Mailbox : Mailbox,
        StashCapacity == NoStashSize ? other.StashCapacity : StashCapacity);

    public virtual Deploy WithScope(Scope scope) => new(Path, Config, RouterConfig, scope, Dispatcher, Mailbox, StashCapacity);

    public virtual Deploy WithMailbox(string mailbox) => new(Path, Config, RouterConfig, Scope, Dispatcher, mailbox, StashCapacity);

    public virtual Deploy WithDispatcher(string dispatcher) => new(Path, Config, RouterConfig, Scope, dispatcher, Mailbox, StashCapacity);

    public virtual Deploy WithRouterConfig(RouterConfig routerConfig) => new(Path, Config, routerConfig, Scope, Dispatcher, Mailbox, StashCapacity);

    public virtual Deploy WithStashCapacity(int stashSize) => new(Path, Config, RouterConfig, Scope, Dispatcher, Mailbox, stashSize);

    public ISurrogate ToSurrogate(ActorSystem system) => throw NoSurrogates.For(this);

    public bool Equals(Deploy other) => other is not null && Path == other.Path && Dispatcher == other.Dispatcher && Mailbox == other.Mailbox
        && StashCapacity == other.StashCapacity && Equals(RouterConfig, other.RouterConfig) && Equals(Scope, other.Scope)
        && (ReferenceEquals(Config, other.Config) || Config.ToString() == other.Config.ToString());
}
