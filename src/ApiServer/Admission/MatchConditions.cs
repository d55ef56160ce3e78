using System.Text.Json.Nodes;

namespace ActorKube.ApiServer;

/// <summary>
/// CEL conditions under which something is asked at all: all of them must hold. One that is false settles it whatever the others do; an error
/// counts only where none is false. Immutable; thread-safe.
/// </summary>
internal sealed class MatchConditions
{
    private readonly (string Expression, CelCompiled Compiled)[] _conditions;

    public MatchConditions(JsonArray? conditions, CelEnvironment environment) =>
        _conditions = [.. conditions.Objects().Select(c => c.Text("expression") ?? "").Select(e => (e, environment.Compile(e)))];

    public bool Any => _conditions.Length > 0;

    /// <summary>Whether all conditions hold; what went wrong where none is false but one cannot be evaluated.</summary>
    public (bool Hold, string? Failure) Evaluate(Func<IReadOnlyDictionary<string, object?>> variables)
    {
        if (_conditions.Length == 0)
        {
            return (true, null);
        }
        var values = variables();
        var failures = new List<string>();
        foreach (var (expression, compiled) in _conditions)
        {
            try
            {
                if (compiled.Node is null)
                {
                    failures.Add($"compilation error: compilation failed: {compiled.Failure}");
                }
                else if (!CelEvaluator.Truth(new CelEvaluator(values).Evaluate(compiled.Node)))
                {
                    return (false, null);
                }
            }
            catch (CelException wrong)
            {
                failures.Add($"expression '{expression}' resulted in error: {wrong.Message}");
            }
        }
        var told = failures.Distinct().ToList();
        return (told.Count == 0, told.Count switch { 0 => null, 1 => told[0], _ => $"[{string.Join(", ", told)}]" });
    }
}
