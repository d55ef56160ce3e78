#nullable disable
using System.Text.RegularExpressions;
using Akka.Actor.Setup;

namespace Akka.Event;

/// <summary>What a filter looks at.</summary>
public enum LogFilterType
{
    Source,
    Content,
}

/// <summary>What a filter says.</summary>
public enum LogFilterDecision
{
    Keep,
    Drop,
    NoDecision,
}

/// <summary>Decides whether a log event is kept.</summary>
public abstract class LogFilterBase
{
    protected LogFilterBase() { }

    public abstract LogFilterType FilterType { get; }

    /// <param name="content">The event.</param>
    /// <param name="expandedMessage">Its text, where a filter before this one has made it.</param>
    public abstract LogFilterDecision ShouldKeepMessage(LogEvent content, string expandedMessage = null);
}

/// <summary>Drops the events of sources that match.</summary>
public sealed class RegexLogSourceFilter(Regex sourceRegex) : LogFilterBase
{
    public override LogFilterType FilterType => LogFilterType.Source;

    public override LogFilterDecision ShouldKeepMessage(LogEvent content, string expandedMessage = null) =>
        sourceRegex.IsMatch(content.LogSource) ? LogFilterDecision.Drop : LogFilterDecision.Keep;
}

/// <summary>Drops the events of one source.</summary>
public sealed class ExactMatchLogSourceFilter(string source, StringComparison comparison = StringComparison.OrdinalIgnoreCase) : LogFilterBase
{
    public override LogFilterType FilterType => LogFilterType.Source;

    public override LogFilterDecision ShouldKeepMessage(LogEvent content, string expandedMessage = null) =>
        string.Equals(content.LogSource, source, comparison) ? LogFilterDecision.Drop : LogFilterDecision.Keep;
}

/// <summary>Drops the events whose text matches.</summary>
public sealed class RegexLogMessageFilter(Regex messageRegex) : LogFilterBase
{
    public override LogFilterType FilterType => LogFilterType.Content;

    public override LogFilterDecision ShouldKeepMessage(LogEvent content, string expandedMessage = null) =>
        messageRegex.IsMatch(expandedMessage ?? content.Message?.ToString() ?? "") ? LogFilterDecision.Drop : LogFilterDecision.Keep;
}

/// <summary>A system's filters together.</summary>
public class LogFilterEvaluator
{
    public static readonly LogFilterEvaluator NoFilters = new([]);

    private readonly LogFilterBase[] _filters;

    public LogFilterEvaluator(LogFilterBase[] filters)
    {
        // Sources first: they need no text.
        _filters = [.. filters.OrderBy(f => f.FilterType)];
        EvaluatesLogSourcesOnly = filters.All(f => f.FilterType == LogFilterType.Source);
    }

    public bool EvaluatesLogSourcesOnly { get; }

    /// <summary>Whether no filter drops the event.</summary>
    public virtual bool ShouldTryKeepMessage(LogEvent evt, out string expandedLogMessage)
    {
        expandedLogMessage = null;
        foreach (var filter in _filters)
        {
            if (filter.FilterType == LogFilterType.Content)
                expandedLogMessage ??= evt.Message?.ToString() ?? "";
            if (filter.ShouldKeepMessage(evt, expandedLogMessage) == LogFilterDecision.Drop)
                return false;
        }

        return true;
    }
}

/// <summary>Gives a system its filters.</summary>
public sealed class LogFilterSetup(LogFilterBase[] filters) : Setup
{
    public LogFilterBase[] Filters { get; } = filters;

    public LogFilterEvaluator CreateEvaluator() => new(Filters);
}

/// <summary>Collects filters.</summary>
public sealed class LogFilterBuilder
{
    private readonly List<LogFilterBase> _filters = [];

    public LogFilterBuilder Add(LogFilterBase filter)
    {
        _filters.Add(filter);
        return this;
    }

    public LogFilterBuilder AddRange(IEnumerable<LogFilterBase> filters)
    {
        _filters.AddRange(filters);
        return this;
    }

    public LogFilterBuilder ExcludeSourceExactly(string source, StringComparison comparison = StringComparison.OrdinalIgnoreCase) =>
        Add(new ExactMatchLogSourceFilter(source, comparison));

    public LogFilterBuilder ExcludeSourceStartingWith(string sourceStart) => ExcludeSourceRegex(new Regex("^" + Regex.Escape(sourceStart)));

    public LogFilterBuilder ExcludeSourceContaining(string sourcePart) => ExcludeSourceRegex(new Regex(Regex.Escape(sourcePart)));

    public LogFilterBuilder ExcludeSourceEndingWith(string sourceEnd) => ExcludeSourceRegex(new Regex(Regex.Escape(sourceEnd) + "$"));

    public LogFilterBuilder ExcludeSourceRegex(Regex regex) => Add(new RegexLogSourceFilter(regex));

    public LogFilterBuilder ExcludeMessageContaining(string messagePart) => ExcludeMessageRegex(new Regex(Regex.Escape(messagePart)));

    public LogFilterBuilder ExcludeMessageRegex(Regex regex) => Add(new RegexLogMessageFilter(regex));

    public LogFilterSetup Build() => new([.. _filters]);
}
