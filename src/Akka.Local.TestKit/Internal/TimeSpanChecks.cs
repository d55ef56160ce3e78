namespace Akka.TestKit.Internal;

static class TimeSpanChecks
{
    public static void EnsureIsPositiveFinite(this TimeSpan timeSpan, string parameterName)
    {
        if (timeSpan < TimeSpan.Zero)
            throw new ArgumentException($"The {parameterName} must not be negative, but is {timeSpan}.", parameterName);
    }

    public static TimeSpan Min(this TimeSpan a, TimeSpan b) => b < TimeSpan.Zero ? a : a < TimeSpan.Zero || b < a ? b : a;
}
