using Akka.TestKit.Xunit2.Internals;

namespace Akka.TestKit.Xunit2;

/// <summary>Failures as xunit's.</summary>
public class XunitAssertions : ITestKitAssertions
{
    /// <inheritdoc />
    public void Fail(string format = "", params object[] args) => Xunit.Assert.Fail(AkkaEqualException.Format(format, args));

    /// <inheritdoc />
    public void AssertTrue(bool condition, string format = "", params object[] args)
    {
        if (!condition)
            Xunit.Assert.Fail(AkkaEqualException.Format(format, args));
    }

    /// <inheritdoc />
    public void AssertFalse(bool condition, string format = "", params object[] args) => AssertTrue(!condition, format, args);

    /// <inheritdoc />
    public void AssertEqual<T>(T expected, T actual, string format = "", params object[] args)
    {
        try
        {
            // xunit compares the contents of collections, which records and arrays in messages need.
            Xunit.Assert.Equal(expected, actual);
        }
        catch (Xunit.Sdk.XunitException)
        {
            throw AkkaEqualException.ForMismatchedValues(expected, actual, format, args);
        }
    }

    /// <inheritdoc />
    public void AssertEqual<T>(T expected, T actual, Func<T, T, bool> comparer, string format = "", params object[] args)
    {
        if (!comparer(expected, actual))
            throw AkkaEqualException.ForMismatchedValues(expected, actual, format, args);
    }
}
