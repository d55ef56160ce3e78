using System.Text.Json.Nodes;

namespace ActorKube.ApiServer;

/// <summary>The paths of a custom resource and what can be done at each, in version 2's form; parameters that all resources share are those of the built-in document.</summary>
internal static class CustomOpenApiPaths
{
    private const string Status = "io.k8s.apimachinery.pkg.apis.meta.v1.Status";
    private const string Scale = "io.k8s.api.autoscaling.v1.Scale";

    private static readonly string[] ListParameters =
    [
        "allowWatchBookmarks-HC2hJt-J", "continue-QfD61s0i", "fieldSelector-xIcQKXFG", "labelSelector-5Zw57w4C", "limit-1NfNmdNH", "resourceVersion-5WAnf1kx",
        "resourceVersionMatch-t8XhRHeC", "sendInitialEvents-rLXlEK_k", "timeoutSeconds-yvYezaOC", "watch-XNNPZGbK",
    ];

    private const string Pretty = "pretty-tJGM1-ng";
    private const string Namespace = "namespace-vgWSWtn3";

    /// <summary>Groups that know DeleteOptions, which a real server's documents of custom resources do not name: the part of it that makes them has no such groups.</summary>
    private static readonly string[] NotOfDefinitions = ["admission.k8s.io", "apiextensions.k8s.io", "apiregistration.k8s.io", "imagepolicy.k8s.io"];

    /// <summary>Takes out of the built-in definitions of a document of custom resources what is not said there.</summary>
    public static void Narrow(JsonObject schemas)
    {
        if (schemas.Child("io.k8s.apimachinery.pkg.apis.meta.v1.DeleteOptions")?.List("x-kubernetes-group-version-kind") is { } kinds)
        {
            foreach (var kind in kinds.Objects().Where(k => NotOfDefinitions.Contains(k.Text("group"))).ToArray())
            {
                kinds.Remove(kind);
            }
        }
    }

    public static IEnumerable<(string Path, JsonObject Item)> Of(ApiResource row)
    {
        var root = $"/apis/{row.Group}/{row.Version}";
        var collection = row.Namespaced ? $"{root}/namespaces/{{namespace}}/{row.Plural}" : $"{root}/{row.Plural}";
        var of = new Operations(row);
        yield return (collection, of.Item(named: false,
            ("get", of.List()), ("post", of.Create()), ("delete", of.DeleteCollection())));
        if (row.Namespaced)
        {
            var everywhere = of.List(forAllNamespaces: true);
            everywhere.Remove("parameters");
            yield return ($"{root}/{row.Plural}", new JsonObject
            {
                ["get"] = everywhere,
                ["parameters"] = Shared([.. ListParameters.Append(Pretty).Order(StringComparer.Ordinal)]),
            });
        }
        yield return ($"{collection}/{{name}}", of.Item(named: true,
            ("get", of.Read("", of.Kind)), ("put", of.Replace("", of.Kind)), ("delete", of.Delete()), ("patch", of.Patch("", of.Kind))));
        foreach (var (name, definition) in row.Subresources.Select(s => (s.Name, s.Name == "scale" ? Scale : of.Kind)))
        {
            var suffix = string.Concat(name[..1].ToUpperInvariant(), name.AsSpan(1));
            yield return ($"{collection}/{{name}}/{name}", of.Item(named: true,
                ("get", of.Read(suffix, definition)), ("put", of.Replace(suffix, definition)), ("patch", of.Patch(suffix, definition))));
        }
    }

    private static JsonArray Shared(params IEnumerable<string> names) => [.. names.Select(n => new JsonObject { ["$ref"] = "#/parameters/" + n })];

    private static JsonObject Query(string name) => new() { ["uniqueItems"] = true, ["type"] = "string", ["name"] = name, ["in"] = "query" };

    private static JsonObject Reference(string definition) => new() { ["$ref"] = "#/definitions/" + definition };

    private sealed class Operations(ApiResource row)
    {
        private static readonly string[] Media = ["application/json", "application/yaml"];

        private readonly string _tag = Camel(row.Group) + "_" + row.Version;
        private readonly string _group = Pascal(row.Group) + Pascal(row.Version);
        private readonly string _scope = row.Namespaced ? "Namespaced" : "";

        public string Kind { get; } = CustomOpenApiSchemas.DefinitionName(row, row.Kind);

        public JsonObject Item(bool named, params ReadOnlySpan<(string Method, JsonObject Operation)> operations)
        {
            var item = new JsonObject();
            foreach (var (method, operation) in operations)
            {
                item[method] = operation;
            }
            var parameters = Shared(row.Namespaced ? [Namespace, Pretty] : [Pretty]);
            if (named)
            {
                parameters.Insert(0, new JsonObject { ["uniqueItems"] = true, ["type"] = "string", ["name"] = "name", ["in"] = "path", ["required"] = true });
            }
            item["parameters"] = parameters;
            return item;
        }

        public JsonObject List(bool forAllNamespaces = false) => Operation("list", forAllNamespaces ? $"list{_group}{row.Kind}ForAllNamespaces" : $"list{_group}{_scope}{row.Kind}",
            Shared(ListParameters), CustomOpenApiSchemas.DefinitionName(row, row.ListKind), 200);

        public JsonObject DeleteCollection() =>
            Operation("deletecollection", $"delete{_group}Collection{_scope}{row.Kind}", Shared(ListParameters), Status, 200);

        public JsonObject Create() => Operation("post", Name("create", ""), Writing(Kind), Kind, 200, 201, 202);

        public JsonObject Read(string suffix, string definition) => Operation("get", Name("read", suffix), Shared("resourceVersion-5WAnf1kx"), definition, 200);

        public JsonObject Replace(string suffix, string definition) => Operation("put", Name("replace", suffix), Writing(definition), definition, 200, 201);

        public JsonObject Delete()
        {
            var parameters = Shared("body-2Y1dVQaQ", "gracePeriodSeconds--K5HaBOS", "ignoreStoreReadErrorWithClusterBreakingPotential-QbNkfIqj", "orphanDependents-uRB25kX5",
                "propagationPolicy-6jk3prlO");
            parameters.Insert(1, Query("dryRun"));
            return Operation("delete", Name("delete", ""), parameters, Status, 200, 202);
        }

        public JsonObject Patch(string suffix, string definition)
        {
            var parameters = Shared("body-78PwaGsr", "fieldManager-7c6nTn1T", "force-tOGGb0Yi");
            parameters.Insert(1, Query("dryRun"));
            parameters.Insert(3, Query("fieldValidation"));
            var operation = Operation("patch", Name("patch", suffix), parameters, definition, 200);
            operation["consumes"] = new JsonArray("application/json-patch+json", "application/merge-patch+json", "application/apply-patch+yaml");
            return operation;
        }

        private string Name(string action, string suffix) => $"{action}{_group}{_scope}{row.Kind}{suffix}";

        private static JsonArray Writing(string definition) =>
        [
            new JsonObject { ["name"] = "body", ["in"] = "body", ["required"] = true, ["schema"] = Reference(definition) },
            Query("dryRun"),
            new JsonObject { ["$ref"] = "#/parameters/fieldManager-Qy4HdaTW" },
            Query("fieldValidation"),
        ];

        private JsonObject Operation(string action, string id, JsonArray parameters, string answer, params ReadOnlySpan<int> codes)
        {
            var responses = new JsonObject();
            foreach (var code in codes)
            {
                responses[code.ToString(System.Globalization.CultureInfo.InvariantCulture)] =
                    new JsonObject { ["description"] = code switch { 201 => "Created", 202 => "Accepted", _ => "OK" }, ["schema"] = Reference(answer) };
            }
            responses["401"] = new JsonObject { ["description"] = "Unauthorized" };
            return new JsonObject
            {
                ["consumes"] = new JsonArray([.. Media]),
                ["produces"] = new JsonArray([.. Media]),
                ["schemes"] = new JsonArray("https"),
                ["tags"] = new JsonArray(_tag),
                ["operationId"] = id,
                ["parameters"] = parameters,
                ["responses"] = responses,
                ["x-kubernetes-action"] = action,
                ["x-kubernetes-group-version-kind"] = new JsonObject { ["group"] = row.Group, ["kind"] = row.Kind, ["version"] = row.Version },
            };
        }

        private static string Pascal(string name) => string.Concat(name.Split('.', '-').Where(p => p.Length > 0).Select(p => char.ToUpperInvariant(p[0]) + p[1..]));

        private static string Camel(string name)
        {
            var pascal = Pascal(name);
            return pascal.Length == 0 ? pascal : char.ToLowerInvariant(pascal[0]) + pascal[1..];
        }
    }
}
