using System.Text.Json.Nodes;
using ActorKube.Models;

namespace ActorKube.ApiServer;

/// <summary>The Status answers of a kube-apiserver, word for word.</summary>
internal static class Errors
{
    public static ApiException Of(int code, string reason, string message, JsonObject? details = null, int retryAfter = 0)
    {
        var status = new JsonObject
        {
            ["kind"] = "Status",
            ["apiVersion"] = "v1",
            ["metadata"] = new JsonObject(),
            ["status"] = "Failure",
            ["message"] = message,
        };
        if (reason.Length > 0)
        {
            status["reason"] = reason;
        }
        if (details is not null)
        {
            status["details"] = details;
        }
        status["code"] = code;
        return new ApiException(code, status) { RetryAfterSeconds = retryAfter };
    }

    public static JsonObject Details(string? name, string? group, string? kind, JsonArray? causes = null, int retryAfter = 0)
    {
        var details = new JsonObject();
        Put(details, "name", name);
        Put(details, "group", group);
        Put(details, "kind", kind);
        if (causes is { Count: > 0 })
        {
            details["causes"] = causes;
        }
        if (retryAfter > 0)
        {
            details["retryAfterSeconds"] = retryAfter;
        }
        return details;
    }

    public static JsonObject Cause(string reason, string message, string field)
    {
        var cause = new JsonObject { ["reason"] = reason, ["message"] = message };
        Put(cause, "field", field);
        return cause;
    }

    private static void Put(JsonObject target, string property, string? value)
    {
        if (!string.IsNullOrEmpty(value))
        {
            target[property] = value;
        }
    }

    public static ApiException NotFound(GroupResource resource, string name, string? subresource = null)
    {
        var plural = subresource is null ? resource.Resource : $"{resource.Resource}/{subresource}";
        return Of(404, "NotFound", $"{Qualified(plural, resource.Group)} \"{name}\" not found", Details(name, resource.Group, plural));
    }

    public static ApiException AlreadyExists(GroupResource resource, string name) =>
        Of(409, "AlreadyExists", $"{Qualified(resource)} \"{name}\" already exists", Details(name, resource.Group, resource.Resource));

    public static ApiException Conflict(GroupResource resource, string name, string why) =>
        Of(409, "Conflict", $"Operation cannot be fulfilled on {Qualified(resource)} \"{name}\": {why}", Details(name, resource.Group, resource.Resource));

    public static ApiException Modified(GroupResource resource, string name) =>
        Conflict(resource, name, "the object has been modified; please apply your changes to the latest version and try again");

    public static ApiException Forbidden(GroupResource resource, string name, string why, JsonArray? causes = null) =>
        Of(403, "Forbidden", $"{Qualified(resource)}{(name.Length == 0 ? "" : $" \"{name}\"")} is forbidden: {why}",
            Details(name, resource.Group, resource.Resource, causes));

    public static ApiException Invalid(string group, string kind, string name, FieldErrors errors) =>
        Of(422, "Invalid", $"{(group.Length == 0 ? kind : $"{kind}.{group}")} \"{name}\" is invalid: {errors.Joined()}",
            Details(name, group, kind, errors.Causes()));

    public static ApiException BadRequest(string message) => Of(400, "BadRequest", message);

    /// <summary>An error that the real server did not foresee: code 500 without a reason, or with InternalError.</summary>
    public static ApiException Unforeseen(string message) => Of(500, "", message);

    public static ApiException Internal(string message) => Of(500, "InternalError", $"Internal error occurred: {message}",
        new JsonObject { ["causes"] = new JsonArray(new JsonObject { ["message"] = message }) });

    public static ApiException NoSuchResource() => Of(404, "NotFound", "the server could not find the requested resource", []);

    public static ApiException MethodNotAllowed() =>
        Of(405, "MethodNotAllowed", "the server does not allow this method on the requested resource", []);

    public static ApiException MethodNotSupported(GroupResource resource, string verb) =>
        Of(405, "MethodNotAllowed", $"{verb} is not supported on resources of kind \"{Qualified(resource)}\"", Details(null, resource.Group, resource.Resource));

    public static ApiException Unauthorized() => Of(401, "Unauthorized", "Unauthorized");

    public static ApiException Expired(string message) => Of(410, "Expired", message);

    public static ApiException Gone(string message) => Of(410, "Gone", message);

    public static ApiException TooOld(long asked, long oldest) => Expired($"too old resource version: {asked} ({oldest})");

    public static ApiException TooLarge(long asked, long current) =>
        Of(504, "Timeout", $"Timeout: Too large resource version: {asked}, current: {current}",
            Details(null, null, null, [new JsonObject { ["reason"] = "ResourceVersionTooLarge", ["message"] = "Too large resource version" }], 1), 1);

    public static ApiException NotAcceptable() => Of(406, "NotAcceptable",
        "406: Not Acceptable\n\nAvailable representations: application/json, application/yaml, application/vnd.kubernetes.protobuf", []);

    public static ApiException NotAcceptableLists() => Of(406, "NotAcceptable",
        "406: Not Acceptable\n\nAvailable representations: application/json, application/yaml, application/vnd.kubernetes.protobuf, application/json;stream=watch, application/vnd.kubernetes.protobuf;stream=watch", []);

    public static ApiException NotAcceptable(string why) => Of(406, "NotAcceptable", why);

    public static ApiException NotAcceptableTypes() => Of(406, "NotAcceptable",
        "only the following media types are accepted: application/json, application/yaml, application/vnd.kubernetes.protobuf");

    public static ApiException UnsupportedBody() => Of(415, "UnsupportedMediaType",
        "the body of the request was in an unknown format - accepted media types include: application/json, application/yaml, application/vnd.kubernetes.protobuf");

    public static ApiException UnsupportedPatch() => Of(415, "UnsupportedMediaType", "415: Unsupported Media Type", []);

    public static ApiException TooLargeBody(long limit) =>
        Of(413, "RequestEntityTooLarge", $"Request entity too large: limit is {limit}");

    public static ApiException TooManyRequests(string message, int retryAfter) =>
        Of(429, "TooManyRequests", message, Details(null, null, null, null, retryAfter), retryAfter);

    /// <summary>A patch that cannot be applied. Its Status does not say why, as the real server's does not; the reason is its exception's, and goes into a warning.</summary>
    public static ApiException UnprocessablePatch() => Of(422, "Invalid", "the server rejected our request due to an error in our request", []);

    /// <summary>A success without an object, as deletions answer.</summary>
    public static JsonObject Success(JsonObject? details)
    {
        var status = new JsonObject
        {
            ["kind"] = "Status",
            ["apiVersion"] = "v1",
            ["metadata"] = new JsonObject(),
            ["status"] = "Success",
        };
        if (details is not null)
        {
            status["details"] = details;
        }
        return status;
    }

    public static string Qualified(GroupResource resource) => Qualified(resource.Resource, resource.Group);

    private static string Qualified(string plural, string group) => group.Length == 0 ? plural : $"{plural}.{group}";
}
