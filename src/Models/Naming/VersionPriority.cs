using System.Globalization;

namespace ActorKube.Models;

/// <summary>
/// Orders versions as Kubernetes prefers them: stable before beta before alpha, higher numbers first (<c>v2, v1, v1beta2, v1beta1, v1alpha1</c>), then
/// whatever has another form, by name.
/// </summary>
/// <remarks>As <c>k8s.io/apimachinery/pkg/version/helpers.go</c>; described under "Version priority" for custom resource definitions.</remarks>
/// <example><code>string[] versions = [.. names.Order(VersionPriority.Instance)];   // v2, v1, v1beta1</code></example>
public sealed class VersionPriority : IComparer<string>
{
    VersionPriority()
    {
    }

    /// <summary>The order.</summary>
    public static VersionPriority Instance { get; } = new();

    /// <inheritdoc/>
    public int Compare(string? x, string? y)
    {
        var (mine, theirs) = (Read(x), Read(y));
        return mine == theirs ? string.CompareOrdinal(x, y) : theirs.CompareTo(mine);
    }

    // Stability, major and minor number; larger is better.
    static (int Stability, int Major, int Minor) Read(string? version)
    {
        if (version is not ['v', .. var rest]) return default;
        var digits = rest.AsSpan().IndexOfAnyExceptInRange('0', '9');
        if (!TryNumber(digits < 0 ? rest : rest[..digits], out var major)) return default;
        if (digits < 0) return (3, major, 0);
        var stage = rest[digits..];
        var (stability, number) = stage.StartsWith("beta", StringComparison.Ordinal) ? (2, stage[4..]) : stage.StartsWith("alpha", StringComparison.Ordinal) ? (1, stage[5..]) : (0, "");
        if (stability == 0) return default;
        return number.Length == 0 ? (stability, major, 0) : TryNumber(number, out var minor) ? (stability, major, minor) : default;
    }

    static bool TryNumber(string text, out int number) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
}
