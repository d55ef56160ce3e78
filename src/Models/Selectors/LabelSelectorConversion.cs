using k8s.Models;

namespace ActorKube.Models;

/// <summary>Label selectors as objects carry them, turned into those that match: apimachinery's <c>metav1.LabelSelectorAsSelector</c>.</summary>
static class LabelSelectorConversion
{
    public static LabelSelector Convert(V1LabelSelector? selector)
    {
        if (selector is null) return LabelSelector.Nothing;
        var requirements = new List<LabelRequirement>();
        foreach (var (key, value) in selector.MatchLabels ?? new Dictionary<string, string>()) requirements.Add(new LabelRequirement(key, LabelOperator.Equals, value));
        foreach (var expression in selector.MatchExpressions ?? [])
        {
            var comparison = expression.OperatorProperty switch
            {
                "In" => LabelOperator.In,
                "NotIn" => LabelOperator.NotIn,
                "Exists" => LabelOperator.Exists,
                "DoesNotExist" => LabelOperator.DoesNotExist,
                var other => throw new FormatException($"\"{other}\" is not a valid label selector operator: expected In, NotIn, Exists or DoesNotExist."),
            };
            requirements.Add(new LabelRequirement(expression.Key, comparison, expression.Values ?? []));
        }
        return LabelSelector.Of(requirements);
    }
}
