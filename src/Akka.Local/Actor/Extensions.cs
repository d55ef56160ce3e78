#nullable disable
namespace Akka.Actor;

/// <summary>Something a system has once.</summary>
public interface IExtension;

/// <summary>The key of an extension.</summary>
public interface IExtensionId
{
    Type ExtensionType { get; }

    object Apply(ActorSystem system);

    object Get(ActorSystem system);

    object CreateExtension(ExtendedActorSystem system);
}

/// <summary>The key of an extension of type <typeparamref name="T"/>.</summary>
public interface IExtensionId<out T> : IExtensionId where T : IExtension
{
    new T Apply(ActorSystem system);

    new T Get(ActorSystem system);

    new T CreateExtension(ExtendedActorSystem system);
}

/// <summary>Base of extension keys. Keys of one type are equal.</summary>
public abstract class ExtensionIdProvider<T> : IExtensionId<T> where T : IExtension
{
    protected ExtensionIdProvider() { }

    public Type ExtensionType => typeof(T);

    /// <summary>The system's extension, made now where it is not there yet.</summary>
    public T Apply(ActorSystem system) => (T)system.RegisterExtension(this);

    /// <summary>The system's extension.</summary>
    public T Get(ActorSystem system) => (T)system.GetExtension(this);

    public abstract T CreateExtension(ExtendedActorSystem system);

    object IExtensionId.Apply(ActorSystem system) => Apply(system);

    object IExtensionId.Get(ActorSystem system) => Get(system);

    object IExtensionId.CreateExtension(ExtendedActorSystem system) => CreateExtension(system);

    public override bool Equals(object obj) => obj is T || (obj is not null && GetType() == obj.GetType());

    public override int GetHashCode() => GetType().GetHashCode();
}

/// <summary>Asking a system for extensions.</summary>
public static class ActorSystemWithExtensions
{
    /// <summary>The extension, or null where it is not registered.</summary>
    public static T WithExtension<T>(this ActorSystem system) where T : class, IExtension => system.GetExtension<T>();

    /// <summary>The extension, registered now by an id of <paramref name="extensionId"/> where it is not there yet.</summary>
    public static T WithExtension<T>(this ActorSystem system, Type extensionId) where T : class, IExtension =>
        system.TryGetExtension<T>(out var extension)
            ? extension
            : (T)system.RegisterExtension((IExtensionId)Activator.CreateInstance(extensionId));

    public static T WithExtension<T, TI>(this ActorSystem system) where T : class, IExtension where TI : IExtensionId => system.WithExtension<T>(typeof(TI));
}
