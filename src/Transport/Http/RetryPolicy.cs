using System.Net;

namespace ActorKube.Transport;

/// <summary>
/// Whether a request that failed is sent again, and when. Two cases are safe: the server asks for it (429 or 5xx with <c>Retry-After</c>: it did not act), and
/// a read whose connection broke. Everything else is the caller's to decide. Pure.
/// </summary>
internal static class RetryPolicy
{
    /// <summary>A longer wish of the server goes to the caller, who may have better things to do.</summary>
    public static readonly TimeSpan MaxDelay = TimeSpan.FromSeconds(60);
    static readonly TimeSpan FirstDelay = TimeSpan.FromMilliseconds(50), LastDelay = TimeSpan.FromSeconds(5);

    /// <returns>How long to wait before the next try; null for none.</returns>
    public static TimeSpan? AfterAnswer(HttpResponseMessage answer, int tries, int maxRetries, TimeProvider time)
    {
        if (tries > maxRetries || answer.StatusCode != HttpStatusCode.TooManyRequests && (int)answer.StatusCode < 500) return null;
        return RetryAfter(answer, time) is { } delay && delay <= MaxDelay ? delay : null;
    }

    /// <returns>How long to wait before the next try; null for none.</returns>
    public static TimeSpan? AfterFailure(Exception failure, bool isRead, int tries, int maxRetries)
    {
        if (!isRead || tries > maxRetries || !IsBrokenConnection(failure)) return null;
        var delay = FirstDelay * Math.Pow(2, Math.Min(tries - 1, 10));
        return delay < LastDelay ? delay : LastDelay;
    }

    /// <summary>What the header says, if it says anything sensible. Not below zero.</summary>
    public static TimeSpan? RetryAfter(HttpResponseMessage answer, TimeProvider time) => answer.Headers.RetryAfter switch
    {
        { Delta: { } delta } => delta > TimeSpan.Zero ? delta : TimeSpan.Zero,
        { Date: { } date } => date > time.GetUtcNow() ? date - time.GetUtcNow() : TimeSpan.Zero,
        _ => null
    };

    /// <summary>A connection that was there and broke. One that could not be made is not tried again here: the reasons for that rarely pass in a second.</summary>
    static bool IsBrokenConnection(Exception failure) => failure switch
    {
        HttpIOException { HttpRequestError: HttpRequestError.ResponseEnded or HttpRequestError.HttpProtocolError } => true,
        HttpRequestException { HttpRequestError: HttpRequestError.ResponseEnded or HttpRequestError.HttpProtocolError } => true,
        HttpRequestException { HttpRequestError: HttpRequestError.Unknown, InnerException: IOException } => true,
        HttpRequestException => false,
        IOException => true,
        _ => false
    };
}
