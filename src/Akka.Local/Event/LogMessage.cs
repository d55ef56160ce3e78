#nullable disable
using System.Globalization;
using System.Text;

namespace Akka.Event;

/// <summary>Puts arguments into a format.</summary>
public interface ILogMessageFormatter
{
    string Format(string format, params object[] args);

    string Format(string format, IEnumerable<object> args);
}

/// <summary>Formats as <see cref="string.Format(string,object[])"/> does. Named holes (<c>{Pod}</c>) take the arguments in order.</summary>
public class DefaultLogMessageFormatter : ILogMessageFormatter
{
    public static readonly DefaultLogMessageFormatter Instance = new();

    private DefaultLogMessageFormatter() { }

    public string Format(string format, params object[] args)
    {
        if (args is not { Length: > 0 })
            return format;
        return HasNamedHoles(format) ? FormatNamed(format, args) : string.Format(CultureInfo.InvariantCulture, format, args);
    }

    public string Format(string format, IEnumerable<object> args) => Format(format, args.ToArray());

    private static bool HasNamedHoles(string format)
    {
        for (var i = format.IndexOf('{'); i >= 0 && i + 1 < format.Length; i = format.IndexOf('{', i))
        {
            var next = format[i + 1];
            if (next != '{' && !char.IsAsciiDigit(next))
                return true;
            i += 2;
            if (i >= format.Length)
                break;
        }

        return false;
    }

    private static string FormatNamed(string format, object[] args)
    {
        var text = new StringBuilder();
        var argument = 0;
        var i = 0;
        while (i < format.Length)
        {
            var c = format[i];
            if (c is '{' or '}' && i + 1 < format.Length && format[i + 1] == c)
            {
                text.Append(c);
                i += 2;
                continue;
            }

            var close = c == '{' ? format.IndexOf('}', i) : -1;
            if (close < 0)
            {
                text.Append(c);
                i++;
                continue;
            }

            var hole = format[(i + 1)..close];
            var shape = hole.AsSpan().IndexOfAny(',', ':') is >= 0 and var at ? hole[at..] : "";
            text.Append(argument < args.Length ? string.Format(CultureInfo.InvariantCulture, "{0" + shape + "}", args[argument]) : "{" + hole + "}");
            argument++;
            i = close + 1;
        }

        return text.ToString();
    }
}

/// <summary>A format and its arguments; the text is made only where somebody reads it.</summary>
public abstract class LogMessage
{
    protected readonly ILogMessageFormatter Formatter;

    public LogMessage(ILogMessageFormatter formatter, string format)
    {
        Formatter = formatter;
        Format = format;
    }

    public string Format { get; private set; }

    /// <summary>The format with its arguments beside it.</summary>
    public abstract string Unformatted();

    public abstract IEnumerable<object> Parameters();
}

internal sealed class LogMessage<T>(ILogMessageFormatter formatter, string format, T arguments) : LogMessage(formatter, format)
    where T : IReadOnlyList<object>
{
    public override string Unformatted() => $"{Format} - [{string.Join(", ", arguments)}]";

    public override IEnumerable<object> Parameters() => arguments;

    public override string ToString() => Formatter.Format(Format, (IEnumerable<object>)arguments);
}
