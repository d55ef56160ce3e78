using System.Globalization;
using Akka.Actor;
using Akka.Actor.Setup;
using Akka.Configuration;
using Akka.DependencyInjection;
using Akka.Hosting.Configuration;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Akka.Hosting;

/// <summary>Gives a host an actor system.</summary>
public static class AkkaHostingExtensions
{
    /// <summary>
    /// Adds an actor system to a host: it starts and stops with the host, and is in the container together with its
    /// <see cref="ActorRegistry"/> and an <see cref="IRequiredActor{TActor}"/> for each registered actor.
    /// </summary>
    /// <param name="services">The host's services.</param>
    /// <param name="actorSystemName">The system's name.</param>
    /// <param name="builder">Says what the system is made of.</param>
    public static IServiceCollection AddAkka(this IServiceCollection services, string actorSystemName, Action<AkkaConfigurationBuilder> builder) =>
        services.AddAkka(actorSystemName, (akka, _) => builder(akka));

    /// <inheritdoc cref="AddAkka(IServiceCollection, string, Action{AkkaConfigurationBuilder})" />
    public static IServiceCollection AddAkka(
        this IServiceCollection services,
        string actorSystemName,
        Action<AkkaConfigurationBuilder, IServiceProvider> builder) =>
        services.AddAkka<AkkaHostedService>(actorSystemName, builder);

    /// <summary>The same with a hosted service of one's own.</summary>
    public static IServiceCollection AddAkka<T>(
        this IServiceCollection services,
        string actorSystemName,
        Action<AkkaConfigurationBuilder, IServiceProvider> builder)
        where T : AkkaHostedService
    {
        var akka = new AkkaConfigurationBuilder(services, actorSystemName);
        services.AddSingleton(provider =>
        {
            builder(akka, provider);
            return akka;
        });
        akka.Bind();
        return services.AddHostedService<T>();
    }

    /// <summary>Adds a setup. A <see cref="BootstrapSetup"/> is taken apart: its configuration is prepended.</summary>
    public static AkkaConfigurationBuilder AddSetup(this AkkaConfigurationBuilder builder, Setup setup) => builder.AddSetup(setup);

    /// <summary>Adds configuration.</summary>
    public static AkkaConfigurationBuilder AddHocon(this AkkaConfigurationBuilder builder, Config hocon, HoconAddMode addMode) =>
        builder.AddHocon(hocon, addMode);

    /// <summary>Adds a section of the host's configuration; see <see cref="ConfigurationHoconAdapter.ToHocon"/>.</summary>
    public static AkkaConfigurationBuilder AddHocon(
        this AkkaConfigurationBuilder builder,
        IConfiguration configuration,
        HoconAddMode addMode,
        bool normalizeKeys = true) =>
        builder.AddHocon(configuration.ToHocon(normalizeKeys), addMode);

    /// <summary>Adds the configuration in a file.</summary>
    public static AkkaConfigurationBuilder AddHoconFile(this AkkaConfigurationBuilder builder, string hoconFilePath, HoconAddMode addMode) =>
        builder.AddHocon(ConfigurationFactory.ParseString(File.ReadAllText(hoconFilePath)), addMode);

    /// <summary>Sets how long an Ask without a timeout waits; zero or infinite for as long as it takes.</summary>
    public static AkkaConfigurationBuilder WithActorAskTimeout(this AkkaConfigurationBuilder builder, TimeSpan timeout)
    {
        var value = timeout == Timeout.InfiniteTimeSpan || timeout == TimeSpan.Zero
            ? "infinite"
            : timeout.TotalMilliseconds.ToString(CultureInfo.InvariantCulture) + "ms";
        return builder.AddHocon(ConfigurationFactory.ParseString($"akka.actor.ask-timeout = {value}"), HoconAddMode.Prepend);
    }

    /// <summary>Says who provides the system's refs.</summary>
    public static AkkaConfigurationBuilder WithActorRefProvider(this AkkaConfigurationBuilder builder, ProviderSelection providerSelection) =>
        builder.WithActorRefProvider(providerSelection);

    /// <inheritdoc cref="AkkaConfigurationBuilder.StartActors(Action{ActorSystem, IActorRegistry})" />
    public static AkkaConfigurationBuilder WithActors(this AkkaConfigurationBuilder builder, Action<ActorSystem, IActorRegistry> actorStarter) =>
        builder.StartActors(actorStarter);

    /// <inheritdoc cref="AkkaConfigurationBuilder.StartActors(Action{ActorSystem, IActorRegistry})" />
    public static AkkaConfigurationBuilder WithActors(
        this AkkaConfigurationBuilder builder,
        Action<ActorSystem, IActorRegistry, IDependencyResolver> actorStarter) =>
        builder.StartActors(actorStarter);

    /// <inheritdoc cref="AkkaConfigurationBuilder.StartActors(Action{ActorSystem, IActorRegistry})" />
    public static AkkaConfigurationBuilder WithActors(this AkkaConfigurationBuilder builder, ActorStarter actorStarter) =>
        builder.StartActors(actorStarter);

    /// <inheritdoc cref="AkkaConfigurationBuilder.StartActors(Action{ActorSystem, IActorRegistry})" />
    public static AkkaConfigurationBuilder WithActors(this AkkaConfigurationBuilder builder, ActorStarterWithResolver actorStarter) =>
        builder.StartActors(actorStarter);
}
