using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
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
    private static readonly ConditionalWeakTable<StoredObject, Policy> Policies = [];
    private static readonly ConditionalWeakTable<StoredObject, Binding> Bindings = [];

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
        foreach (var stored in cluster.Store(BindingResource).Current.Enumerate(null))
        {
            var binding = Bindings.GetValue(stored, static b => new Binding(b.ToTree()));
            if (cluster.Store(PolicyResource).Current.Get("", binding.PolicyName) is { } found)
            {
                await ValidateAsync(Policies.GetValue(found, static p => new Policy(p.ToTree())), binding, request, table).ConfigureAwait(false);
            }
        }
    }

    private async ValueTask ValidateAsync(Policy policy, Binding binding, AdmissionAttributes request, ResourceTable.View table)
    {
        if (policy.Rules.Match(request, table, cluster) is not { } row || (binding.Rules is { } narrower && narrower.Match(request, table, cluster) is null))
        {
            return;
        }
        var body = await AdmissionReviews.RequestAsync(request, row, Guid.NewGuid().ToString()).ConfigureAwait(false);
        var variables = AdmissionVariables.Of(body);
        variables["namespaceObject"] = request.Namespace is { } space && cluster.Store(new GroupResource("", "namespaces")).Current.Get("", space) is { } it ? CelValues.From(it.ToTree(), null) : null;
        var (hold, failure) = policy.Conditions.Evaluate(() => variables);
        if (failure is not null)
        {
            Fail(policy, binding, request, failure, "Invalid", isError: true);
            return;
        }
        if (!hold)
        {
            return;
        }
        foreach (var parameter in await ParametersAsync(policy, binding, request, table).ConfigureAwait(false))
        {
            variables["params"] = parameter is null ? null : CelValues.From(parameter, null);
            Check(policy, binding, request, variables);
        }
    }

    private async ValueTask<IReadOnlyList<JsonObject?>> ParametersAsync(Policy policy, Binding binding, AdmissionAttributes request, ResourceTable.View table)
    {
        if (policy.ParamKind is not { } kind || binding.ParamRef is not { } reference)
        {
            return [null];
        }
        var version = GroupVersion.Parse(kind.Text("apiVersion") ?? "");
        var row = table.FindKind(version.Group, version.Version, kind.Text("kind") ?? "");
        var space = row?.Namespaced == true ? reference.Text("namespace") is { Length: > 0 } named ? named : request.Namespace ?? "" : "";
        var all = row is null ? [] : row.Store.Current.Enumerate(space);
        var chosen = reference.Text("name") is { Length: > 0 } name ? all.Where(o => o.Name == name)
            : all.Where(o => (reference.Child("selector") is not { Count: > 0 } selector) || Selects(selector, o));
        var parameters = chosen.ToList();
        if (row?.Conversion is { } conversion)
        {
            await conversion.PrepareAsync(parameters, request.Context.Cancellation).ConfigureAwait(false);
        }
        var found = parameters.ConvertAll(o => (JsonObject?)ObjectService.View(row!, o));
        if (found.Count == 0 && reference.Text("parameterNotFoundAction") != "Allow")
        {
            Fail(policy, binding, request, "no params found for policy binding with `Deny` parameterNotFoundAction", "Invalid", isError: true);
        }
        return found;
    }

    private static bool Selects(JsonObject selector, StoredObject value) =>
        LabelSelector.From(KubeJson.Deserialize<k8s.Models.V1LabelSelector>(Json.Bytes(selector))).Matches(value.Labels);

    private static void Check(Policy policy, Binding binding, AdmissionAttributes request, Dictionary<string, object?> variables)
    {
        var named = new Dictionary<object, object?>();
        variables["variables"] = named;
        foreach (var variable in policy.Variables)
        {
            try
            {
                named[variable.Text("name") ?? ""] = Evaluate(variable.Text("expression"), variables);
            }
            catch (CelException wrong)
            {
                named[variable.Text("name") ?? ""] = wrong;
            }
        }
        foreach (var validation in policy.Validations)
        {
            var expression = validation.Text("expression") ?? "";
            try
            {
                if (CelEvaluator.Truth(Evaluate(expression, variables)))
                {
                    continue;
                }
            }
            catch (CelException wrong)
            {
                Fail(policy, binding, request, $"expression '{expression.Trim()}' resulted in error: {wrong.Message}", "Invalid", isError: true);
                continue;
            }
            Fail(policy, binding, request, Message(validation, expression, variables), validation.Text("reason") ?? "Invalid", isError: false);
        }
    }

    private static string Message(JsonObject validation, string expression, Dictionary<string, object?> variables)
    {
        try
        {
            if (validation.Text("messageExpression") is { Length: > 0 } made && Evaluate(made, variables) is string text && text.Trim().Length > 0)
            {
                return text.Trim();
            }
        }
        catch (CelException)
        {
            // A message that cannot be made leaves the fixed one.
        }
        return validation.Text("message") is { Length: > 0 } message ? message : $"failed expression: {expression.Trim()}";
    }

    private static object? Evaluate(string? expression, Dictionary<string, object?> variables)
    {
        var (node, failure) = CelRules.Compile(expression ?? "");
        return new CelEvaluator(variables).Evaluate(node ?? throw new CelException($"compilation error: {failure}"));
    }

    private static void Fail(Policy policy, Binding binding, AdmissionAttributes request, string why, string reason, bool isError)
    {
        if (isError && policy.FailOpen)
        {
            return;
        }
        var message = $"ValidatingAdmissionPolicy '{policy.Name}' with binding '{binding.Name}' denied request: {why}";
        if (binding.Actions.Contains("Warn"))
        {
            request.Context.Warnings.Add($"Validation failed for ValidatingAdmissionPolicy '{policy.Name}' with binding '{binding.Name}': {why}");
        }
        if (!binding.Actions.Contains("Deny"))
        {
            return;
        }
        var code = reason switch { "Unauthorized" => 401, "Forbidden" => 403, "RequestEntityTooLarge" => 413, _ => 422 };
        var row = request.Row;
        throw Errors.Of(code, reason, $"{Errors.Qualified(row.GroupResource)} \"{request.Name}\" is forbidden: {message}",
            Errors.Details(request.Name, row.Group, row.Plural, [new JsonObject { ["message"] = message }]));
    }

    private sealed class Policy
    {
        public Policy(JsonObject tree)
        {
            var spec = tree.Need("spec");
            Name = tree.Metadata().Text("name") ?? "";
            Rules = new AdmissionRules(spec.Need("matchConstraints"), "resourceRules");
            Conditions = new MatchConditions(spec.List("matchConditions"));
            FailOpen = spec.Text("failurePolicy") == "Ignore";
            ParamKind = spec.Child("paramKind");
            Variables = [.. spec.List("variables").Objects()];
            Validations = [.. spec.List("validations").Objects()];
        }

        public string Name { get; }

        public AdmissionRules Rules { get; }

        public MatchConditions Conditions { get; }

        public bool FailOpen { get; }

        public JsonObject? ParamKind { get; }

        public JsonObject[] Variables { get; }

        public JsonObject[] Validations { get; }
    }

    private sealed class Binding
    {
        public Binding(JsonObject tree)
        {
            var spec = tree.Need("spec");
            Name = tree.Metadata().Text("name") ?? "";
            PolicyName = spec.Text("policyName") ?? "";
            // A binding without rules of its own takes what the policy takes; with selectors only it narrows.
            Rules = spec.Child("matchResources") is { } match ? new AdmissionRules(WithEverything(match), "resourceRules") : null;
            ParamRef = spec.Child("paramRef");
            Actions = [.. spec.List("validationActions").Texts()];
        }

        public string Name { get; }

        public string PolicyName { get; }

        public AdmissionRules? Rules { get; }

        public JsonObject? ParamRef { get; }

        public string[] Actions { get; }

        private static JsonObject WithEverything(JsonObject match)
        {
            var copy = match.Copy();
            if (copy.List("resourceRules") is not { Count: > 0 })
            {
                copy["resourceRules"] = new JsonArray(new JsonObject
                {
                    ["apiGroups"] = new JsonArray("*"), ["apiVersions"] = new JsonArray("*"), ["operations"] = new JsonArray("*"), ["resources"] = new JsonArray("*", "*/*"),
                });
            }
            return copy;
        }
    }
}
