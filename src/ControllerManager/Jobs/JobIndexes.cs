using System.Globalization;
using k8s.Models;

namespace ActorKube.ControllerManager;

/// <summary>The indexes of an indexed job's pods, and sets of them as <c>0-2,5</c>.</summary>
internal static class JobIndexes
{
    public const string Annotation = "batch.kubernetes.io/job-completion-index";
    public const string Failures = "batch.kubernetes.io/job-index-failure-count";

    public static int? IndexOf(V1Pod pod) => Number(pod, Annotation);

    /// <summary>How many pods of its index had failed when a pod was made.</summary>
    public static int FailuresBefore(V1Pod pod) => Number(pod, Failures) ?? 0;

    private static int? Number(V1Pod pod, string annotation) =>
        pod.Metadata.Annotations?.TryGetValue(annotation, out var text) == true && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    /// <summary>What <c>0-2,5</c> says, as far as it lies below a bound.</summary>
    public static SortedSet<int> Parse(string? ranges, int below)
    {
        var indexes = new SortedSet<int>();
        foreach (var part in (ranges ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            var ends = part.Split('-');
            if (int.TryParse(ends[0], NumberStyles.None, CultureInfo.InvariantCulture, out var first) && int.TryParse(ends[^1], NumberStyles.None, CultureInfo.InvariantCulture, out var last))
            {
                for (var i = first; i <= last && i < below; i++)
                {
                    indexes.Add(i);
                }
            }
        }
        return indexes;
    }

    /// <summary>Ordered numbers as <c>0-2,5</c>.</summary>
    public static string Ranges(IReadOnlyCollection<int> ordered)
    {
        var numbers = ordered.ToList();
        var parts = new List<string>();
        for (var i = 0; i < numbers.Count;)
        {
            var end = i;
            while (end + 1 < numbers.Count && numbers[end + 1] == numbers[end] + 1)
            {
                end++;
            }
            parts.Add((end - i) switch { 0 => $"{numbers[i]}", 1 => $"{numbers[i]},{numbers[end]}", _ => $"{numbers[i]}-{numbers[end]}" });
            i = end + 1;
        }
        return string.Join(',', parts);
    }
}
