using System.Text.Json.Nodes;
using ActorKube.Actors;
using ActorKube.Models;
using k8s;
using k8s.Models;

namespace ActorKube.ControllerManager;

/// <summary>What a controller's template has been: one object for each state of it, as <c>kubectl rollout history</c> and <c>undo</c> want it.</summary>
internal static class Revisions
{
    /// <summary>The label by which a pod says which revision it was made from.</summary>
    public const string Label = "controller-revision-hash";

    /// <summary>The name of the present template's revision, kept as an object for the history.</summary>
    /// <param name="context">The controller's context; it owns ControllerRevisions.</param>
    /// <param name="owner">The controller.</param>
    /// <param name="template">Its template.</param>
    /// <param name="limit">How many are kept that no pod is of.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <param name="named">The label's value from the revision's name; the name itself unless said.</param>
    public static async Task<string> PresentAsync(
        ReconcileContext context, IKubernetesObject<V1ObjectMeta> owner, V1PodTemplateSpec template, int? limit, CancellationToken cancellation, Func<string, string>? named = null)
    {
        var name = $"{owner.Metadata.Name}-{template.Hash(null)}";
        var known = Owned<V1ControllerRevision>(context);
        var highest = known.Select(r => r.Revision).DefaultIfEmpty().Max();
        var revisions = context.Client.Resource<V1ControllerRevision>(context.Key.Namespace);
        if (known.FirstOrDefault(r => r.Metadata.Name == name) is { } found)
        {
            if (found.Revision < highest)
            {
                found.Revision = highest + 1;
                await revisions.UpdateAsync(found, cancellation: cancellation).ConfigureAwait(false);
            }
            return name;
        }
        var labels = template.Metadata?.Labels is { } some ? new Dictionary<string, string>(some) : null;
        var hash = name[(owner.Metadata.Name.Length + 1)..];
        (labels ??= [])[named is null ? "controller.kubernetes.io/hash" : Label] = hash;
        await revisions.CreateAsync(new V1ControllerRevision
        {
            Metadata = new V1ObjectMeta
            {
                Name = name, NamespaceProperty = owner.Metadata.NamespaceProperty, Labels = labels,
                Annotations = owner.Metadata.Annotations is { Count: > 0 } told ? new Dictionary<string, string>(told) : null,
                OwnerReferences = [owner.MakeOwnerReference(controller: true, blockOwnerDeletion: true)],
            },
            Revision = highest + 1,
            Data = RevisionData(template),
        }, cancellation: cancellation).ConfigureAwait(false);
        var inUse = Owned<V1Pod>(context).Select(p => p.Metadata.Labels?.TryGetValue(Label, out var has) == true ? has : null).ToHashSet();
        foreach (var old in known.Where(r => !inUse.Contains(named is null ? r.Metadata.Name : named(r.Metadata.Name))).OrderByDescending(r => r.Revision).Skip(limit ?? 10))
        {
            await revisions.DeleteAsync(old.Metadata.Name, cancellation: cancellation).ConfigureAwait(false);
        }
        return name;
    }

    private static List<T> Owned<T>(ReconcileContext context)
        where T : class, IKubernetesObject<V1ObjectMeta> => [.. context.Owned(ResourceDefinition.For<T>()).Select(o => o.As<T>())];

    /// <summary>A patch that brings the template back, as <c>kubectl rollout undo</c> applies it.</summary>
    private static JsonObject RevisionData(V1PodTemplateSpec template)
    {
        var node = JsonNode.Parse(KubeJson.Serialize(template))!.AsObject();
        node["$patch"] = "replace";
        // As Go writes a template: part of what tells two revisions apart.
        ((node["metadata"] ??= new JsonObject()) as JsonObject)!["creationTimestamp"] = null;
        return new JsonObject { ["spec"] = new JsonObject { ["template"] = node } };
    }
}
