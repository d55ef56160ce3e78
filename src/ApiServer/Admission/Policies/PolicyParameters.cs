using System.Text.Json.Nodes;
using ActorKube.Models;

namespace ActorKube.ApiServer;

/// <summary>A policy or binding is set up in a way in which it cannot work.</summary>
internal sealed class PolicyConfigurationException(string message) : Exception(message);

/// <summary>Finds the objects that a binding names as parameters.</summary>
internal static class PolicyParameters
{
    /// <summary>The resource that a policy's parameters are of; null where it takes none.</summary>
    /// <exception cref="PolicyConfigurationException">Nobody serves it.</exception>
    public static ApiResource? Resource(AdmissionPolicy policy, ResourceTable.View table)
    {
        if (policy.ParamKind is not { } wanted)
        {
            return null;
        }
        var (version, kind) = (GroupVersion.Parse(wanted.Text("apiVersion") ?? ""), wanted.Text("kind") ?? "");
        return table.FindKind(version.Group, version.Version, kind) ?? throw new PolicyConfigurationException($"failed to find resource referenced by paramKind: '{version}, Kind={kind}'");
    }

    /// <summary>The parameters, each of which the request is held against; one null where there are none to be.</summary>
    /// <exception cref="PolicyConfigurationException">There must be some, or what is asked for cannot be.</exception>
    public static async ValueTask<IReadOnlyList<JsonObject?>> FindAsync(ApiResource? row, PolicyBinding binding, AdmissionAttributes request)
    {
        if (row is null || binding.ParamRef is not { } reference)
        {
            return [null];
        }
        var named = reference.Text("namespace") is { Length: > 0 } given ? given : null;
        if (row.Namespaced && named is null && string.IsNullOrEmpty(request.Namespace))
        {
            throw new PolicyConfigurationException("cannot use namespaced paramRef in policy binding that matches cluster-scoped resources");
        }
        if (!row.Namespaced && named is not null)
        {
            throw new PolicyConfigurationException("paramRef.namespace must not be provided for a cluster-scoped `paramKind`");
        }
        var space = row.Namespaced ? named ?? request.Namespace! : "";
        var found = reference.Text("name") is { Length: > 0 } name
            ? row.Store.Current.Get(space, name) is { } one ? [one] : []
            : row.Store.Current.Enumerate(space).Where(Selector(reference.Child("selector"))).ToList();
        if (found.Count == 0 && reference.Text("parameterNotFoundAction") == "Deny")
        {
            throw new PolicyConfigurationException("no params found for policy binding with `Deny` parameterNotFoundAction");
        }
        if (row.Conversion is { } conversion)
        {
            await conversion.PrepareAsync(found, request.Context.Cancellation).ConfigureAwait(false);
        }
        return found.ConvertAll(o => (JsonObject?)ObjectService.View(row, o));
    }

    private static Func<StoredObject, bool> Selector(JsonObject? selector)
    {
        if (selector is not { Count: > 0 })
        {
            return _ => true;
        }
        var labels = LabelSelector.From(KubeJson.Deserialize<k8s.Models.V1LabelSelector>(Json.Bytes(selector)));
        return o => labels.Matches(o.Labels);
    }
}
