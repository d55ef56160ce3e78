#nullable disable
namespace Akka.Event;

/// <summary>
/// The everyday ways to log. Formats have numbered (<c>{0}</c>) or named (<c>{Pod}</c>) holes; arguments are put in only where the level is on and somebody reads.
/// </summary>
public static partial class LoggingExtensions
{
    public static void Log(this ILoggingAdapter log, LogLevel level, string format)
    {
        if (log.IsEnabled(level))
            log.Log(level, null, format);
    }

    public static void Log(this ILoggingAdapter log, LogLevel level, string format, object[] args)
    {
        if (log.IsEnabled(level))
            log.Log(level, null, new LogMessage<object[]>(log.Formatter, format, args));
    }

    public static void Log(this ILoggingAdapter log, LogLevel level, Exception cause, string format, object[] args)
    {
        if (log.IsEnabled(level))
            log.Log(level, cause, new LogMessage<object[]>(log.Formatter, format, args));
    }

    public static void Log<T1>(this ILoggingAdapter log, LogLevel logLevel, Exception cause, string format, T1 arg1)
    {
        if (log.IsEnabled(logLevel))
            log.Log(logLevel, cause, new LogMessage<object[]>(log.Formatter, format, [arg1]));
    }

    public static void Log<T1, T2>(this ILoggingAdapter log, LogLevel logLevel, Exception cause, string format, T1 arg1, T2 arg2)
    {
        if (log.IsEnabled(logLevel))
            log.Log(logLevel, cause, new LogMessage<object[]>(log.Formatter, format, [arg1, arg2]));
    }

    public static void Log<T1, T2, T3>(this ILoggingAdapter log, LogLevel logLevel, Exception cause, string format, T1 arg1, T2 arg2, T3 arg3)
    {
        if (log.IsEnabled(logLevel))
            log.Log(logLevel, cause, new LogMessage<object[]>(log.Formatter, format, [arg1, arg2, arg3]));
    }

    public static void Log<T1, T2, T3, T4>(this ILoggingAdapter log, LogLevel logLevel, Exception cause, string format, T1 arg1, T2 arg2, T3 arg3, T4 arg4)
    {
        if (log.IsEnabled(logLevel))
            log.Log(logLevel, cause, new LogMessage<object[]>(log.Formatter, format, [arg1, arg2, arg3, arg4]));
    }

    public static void Log<T1, T2, T3, T4, T5>(this ILoggingAdapter log, LogLevel logLevel, Exception cause, string format, T1 arg1, T2 arg2, T3 arg3, T4 arg4, T5 arg5)
    {
        if (log.IsEnabled(logLevel))
            log.Log(logLevel, cause, new LogMessage<object[]>(log.Formatter, format, [arg1, arg2, arg3, arg4, arg5]));
    }

    public static void Log<T1, T2, T3, T4, T5, T6>(this ILoggingAdapter log, LogLevel logLevel, Exception cause, string format, T1 arg1, T2 arg2, T3 arg3, T4 arg4, T5 arg5, T6 arg6)
    {
        if (log.IsEnabled(logLevel))
            log.Log(logLevel, cause, new LogMessage<object[]>(log.Formatter, format, [arg1, arg2, arg3, arg4, arg5, arg6]));
    }
}
