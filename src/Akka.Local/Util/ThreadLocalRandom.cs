namespace Akka.Util;

/// <summary>A random number source safe on every thread.</summary>
public static class ThreadLocalRandom
{
    public static Random Current => Random.Shared;
}
