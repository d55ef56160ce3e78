using System.Text.Json.Nodes;
using k8s.Models;

namespace ActorKube.ApiServer;

/// <summary>Values as Go's <c>%#v</c> writes them: what error messages of Kubernetes show where the value that is wrong is no plain text or number.</summary>
internal static class GoValues
{
    /// <summary>A count or a share.</summary>
    public static string IntOrString(JsonNode? value) => value.AsText() is { } text
        ? $"intstr.IntOrString{{Type:1, IntVal:0, StrVal:{FieldErrors.Quote(text)}}}"
        : $"intstr.IntOrString{{Type:0, IntVal:{value.AsLong() ?? 0}, StrVal:\"\"}}";

    /// <summary>An amount, which Go keeps as a scaled number beside the text it was read from (unless that was not the canonical form).</summary>
    public static string Quantity(JsonNode? value)
    {
        var text = value?.ToString() ?? "0";
        if (!ResourceQuantity.TryParse(text, out var quantity))
        {
            return FieldErrors.Quote(text);
        }
        var (mantissa, scale) = Scaled(text, quantity);
        var format = text.EndsWith('i') ? "BinarySI" : text.Any(c => c is 'e' or 'E') && !text.EndsWith('E') ? "DecimalExponent" : "DecimalSI";
        var kept = quantity.ToString() == text ? text : "";
        return $"resource.Quantity{{i:resource.int64Amount{{value:{mantissa}, scale:{scale}}}, d:resource.infDecAmount{{Dec:(*inf.Dec)(nil)}}, s:{FieldErrors.Quote(kept)}, Format:\"{format}\"}}";
    }

    private static (string Mantissa, int Scale) Scaled(string text, ResourceQuantity quantity)
    {
        if (text.EndsWith('i'))
        {
            return (quantity.ToDecimal().ToString("0", System.Globalization.CultureInfo.InvariantCulture), 0);
        }
        var end = text.AsSpan().IndexOfAnyExcept("+-.0123456789");
        var (digits, suffix) = end < 0 ? (text, "") : (text[..end], text[end..]);
        var scale = suffix switch { "n" => -9, "u" => -6, "m" => -3, "k" => 3, "M" => 6, "G" => 9, "T" => 12, "P" => 15, "E" => 18, _ => 0 };
        var dot = digits.IndexOf('.', StringComparison.Ordinal);
        return dot < 0 ? (digits, scale) : (digits.Remove(dot, 1).TrimStart('0') is { Length: > 0 } left ? left : "0", scale - (digits.Length - dot - 1));
    }

    /// <summary>A value without a type as Go's <c>%v</c> writes it.</summary>
    public static string Text(JsonNode? value) => value switch
    {
        null => "<nil>",
        JsonObject map => $"map[{string.Join(' ', map.OrderBy(p => p.Key, StringComparer.Ordinal).Select(p => $"{p.Key}:{Text(p.Value)}"))}]",
        JsonArray list => $"[{string.Join(' ', list.Select(Text))}]",
        _ => value.AsText() ?? FieldErrors.Show(value),
    };

    /// <summary>A job's success policy; what pointers lead to is not shown.</summary>
    public static string SuccessPolicy(JsonObject policy)
    {
        static string Pointer(JsonObject rule, string field, string type) => $"{char.ToUpperInvariant(field[0])}{field[1..]}:(*{type})({(rule[field] is null ? "nil" : "0xc000000000")})";
        return policy["rules"] is not JsonArray rules ? "batch.SuccessPolicy{Rules:[]batch.SuccessPolicyRule(nil)}"
            : $"batch.SuccessPolicy{{Rules:[]batch.SuccessPolicyRule{{{string.Join(", ", rules.Objects().Select(r => $"batch.SuccessPolicyRule{{{Pointer(r, "succeededIndexes", "string")}, {Pointer(r, "succeededCount", "int32")}}}"))}}}}}";
    }

    /// <summary>The security context of a container.</summary>
    public static string SecurityContext(JsonObject context)
    {
        string Field(string name, string type) => $"{char.ToUpperInvariant(name[0])}{name[1..]}:(*{type})({(context[name] is null ? "nil" : "0xc000000000")})";
        return $"core.SecurityContext{{{Field("capabilities", "core.Capabilities")}, {Field("privileged", "bool")}, SELinuxOptions:(*core.SELinuxOptions)({(context["seLinuxOptions"] is null ? "nil" : "0xc000000000")}), {Field("windowsOptions", "core.WindowsSecurityContextOptions")}, {Field("runAsUser", "int64")}, {Field("runAsGroup", "int64")}, {Field("runAsNonRoot", "bool")}, {Field("readOnlyRootFilesystem", "bool")}, {Field("allowPrivilegeEscalation", "bool")}, {Field("procMount", "core.ProcMountType")}, {Field("seccompProfile", "core.SeccompProfile")}, {Field("appArmorProfile", "core.AppArmorProfile")}}}";
    }

    /// <summary>The versions of a definition; what all of them say alike stands above them there.</summary>
    public static string Versions(IReadOnlyList<JsonObject> versions, IReadOnlySet<string> shared)
    {
        const string type = "apiextensions.CustomResourceDefinitionVersion";
        return $"[]{type}{{{string.Join(", ", versions.Select(Version))}}}";

        string Version(JsonObject v)
        {
            string Flag(string name) => v[name].AsBool() == true ? "true" : "false";
            string Pointer(string name, string of) => $"(*{of})({(v[name] is null || shared.Contains(name) ? "nil" : "0xc000000000")})";
            string List(string name, string of, Func<JsonObject, string> item) => v[name] is JsonArray { Count: > 0 } list && !shared.Contains(name)
                ? $"[]{of}{{{string.Join(", ", list.Objects().Select(i => $"{of}{{{item(i)}}}"))}}}" : $"[]{of}(nil)";
            var columns = List("additionalPrinterColumns", "apiextensions.CustomResourceColumnDefinition", c =>
                $"Name:{Word(c, "name")}, Type:{Word(c, "type")}, Format:{Word(c, "format")}, Description:{Word(c, "description")}, Priority:{c["priority"].AsLong() ?? 0}, JSONPath:{Word(c, "jsonPath")}");
            return $"{type}{{Name:{Word(v, "name")}, Served:{Flag("served")}, Storage:{Flag("storage")}, Deprecated:{Flag("deprecated")}, DeprecationWarning:{Pointer("deprecationWarning", "string")}, Schema:{Pointer("schema", "apiextensions.CustomResourceValidation")}, Subresources:{Pointer("subresources", "apiextensions.CustomResourceSubresources")}, AdditionalPrinterColumns:{columns}, SelectableFields:{List("selectableFields", "apiextensions.SelectableField", f => $"JSONPath:{Word(f, "jsonPath")}")}}}";
        }

        static string Word(JsonObject tree, string name) => FieldErrors.Quote(tree.Text(name) ?? "");
    }

    /// <summary>The spec of a disruption budget.</summary>
    public static string DisruptionBudget(JsonObject spec)
    {
        string Field(string name, string type) => $"{char.ToUpperInvariant(name[0])}{name[1..]}:(*{type})({(spec[name] is null ? "nil" : "0xc000000000")})";
        return $"policy.PodDisruptionBudgetSpec{{{Field("minAvailable", "intstr.IntOrString")}, {Field("selector", "v1.LabelSelector")}, {Field("maxUnavailable", "intstr.IntOrString")}, {Field("unhealthyPodEvictionPolicy", "policy.UnhealthyPodEvictionPolicyType")}}}";
    }

    /// <summary>Owner references.</summary>
    public static string Owners(JsonArray owners) => $"[]v1.OwnerReference{{{string.Join(", ", owners.Objects().Select(Owner))}}}";

    /// <summary>An owner reference.</summary>
    public static string Owner(JsonObject owner)
    {
        string Text(string field) => FieldErrors.Quote(owner.Text(field) ?? "");
        string Flag(string field) => owner[field] is null ? "(*bool)(nil)" : "(*bool)(0xc000000000)";
        return $"v1.OwnerReference{{APIVersion:{Text("apiVersion")}, Kind:{Text("kind")}, Name:{Text("name")}, UID:{Text("uid")}, Controller:{Flag("controller")}, BlockOwnerDeletion:{Flag("blockOwnerDeletion")}}}";
    }

    /// <summary>A map of texts, by key.</summary>
    public static string Map(JsonNode? value) => value is JsonObject { Count: > 0 } map
        ? $"map[string]string{{{string.Join(", ", map.OrderBy(p => p.Key, StringComparer.Ordinal).Select(p => $"{FieldErrors.Quote(p.Key)}:{FieldErrors.Quote(p.Value.AsText() ?? "")}"))}}}"
        : value is JsonObject ? "map[string]string{}" : "map[string]string(nil)";

    /// <summary>A list of texts of a type of Go's, such as <c>[]string</c>.</summary>
    public static string Texts(string type, JsonNode? value) =>
        value is JsonArray list ? $"{type}{{{string.Join(", ", list.Texts().Select(FieldErrors.Quote))}}}" : $"{type}(nil)";

    /// <summary>A label selector.</summary>
    public static string Selector(JsonObject selector)
    {
        var expressions = selector["matchExpressions"] is JsonArray list
            ? $"[]v1.LabelSelectorRequirement{{{string.Join(", ", list.Objects().Select(e => $"v1.LabelSelectorRequirement{{Key:{FieldErrors.Quote(e.Text("key") ?? "")}, Operator:{FieldErrors.Quote(e.Text("operator") ?? "")}, Values:{Texts("[]string", e["values"])}}}"))}}}"
            : "[]v1.LabelSelectorRequirement(nil)";
        return $"v1.LabelSelector{{MatchLabels:{Map(selector["matchLabels"])}, MatchExpressions:{expressions}}}";
    }
}
