#nullable disable
using Akka.Actor;

namespace Akka.Util;

/// <summary>What stands for a <see cref="ISurrogated"/> value outside the process.</summary>
public interface ISurrogate
{
    ISurrogated FromSurrogate(ActorSystem system);
}

/// <summary>A value that leaves the process only as a surrogate. One-process systems never ask for it.</summary>
public interface ISurrogated
{
    ISurrogate ToSurrogate(ActorSystem system);
}
