using System.Globalization;

namespace ActorKube.Kubelet;

/// <summary>Reads times such as <c>200ms</c>, <c>5s</c>, <c>2m</c>, <c>1h</c>, <c>3</c> (seconds).</summary>
internal static class SimulatorDurations
{
    private static readonly (string Unit, double Milliseconds)[] Units = [("ms", 1), ("s", 1000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000)];

    /// <summary>The time; null where the text is none.</summary>
    public static TimeSpan? Read(string? text)
    {
        if (string.IsNullOrEmpty(text))
        {
            return null;
        }
        var (unit, milliseconds) = Units.FirstOrDefault(u => text.EndsWith(u.Unit, StringComparison.Ordinal), ("", 1000));
        return double.TryParse(text.AsSpan(0, text.Length - unit.Length), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var amount) && amount * milliseconds < int.MaxValue
            ? TimeSpan.FromMilliseconds(amount * milliseconds) : null;
    }
}
