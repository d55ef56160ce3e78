using System.Globalization;
using System.Text.Json.Nodes;
using ActorKube.Models;

namespace ActorKube.ApiServer;

/// <summary>What holds of every write: names, namespaces, versions, and what a status leaves alone.</summary>
internal sealed partial class ObjectService
{
    private const string SuffixLetters = "bcdfghjklmnpqrstvwxz2456789";

    private static void PlaceInNamespace(ApiResource row, string? @namespace, JsonObject meta)
    {
        if (!row.Namespaced)
        {
            meta.Remove("namespace");
            return;
        }
        if (meta.Text("namespace") is { Length: > 0 } given && given != @namespace)
        {
            throw Errors.BadRequest("the namespace of the provided object does not match the namespace sent on the request");
        }
        meta["namespace"] = @namespace;
    }

    private void CheckNamespace(ApiResource row, string? @namespace, string name)
    {
        if (!row.Namespaced || @namespace is null)
        {
            return;
        }
        var resource = new GroupResource("", "namespaces");
        var found = cluster.Store(resource).Current.Get("", @namespace) ?? throw Errors.NotFound(resource, @namespace);
        if (found.Terminating)
        {
            throw Errors.Forbidden(row.GroupResource, name, $"unable to create new content in namespace {@namespace} because it is being terminated",
                [Errors.Cause("NamespaceTerminating", $"namespace {@namespace} is being terminated", "metadata.namespace")]);
        }
    }

    private static void RequireVersion(ApiResource row, StoredObject stored, string asked)
    {
        if (!ulong.TryParse(asked, NumberStyles.None, CultureInfo.InvariantCulture, out var version))
        {
            throw Errors.Unforeseen($"strconv.ParseUint: parsing {FieldErrors.Quote(asked)}: invalid syntax");
        }
        if (version != (ulong)stored.ResourceVersion)
        {
            throw Errors.Modified(row.GroupResource, stored.Name);
        }
    }

    private static void RequireUid(ApiResource row, StoredObject stored, string? uid)
    {
        if (uid is { Length: > 0 } && uid != stored.Uid)
        {
            throw PreconditionFailed(row, stored.Namespace, stored.Name, "UID", uid, stored.Uid);
        }
    }

    /// <summary>What the storage of a real server says of an object that is not the one that was meant.</summary>
    private static ApiException PreconditionFailed(ApiResource row, string @namespace, string name, string what, string asked, string? found)
    {
        var prefix = row.Custom is not null || row.Group is "apiextensions.k8s.io" or "apiregistration.k8s.io" ? $"{row.Group}/{row.Plural}"
            : (row.Group, row.Plural) switch
            {
                ("", "services") => "services/specs",
                ("", "endpoints") => "services/endpoints",
                ("", "nodes") => "minions",
                ("", "replicationcontrollers") => "controllers",
                (_, "ingresses") => "ingress",
                _ => row.Plural,
            };
        var key = @namespace.Length == 0 ? $"/registry/{prefix}/{name}" : $"/registry/{prefix}/{@namespace}/{name}";
        return Errors.Conflict(row.GroupResource, name,
            $"StorageError: invalid object, Code: 4, Key: {key}, ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: {what} in precondition: {asked}, {what} in object meta: {found}");
    }

    private static void RequireSameName(ApiResource row, string? @namespace, string name, JsonObject meta)
    {
        RequireName(name, meta);
        PlaceInNamespace(row, @namespace, meta);
    }

    /// <exception cref="ApiException">400: the body has another name than the path.</exception>
    public static void RequireName(string name, JsonObject meta)
    {
        if (meta.Text("name") is not { Length: > 0 } given)
        {
            throw Errors.BadRequest($"the name of the object ({name} based on URL) was undeterminable: name must be provided");
        }
        if (given != name)
        {
            throw Errors.BadRequest($"the name of the object ({given}) does not match the name on the URL ({name})");
        }
    }

    private static void KeepAllButStatus(ApiResource row, JsonObject tree, JsonObject old)
    {
        foreach (var key in tree.Select(p => p.Key).Union(old.Select(p => p.Key)).ToArray())
        {
            if (key is "status" or "apiVersion" or "kind" || (key == "metadata" && !FieldManagement.KeepsMetadata(row)))
            {
                continue;
            }
            var managed = key == "metadata" ? tree.Metadata()["managedFields"]?.DeepClone() : null;
            Keep(tree, old, key);
            if (managed is not null)
            {
                tree.Metadata()["managedFields"] = managed;
            }
        }
    }

    /// <summary>Puts a property back to what it was.</summary>
    private static void Keep(JsonObject tree, JsonObject old, string key)
    {
        if (old.TryGetPropertyValue(key, out var before))
        {
            tree[key] = before?.DeepClone();
        }
        else
        {
            tree.Remove(key);
        }
    }

    private static void ThrowIfInvalid(ApiResource row, string name, FieldErrors errors)
    {
        if (errors.Any)
        {
            // Events are stored, and spoken of, as the core group's.
            throw Errors.Invalid(row.Group == "events.k8s.io" ? "" : row.Group, row.Kind, name, errors);
        }
    }

    private static ApiException Taken(ApiResource row, string? @namespace, string name)
    {
        var failure = Errors.AlreadyExists(row.GroupResource, name);
        if (row.Store.Current.Get(@namespace ?? "", name) is { Terminating: true })
        {
            failure.Status["message"] = $"object is being deleted: {failure.Status.Text("message")}";
        }
        return failure;
    }

    private static string GenerateName(string prefix) =>
        string.Concat(prefix.AsSpan(0, Math.Min(prefix.Length, 58)), Random.Shared.GetString(SuffixLetters, 5));
}
