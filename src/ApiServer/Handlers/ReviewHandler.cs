using System.Text.Json.Nodes;

namespace ActorKube.ApiServer;

/// <summary>Kinds that are questions: who am I, may I, whose token is this. Nothing of them is stored.</summary>
internal sealed class ReviewHandler(Authenticator authenticator, IAuthorizer authorizer, FieldManagement managers)
{
    public static bool Answers(ApiResource row) => row.Plural is "selfsubjectreviews" or "tokenreviews" or "localsubjectaccessreviews"
        or "selfsubjectaccessreviews" or "selfsubjectrulesreviews" or "subjectaccessreviews" && row.Group is "authentication.k8s.io" or "authorization.k8s.io";

    public async Task AnswerAsync(Exchange exchange, ApiResource row, string? @namespace)
    {
        var context = exchange.WriteContext();
        var tree = await BodyReader.ReadObjectAsync(exchange, row, []).ConfigureAwait(false);
        ObjectService.Decode(row, tree, context);
        exchange.Warn(context.Warnings);
        tree.Metadata().Default("creationTimestamp", JsonValue.Create((string?)null)!);
        tree.Metadata()["creationTimestamp"] = null;
        if (row.Plural is not ("selfsubjectreviews" or "selfsubjectrulesreviews"))
        {
            managers.Asked(tree, new(row.Group, row.Version, row.Kind), "", context);
        }
        switch (row.Plural)
        {
            case "selfsubjectreviews":
                // An answer of its own making: nothing of the question is in it.
                tree["metadata"] = new JsonObject { ["creationTimestamp"] = MetadataRules.Timestamp(exchange.Time.GetUtcNow()) };
                tree["status"] = new JsonObject { ["userInfo"] = exchange.User.Describe() };
                break;
            case "tokenreviews":
                ReviewToken(tree);
                break;
            case "selfsubjectrulesreviews":
                ListRules(tree, exchange.User);
                break;
            default:
                ReviewAccess(tree, exchange.User, row, @namespace);
                break;
        }
        await exchange.Answer(201, tree).ConfigureAwait(false);
    }

    private void ReviewToken(JsonObject tree)
    {
        var token = tree.TextAt("spec", "token") ?? "";
        if (token.Length == 0)
        {
            throw Errors.BadRequest("token is required for TokenReview in authentication");
        }
        var asked = (tree.At("spec", "audiences") as JsonArray).Texts().ToList();
        IEnumerable<string> audiences = asked.Count > 0 ? asked : [ServiceAccountTokens.Issuer];
        if (authenticator.ByToken(token, asked) is { } known && !known.Name.StartsWith("system:serviceaccount:", StringComparison.Ordinal) && asked.Count > 0)
        {
            // A token that is for nobody in particular is for the server itself.
            audiences = asked.Where(a => a == ServiceAccountTokens.Issuer);
            if (!audiences.Any())
            {
                tree["status"] = new JsonObject { ["user"] = new JsonObject(), ["error"] = "invalid bearer token" };
                return;
            }
        }
        tree["status"] = authenticator.ByToken(token, asked) is { } user
            ? new JsonObject { ["authenticated"] = true, ["user"] = user.Describe(), ["audiences"] = new JsonArray([.. audiences.Select(a => (JsonNode)a)]) }
            : new JsonObject { ["user"] = new JsonObject(), ["error"] = asked.Count > 0 && authenticator.ByToken(token) is { } other && other.Name.StartsWith("system:serviceaccount:", StringComparison.Ordinal)
                ? $"[invalid bearer token, token audiences [{FieldErrors.Quote(ServiceAccountTokens.Issuer)}] is invalid for the target audiences [{string.Join(' ', asked.Select(FieldErrors.Quote))}]]"
                : "invalid bearer token" };
    }

    private void ListRules(JsonObject tree, UserInfo user)
    {
        var space = tree.TextAt("spec", "namespace") ?? "";
        if (space.Length == 0)
        {
            throw Errors.BadRequest("no namespace on request");
        }
        var rules = authorizer.RulesOf(user, space).ToList();
        tree["status"] = new JsonObject
        {
            ["resourceRules"] = new JsonArray([.. rules.Where(r => !r.IsAboutPaths).Select(r => r.Describe())]),
            ["nonResourceRules"] = new JsonArray([.. rules.Where(r => r.IsAboutPaths).Select(r => r.Describe())]),
            ["incomplete"] = false,
        };
        tree["spec"] = new JsonObject();
    }

    private static string Shown(JsonObject path) =>
        $"authorization.NonResourceAttributes{{Path:{FieldErrors.Quote(path.Text("path") ?? "")}, Verb:{FieldErrors.Quote(path.Text("verb") ?? "")}}}";

    private void ReviewAccess(JsonObject tree, UserInfo self, ApiResource row, string? @namespace)
    {
        var spec = tree.Need("spec");
        var resource = spec.Child("resourceAttributes");
        var path = spec.Child("nonResourceAttributes");
        var errors = new FieldErrors();
        if (resource is null && path is null)
        {
            errors.Invalid("spec.resourceAttributes", null, "exactly one of nonResourceAttributes or resourceAttributes must be specified");
        }
        else if (resource is not null && path is not null)
        {
            errors.InvalidShown("spec.nonResourceAttributes", Shown(path), "cannot be specified in combination with resourceAttributes");
        }
        var user = self;
        if (row.Plural != "selfsubjectaccessreviews")
        {
            user = new UserInfo(spec.Text("user") ?? "", [.. spec.List("groups").Texts()], spec.Text("uid") ?? "");
            if (user.Name.Length == 0 && user.Groups.Length == 0)
            {
                errors.Invalid("spec.user", "", "at least one of user or group must be specified");
            }
        }
        if (resource is not null)
        {
            AccessReviewSelectors.Validate(resource, errors);
        }
        if (row.Plural == "localsubjectaccessreviews")
        {
            tree.Metadata()["namespace"] = @namespace;
            if (resource is not null && resource.Text("namespace") != @namespace)
            {
                errors.Invalid("spec.resourceAttributes.namespace", resource.Text("namespace") ?? "", "must match metadata.namespace");
            }
            if (path is not null)
            {
                errors.InvalidShown("spec.nonResourceAttributes", Shown(path), "disallowed on this kind of request");
            }
        }
        var metadata = tree.Metadata().Copy();
        foreach (var own in (string[])["managedFields", "creationTimestamp", row.Plural == "localsubjectaccessreviews" ? "namespace" : ""])
        {
            metadata.Remove(own);
        }
        if (metadata.Count > 0)
        {
            errors.Invalid("metadata", metadata, row.Plural == "localsubjectaccessreviews" ? "must be empty except for namespace" : "must be empty");
        }
        if (errors.Any)
        {
            throw Errors.Of(422, "Invalid", $".authorization.k8s.io \"\" is invalid: {errors.Joined()}", Errors.Details(null, "authorization.k8s.io", null, errors.Causes()));
        }
        var attributes = resource is not null
            ? new AccessAttributes(user, resource.Text("verb") ?? "", resource.Text("group") ?? "", resource.Text("resource") ?? "", resource.Text("subresource") ?? "",
                row.Plural == "localsubjectaccessreviews" ? @namespace ?? "" : resource.Text("namespace") ?? "", resource.Text("name") ?? "", null)
            : new AccessAttributes(user, path.TextAt("verb") ?? "", "", "", "", "", "", path.TextAt("path") ?? "");
        var decision = authorizer.Allows(attributes);
        var status = new JsonObject { ["allowed"] = decision.Allowed };
        if (decision.Reason.Length > 0)
        {
            status["reason"] = decision.Reason;
        }
        if (resource is not null && AccessReviewSelectors.Ignored(resource) is { Length: > 0 } ignored)
        {
            status["evaluationError"] = ignored;
        }
        tree["status"] = status;
    }
}
