using System.Globalization;

namespace Akka.TestKit.Xunit2.Internals;

/// <summary>Two values that a test expects to be equal are not.</summary>
public class AkkaEqualException : Xunit.Sdk.XunitException
{
    readonly string _message;

    /// <param name="format">What is wrong, as for <see cref="string.Format(string, object[])"/>.</param>
    /// <param name="args">What the format names.</param>
    public AkkaEqualException(string format = "", params object[] args)
        : base(null) => _message = Format(format, args);

    /// <inheritdoc />
    public override string Message => _message;

    /// <summary>Shows both values below a text of one's own.</summary>
    public static AkkaEqualException ForMismatchedValues(object? expected, object? actual, string? format = null, params object[] args)
    {
        var why = format is null ? "" : Format(format, args).Trim();
        return new AkkaEqualException("{0}", $"""
            {(why.Length == 0 ? "The values differ." : why)}
            Expected: {Show(expected)}
            Actual:   {Show(actual)}
            """);
    }

    // A text without arguments is taken as it is: it may hold braces that format nothing.
    internal static string Format(string format, object[]? args) =>
        args is null or [] ? format : string.Format(CultureInfo.InvariantCulture, format, args);

    static string Show(object? value) => value is null ? "null" : $"{value} ({value.GetType()})";
}
