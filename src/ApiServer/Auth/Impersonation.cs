using ActorKube.Models;
using Microsoft.AspNetCore.Http;

namespace ActorKube.ApiServer;

/// <summary>
/// Acting as somebody else: <c>Impersonate-User</c>, <c>-Group</c>, <c>-Uid</c> and <c>-Extra-…</c>. Each of them must be allowed to the one
/// who asks, with the verb <c>impersonate</c>.
/// </summary>
internal static class Impersonation
{
    private const string ExtraPrefix = "Impersonate-Extra-";
    private const string Authentication = "authentication.k8s.io";
    private const string ServiceAccountPrefix = "system:serviceaccount:";

    /// <summary>Who the request counts as.</summary>
    /// <exception cref="ApiException">403: not allowed; 500, as the real server has it: something is impersonated, but no user.</exception>
    public static UserInfo Apply(IHeaderDictionary headers, UserInfo user, IAuthorizer authorizer)
    {
        var name = headers["Impersonate-User"].ToString();
        var groups = headers["Impersonate-Group"];
        var uid = headers["Impersonate-Uid"].ToString();
        var extra = headers.Where(h => h.Key.StartsWith(ExtraPrefix, StringComparison.OrdinalIgnoreCase))
            .ToDictionary(h => Uri.UnescapeDataString(h.Key[ExtraPrefix.Length..]).ToLowerInvariant(), h => h.Value.OfType<string>().ToArray(), StringComparer.Ordinal);
        if (name.Length == 0)
        {
            return groups.Count == 0 && uid.Length == 0 && extra.Count == 0 ? user
                : throw new PlainFailure(500, path => $"Internal Server Error: {FieldErrors.Quote(path)}: requested [{string.Join(' ', Requested(groups, uid, extra))}] without impersonating a user\n");
        }
        void Need(string group, string resource, string subresource, string @namespace, string value)
        {
            var attributes = new AccessAttributes(user, "impersonate", group, resource, subresource, @namespace, value, null);
            if (authorizer.Allows(attributes) is { Allowed: false } decision)
            {
                throw attributes.Denial(decision);
            }
        }
        var account = name.StartsWith(ServiceAccountPrefix, StringComparison.Ordinal) && name.Split(':') is [_, _, { Length: > 0 } space, { Length: > 0 } own] ? (Namespace: space, Name: own) : default;
        if (account.Name is not null)
        {
            Need("", "serviceaccounts", "", account.Namespace, account.Name);
        }
        else
        {
            Need("", "users", "", "", name);
        }
        foreach (var group in groups.OfType<string>())
        {
            Need("", "groups", "", "", group);
        }
        foreach (var (key, values) in extra)
        {
            foreach (var value in values)
            {
                Need(Authentication, "userextras", key, "", value);
            }
        }
        if (uid.Length > 0)
        {
            Need(Authentication, "uids", "", "", uid);
        }
        return new UserInfo(name, [.. Groups(name, [.. groups.OfType<string>()], account.Namespace)], uid) { Extra = extra };
    }

    /// <summary>What was asked for, as Go prints the references that it makes of it.</summary>
    private static IEnumerable<string> Requested(Microsoft.Extensions.Primitives.StringValues groups, string uid, Dictionary<string, string[]> extra)
    {
        foreach (var group in groups)
        {
            yield return $"{{Group  {group}    }}";
        }
        foreach (var (key, values) in extra)
        {
            foreach (var value in values)
            {
                yield return $"{{UserExtra  {value}  {Authentication}/v1  {key}}}";
            }
        }
        if (uid.Length > 0)
        {
            yield return $"{{UID  {uid}  {Authentication}/v1  }}";
        }
    }

    /// <summary>The groups that were asked for and those that everybody of that name is in.</summary>
    private static IEnumerable<string> Groups(string name, string[] asked, string? accountNamespace)
    {
        IEnumerable<string> groups = asked;
        if (asked.Length == 0 && accountNamespace is not null)
        {
            groups = ["system:serviceaccounts", $"system:serviceaccounts:{accountNamespace}"];
        }
        var last = name == UserInfo.Anonymous.Name ? UserInfo.Unauthenticated : UserInfo.Authenticated;
        return asked.Contains(UserInfo.Authenticated) || asked.Contains(UserInfo.Unauthenticated) ? groups : groups.Append(last);
    }
}
