using System.Text.Json.Nodes;

namespace ActorKube.ApiServer;

/// <summary>What a webhook said.</summary>
internal sealed record AdmissionVerdict(bool Allowed, JsonObject? Status, JsonArray? Patch, string[] Warnings);

/// <summary>Writes and reads <c>AdmissionReview</c>.</summary>
internal static class AdmissionReviews
{
    private const string Group = "admission.k8s.io";

    /// <summary>The part that also match conditions see as <c>request</c>.</summary>
    /// <param name="row">The row in whose version the webhook asked to see the request.</param>
    public static async ValueTask<JsonObject> RequestAsync(AdmissionAttributes request, ApiResource row, string uid)
    {
        var kind = request.OtherKind is { } other ? Kind(other.Group, other.Version, other.Kind) : Kind(row.Group, row.Version, row.Kind);
        var tree = new JsonObject
        {
            ["uid"] = uid,
            ["kind"] = kind,
            ["resource"] = new JsonObject { ["group"] = row.Group, ["version"] = row.Version, ["resource"] = row.Plural },
        };
        if (request.Subresource is { } subresource)
        {
            tree["subResource"] = subresource;
        }
        tree["requestKind"] = Kind(request.Kind.Group, request.Kind.Version, request.Kind.Kind);
        tree["requestResource"] = new JsonObject { ["group"] = request.Row.Group, ["version"] = request.Row.Version, ["resource"] = request.Row.Plural };
        if (request.Subresource is { } asked)
        {
            tree["requestSubResource"] = asked;
        }
        if (request.Name.Length > 0)
        {
            tree["name"] = request.Name;
        }
        if (request.Namespace is { } space)
        {
            tree["namespace"] = space;
        }
        tree["operation"] = request.Operation;
        tree["userInfo"] = request.Context.User.Describe();
        tree["object"] = await ConvertedAsync(request.Object, request.Row, row, request.Context.Cancellation).ConfigureAwait(false);
        tree["oldObject"] = await ConvertedAsync(request.OldObject, request.Row, row, request.Context.Cancellation).ConfigureAwait(false);
        tree["dryRun"] = request.Context.DryRun;
        if (request.Operation == "CONNECT")
        {
            tree["options"] = null;
            return tree;
        }
        tree["options"] = new JsonObject
        {
            ["kind"] = request.Operation switch { "CREATE" => "CreateOptions", "DELETE" => "DeleteOptions", _ => request.Context.OptionsKind },
            ["apiVersion"] = "meta.k8s.io/v1",
        };
        if (request.Operation is "CREATE" or "UPDATE")
        {
            tree["options"]!["fieldManager"] = request.Context.FieldManager;
            tree["options"]!["fieldValidation"] = request.Context.FieldValidation;
        }
        if (request.Context.DryRun)
        {
            tree["options"]!["dryRun"] = new JsonArray("All");
        }
        return tree;
    }

    public static JsonObject Review(string version, JsonObject request) => new()
    {
        ["kind"] = "AdmissionReview",
        ["apiVersion"] = $"{Group}/{version}",
        ["request"] = request,
    };

    /// <summary>Reads an answer.</summary>
    /// <exception cref="WebhookException">It is not one to this request.</exception>
    public static AdmissionVerdict Read(JsonObject review, string version, string uid, bool mutating)
    {
        if (review.Child("response") is not { } response)
        {
            throw new WebhookException("expected webhook response, got none");
        }
        if (version == "v1")
        {
            if (review.Text("apiVersion") != $"{Group}/v1" || review.Text("kind") != "AdmissionReview")
            {
                throw new WebhookException($"expected webhook response of {Group}/v1, Kind=AdmissionReview, got {review.Text("apiVersion")}, Kind={review.Text("kind")}");
            }
            if (response.Text("uid") != uid)
            {
                throw new WebhookException($"expected response.uid=\"{uid}\", got \"{response.Text("uid")}\"");
            }
        }
        var patch = response.Text("patch");
        var type = response.Text("patchType");
        if (!mutating && (patch is not null || type is not null))
        {
            throw new WebhookException("expected no response.patch or response.patchType for a validating webhook");
        }
        if (version == "v1" && patch is { Length: > 0 } != type is { Length: > 0 })
        {
            throw new WebhookException(patch is null ? "response.patchType is set without a response.patch" : "response.patch is set without a response.patchType");
        }
        if (type is { Length: > 0 } and not "JSONPatch")
        {
            throw new WebhookException($"unknown patch type \"{type}\"");
        }
        return new AdmissionVerdict(response["allowed"].AsBool() == true, response.Child("status"), patch is { Length: > 0 } ? Operations(patch) : null,
            [.. response.List("warnings").Texts()]);
    }

    private static JsonArray Operations(string patch)
    {
        try
        {
            return Json.Parse(Convert.FromBase64String(patch)) as JsonArray ?? throw new WebhookException("the patch is no list of operations");
        }
        catch (Exception wrong) when (wrong is FormatException or System.Text.Json.JsonException)
        {
            throw new WebhookException($"the patch cannot be read: {wrong.Message}");
        }
    }

    /// <summary>The refusal that a webhook's denial becomes.</summary>
    public static ApiException Denial(string webhook, JsonObject? given)
    {
        var status = given?.Copy() ?? [];
        var said = status.Text("message") is { Length: > 0 } message ? message : status.Text("reason") is { Length: > 0 } reason ? reason : null;
        var deniedBy = $"admission webhook \"{webhook}\" denied the request";
        var code = status["code"].AsLong() is >= 400 and <= 599 and var wanted ? (int)wanted : 400;
        status["kind"] = "Status";
        status["apiVersion"] = "v1";
        status["metadata"] = new JsonObject();
        status["status"] = "Failure";
        status["message"] = said is null ? $"{deniedBy} without explanation" : $"{deniedBy}: {said}";
        status["code"] = code;
        return new ApiException(code, status);
    }

    /// <summary>An object in another version of the same resource.</summary>
    public static async ValueTask<JsonObject?> ConvertedAsync(JsonObject? tree, ApiResource from, ApiResource to, CancellationToken cancellation)
    {
        if (tree is null || ReferenceEquals(from, to))
        {
            return tree?.Copy();
        }
        var copy = tree.Copy();
        if (from.Conversion is { } stored)
        {
            await stored.ToStorageAsync(copy, cancellation).ConfigureAwait(false);
        }
        if (to.Conversion is { } shown)
        {
            await shown.FromStorageAsync(copy, cancellation).ConfigureAwait(false);
        }
        copy["apiVersion"] = to.ApiVersion;
        copy["kind"] = to.Kind;
        return copy;
    }

    private static JsonObject Kind(string group, string version, string kind) => new() { ["group"] = group, ["version"] = version, ["kind"] = kind };
}
