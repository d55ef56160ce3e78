using System.Runtime.CompilerServices;
using ActorKube.Models;

namespace ActorKube.ApiServer;

/// <summary>
/// ValidatingAdmissionPolicies, as their bindings put them to work: CEL over the object, its old state, the request, the namespace and a
/// parameter object. Thread-safe.
/// </summary>
internal sealed class AdmissionPolicies(ClusterStore cluster)
{
    private const string Group = "admissionregistration.k8s.io";
    private static readonly GroupResource PolicyResource = new(Group, "validatingadmissionpolicies");
    private static readonly GroupResource BindingResource = new(Group, "validatingadmissionpolicybindings");
    private static readonly GroupResource Namespaces = new("", "namespaces");
    private static readonly ConditionalWeakTable<StoredObject, AdmissionPolicy> Policies = [];
    private static readonly ConditionalWeakTable<StoredObject, PolicyBinding> Bindings = [];

    /// <summary>Who is asked what somebody may do; null where expressions may not ask.</summary>
    public IAuthorizer? Authorizer { get; set; }

    /// <summary>Whether any policy is bound.</summary>
    public bool Any => cluster.Store(BindingResource).Current.Count > 0;

    /// <summary>Holds a request against all policies that are bound to it.</summary>
    /// <exception cref="ApiException">A validation that denies does not hold.</exception>
    public async ValueTask ValidateAsync(AdmissionAttributes request, ResourceTable.View table)
    {
        if (!Any)
        {
            return;
        }
        var bindings = cluster.Store(BindingResource).Current.Enumerate(null).Select(b => Bindings.GetValue(b, static s => new PolicyBinding(s.ToTree())));
        (string Message, string Reason)? denied = null;
        foreach (var bound in bindings.GroupBy(b => b.PolicyName, StringComparer.Ordinal))
        {
            if (cluster.Store(PolicyResource).Current.Get("", bound.Key) is not { } stored)
            {
                continue;
            }
            var policy = Policies.GetValue(stored, static p => new AdmissionPolicy(p.ToTree()));
            if (policy.Rules.Match(request, table, cluster) is not { } row)
            {
                continue;
            }
            foreach (var (message, reason) in await DeniedAsync(policy, bound, request, row, table).ConfigureAwait(false))
            {
                denied ??= (message, reason);
            }
        }
        if (denied is { } first)
        {
            throw Denial(request, first.Message, first.Reason);
        }
    }

    private async ValueTask<List<(string Message, string Reason)>> DeniedAsync(AdmissionPolicy policy, IEnumerable<PolicyBinding> bindings, AdmissionAttributes request, ApiResource row, ResourceTable.View table)
    {
        var denied = new List<(string, string)>();
        ApiResource? parameters;
        try
        {
            parameters = PolicyParameters.Resource(policy, table);
        }
        catch (PolicyConfigurationException wrong)
        {
            if (!policy.FailOpen)
            {
                denied.Add(($"ValidatingAdmissionPolicy '{policy.Name}' denied request: failed to configure policy: {wrong.Message}", "Invalid"));
            }
            return denied;
        }
        Dictionary<string, object?>? variables = null;
        foreach (var binding in bindings.Where(b => b.Rules is null || b.Rules.Match(request, table, cluster) is not null))
        {
            var prefix = $"ValidatingAdmissionPolicy '{policy.Name}' with binding '{binding.Name}' denied request: ";
            try
            {
                foreach (var parameter in await PolicyParameters.FindAsync(parameters, binding, request).ConfigureAwait(false))
                {
                    variables ??= await VariablesAsync(request, row).ConfigureAwait(false);
                    variables["params"] = parameter is null ? null : CelValues.From(parameter, null);
                    denied.AddRange(Denied(policy.Decide(variables), policy, binding, request).Select(d => (prefix + d.Message, d.Reason)));
                }
            }
            catch (PolicyConfigurationException wrong)
            {
                if (!policy.FailOpen)
                {
                    denied.Add(($"{prefix}failed to configure binding: {wrong.Message}", "Invalid"));
                }
            }
        }
        return denied;
    }

    /// <summary>The refusals that a binding makes of what its policy says; others become warnings.</summary>
    private static IEnumerable<(string Message, string Reason)> Denied(IEnumerable<PolicyDecision> decisions, AdmissionPolicy policy, PolicyBinding binding, AdmissionAttributes request)
    {
        foreach (var decision in decisions.Where(d => d.Message is not null))
        {
            if (binding.Actions.Contains("Warn") && !decision.IsAnnotation)
            {
                request.Context.Warnings.Add($"Validation failed for ValidatingAdmissionPolicy '{policy.Name}' with binding '{binding.Name}': {decision.Message}");
            }
            if (binding.Actions.Contains("Deny") || decision.IsAnnotation)
            {
                yield return (decision.Message!, decision.Reason);
            }
        }
    }

    private async ValueTask<Dictionary<string, object?>> VariablesAsync(AdmissionAttributes request, ApiResource row)
    {
        var body = await AdmissionReviews.RequestAsync(request, row, "").ConfigureAwait(false);
        var variables = AdmissionVariables.Of(body, request, Authorizer);
        var isNamespace = request.Kind is { Group: "", Version: "v1", Kind: "Namespace" };
        variables["namespaceObject"] = !isNamespace && request.Namespace is { } space && cluster.Store(Namespaces).Current.Get("", space) is { } stored ? AdmissionVariables.Namespace(stored) : null;
        return variables;
    }

    private static ApiException Denial(AdmissionAttributes request, string message, string reason)
    {
        var code = reason switch { "Unauthorized" => 401, "Forbidden" => 403, "RequestEntityTooLarge" => 413, _ => 422 };
        var row = request.Row;
        return Errors.Of(code, reason, $"{Errors.Qualified(row.GroupResource)} \"{request.Name}\" is forbidden: {message}",
            Errors.Details(request.Name, row.Group, row.Plural, [new System.Text.Json.Nodes.JsonObject { ["message"] = message }]));
    }
}
