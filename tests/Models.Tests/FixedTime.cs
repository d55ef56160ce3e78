namespace Models.Tests;

/// <summary>A clock that stands still until it is set.</summary>
sealed class FixedTime : TimeProvider
{
    public DateTimeOffset Now { get; set; } = new(2025, 1, 2, 3, 4, 5, TimeSpan.Zero);

    public override DateTimeOffset GetUtcNow() => Now;
}
