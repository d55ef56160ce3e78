using System.Text.Json.Nodes;

namespace ActorKube.ApiServer;

/// <summary>One thing that a policy says of a request.</summary>
/// <param name="Message">Why the request is refused; null where it is not.</param>
/// <param name="Reason">The refusal's reason.</param>
/// <param name="IsAnnotation">It is about what the audit should have been told, and refuses whatever the binding says.</param>
internal readonly record struct PolicyDecision(string? Message, string Reason, bool IsAnnotation = false);

/// <summary>A ValidatingAdmissionPolicy, read and compiled once. Immutable; thread-safe.</summary>
internal sealed class AdmissionPolicy
{
    private const int LongestMessage = 5 * 1024;

    private readonly MatchConditions _conditions;
    private readonly Dictionary<string, CelCompiled> _variables = new(StringComparer.Ordinal);
    private readonly Validation[] _validations;
    private readonly Annotation[] _annotations;

    public AdmissionPolicy(JsonObject tree)
    {
        var spec = tree.Need("spec");
        Name = tree.Metadata().Text("name") ?? "";
        Rules = new AdmissionRules(spec.Need("matchConstraints"), "resourceRules");
        FailOpen = spec.Text("failurePolicy") == "Ignore";
        ParamKind = spec.Child("paramKind");
        var environment = PolicyShapes.Environment(ParamKind is not null, hasAuthorizer: true, isStored: true);
        var shapes = new Dictionary<string, CelShape>(StringComparer.Ordinal);
        var composed = PolicyShapes.WithVariables(environment, shapes);
        foreach (var variable in spec.List("variables").Objects())
        {
            var name = variable.Text("name") ?? "";
            var compiled = composed.Compile(variable.Text("expression") ?? "");
            shapes[name] = PolicyShapes.AsVariable(compiled.Shape);
            _variables[name] = compiled;
        }
        _conditions = new MatchConditions(spec.List("matchConditions"), composed);
        var telling = PolicyShapes.WithVariables(PolicyShapes.Environment(ParamKind is not null, hasAuthorizer: false, isStored: true), shapes);
        _validations = [.. spec.List("validations").Objects().Select(v => new Validation(v.Text("expression") ?? "", composed.Compile(v.Text("expression") ?? ""), v.Text("message") ?? "",
            v.Text("messageExpression") is { Length: > 0 } made ? telling.Compile(made) : null, v.Text("reason") ?? "Invalid"))];
        _annotations = [.. spec.List("auditAnnotations").Objects().Select(a => new Annotation(a.Text("valueExpression") ?? "", composed.Compile(a.Text("valueExpression") ?? "")))];
    }

    public string Name { get; }

    public AdmissionRules Rules { get; }

    /// <summary>What cannot be evaluated refuses nothing.</summary>
    public bool FailOpen { get; }

    public JsonObject? ParamKind { get; }

    /// <summary>What the policy says of a request.</summary>
    /// <param name="variables">What its expressions see, with the parameter that it is held against.</param>
    public IEnumerable<PolicyDecision> Decide(IReadOnlyDictionary<string, object?> variables)
    {
        var values = WithComposed(variables);
        var (hold, failure) = _conditions.Evaluate(() => values);
        if (failure is not null)
        {
            return [Failed(failure)];
        }
        if (!hold)
        {
            return [];
        }
        // Messages may not ask the authorizer, nor may the variables that they use.
        var telling = new Lazy<Dictionary<string, object?>>(() => WithComposed(variables.Where(v => !v.Key.StartsWith("authorizer", StringComparison.Ordinal))));
        return [.. _validations.Select(v => Judge(v, values, telling)), .. _annotations.Select(a => Annotate(a, values))];
    }

    /// <summary>What expressions see, with the policy's own variables: each is evaluated when it is first used.</summary>
    private Dictionary<string, object?> WithComposed(IEnumerable<KeyValuePair<string, object?>> variables)
    {
        var values = new Dictionary<string, object?>(variables, StringComparer.Ordinal);
        var named = new Dictionary<object, object?>();
        values["variables"] = named;
        foreach (var (name, compiled) in _variables)
        {
            named[name] = new CelLazy(() => Composed(name, compiled, values));
        }
        return values;
    }

    private static object? Composed(string name, CelCompiled compiled, Dictionary<string, object?> values)
    {
        try
        {
            return Evaluate(compiled, values);
        }
        catch (CelException wrong)
        {
            throw new CelException($"composited variable \"{name}\" fails to evaluate: {wrong.Message}");
        }
    }

    private PolicyDecision Judge(Validation validation, Dictionary<string, object?> values, Lazy<Dictionary<string, object?>> telling)
    {
        try
        {
            return Evaluate(validation.Compiled, values) is true ? default : new PolicyDecision(Message(validation, telling), validation.Reason);
        }
        catch (CelException wrong)
        {
            return Failed($"expression '{validation.Expression}' resulted in error: {wrong.Message}");
        }
    }

    private PolicyDecision Annotate(Annotation annotation, Dictionary<string, object?> values)
    {
        try
        {
            Evaluate(annotation.Compiled, values);
            return default;
        }
        catch (CelException wrong)
        {
            return Failed($"expression '{annotation.Expression}' resulted in error: {wrong.Message}") with { IsAnnotation = true };
        }
    }

    private PolicyDecision Failed(string why) => FailOpen ? default : new PolicyDecision(why, "Invalid");

    private static string Message(Validation validation, Lazy<Dictionary<string, object?>> telling)
    {
        try
        {
            if (validation.Telling is { } expression && Evaluate(expression, telling.Value) is string text && text.Trim() is { Length: > 0 and <= LongestMessage } made && !made.Contains('\n', StringComparison.Ordinal))
            {
                return made;
            }
        }
        catch (CelException)
        {
            // A message that cannot be made leaves the fixed one.
        }
        return validation.Message.Trim() is { Length: > 0 } message ? message : $"failed expression: {validation.Expression.Trim()}";
    }

    private static object? Evaluate(CelCompiled compiled, Dictionary<string, object?> values) =>
        new CelEvaluator(values).Evaluate(compiled.Node ?? throw new CelException($"compilation error: compilation failed: {compiled.Failure}"));

    private sealed record Validation(string Expression, CelCompiled Compiled, string Message, CelCompiled? Telling, string Reason);

    private sealed record Annotation(string Expression, CelCompiled Compiled);
}
