#nullable disable
using Akka.Configuration;
using Akka.Util;

namespace Akka.Actor.Setup
{
    /// <summary>A part of what an actor system is made with. There is one of a type.</summary>
    public abstract class Setup
    {
        protected Setup() { }

        public ActorSystemSetup And(Setup other) => ActorSystemSetup.Create(this, other);
    }

    /// <summary>Everything an actor system is made with. Immutable.</summary>
    public sealed class ActorSystemSetup
    {
        public static readonly ActorSystemSetup Empty = new(new Dictionary<Type, Setup>());

        private readonly IReadOnlyDictionary<Type, Setup> _setups;

        private ActorSystemSetup(IReadOnlyDictionary<Type, Setup> setups) => _setups = setups;

        /// <summary>Of two setups of a type the later counts.</summary>
        public static ActorSystemSetup Create(params Setup[] setup)
        {
            var all = new Dictionary<Type, Setup>();
            foreach (var each in setup)
                all[each.GetType()] = each;
            return new ActorSystemSetup(all);
        }

        public Option<T> Get<T>() where T : Setup => _setups.TryGetValue(typeof(T), out var setup) ? new Option<T>((T)setup) : Option<T>.None;

        public ActorSystemSetup WithSetup<T>(T setup) where T : Setup =>
            new(new Dictionary<Type, Setup>(_setups) { [setup.GetType()] = setup });

        public ActorSystemSetup And<T>(T setup) where T : Setup => WithSetup(setup);

        public override string ToString() => $"ActorSystemSetup({string.Join(",", _setups.Keys.Select(t => t.Name))})";
    }
}

namespace Akka.Actor
{
    using Akka.Actor.Setup;

    /// <summary>A system's configuration and provider.</summary>
    public sealed class BootstrapSetup : Setup.Setup
    {
        private BootstrapSetup(Option<Config> config, Option<ProviderSelection> actorRefProvider)
        {
            Config = config;
            ActorRefProvider = actorRefProvider;
        }

        public Option<Config> Config { get; }

        public Option<ProviderSelection> ActorRefProvider { get; }

        /// <summary>Where a fallback was given: put below everything else, even below the reference settings' overrides.</summary>
        internal Option<Config> Fallback { get; private init; }

        public static BootstrapSetup Create() => new(Option<Config>.None, Option<ProviderSelection>.None);

        public BootstrapSetup WithActorRefProvider(ProviderSelection name) => new(Config, name) { Fallback = Fallback };

        public BootstrapSetup WithConfig(Config config) => new(config, ActorRefProvider) { Fallback = Fallback };

        public BootstrapSetup WithConfigFallback(Config config) =>
            new(Config.HasValue ? Config.Value.SafeWithFallback(config) : config, ActorRefProvider);
    }

    /// <summary>Which kind of provider a system has. Here there is one kind.</summary>
    public abstract class ProviderSelection
    {
        private ProviderSelection(string identifier) => Identifier = identifier;

        internal string Identifier { get; }

        /// <summary>Actors of this process only.</summary>
        public sealed class Local : ProviderSelection
        {
            public static readonly Local Instance = new();

            private Local() : base("local") { }
        }
    }
}
