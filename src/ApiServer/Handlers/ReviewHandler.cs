using System.Text.Json.Nodes;

namespace ActorKube.ApiServer;

/// <summary>Kinds that are questions: who am I, may I, whose token is this. Nothing of them is stored.</summary>
internal sealed class ReviewHandler(Authenticator authenticator, IAuthorizer authorizer)
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
        switch (row.Plural)
        {
            case "selfsubjectreviews":
                tree["status"] = new JsonObject { ["userInfo"] = Describe(exchange.User) };
                break;
            case "tokenreviews":
                ReviewToken(tree);
                break;
            case "selfsubjectrulesreviews":
                tree["status"] = new JsonObject
                {
                    ["resourceRules"] = new JsonArray(new JsonObject { ["verbs"] = new JsonArray("*"), ["apiGroups"] = new JsonArray("*"), ["resources"] = new JsonArray("*") }),
                    ["nonResourceRules"] = new JsonArray(new JsonObject { ["verbs"] = new JsonArray("*"), ["nonResourceURLs"] = new JsonArray("*") }),
                    ["incomplete"] = false,
                };
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
        tree["status"] = authenticator.ByToken(token) is { } user
            ? new JsonObject { ["authenticated"] = true, ["user"] = Describe(user), ["audiences"] = new JsonArray(ServiceAccountTokens.Issuer) }
            : new JsonObject { ["user"] = new JsonObject(), ["error"] = "[invalid bearer token, unknown]" };
    }

    private void ReviewAccess(JsonObject tree, UserInfo self, ApiResource row, string? @namespace)
    {
        var spec = tree.Need("spec");
        var resource = spec.Child("resourceAttributes");
        var path = spec.Child("nonResourceAttributes");
        var errors = new FieldErrors();
        if (resource is null == path is null)
        {
            errors.Invalid("spec.resourceAttributes", resource is null ? "null" : resource.DeepClone(), resource is null
                ? "exactly one of nonResourceAttributes or resourceAttributes must be specified"
                : "cannot be specified in combination with nonResourceAttributes");
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
        tree["status"] = status;
    }

    private static JsonObject Describe(UserInfo user)
    {
        var info = new JsonObject { ["username"] = user.Name, ["groups"] = new JsonArray([.. user.Groups.Select(g => (JsonNode)g)]) };
        if (user.Uid.Length > 0)
        {
            info["uid"] = user.Uid;
        }
        return info;
    }
}
