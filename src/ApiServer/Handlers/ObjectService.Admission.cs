using System.Text.Json.Nodes;

namespace ActorKube.ApiServer;

/// <summary>Where a write waits for others: admission, and webhooks that convert between versions.</summary>
internal sealed partial class ObjectService
{
    private static readonly WriteContext Lenient = new() { FieldValidation = "Ignore" };

    private bool Asks(ApiResource row, WriteContext context) => context.Admitted && admission.Concerns(row);

    private async ValueTask<JsonObject> MutateNewAsync(ApiResource row, string? @namespace, JsonObject tree, WriteContext context)
    {
        if (!Asks(row, context))
        {
            return tree;
        }
        var request = new AdmissionAttributes(row, "CREATE", @namespace, tree.Metadata().Text("name") ?? "", context) { Object = tree };
        return Readable(row, tree, (await admission.MutateAsync(request).ConfigureAwait(false))!);
    }

    private async ValueTask<JsonObject> MutateChangedAsync(ApiResource row, StoredObject stored, JsonObject tree, JsonObject old, string? subresource, WriteContext context)
    {
        if (!Asks(row, context))
        {
            return tree;
        }
        var request = Attributes(row, "UPDATE", stored.Namespace, stored.Name, subresource, tree, old, context);
        var answer = (await admission.MutateAsync(request).ConfigureAwait(false))!;
        if (request.OtherKind is not null)
        {
            var version = tree.Metadata()["resourceVersion"]?.DeepClone();
            tree = ScaleForm.Put(row, tree, answer, stored.Name);
            tree.Metadata()["resourceVersion"] = version;
            return tree;
        }
        return Readable(row, tree, answer);
    }

    /// <summary>What a webhook made is read again as its kind.</summary>
    private static JsonObject Readable(ApiResource row, JsonObject given, JsonObject made)
    {
        if (ReferenceEquals(given, made))
        {
            return given;
        }
        if (row.Custom is null && (made.Text("kind") != row.Kind || made.Text("apiVersion") != row.ApiVersion))
        {
            throw Errors.Unforeseen($"converting ({made.Text("apiVersion")?.Split('/')[^1]}.{made.Text("kind")}) to ({(row.Group.Length == 0 ? "core" : row.Group.Split('.')[0])}.{row.Kind}): unknown conversion");
        }
        try
        {
            Decode(row, made, Lenient);
            return made;
        }
        catch (ApiException wrong)
        {
            var prefix = $"{row.Kind} in version \"{row.Version}\" cannot be handled as a {row.Kind}: ";
            throw Errors.Internal(wrong.Message.StartsWith(prefix, StringComparison.Ordinal) ? wrong.Message[prefix.Length..] : wrong.Message);
        }
    }

    private async ValueTask ValidateAsync(ApiResource row, string operation, string? @namespace, string name, string? subresource, JsonObject? tree, JsonObject? old, WriteContext context)
    {
        if (context.Admitted && tree is not null)
        {
            Escalation?.Check(row, tree, old, context.User);
        }
        if (Asks(row, context))
        {
            await admission.ValidateAsync(Attributes(row, operation, @namespace, name, subresource, tree, old, context)).ConfigureAwait(false);
        }
    }

    private async ValueTask AdmitDeletionAsync(ApiResource row, StoredObject stored, JsonObject tree, DeleteOptions options, WriteContext context)
    {
        if (context.Admitted && IsNamespace(row) && stored.Name is "default" or "kube-system" or "kube-public")
        {
            throw Errors.Forbidden(row.GroupResource, stored.Name, "this namespace may not be deleted");
        }
        if (!Asks(row, context))
        {
            return;
        }
        var described = (options with { GracePeriodSeconds = row.Strategy.GracePeriod(tree, options.GracePeriodSeconds) ?? options.GracePeriodSeconds }).Describe();
        var request = Attributes(row, "DELETE", stored.Namespace, options.OfCollection ? "" : stored.Name, null, null, tree, context) with { Options = described };
        await admission.MutateAsync(request).ConfigureAwait(false);
        await admission.ValidateAsync(request).ConfigureAwait(false);
    }

    /// <summary>Asks about something that is made below an object, such as an eviction; answers what is to be made.</summary>
    public async ValueTask<JsonObject> AdmitBelowAsync(ApiResource row, string? @namespace, string name, string subresource, JsonObject tree, WriteContext context)
    {
        if (!Asks(row, context))
        {
            return tree;
        }
        if (@namespace is not null)
        {
            tree.Metadata().Default("namespace", @namespace);
        }
        var version = Models.GroupVersion.Parse(tree.Text("apiVersion") ?? "v1");
        var request = new AdmissionAttributes(row, "CREATE", @namespace, name, context)
        {
            Subresource = subresource, Object = tree, OtherKind = version.WithKind(tree.Text("kind") ?? row.Kind),
        };
        request = request with { Object = await admission.MutateAsync(request).ConfigureAwait(false) };
        await admission.ValidateAsync(request).ConfigureAwait(false);
        return request.Object!;
    }

    /// <summary>Asks about a namespace's own finalizers being set.</summary>
    public async ValueTask AdmitFinalizeAsync(ApiResource row, string name, JsonArray finalizers, WriteContext context)
    {
        if (!Asks(row, context) || row.Store.Current.Get("", name) is not { } stored)
        {
            return;
        }
        var tree = stored.ToTree();
        tree.Need("spec")["finalizers"] = finalizers.DeepClone();
        var request = Attributes(row, "UPDATE", null, name, "finalize", tree, stored.ToTree(), context);
        await admission.MutateAsync(request).ConfigureAwait(false);
        await admission.ValidateAsync(request).ConfigureAwait(false);
    }

    /// <summary>Asks about a session with a pod.</summary>
    public async ValueTask AdmitConnectionAsync(ApiResource row, string? @namespace, string name, ApiSubresource subresource, Exchange exchange)
    {
        var context = exchange.DeleteContext(dryRun: false);
        if (!Asks(row, context))
        {
            return;
        }
        var options = new JsonObject { ["kind"] = subresource.Kind, ["apiVersion"] = "v1" };
        foreach (var (key, values) in exchange.Http.Request.Query)
        {
            options[key] = key switch
            {
                "stdin" or "stdout" or "stderr" or "tty" => exchange.Flag(key),
                "command" => new JsonArray([.. values.Select(v => (JsonNode)(v ?? ""))]),
                "ports" => new JsonArray([.. values.SelectMany(v => (v ?? "").Split(',')).Select(v => int.TryParse(v, out var port) ? (JsonNode)port : v)]),
                _ => values.ToString(),
            };
        }
        var request = new AdmissionAttributes(row, "CONNECT", @namespace, name, context)
        {
            Subresource = subresource.Name, Object = options, OtherKind = new Models.GroupVersionKind("", "v1", subresource.Kind ?? row.Kind),
        };
        await admission.MutateAsync(request).ConfigureAwait(false);
        await admission.ValidateAsync(request).ConfigureAwait(false);
    }

    private static AdmissionAttributes Attributes(ApiResource row, string operation, string? @namespace, string name, string? subresource, JsonObject? tree, JsonObject? old, WriteContext context)
    {
        var request = new AdmissionAttributes(row, operation, string.IsNullOrEmpty(@namespace) ? null : @namespace, name, context) { Subresource = subresource, Object = tree, OldObject = old };
        return subresource == "scale"
            ? request with { OtherKind = new Models.GroupVersionKind("autoscaling", "v1", "Scale"), Object = ScaleForm.Of(row, tree!), OldObject = ScaleForm.Of(row, old!) }
            : request;
    }

    /// <summary>A fresh tree of a stored object in a row's version, where somebody may have to be asked for it.</summary>
    public static async ValueTask<JsonObject> ViewAsync(ApiResource row, StoredObject stored, WriteContext context)
    {
        if (row.Conversion is { } conversion)
        {
            await conversion.PrepareAsync([stored], context.Cancellation).ConfigureAwait(false);
        }
        return View(row, stored);
    }

    private static ValueTask ToStorageAsync(ApiResource row, JsonObject tree, WriteContext context) =>
        row.Conversion?.ToStorageAsync(tree, context.Cancellation) ?? ValueTask.CompletedTask;

    /// <summary>Whether an object stands in the version that is stored now: a write that changes nothing else still brings it there.</summary>
    private static bool IsStoredAs(ApiResource row, StoredObject stored) =>
        row.Custom is null || stored.ApiVersion == $"{row.Group}/{row.Custom.StorageVersion}";
}
