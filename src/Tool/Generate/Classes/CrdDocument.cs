using System.Text.Json.Nodes;
using ActorKube.Models;

namespace ActorKube.Tool;

/// <summary>A CustomResourceDefinition as a class needs it.</summary>
internal sealed record CrdDocument(
    string Name, string Group, string Kind, string Plural, string? Singular, string? ListKind, bool Namespaced, IReadOnlyList<string> ShortNames, IReadOnlyList<string> Categories, IReadOnlyList<CrdVersion> Versions,
    JsonObject? ConversionWebhook)
{
    /// <summary>The same, if every name in it is one as a server has them: names become those of classes and files, and a definition may be anybody's.</summary>
    /// <exception cref="GenerateException">One is not.</exception>
    public CrdDocument Checked(string source)
    {
        Require("metadata.name", Name, NameRules.CheckDns1123Subdomain);
        if (Group.Length > 0) Require("spec.group", Group, NameRules.CheckDns1123Subdomain);
        Require("spec.names.kind", Kind.ToLowerInvariant(), NameRules.CheckDns1035Label);
        Require("spec.names.plural", Plural, NameRules.CheckDns1035Label);
        foreach (var version in Versions) Require("spec.versions[].name", version.Name, NameRules.CheckDns1035Label);
        return this;

        void Require(string field, string value, Func<string, IReadOnlyList<string>> check)
        {
            if (check(value) is [var problem, ..]) throw new GenerateException($"{source}: {ClassSource.Line(Name)}: .{field} is no such name: {problem}");
        }
    }

    /// <summary>Every definition in a YAML or JSON text; other objects are passed over.</summary>
    public static IEnumerable<CrdDocument> ReadAll(string text, string source)
    {
        foreach (var o in KubeYaml.LoadAll(text).SelectMany(o => o.IsList ? o.Items.Select(item => Named(item, o)) : [o]))
        {
            if (o.Kind != "CustomResourceDefinition") continue;
            if (o.ApiVersion != "apiextensions.k8s.io/v1")
                throw new GenerateException($"{source}: {o.Name} is a CustomResourceDefinition of {o.ApiVersion}, which servers stopped taking with Kubernetes 1.22: write it as apiextensions.k8s.io/v1.");
            yield return Read(o, source).Checked(source);
        }
    }

    // Servers say of a list's items only in the list what they are.
    private static Unstructured Named(Unstructured item, Unstructured list)
    {
        if (item.Kind.Length == 0 && list.Kind.EndsWith("List", StringComparison.Ordinal)) (item.ApiVersion, item.Kind) = (list.ApiVersion, list.Kind[..^"List".Length]);
        return item;
    }

    private static CrdDocument Read(Unstructured o, string source)
    {
        string Text(params string[] path) => o.GetString(path) ?? throw new GenerateException($"{source}: {o.Name} lacks .{string.Join('.', path)}.");
        var versions = o.GetList("spec", "versions") ?? throw new GenerateException($"{source}: {o.Name} lacks .spec.versions.");
        return new CrdDocument(
            o.Name, Text("spec", "group"), Text("spec", "names", "kind"), Text("spec", "names", "plural"),
            o.GetString("spec", "names", "singular"), o.GetString("spec", "names", "listKind"), o.GetString("spec", "scope") != "Cluster",
            o.GetStringList("spec", "names", "shortNames") ?? [], o.GetStringList("spec", "names", "categories") ?? [],
            [.. versions.OfType<JsonObject>().Select(version => CrdVersion.Read(new Unstructured(version), $"{source}: {o.Name}"))],
            o.GetString("spec", "conversion", "strategy") == "Webhook" ? o.GetMap("spec", "conversion", "webhook") : null);
    }
}

/// <summary>A version of a custom resource.</summary>
internal sealed record CrdVersion(
    string Name, bool Served, bool Storage, bool Deprecated, string? DeprecationWarning, bool HasStatus, JsonObject? Scale, IReadOnlyList<JsonObject> Columns,
    IReadOnlyList<string> SelectableFields, JsonObject Schema)
{
    public static CrdVersion Read(Unstructured version, string source)
    {
        var name = version.GetString("name") ?? throw new GenerateException($"{source} has a version without a name.");
        var schema = version.GetMap("schema", "openAPIV3Schema") ?? throw new GenerateException($"{source} {name} has no schema.");
        return new CrdVersion(
            name, version.GetBool("served") ?? true, version.GetBool("storage") ?? false,
            version.GetBool("deprecated") ?? false, version.GetString("deprecationWarning"),
            version.Get("subresources", "status") is not null, version.GetMap("subresources", "scale"),
            [.. version.GetList("additionalPrinterColumns")?.OfType<JsonObject>() ?? []],
            [.. version.GetList("selectableFields")?.Select(field => (string?)field?["jsonPath"]).OfType<string>() ?? []], schema);
    }
}
