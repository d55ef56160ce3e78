using System.Text.Json.Nodes;

namespace ActorKube.ApiServer;

/// <summary>
/// CEL conditions under which something is asked at all: all of them must hold. One that is false settles it whatever the others do; an error
/// counts only where none is false.
/// </summary>
internal sealed class MatchConditions
{
    private readonly (string Name, CelNode? Node, string? Failure)[] _conditions;

    public MatchConditions(JsonArray? conditions) => _conditions =
    [
        .. conditions.Objects().Select(c =>
        {
            var (node, failure) = CelRules.Compile(c.Text("expression") ?? "");
            return (c.Text("name") ?? "", node, failure);
        }),
    ];

    /// <summary>Whether all conditions hold; what went wrong where none is false but one cannot be evaluated.</summary>
    public (bool Hold, string? Failure) Evaluate(Func<IReadOnlyDictionary<string, object?>> variables)
    {
        if (_conditions.Length == 0)
        {
            return (true, null);
        }
        var values = variables();
        string? failure = null;
        foreach (var (name, node, problem) in _conditions)
        {
            try
            {
                if (node is null)
                {
                    throw new CelException($"compilation failed: {problem}");
                }
                if (!CelEvaluator.Truth(new CelEvaluator(values).Evaluate(node)))
                {
                    return (false, null);
                }
            }
            catch (CelException wrong)
            {
                failure ??= $"expression '{name}' resulted in error: {wrong.Message}";
            }
        }
        return (failure is null, failure);
    }
}
