namespace Akka.Util;

/// <summary>The one answer of one-process systems to a request for a surrogate.</summary>
internal static class NoSurrogates
{
    public static NotSupportedException For(object value) =>
        new($"{value.GetType()} has no surrogate: the in-tree runtime has one process and does not serialise. Build with -p:ActorRuntime=akka for remoting.");
}
