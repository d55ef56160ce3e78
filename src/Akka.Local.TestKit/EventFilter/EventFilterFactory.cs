using System.Text.RegularExpressions;
using Akka.Actor;
using Akka.Event;
using Akka.TestKit.Internal;

namespace Akka.TestKit;

/// <summary>
/// Names log events of a system, for <see cref="IEventFilterApplier"/> to expect or to mute. A filter names an event by its level and, where they
/// are given, its message (equal, else start, else contained; case has no say) and its source (an actor's path with or without the address).
/// The system must log with <see cref="TestEventListener"/>, as <see cref="TestKitBase.DefaultConfig"/> makes it do.
/// </summary>
public class EventFilterFactory
{
    readonly TestKitBase _testKit;
    readonly ActorSystem _system;
    readonly LogEventFilter[] _filters;

    /// <param name="testkit">The test's kit, whose system is meant.</param>
    public EventFilterFactory(TestKitBase testkit)
        : this(testkit, testkit.Sys, [])
    {
    }

    /// <param name="testkit">The test's kit.</param>
    /// <param name="system">The system that is meant.</param>
    public EventFilterFactory(TestKitBase testkit, ActorSystem system)
        : this(testkit, system, [])
    {
    }

    internal EventFilterFactory(TestKitBase testKit, ActorSystem system, LogEventFilter[] filters)
    {
        _testKit = testKit;
        _system = system;
        _filters = filters;
    }

    /// <summary>Errors with a cause of a type; the message may be the error's or the cause's.</summary>
    public IEventFilterApplier Exception<TException>(Regex pattern, string? source = null)
        where TException : Exception => Exception(typeof(TException), pattern, source);

    /// <inheritdoc cref="Exception{TException}(Regex, string)" />
    public IEventFilterApplier Exception(Type exceptionType, Regex pattern, string? source = null, bool checkInnerExceptions = false) =>
        Errors(exceptionType, TextMatch.Of(pattern), source, checkInnerExceptions);

    /// <inheritdoc cref="Exception{TException}(Regex, string)" />
    public IEventFilterApplier Exception<TException>(string? message = null, string? start = null, string? contains = null, string? source = null)
        where TException : Exception => Exception(typeof(TException), message, start, contains, source);

    /// <inheritdoc cref="Exception{TException}(Regex, string)" />
    public IEventFilterApplier Exception(
        Type exceptionType,
        string? message = null,
        string? start = null,
        string? contains = null,
        string? source = null,
        bool checkInnerExceptions = false) =>
        Errors(exceptionType, TextMatch.Of(message, start, contains), source, checkInnerExceptions);

    /// <summary>Errors.</summary>
    public IEventFilterApplier Error(string? message = null, string? start = null, string? contains = null, string? source = null) =>
        Errors(null, TextMatch.Of(message, start, contains), source, checkInnerExceptions: false);

    /// <summary>Errors.</summary>
    public IEventFilterApplier Error(Regex pattern, string? source = null) =>
        Errors(null, TextMatch.Of(pattern), source, checkInnerExceptions: false);

    /// <summary>Warnings.</summary>
    public IEventFilterApplier Warning(string? message = null, string? start = null, string? contains = null, string? source = null) =>
        OfLevel<Warning>("warnings", TextMatch.Of(message, start, contains), source);

    /// <summary>Warnings.</summary>
    public IEventFilterApplier Warning(Regex pattern, string? source = null) => OfLevel<Warning>("warnings", TextMatch.Of(pattern), source);

    /// <summary>Information.</summary>
    public IEventFilterApplier Info(string? message = null, string? start = null, string? contains = null, string? source = null) =>
        OfLevel<Info>("information", TextMatch.Of(message, start, contains), source);

    /// <summary>Information.</summary>
    public IEventFilterApplier Info(Regex pattern, string? source = null) => OfLevel<Info>("information", TextMatch.Of(pattern), source);

    /// <summary>Debug events.</summary>
    public IEventFilterApplier Debug(string? message = null, string? start = null, string? contains = null, string? source = null) =>
        OfLevel<Debug>("debug events", TextMatch.Of(message, start, contains), source);

    /// <summary>Debug events.</summary>
    public IEventFilterApplier Debug(Regex pattern, string? source = null) => OfLevel<Debug>("debug events", TextMatch.Of(pattern), source);

    /// <summary>Events of a level.</summary>
    public IEventFilterApplier ForLogLevel(
        LogLevel logLevel,
        string? message = null,
        string? start = null,
        string? contains = null,
        string? source = null) => logLevel switch
    {
        LogLevel.DebugLevel => Debug(message, start, contains, source),
        LogLevel.InfoLevel => Info(message, start, contains, source),
        LogLevel.WarningLevel => Warning(message, start, contains, source),
        LogLevel.ErrorLevel => Error(message, start, contains, source),
        _ => throw UnknownLevel(logLevel),
    };

    /// <summary>Events of a level.</summary>
    public IEventFilterApplier ForLogLevel(LogLevel logLevel, Regex pattern, string? source = null) => logLevel switch
    {
        LogLevel.DebugLevel => Debug(pattern, source),
        LogLevel.InfoLevel => Info(pattern, source),
        LogLevel.WarningLevel => Warning(pattern, source),
        LogLevel.ErrorLevel => Error(pattern, source),
        _ => throw UnknownLevel(logLevel),
    };

    /// <summary>Events that a predicate names.</summary>
    public IEventFilterApplier Custom(Predicate<LogEvent> predicate) => Apply(new LogEventFilter("events of a custom filter", predicate));

    /// <summary>Events of a type that a predicate names.</summary>
    public IEventFilterApplier Custom<TLogEvent>(Predicate<TLogEvent> predicate)
        where TLogEvent : LogEvent => Custom(logEvent => logEvent is TLogEvent typed && predicate(typed));

    /// <summary>Dead letters; their source is whom they were sent to.</summary>
    public IEventFilterApplier DeadLetter() => DeadLetters(_ => true, null);

    /// <summary>Dead letters of a type; their source is whom they were sent to.</summary>
    public IEventFilterApplier DeadLetter<TMessage>(string? source = null) => DeadLetters(message => message is TMessage, source);

    /// <summary>Dead letters of a type that a predicate names; their source is whom they were sent to.</summary>
    public IEventFilterApplier DeadLetter<TMessage>(Func<TMessage, bool> isMatch, string? source = null) =>
        DeadLetters(message => message is TMessage typed && isMatch(typed), source);

    /// <inheritdoc cref="DeadLetter{TMessage}(string)" />
    public IEventFilterApplier DeadLetter(Type type, string? source = null) => DeadLetters(type.IsInstanceOfType, source);

    /// <inheritdoc cref="DeadLetter{TMessage}(Func{TMessage, bool}, string)" />
    public IEventFilterApplier DeadLetter(Type type, Func<object, bool> isMatch, string? source = null) =>
        DeadLetters(message => type.IsInstanceOfType(message) && isMatch(message), source);

    static ArgumentOutOfRangeException UnknownLevel(LogLevel logLevel) =>
        new(nameof(logLevel), logLevel, "Events are of level debug, info, warning or error.");

    static string Text(object? message) => message?.ToString() ?? "null";

    static bool IsError(Type? exceptionType, TextMatch text, object? message, Exception? cause, bool checkInner)
    {
        if (cause is null)
            return exceptionType is null && text.Matches(Text(message));

        var isType = exceptionType is null || exceptionType.IsInstanceOfType(cause);
        if (isType && (text.Matches(Text(message)) || text.Matches(cause.Message)))
            return true;
        return checkInner && cause.InnerException is { } inner && IsError(exceptionType, text, message, inner, checkInner);
    }

    IEventFilterApplier Errors(Type? exceptionType, TextMatch text, string? source, bool checkInnerExceptions)
    {
        if (exceptionType is not null && !typeof(Exception).IsAssignableFrom(exceptionType))
            throw new ArgumentException($"{exceptionType} is no exception.", nameof(exceptionType));

        var from = TextMatch.OfSource(source);
        var what = exceptionType is null ? "errors" : $"errors caused by {exceptionType.Name}";
        return Apply(new LogEventFilter(what + text.Description + from.Description, logEvent => logEvent is Error error
            && from.Matches(error.LogSource)
            && IsError(exceptionType, text, error.Message, error.Cause, checkInnerExceptions)));
    }

    IEventFilterApplier OfLevel<TEvent>(string what, TextMatch text, string? source)
        where TEvent : LogEvent
    {
        var from = TextMatch.OfSource(source);
        return Apply(new LogEventFilter(
            what + text.Description + from.Description,
            logEvent => logEvent is TEvent && from.Matches(logEvent.LogSource) && text.Matches(Text(logEvent.Message))));
    }

    IEventFilterApplier DeadLetters(Predicate<object> isMatch, string? source)
    {
        var from = TextMatch.OfSource(source);
        return Apply(new LogEventFilter(
            "dead letters" + from.Description,
            logEvent => logEvent is Warning { Message: DeadLetter letter } && from.Matches(logEvent.LogSource) && isMatch(letter.Message)));
    }

    EventFilterApplier Apply(LogEventFilter filter) => new(_testKit, _system, [.. _filters, filter]);
}
