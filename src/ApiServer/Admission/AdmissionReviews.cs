using System.Text.Json.Nodes;

namespace ActorKube.ApiServer;

/// <summary>What a webhook said.</summary>
internal sealed record AdmissionVerdict(bool Allowed, JsonObject? Status, byte[]? Patch, string[] Warnings);

/// <summary>Writes and reads <c>AdmissionReview</c>.</summary>
internal static class AdmissionReviews
{
    private const string Group = "admission.k8s.io";

    /// <summary>The part that also match conditions see as <c>request</c>.</summary>
    /// <param name="request">What is asked of the server.</param>
    /// <param name="row">The row in whose version the webhook asked to see the request.</param>
    /// <param name="uid">What the answer has to repeat.</param>
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
        // A namespace lies in itself here.
        if (request.Namespace is { } space)
        {
            tree["namespace"] = space;
        }
        else if (request.Row is { Group: "", Plural: "namespaces" })
        {
            tree["namespace"] = request.Name;
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
        // A patch is asked about as what it makes of the object: a new one or another state.
        var options = (request.Options ?? request.Context.Options).Copy();
        options["kind"] = request.Operation switch { "CREATE" => "CreateOptions", "DELETE" => "DeleteOptions", _ => "UpdateOptions" };
        options["apiVersion"] = "meta.k8s.io/v1";
        tree["options"] = options;
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
        var (given, kind) = (review.Text("apiVersion") ?? "", review.Text("kind") ?? "");
        if (given.Length > 0 && kind.Length > 0 && kind != "AdmissionReview")
        {
            throw new WebhookException($"no kind \"{kind}\" is registered for version \"{given}\" in scheme \"k8s.io/apiserver/pkg/util/webhook/client.go:71\"");
        }
        if (given.Length > 0 && given != $"{Group}/{version}")
        {
            throw new WebhookException($"converting ({given[(given.IndexOf('/', StringComparison.Ordinal) + 1)..]}.AdmissionReview) to ({version}.AdmissionReview): unknown conversion");
        }
        if (review.Child("response") is not { } response)
        {
            throw new WebhookException("webhook response was absent", isAnswer: true);
        }
        if (response["allowed"] is { } allowed && allowed.AsBool() is null)
        {
            throw new WebhookException($"json: cannot unmarshal {BodyReader.Word(allowed)} into Go struct field AdmissionResponse.response.allowed of type bool");
        }
        return new AdmissionVerdict(response["allowed"].AsBool() == true, response.Child("status"), Patch(review, response, version, uid, mutating), [.. response.List("warnings").Texts()]);
    }

    /// <summary>The patch of an answer; null where it has none.</summary>
    private static byte[]? Patch(JsonObject review, JsonObject response, string version, string uid, bool mutating)
    {
        var patch = Decoded(response.Text("patch") ?? "");
        if (version != "v1")
        {
            return patch.Length > 0 ? patch : null;
        }
        if (response.Text("uid") is var answered && answered != uid)
        {
            throw new WebhookException($"expected response.uid={FieldErrors.Quote(uid)}, got {FieldErrors.Quote(answered ?? "")}", isAnswer: true);
        }
        if (review.Text("apiVersion") is not { Length: > 0 })
        {
            throw new WebhookException($"expected webhook response of {Group}/v1, Kind=AdmissionReview, got /, Kind={review.Text("kind")}", isAnswer: true);
        }
        var type = response.Text("patchType");
        if (!mutating)
        {
            return patch.Length > 0 ? throw new WebhookException("validating webhook may not return response.patch", isAnswer: true)
                : type is not null ? throw new WebhookException("validating webhook may not return response.patchType", isAnswer: true) : null;
        }
        if (patch.Length == 0)
        {
            return type is null ? null : throw new WebhookException("webhook returned response.patchType but not response.patch", isAnswer: true);
        }
        return type switch
        {
            "JSONPatch" => patch,
            null => throw new WebhookException("webhook returned response.patch but not response.patchType", isAnswer: true),
            "" => throw new WebhookException("webhook returned invalid response.patchType of \"\"", isAnswer: true),
            _ => throw new WebhookException($"unsupported patch type {FieldErrors.Quote(type)}", isAnswer: true) { Unprefixed = true },
        };
    }

    private static byte[] Decoded(string text)
    {
        try
        {
            return Convert.FromBase64String(text);
        }
        catch (FormatException)
        {
            var at = text.TakeWhile(c => char.IsAsciiLetterOrDigit(c) || c is '+' or '/').Count();
            throw new WebhookException($"illegal base64 data at input byte {at}");
        }
    }

    /// <summary>The refusal that a webhook's denial becomes.</summary>
    public static ApiException Denial(string webhook, JsonObject? given)
    {
        var status = given?.Copy() ?? [];
        var said = status.Text("message") is { Length: > 0 } message ? message : status.Text("reason") is { Length: > 0 } reason ? reason : null;
        var deniedBy = $"admission webhook \"{webhook}\" denied the request";
        var code = status["code"].AsLong() is >= 400 and <= 999 and var wanted ? (int)wanted : 400;
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
