using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json.Nodes;
using ActorKube.Models;

namespace ActorKube.ApiServer;

/// <summary>Makes a definition's rows of the resource table: one a served version.</summary>
internal static class CustomResourceRows
{
    private static readonly string[] Verbs = ["delete", "deletecollection", "get", "list", "patch", "create", "update", "watch"];
    private static readonly string[] StatusVerbs = ["get", "patch", "update"];

    public static ImmutableArray<ApiResource> Of(JsonObject definition, ClusterStore cluster, WebhookCaller caller, Retirement retirement)
    {
        var spec = definition.Need("spec");
        var names = definition.At("status", "acceptedNames") is JsonObject { Count: > 0 } accepted && accepted.Text("plural") is { Length: > 0 } ? accepted : spec.Need("names");
        var group = spec.Text("group") ?? "";
        var plural = names.Text("plural") ?? "";
        var meta = definition.Metadata();
        var versions = spec.List("versions").Objects().ToList();
        var storage = versions.First(v => v["storage"].AsBool() == true).Text("name")!;
        var rows = ImmutableArray.CreateBuilder<ApiResource>();
        foreach (var version in versions.Where(v => v["served"].AsBool() == true))
        {
            var name = version.Text("name")!;
            var openApi = version.At("schema", "openAPIV3Schema") as JsonObject;
            var custom = new CustomResource
            {
                DefinitionName = meta.Text("name")!,
                DefinitionUid = meta.Text("uid") ?? "",
                StorageVersion = storage,
                PreserveUnknownFields = spec["preserveUnknownFields"].AsBool() == true,
                Schema = openApi is null ? null : StructuralSchemaReader.Read(openApi),
                OpenApiSchema = openApi,
                SelectableFields = SelectablePaths(version),
                Deprecated = version["deprecated"].AsBool() == true,
                DeprecationWarning = version.Text("deprecationWarning") ?? Deprecation(spec, name),
                Scale = version.At("subresources", "scale") is JsonObject scale ? ReadScale(scale) : null,
                Terminating = meta.ContainsKey("deletionTimestamp"),
                Retirement = retirement,
            };
            var hasStatus = version.At("subresources", "status") is not null;
            var subresources = new List<ApiSubresource>();
            if (hasStatus)
            {
                subresources.Add(new ApiSubresource("status", StatusVerbs));
            }
            if (custom.Scale is not null)
            {
                subresources.Add(new ApiSubresource("scale", StatusVerbs, "Scale", "autoscaling", "v1"));
            }
            var selectable = Selectable(version);
            rows.Add(new ApiResource
            {
                Group = group,
                Version = name,
                Plural = plural,
                Singular = names.Text("singular") ?? "",
                Kind = names.Text("kind") ?? "",
                ListKind = names.Text("listKind") ?? names.Text("kind") + "List",
                Namespaced = spec.Text("scope") == "Namespaced",
                ShortNames = [.. names.List("shortNames").Texts()],
                Categories = [.. names.List("categories").Texts()],
                Verbs = Verbs,
                Subresources = [.. subresources],
                HasGeneration = true,
                Strategy = new CustomResourceStrategy(custom, hasStatus),
                Schema = () => custom.Schema,
                Columns = Columns(version),
                Selectable = selectable,
                Store = cluster.Store(new GroupResource(group, plural), selectable.Of),
                Conversion = Conversion(spec, meta, versions.Count, $"{group}/{name}", $"{group}/{storage}", names.Text("kind") ?? "", custom, caller),
                Custom = custom,
            });
        }
        return rows.ToImmutable();
    }

    /// <summary>What is said of a deprecated version that has no words of its own: which newer one to use, where there is one.</summary>
    private static string Deprecation(JsonObject spec, string version)
    {
        var (group, kind) = (spec.Text("group"), spec.TextAt("names", "kind"));
        var newer = spec.List("versions").Objects().Where(v => v["served"].AsBool() == true && v["deprecated"].AsBool() != true).Select(v => v.Text("name")!)
            .Where(v => VersionOrder.Instance.Compare(v, version) > 0).OrderDescending(VersionOrder.Instance).FirstOrDefault();
        return $"{group}/{version} {kind} is deprecated" + (newer is null ? "" : $"; use {group}/{newer} {kind}");
    }

    /// <summary>None where there is nothing to convert: a definition with one version that was never changed.</summary>
    private static IVersionConversion? Conversion(JsonObject spec, JsonObject meta, int versions, string version, string storage, string kind, CustomResource custom, WebhookCaller caller)
    {
        if (versions == 1 && meta["generation"].AsLong() is null or <= 1)
        {
            return null;
        }
        return spec.Child("conversion") is { } conversion && conversion.Text("strategy") == "Webhook"
            ? new WebhookConversion(version, storage, custom, Stored(spec), kind, conversion.Need("webhook").Copy(), caller)
            : new SameShapeConversion(version, storage, custom);
    }

    /// <summary>The schema of the version that is stored.</summary>
    private static Schema? Stored(JsonObject spec) =>
        spec.List("versions").Objects().FirstOrDefault(v => v["storage"].AsBool() == true)?.At("schema", "openAPIV3Schema") is JsonObject schema ? StructuralSchemaReader.Read(schema) : null;

    private static ScalePaths ReadScale(JsonObject scale) => new(
        Path(scale.Text("specReplicasPath"))!, Path(scale.Text("statusReplicasPath"))!, Path(scale.Text("labelSelectorPath")));

    private static string[]? Path(string? path) => string.IsNullOrEmpty(path) ? null : path.TrimStart('.').Split('.');

    private static string[] SelectablePaths(JsonObject version) =>
        [.. version.List("selectableFields").Objects().Select(f => f.Text("jsonPath")?.TrimStart('.')).OfType<string>()];

    private static SelectableFields Selectable(JsonObject version)
    {
        var paths = SelectablePaths(version);
        return paths.Length == 0 ? SelectableFields.None : SelectableFields.At(paths);
    }

    private static TableColumns Columns(JsonObject version)
    {
        var printers = version.List("additionalPrinterColumns").Objects().ToList();
        if (printers.Count == 0)
        {
            return new TableColumns(TableColumns.Name,
                new TableColumn("Age", "date", static (o, time) => Durations.Since(o.TextAt("metadata", "creationTimestamp"), time)));
        }
        var columns = new List<TableColumn> { TableColumns.Name };
        foreach (var printer in printers)
        {
            var type = printer.Text("type") ?? "string";
            var path = SimpleJsonPath.TryParse(printer.Text("jsonPath") ?? "");
            columns.Add(new TableColumn(printer.Text("name") ?? "", type, (o, time) => Cell(path, type, o, time), printer.Text("format") ?? "",
                (int)(printer["priority"].AsLong() ?? 0), printer.Text("description") ?? ""));
        }
        return new TableColumns([.. columns]);
    }

    private static JsonNode? Cell(SimpleJsonPath? path, string type, JsonObject tree, TimeProvider time)
    {
        // A path that finds several values shows the first.
        if (path?.Find(tree).FirstOrDefault() is not { } first)
        {
            return null;
        }
        switch (type)
        {
            case "integer":
                return first.AsLong();
            case "number":
                return first.AsLong() is { } whole ? whole : first is JsonValue number && number.TryGetValue<double>(out var real) ? real : null;
            case "boolean":
                return first.AsBool();
            case "date":
                return first.AsText() is not { } stamp ? null : stamp.Length == 0 || Durations.IsTime(stamp) ? Durations.Since(stamp, time) : "<invalid>";
            default:
                return first.AsText() ?? first.ToJsonString(Json.Compact);
        }
    }

    /// <summary>
    /// Conversion strategy None: only apiVersion differs. What was stored under another version, or before the definition was changed, is
    /// pruned and defaulted as it is read.
    /// </summary>
    private sealed class SameShapeConversion(string version, string storage, CustomResource custom) : IVersionConversion
    {
        public void ToStorage(JsonObject tree) => tree["apiVersion"] = storage;

        public void FromStorage(JsonObject tree)
        {
            tree["apiVersion"] = version;
            if (custom is { Schema: { } schema, PreserveUnknownFields: false })
            {
                Structural.Prune(tree, schema, null);
                Structural.Default(tree, schema);
            }
        }
    }
}
