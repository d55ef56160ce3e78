using ActorKube.Models;

namespace ActorKube.ApiServer;

/// <summary>The variable <c>authorizer</c>: who may do what, asked step by step.</summary>
internal sealed class CelAuthorizer(UserInfo user, IAuthorizer authorizer) : ICelReceiver
{
    /// <summary>What the request itself is about, to be asked for other verbs.</summary>
    public static object OfRequest(AdmissionAttributes request, IAuthorizer authorizer) => new ResourceCheck(new AccessAttributes(request.Context.User, "", request.Row.Group, request.Row.Plural,
        request.Subresource ?? "", request.Namespace ?? "", request.Name, null), authorizer);

    public object? Call(string function, List<object?> arguments) => (function, arguments) switch
    {
        ("path", [string path]) => path.Trim().Length == 0 ? throw new CelException("path must not be empty") : new PathCheck(user, path, authorizer),
        ("group", [string group]) => new GroupCheck(user, group, authorizer),
        ("serviceAccount", [string space, string name]) => new CelAuthorizer(Account(space, name), authorizer),
        _ => throw new CelException("no such overload"),
    };

    private static UserInfo Account(string space, string name)
    {
        if (NameRules.CheckDns1123Subdomain(name).Count > 0)
        {
            throw new CelException("Invalid service account name");
        }
        return NameRules.CheckDns1123Label(space).Count > 0 ? throw new CelException("Invalid service account namespace")
            : new UserInfo($"system:serviceaccount:{space}:{name}", ["system:serviceaccounts", $"system:serviceaccounts:{space}"]);
    }

    private sealed class GroupCheck(UserInfo user, string group, IAuthorizer authorizer) : ICelReceiver
    {
        public object? Call(string function, List<object?> arguments) => (function, arguments) switch
        {
            ("resource", [string resource]) => resource.Trim().Length == 0 ? throw new CelException("resource must not be empty")
                : new ResourceCheck(new AccessAttributes(user, "", group, resource, "", "", "", null), authorizer),
            _ => throw new CelException("no such overload"),
        };
    }

    private sealed class ResourceCheck(AccessAttributes asked, IAuthorizer authorizer) : ICelReceiver
    {
        public object? Call(string function, List<object?> arguments) => (function, arguments) switch
        {
            ("subresource", [string name]) => new ResourceCheck(asked with { Subresource = name }, authorizer),
            ("namespace", [string name]) => new ResourceCheck(asked with { Namespace = name }, authorizer),
            ("name", [string name]) => new ResourceCheck(asked with { Name = name }, authorizer),
            // Nobody here decides by selectors.
            ("fieldSelector" or "labelSelector", [string]) => this,
            ("check", [string verb]) => new Decision(authorizer.Allows(asked with { Verb = verb })),
            _ => throw new CelException("no such overload"),
        };
    }

    private sealed class PathCheck(UserInfo user, string path, IAuthorizer authorizer) : ICelReceiver
    {
        public object? Call(string function, List<object?> arguments) => (function, arguments) switch
        {
            ("check", [string verb]) => new Decision(authorizer.Allows(new AccessAttributes(user, verb, "", "", "", "", "", path))),
            _ => throw new CelException("no such overload"),
        };
    }

    private sealed class Decision(AccessDecision decision) : ICelReceiver
    {
        public object? Call(string function, List<object?> arguments) => function switch
        {
            "allowed" => decision.Allowed,
            "reason" => decision.Reason,
            "errored" => false,
            "error" => "",
            _ => throw new CelException("no such overload"),
        };
    }
}
