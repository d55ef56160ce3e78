namespace Akka.Actor.Internal;

/// <summary>An actor with something to do between its construction and its first message.</summary>
public interface IInitializableActor
{
    void Init();
}
