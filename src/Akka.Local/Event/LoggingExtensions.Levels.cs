#nullable disable
namespace Akka.Event;

/// <summary>Each level's own names for <see cref="Log(ILoggingAdapter, LogLevel, Exception, string, object[])"/> and its overloads.</summary>
public static partial class LoggingExtensions
{
    public static void Debug(this ILoggingAdapter log, string format)
    {
        if (log.IsDebugEnabled)
            log.Log(LogLevel.DebugLevel, null, format);
    }

    public static void Debug(this ILoggingAdapter log, Exception cause, string format)
    {
        if (log.IsDebugEnabled)
            log.Log(LogLevel.DebugLevel, cause, format);
    }

    public static void Debug(this ILoggingAdapter log, string format, object[] args) =>
        log.Log(LogLevel.DebugLevel, null, format, args);

    public static void Debug(this ILoggingAdapter log, Exception cause, string format, object[] args) =>
        log.Log(LogLevel.DebugLevel, cause, format, args);

    public static void Debug<T1>(this ILoggingAdapter log, string format, T1 arg1) =>
        log.Log(LogLevel.DebugLevel, null, format, arg1);

    public static void Debug<T1>(this ILoggingAdapter log, Exception cause, string format, T1 arg1) =>
        log.Log(LogLevel.DebugLevel, cause, format, arg1);

    public static void Debug<T1, T2>(this ILoggingAdapter log, string format, T1 arg1, T2 arg2) =>
        log.Log(LogLevel.DebugLevel, null, format, arg1, arg2);

    public static void Debug<T1, T2>(this ILoggingAdapter log, Exception cause, string format, T1 arg1, T2 arg2) =>
        log.Log(LogLevel.DebugLevel, cause, format, arg1, arg2);

    public static void Debug<T1, T2, T3>(this ILoggingAdapter log, string format, T1 arg1, T2 arg2, T3 arg3) =>
        log.Log(LogLevel.DebugLevel, null, format, arg1, arg2, arg3);

    public static void Debug<T1, T2, T3>(this ILoggingAdapter log, Exception cause, string format, T1 arg1, T2 arg2, T3 arg3) =>
        log.Log(LogLevel.DebugLevel, cause, format, arg1, arg2, arg3);

    public static void Debug<T1, T2, T3, T4>(this ILoggingAdapter log, string format, T1 arg1, T2 arg2, T3 arg3, T4 arg4) =>
        log.Log(LogLevel.DebugLevel, null, format, arg1, arg2, arg3, arg4);

    public static void Debug<T1, T2, T3, T4>(this ILoggingAdapter log, Exception cause, string format, T1 arg1, T2 arg2, T3 arg3, T4 arg4) =>
        log.Log(LogLevel.DebugLevel, cause, format, arg1, arg2, arg3, arg4);

    public static void Debug<T1, T2, T3, T4, T5>(this ILoggingAdapter log, string format, T1 arg1, T2 arg2, T3 arg3, T4 arg4, T5 arg5) =>
        log.Log(LogLevel.DebugLevel, null, format, arg1, arg2, arg3, arg4, arg5);

    public static void Debug<T1, T2, T3, T4, T5>(this ILoggingAdapter log, Exception cause, string format, T1 arg1, T2 arg2, T3 arg3, T4 arg4, T5 arg5) =>
        log.Log(LogLevel.DebugLevel, cause, format, arg1, arg2, arg3, arg4, arg5);

    public static void Debug<T1, T2, T3, T4, T5, T6>(this ILoggingAdapter log, string format, T1 arg1, T2 arg2, T3 arg3, T4 arg4, T5 arg5, T6 arg6) =>
        log.Log(LogLevel.DebugLevel, null, format, arg1, arg2, arg3, arg4, arg5, arg6);

    public static void Debug<T1, T2, T3, T4, T5, T6>(this ILoggingAdapter log, Exception cause, string format, T1 arg1, T2 arg2, T3 arg3, T4 arg4, T5 arg5, T6 arg6) =>
        log.Log(LogLevel.DebugLevel, cause, format, arg1, arg2, arg3, arg4, arg5, arg6);

    public static void Info(this ILoggingAdapter log, string format)
    {
        if (log.IsInfoEnabled)
            log.Log(LogLevel.InfoLevel, null, format);
    }

    public static void Info(this ILoggingAdapter log, Exception cause, string format)
    {
        if (log.IsInfoEnabled)
            log.Log(LogLevel.InfoLevel, cause, format);
    }

    public static void Info(this ILoggingAdapter log, string format, object[] args) =>
        log.Log(LogLevel.InfoLevel, null, format, args);

    public static void Info(this ILoggingAdapter log, Exception cause, string format, object[] args) =>
        log.Log(LogLevel.InfoLevel, cause, format, args);

    public static void Info<T1>(this ILoggingAdapter log, string format, T1 arg1) =>
        log.Log(LogLevel.InfoLevel, null, format, arg1);

    public static void Info<T1>(this ILoggingAdapter log, Exception cause, string format, T1 arg1) =>
        log.Log(LogLevel.InfoLevel, cause, format, arg1);

    public static void Info<T1, T2>(this ILoggingAdapter log, string format, T1 arg1, T2 arg2) =>
        log.Log(LogLevel.InfoLevel, null, format, arg1, arg2);

    public static void Info<T1, T2>(this ILoggingAdapter log, Exception cause, string format, T1 arg1, T2 arg2) =>
        log.Log(LogLevel.InfoLevel, cause, format, arg1, arg2);

    public static void Info<T1, T2, T3>(this ILoggingAdapter log, string format, T1 arg1, T2 arg2, T3 arg3) =>
        log.Log(LogLevel.InfoLevel, null, format, arg1, arg2, arg3);

    public static void Info<T1, T2, T3>(this ILoggingAdapter log, Exception cause, string format, T1 arg1, T2 arg2, T3 arg3) =>
        log.Log(LogLevel.InfoLevel, cause, format, arg1, arg2, arg3);

    public static void Info<T1, T2, T3, T4>(this ILoggingAdapter log, string format, T1 arg1, T2 arg2, T3 arg3, T4 arg4) =>
        log.Log(LogLevel.InfoLevel, null, format, arg1, arg2, arg3, arg4);

    public static void Info<T1, T2, T3, T4>(this ILoggingAdapter log, Exception cause, string format, T1 arg1, T2 arg2, T3 arg3, T4 arg4) =>
        log.Log(LogLevel.InfoLevel, cause, format, arg1, arg2, arg3, arg4);

    public static void Info<T1, T2, T3, T4, T5>(this ILoggingAdapter log, string format, T1 arg1, T2 arg2, T3 arg3, T4 arg4, T5 arg5) =>
        log.Log(LogLevel.InfoLevel, null, format, arg1, arg2, arg3, arg4, arg5);

    public static void Info<T1, T2, T3, T4, T5>(this ILoggingAdapter log, Exception cause, string format, T1 arg1, T2 arg2, T3 arg3, T4 arg4, T5 arg5) =>
        log.Log(LogLevel.InfoLevel, cause, format, arg1, arg2, arg3, arg4, arg5);

    public static void Info<T1, T2, T3, T4, T5, T6>(this ILoggingAdapter log, string format, T1 arg1, T2 arg2, T3 arg3, T4 arg4, T5 arg5, T6 arg6) =>
        log.Log(LogLevel.InfoLevel, null, format, arg1, arg2, arg3, arg4, arg5, arg6);

    public static void Info<T1, T2, T3, T4, T5, T6>(this ILoggingAdapter log, Exception cause, string format, T1 arg1, T2 arg2, T3 arg3, T4 arg4, T5 arg5, T6 arg6) =>
        log.Log(LogLevel.InfoLevel, cause, format, arg1, arg2, arg3, arg4, arg5, arg6);

    public static void Warning(this ILoggingAdapter log, string format)
    {
        if (log.IsWarningEnabled)
            log.Log(LogLevel.WarningLevel, null, format);
    }

    public static void Warning(this ILoggingAdapter log, Exception cause, string format)
    {
        if (log.IsWarningEnabled)
            log.Log(LogLevel.WarningLevel, cause, format);
    }

    public static void Warning(this ILoggingAdapter log, string format, object[] args) =>
        log.Log(LogLevel.WarningLevel, null, format, args);

    public static void Warning(this ILoggingAdapter log, Exception cause, string format, object[] args) =>
        log.Log(LogLevel.WarningLevel, cause, format, args);

    public static void Warning<T1>(this ILoggingAdapter log, string format, T1 arg1) =>
        log.Log(LogLevel.WarningLevel, null, format, arg1);

    public static void Warning<T1>(this ILoggingAdapter log, Exception cause, string format, T1 arg1) =>
        log.Log(LogLevel.WarningLevel, cause, format, arg1);

    public static void Warning<T1, T2>(this ILoggingAdapter log, string format, T1 arg1, T2 arg2) =>
        log.Log(LogLevel.WarningLevel, null, format, arg1, arg2);

    public static void Warning<T1, T2>(this ILoggingAdapter log, Exception cause, string format, T1 arg1, T2 arg2) =>
        log.Log(LogLevel.WarningLevel, cause, format, arg1, arg2);

    public static void Warning<T1, T2, T3>(this ILoggingAdapter log, string format, T1 arg1, T2 arg2, T3 arg3) =>
        log.Log(LogLevel.WarningLevel, null, format, arg1, arg2, arg3);

    public static void Warning<T1, T2, T3>(this ILoggingAdapter log, Exception cause, string format, T1 arg1, T2 arg2, T3 arg3) =>
        log.Log(LogLevel.WarningLevel, cause, format, arg1, arg2, arg3);

    public static void Warning<T1, T2, T3, T4>(this ILoggingAdapter log, string format, T1 arg1, T2 arg2, T3 arg3, T4 arg4) =>
        log.Log(LogLevel.WarningLevel, null, format, arg1, arg2, arg3, arg4);

    public static void Warning<T1, T2, T3, T4>(this ILoggingAdapter log, Exception cause, string format, T1 arg1, T2 arg2, T3 arg3, T4 arg4) =>
        log.Log(LogLevel.WarningLevel, cause, format, arg1, arg2, arg3, arg4);

    public static void Warning<T1, T2, T3, T4, T5>(this ILoggingAdapter log, string format, T1 arg1, T2 arg2, T3 arg3, T4 arg4, T5 arg5) =>
        log.Log(LogLevel.WarningLevel, null, format, arg1, arg2, arg3, arg4, arg5);

    public static void Warning<T1, T2, T3, T4, T5>(this ILoggingAdapter log, Exception cause, string format, T1 arg1, T2 arg2, T3 arg3, T4 arg4, T5 arg5) =>
        log.Log(LogLevel.WarningLevel, cause, format, arg1, arg2, arg3, arg4, arg5);

    public static void Warning<T1, T2, T3, T4, T5, T6>(this ILoggingAdapter log, string format, T1 arg1, T2 arg2, T3 arg3, T4 arg4, T5 arg5, T6 arg6) =>
        log.Log(LogLevel.WarningLevel, null, format, arg1, arg2, arg3, arg4, arg5, arg6);

    public static void Warning<T1, T2, T3, T4, T5, T6>(this ILoggingAdapter log, Exception cause, string format, T1 arg1, T2 arg2, T3 arg3, T4 arg4, T5 arg5, T6 arg6) =>
        log.Log(LogLevel.WarningLevel, cause, format, arg1, arg2, arg3, arg4, arg5, arg6);

    public static void Error(this ILoggingAdapter log, string format)
    {
        if (log.IsErrorEnabled)
            log.Log(LogLevel.ErrorLevel, null, format);
    }

    public static void Error(this ILoggingAdapter log, Exception cause, string format)
    {
        if (log.IsErrorEnabled)
            log.Log(LogLevel.ErrorLevel, cause, format);
    }

    public static void Error(this ILoggingAdapter log, string format, object[] args) =>
        log.Log(LogLevel.ErrorLevel, null, format, args);

    public static void Error(this ILoggingAdapter log, Exception cause, string format, object[] args) =>
        log.Log(LogLevel.ErrorLevel, cause, format, args);

    public static void Error<T1>(this ILoggingAdapter log, string format, T1 arg1) =>
        log.Log(LogLevel.ErrorLevel, null, format, arg1);

    public static void Error<T1>(this ILoggingAdapter log, Exception cause, string format, T1 arg1) =>
        log.Log(LogLevel.ErrorLevel, cause, format, arg1);

    public static void Error<T1, T2>(this ILoggingAdapter log, string format, T1 arg1, T2 arg2) =>
        log.Log(LogLevel.ErrorLevel, null, format, arg1, arg2);

    public static void Error<T1, T2>(this ILoggingAdapter log, Exception cause, string format, T1 arg1, T2 arg2) =>
        log.Log(LogLevel.ErrorLevel, cause, format, arg1, arg2);

    public static void Error<T1, T2, T3>(this ILoggingAdapter log, string format, T1 arg1, T2 arg2, T3 arg3) =>
        log.Log(LogLevel.ErrorLevel, null, format, arg1, arg2, arg3);

    public static void Error<T1, T2, T3>(this ILoggingAdapter log, Exception cause, string format, T1 arg1, T2 arg2, T3 arg3) =>
        log.Log(LogLevel.ErrorLevel, cause, format, arg1, arg2, arg3);

    public static void Error<T1, T2, T3, T4>(this ILoggingAdapter log, string format, T1 arg1, T2 arg2, T3 arg3, T4 arg4) =>
        log.Log(LogLevel.ErrorLevel, null, format, arg1, arg2, arg3, arg4);

    public static void Error<T1, T2, T3, T4>(this ILoggingAdapter log, Exception cause, string format, T1 arg1, T2 arg2, T3 arg3, T4 arg4) =>
        log.Log(LogLevel.ErrorLevel, cause, format, arg1, arg2, arg3, arg4);

    public static void Error<T1, T2, T3, T4, T5>(this ILoggingAdapter log, string format, T1 arg1, T2 arg2, T3 arg3, T4 arg4, T5 arg5) =>
        log.Log(LogLevel.ErrorLevel, null, format, arg1, arg2, arg3, arg4, arg5);

    public static void Error<T1, T2, T3, T4, T5>(this ILoggingAdapter log, Exception cause, string format, T1 arg1, T2 arg2, T3 arg3, T4 arg4, T5 arg5) =>
        log.Log(LogLevel.ErrorLevel, cause, format, arg1, arg2, arg3, arg4, arg5);

    public static void Error<T1, T2, T3, T4, T5, T6>(this ILoggingAdapter log, string format, T1 arg1, T2 arg2, T3 arg3, T4 arg4, T5 arg5, T6 arg6) =>
        log.Log(LogLevel.ErrorLevel, null, format, arg1, arg2, arg3, arg4, arg5, arg6);

    public static void Error<T1, T2, T3, T4, T5, T6>(this ILoggingAdapter log, Exception cause, string format, T1 arg1, T2 arg2, T3 arg3, T4 arg4, T5 arg5, T6 arg6) =>
        log.Log(LogLevel.ErrorLevel, cause, format, arg1, arg2, arg3, arg4, arg5, arg6);
}
