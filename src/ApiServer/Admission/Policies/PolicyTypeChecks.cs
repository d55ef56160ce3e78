using System.Text.Json.Nodes;
using ActorKube.Models;

namespace ActorKube.ApiServer;

/// <summary>
/// Holds a policy's expressions against the kinds that it is about and says in its status what does not fit: a misspelt field is found before it refuses everything. What kube-controller-manager's
/// <c>validatingadmissionpolicy-status</c> does.
/// </summary>
internal sealed class PolicyTypeChecks(ResourceTable table, Patcher patcher)
{
    private const int MostKinds = 10;

    private static readonly WriteContext Writer = new() { FieldManager = "validatingadmissionpolicy-status", Force = true, FieldValidation = "Ignore", Applied = true };

    /// <summary>Takes up a committed change of a policy.</summary>
    public void OnPolicy(StoreEventType type, StoredObject stored)
    {
        if (type == StoreEventType.Deleted)
        {
            return;
        }
        var tree = stored.ToTree();
        var generation = tree.Metadata()["generation"].AsLong() ?? 0;
        if (generation <= (tree.At("status", "observedGeneration").AsLong() ?? 0))
        {
            return;
        }
        var typeChecking = new JsonObject();
        if (Warnings(tree.Need("spec")) is { Count: > 0 } warnings)
        {
            typeChecking["expressionWarnings"] = warnings;
        }
        var row = table.Current.Find("admissionregistration.k8s.io", "v1", "validatingadmissionpolicies")!;
        var configuration = new JsonObject
        {
            ["apiVersion"] = row.ApiVersion, ["kind"] = row.Kind, ["metadata"] = new JsonObject { ["name"] = stored.Name },
            ["status"] = new JsonObject { ["observedGeneration"] = generation, ["typeChecking"] = typeChecking },
        };
        try
        {
            patcher.ApplyOwn(row, stored.Name, configuration, Writer, "status");
        }
        catch (ApiException)
        {
            // The policy has gone or changed meanwhile: the change comes by here, too.
        }
    }

    private JsonArray Warnings(JsonObject spec)
    {
        var found = new JsonArray();
        var view = table.Current;
        var kinds = Kinds(spec, view);
        var parameters = spec.Child("paramKind") is { } kind && GroupVersion.Parse(kind.Text("apiVersion") ?? "") is var version
            && view.FindKind(version.Group, version.Version, kind.Text("kind") ?? "") is { } row ? Shape(row) : null;
        var index = 0;
        foreach (var validation in spec.List("validations").Objects())
        {
            var at = $"spec.validations[{index++}]";
            foreach (var field in (string[])["expression", "messageExpression"])
            {
                if (validation.Text(field) is { Length: > 0 } expression && Check(expression, spec, kinds, parameters) is { Length: > 0 } warning)
                {
                    found.Add(new JsonObject { ["fieldRef"] = $"{at}.{field}", ["warning"] = warning });
                }
            }
        }
        return found;
    }

    private static string Check(string expression, JsonObject spec, List<ApiResource> kinds, CelShape? parameters)
    {
        var warnings = new List<string>();
        foreach (var kind in kinds)
        {
            var shapes = new Dictionary<string, CelShape>(StringComparer.Ordinal);
            var environment = PolicyShapes.WithVariables(PolicyShapes.Typed(Shape(kind), parameters), shapes);
            foreach (var variable in spec.List("variables").Objects())
            {
                shapes[variable.Text("name") ?? ""] = PolicyShapes.AsVariable(environment.Compile(variable.Text("expression") ?? "").Shape);
            }
            if (environment.Compile(expression).Failure is { } failure)
            {
                warnings.Add($"{kind.Group}/{kind.Version}, Kind={kind.Kind}: {failure}\n");
            }
        }
        return string.Join('\n', warnings);
    }

    /// <summary>The kinds that a policy's rules name one by one, in order; those named by a wildcard are not looked at.</summary>
    private static List<ApiResource> Kinds(JsonObject spec, ResourceTable.View view)
    {
        var found = new List<ApiResource>();
        foreach (var rule in spec.Child("matchConstraints")?.List("resourceRules").Objects() ?? [])
        {
            var (groups, versions) = (rule.List("apiGroups").Texts().ToList(), rule.List("apiVersions").Texts().ToList());
            var resources = rule.List("resources").Texts().Where(r => r.AsSpan().IndexOfAny('*', '/') < 0).ToList();
            if (groups.Exists(g => g.Contains('*', StringComparison.Ordinal)) || versions.Exists(v => v.Contains('*', StringComparison.Ordinal)))
            {
                continue;
            }
            var named = from g in groups.Order(StringComparer.Ordinal) from v in versions.Order(StringComparer.Ordinal) from r in resources.Order(StringComparer.Ordinal) select view.Find(g, v, r);
            found.AddRange(named.OfType<ApiResource>().Take(MostKinds));
        }
        return [.. found.Distinct().Where(r => r.Schema() is not null).OrderBy(r => r.Group, StringComparer.Ordinal).ThenBy(r => r.Version, StringComparer.Ordinal).ThenBy(r => r.Kind, StringComparer.Ordinal)];
    }

    /// <summary>The type of a kind's objects; metadata is known of custom ones, too.</summary>
    private static CelShape Shape(ApiResource row)
    {
        var shape = row.Schema() is { } schema ? CelShape.From(schema, isRoot: true) ?? CelShape.Dyn : CelShape.Dyn;
        return row.Custom is null || !shape.HasFields ? shape : CelShape.Struct(row.Kind, field => field == "metadata" ? Metadata : shape.Field(field), row);
    }

    private static CelShape Metadata => CelShape.From(BuiltInSchemas.Definition("io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta")!)!;
}
