using System.Reflection;
using System.Text.RegularExpressions;
using k8s.Models;

namespace ActorKube.Models;

/// <summary>
/// What an API server is told of an admission webhook: when to ask it, where, and what if it cannot. Immutable.
/// </summary>
/// <remarks>
/// Path and name are made of the kind, as controller-runtime makes paths: <c>/validate-stable-example-com-v1-crontab</c> and <c>validate-v1-crontab.stable.example.com</c>. A name has at least three parts
/// with dots between them; a group of one part (<c>apps</c>) gets <c>.k8s.io</c>, the core group is <c>core.k8s.io</c>.
/// </remarks>
public sealed partial record AdmissionWebhookSpec
{
    /// <summary>Whether it changes objects; one that does not may not.</summary>
    public required bool IsMutating { get; init; }

    /// <summary>Its name among the server's webhooks, which refusals tell.</summary>
    public required string Name { get; init; }

    /// <summary>The path that it is asked at.</summary>
    public required string Path { get; init; }

    /// <summary>What it is asked about.</summary>
    public required IReadOnlyList<AdmissionRule> Rules { get; init; }

    /// <summary>What happens when it cannot be asked.</summary>
    public WebhookFailurePolicy FailurePolicy { get; init; }

    /// <summary>What it does beside answering.</summary>
    public WebhookSideEffects SideEffects { get; init; }

    /// <summary>How <see cref="Rules"/> are read.</summary>
    public WebhookMatchPolicy MatchPolicy { get; init; }

    /// <summary>Whether it sees objects again (mutating ones).</summary>
    public WebhookReinvocationPolicy ReinvocationPolicy { get; init; }

    /// <summary>For how many seconds the server waits, 1 to 30; null for the server's own choice.</summary>
    public int? TimeoutSeconds { get; init; }

    /// <summary>Only about objects in namespaces with such labels; null for all.</summary>
    public string? NamespaceSelector { get; init; }

    /// <summary>Only about objects with such labels; null for all.</summary>
    public string? ObjectSelector { get; init; }

    /// <summary>Conditions in CEL by their names, which a request meets or is not asked about.</summary>
    public IReadOnlyDictionary<string, string> MatchConditions { get; init; } = new Dictionary<string, string>();

    /// <summary>A webhook that validates a kind, as its class says with <see cref="AdmissionWebhookAttribute"/>.</summary>
    /// <param name="implementation">The class; null for a webhook without attributes.</param>
    /// <typeparam name="T">The kind's class.</typeparam>
    /// <exception cref="ArgumentException"><typeparamref name="T"/> has no <see cref="KubernetesEntityAttribute"/>, or the attributes make no sense; says what to change.</exception>
    public static AdmissionWebhookSpec Validating<T>(Type? implementation = null) where T : class => Of(typeof(T), isMutating: false, implementation);

    /// <summary>A webhook that changes a kind's objects, as its class says with <see cref="AdmissionWebhookAttribute"/>.</summary>
    /// <inheritdoc cref="Validating{T}"/>
    public static AdmissionWebhookSpec Mutating<T>(Type? implementation = null) where T : class => Of(typeof(T), isMutating: true, implementation);

    /// <summary>The webhooks that classes are: one for each kind that a class validates or changes.</summary>
    /// <param name="classes">Such as all types of an assembly; what is no webhook is passed over.</param>
    /// <exception cref="ArgumentException">Attributes make no sense, or two webhooks have one name or path.</exception>
    public static IReadOnlyList<AdmissionWebhookSpec> Of(IEnumerable<Type> classes)
    {
        var specs = new List<AdmissionWebhookSpec>();
        foreach (var type in classes.Where(type => type is { IsClass: true, IsAbstract: false, ContainsGenericParameters: false }))
        {
            foreach (var role in type.GetInterfaces().Where(role => role.IsGenericType))
            {
                var definition = role.GetGenericTypeDefinition();
                if (definition == typeof(IValidatingWebhook<>)) specs.Add(Of(role.GetGenericArguments()[0], isMutating: false, type));
                else if (definition == typeof(IMutatingWebhook<>)) specs.Add(Of(role.GetGenericArguments()[0], isMutating: true, type));
            }
        }
        Check(specs);
        return [.. specs.OrderBy(spec => spec.Name, StringComparer.Ordinal)];
    }

    /// <summary>Throws where webhooks cannot stand side by side.</summary>
    /// <exception cref="ArgumentException">Two have one name or one path; says which.</exception>
    public static void Check(IEnumerable<AdmissionWebhookSpec> specs)
    {
        var (names, paths) = (new HashSet<(bool, string)>(), new HashSet<string>(StringComparer.Ordinal));
        foreach (var spec in specs)
        {
            spec.Check();
            if (!names.Add((spec.IsMutating, spec.Name))) throw new ArgumentException($"Two webhooks are named {spec.Name}: name one of them with [AdmissionWebhook(Name = …)].");
            if (!paths.Add(spec.Path)) throw new ArgumentException($"Two webhooks are at {spec.Path}: give one of them another place with [AdmissionWebhook(Path = …)].");
        }
    }

    /// <summary>The webhook of a <c>ValidatingWebhookConfiguration</c>.</summary>
    /// <exception cref="ArgumentException">The spec makes no sense; says what to change.</exception>
    public V1ValidatingWebhook ToValidating(WebhookAddress address)
    {
        Check();
        return new V1ValidatingWebhook
        {
            Name = Name, ClientConfig = address.Of(Path), AdmissionReviewVersions = [V1AdmissionReview.KubeApiVersion], SideEffects = SideEffects.ToString(), FailurePolicy = FailurePolicy.ToString(),
            MatchPolicy = MatchPolicy.ToString(), TimeoutSeconds = TimeoutSeconds, Rules = [.. Rules.Select(rule => rule.ToModel())],
            NamespaceSelector = Selector(NamespaceSelector), ObjectSelector = Selector(ObjectSelector), MatchConditions = Conditions(),
        };
    }

    /// <summary>The webhook of a <c>MutatingWebhookConfiguration</c>.</summary>
    /// <exception cref="ArgumentException">The spec makes no sense; says what to change.</exception>
    public V1MutatingWebhook ToMutating(WebhookAddress address)
    {
        Check();
        return new V1MutatingWebhook
        {
            Name = Name, ClientConfig = address.Of(Path), AdmissionReviewVersions = [V1AdmissionReview.KubeApiVersion], SideEffects = SideEffects.ToString(), FailurePolicy = FailurePolicy.ToString(),
            MatchPolicy = MatchPolicy.ToString(), TimeoutSeconds = TimeoutSeconds, Rules = [.. Rules.Select(rule => rule.ToModel())], ReinvocationPolicy = ReinvocationPolicy.ToString(),
            NamespaceSelector = Selector(NamespaceSelector), ObjectSelector = Selector(ObjectSelector), MatchConditions = Conditions(),
        };
    }

    private static AdmissionWebhookSpec Of(Type kindsClass, bool isMutating, Type? implementation)
    {
        var said = implementation?.GetCustomAttribute<AdmissionWebhookAttribute>() ?? new AdmissionWebhookAttribute();
        var definition = ResourceDefinition.For(kindsClass);
        var (kind, verb) = (definition.Kind, isMutating ? "mutate" : "validate");
        var group = kind.Group.Length == 0 ? "core.k8s.io" : kind.Group.Contains('.') ? kind.Group : kind.Group + ".k8s.io";
        var lower = kind.Kind.ToLowerInvariant();
        return new AdmissionWebhookSpec
        {
            IsMutating = isMutating,
            Name = said.Name ?? $"{verb}-{kind.Version}-{lower}.{group}",
            Path = said.Path ?? $"/{verb}-{kind.Group.Replace('.', '-')}-{kind.Version}-{lower}",
            Rules =
            [
                new AdmissionRule(
                    [said.ResourceGroup ?? kind.Group], said.ResourceVersions.Length == 0 ? [kind.Version] : said.ResourceVersions,
                    said.Resources.Length == 0 ? [definition.Plural] : said.Resources, said.Operations),
            ],
            FailurePolicy = said.FailurePolicy,
            SideEffects = said.SideEffects,
            MatchPolicy = said.MatchPolicy,
            ReinvocationPolicy = said.ReinvocationPolicy,
            TimeoutSeconds = said.TimeoutSeconds == 0 ? null : said.TimeoutSeconds,
            NamespaceSelector = said.NamespaceSelector,
            ObjectSelector = said.ObjectSelector,
            MatchConditions = (implementation?.GetCustomAttributes<MatchConditionAttribute>() ?? []).ToDictionary(condition => condition.Name, condition => condition.Expression),
        };
    }

    private void Check()
    {
        if (!NameShape().IsMatch(Name)) throw new ArgumentException($"'{Name}' is no webhook's name: it has at least three parts of small letters, digits and '-', with dots between them, such as validate.crontabs.example.com.");
        if (!Path.StartsWith('/') || Path.Contains('?') || Path.Contains('#')) throw new ArgumentException($"'{Path}' is no path of webhook {Name}: it begins with '/' and has no query.");
        if (TimeoutSeconds is < 1 or > 30) throw new ArgumentException($"Webhook {Name}: a timeout of {TimeoutSeconds} s is none that a server takes: 1 to 30.");
        if (Rules.Count == 0 || Rules.Any(rule => rule.Operations == AdmissionOperations.None)) throw new ArgumentException($"Webhook {Name} is asked about nothing: give it rules, and rules operations.");
        _ = (Selector(NamespaceSelector), Selector(ObjectSelector));
    }

    private List<V1MatchCondition>? Conditions() =>
        MatchConditions.Count == 0 ? null : [.. MatchConditions.OrderBy(condition => condition.Key, StringComparer.Ordinal).Select(condition => new V1MatchCondition { Name = condition.Key, Expression = condition.Value })];

    private V1LabelSelector? Selector(string? text)
    {
        if (text is null) return null;
        var selector = new V1LabelSelector();
        if (!LabelSelector.TryParse(text, out var parsed)) throw new ArgumentException($"Webhook {Name}: '{text}' is no label selector, such as 'tier in (front,back)'.");
        foreach (var requirement in parsed.Requirements)
        {
            if (requirement.Operator is LabelOperator.Equals or LabelOperator.DoubleEquals)
            {
                (selector.MatchLabels ??= new Dictionary<string, string>())[requirement.Key] = requirement.Values[0];
                continue;
            }
            (selector.MatchExpressions ??= []).Add(new V1LabelSelectorRequirement
            {
                Key = requirement.Key,
                OperatorProperty = requirement.Operator switch
                {
                    LabelOperator.In => "In",
                    LabelOperator.NotIn or LabelOperator.NotEquals => "NotIn",
                    LabelOperator.Exists => "Exists",
                    LabelOperator.DoesNotExist => "DoesNotExist",
                    _ => throw new ArgumentException($"Webhook {Name}: '{text}' compares numbers, which selectors of webhooks cannot."),
                },
                Values = requirement.Values.Length == 0 ? null : [.. requirement.Values],
            });
        }
        return selector;
    }

    [GeneratedRegex("^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?){2,}$")]
    private static partial Regex NameShape();
}

/// <summary>Requests that a webhook is asked about.</summary>
/// <param name="Groups">API groups; <c>""</c> for the core group, <c>*</c> for all.</param>
/// <param name="Versions">Versions; <c>*</c> for all.</param>
/// <param name="Resources">Resources, such as <c>pods</c>, <c>pods/status</c>, <c>pods/*</c> or <c>*</c>.</param>
/// <param name="Operations">Operations.</param>
public sealed record AdmissionRule(IReadOnlyList<string> Groups, IReadOnlyList<string> Versions, IReadOnlyList<string> Resources, AdmissionOperations Operations)
{
    internal V1RuleWithOperations ToModel() => new()
    {
        ApiGroups = [.. Groups], ApiVersions = [.. Versions], Resources = [.. Resources], Operations = [.. AdmissionOperationNames.Of(Operations)],
    };
}
