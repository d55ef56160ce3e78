using System.Globalization;

namespace ActorKube.Hosting;

/// <summary>
/// Who keeps what API servers are told of webhooks: an annotation on it. Replicas of different images (while one takes over from another, forwards or backwards) tell different things, and of those that
/// live the one that started last is right.
/// </summary>
/// <param name="Started">When the process began to keep it.</param>
/// <param name="By">Who it is, unlike any other.</param>
readonly record struct WebhookClaim(DateTimeOffset Started, string By)
{
    /// <summary>The annotation.</summary>
    public const string Annotation = "webhooks.actorkube.dev/kept-by";

    /// <summary>Whether this one gives way to another: that started later, or, at the same moment, has the greater name.</summary>
    public bool GivesWayTo(WebhookClaim other) => Started != other.Started ? Started < other.Started : string.CompareOrdinal(By, other.By) < 0;

    /// <summary>The annotation's value.</summary>
    public override string ToString() => $"{Started.ToUniversalTime().ToString("yyyy-MM-ddTHH:mm:ss.fffffffZ", CultureInfo.InvariantCulture)} {By}";

    /// <summary>Reads the annotation's value; null for what is none, so that it is nobody's.</summary>
    public static WebhookClaim? Parse(string? text) =>
        text?.Split(' ', 2) is [var started, { Length: > 0 } by] && DateTimeOffset.TryParseExact(started, "yyyy-MM-ddTHH:mm:ss.fffffffZ", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)
            ? new WebhookClaim(time, by)
            : null;
}
