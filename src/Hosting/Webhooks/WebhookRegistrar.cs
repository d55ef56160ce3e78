using System.Text.Json.Nodes;
using ActorKube.Models;
using ActorKube.Transport;
using k8s.Models;
using Microsoft.Extensions.Logging;

namespace ActorKube.Hosting;

/// <summary>Tells API servers of webhooks: all there is to tell, or only the authority of their certificate where somebody else has told the rest.</summary>
sealed class WebhookRegistrar(IKubernetesClient client, WebhookBuilder webhooks, ILogger logger)
{
    const string FieldManager = "actorkube-webhooks";

    // Each round somebody else was faster, which happens once a replica.
    const int Rounds = 10;

    static readonly ResourceDefinition Mutating = ResourceDefinition.For<V1MutatingWebhookConfiguration>();
    static readonly ResourceDefinition Validating = ResourceDefinition.For<V1ValidatingWebhookConfiguration>();
    static readonly ResourceDefinition Definition = ResourceDefinition.For<V1CustomResourceDefinition>();

    /// <summary>Applies the configurations, and the conversion of definitions, whatever they were.</summary>
    /// <param name="name">The configurations' name.</param>
    /// <param name="address">Where the webhooks are reached, with the authority of their certificate.</param>
    /// <param name="cancellation">Gives up.</param>
    public async Task RegisterAsync(string name, WebhookAddress address, CancellationToken cancellation)
    {
        foreach (var configuration in WebhookConfigurations.Of(webhooks.Admission.Select(static webhook => webhook.Spec), address, name))
        {
            var raw = KubeObject.From((object)configuration);
            await client.Resource(raw.Kind == Mutating.Kind.Kind ? Mutating : Validating).ApplyAsync(raw, new ApplyOptions(FieldManager) { Force = true }, cancellation: cancellation).ConfigureAwait(false);
        }
        foreach (var conversion in webhooks.Conversions)
        {
            var said = (JsonObject)KubeJson.ParseNode(KubeJson.Serialize(new V1CustomResourceDefinition { Spec = new V1CustomResourceDefinitionSpec() }.WithConversionWebhook(address.OfConversion(conversion.Path)).Spec.Conversion))!;
            // What names another place must go: a webhook is at one.
            var place = said["webhook"]!["clientConfig"]!.AsObject();
            foreach (var other in (string[])["url", "service", "caBundle"])
                place.TryAdd(other, null);
            var patch = new JsonObject { ["spec"] = new JsonObject { ["conversion"] = said } };
            foreach (var definition in conversion.Definitions)
                await client.Resource(Definition).PatchAsync(definition, Patch.Merge(patch), new PatchOptions { FieldManager = FieldManager }, cancellation: cancellation).ConfigureAwait(false);
        }
    }

    /// <summary>Takes the configurations away; definitions keep their conversion, for objects of all versions are there.</summary>
    public async Task UnregisterAsync(string name, CancellationToken cancellation)
    {
        foreach (var configuration in (ResourceDefinition[])[Mutating, Validating])
        {
            try
            {
                await client.Resource(configuration).DeleteAsync(name, cancellation: cancellation).ConfigureAwait(false);
            }
            catch (KubernetesException gone) when (gone.IsNotFound)
            {
            }
        }
    }

    /// <summary>Puts the authority of the certificate where it is not yet.</summary>
    /// <param name="name">The configurations' name.</param>
    /// <param name="caBundle">The authority in PEM.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="InvalidOperationException">What it belongs into is not there; says what.</exception>
    public async Task InjectAsync(string name, byte[] caBundle, CancellationToken cancellation)
    {
        var missing = new List<string>();
        var bundle = Convert.ToBase64String(caBundle);
        foreach (var (resource, isWanted) in ((ResourceDefinition, bool)[])[(Mutating, webhooks.Admission.Any(static w => w.Spec.IsMutating)), (Validating, webhooks.Admission.Any(static w => !w.Spec.IsMutating))])
        {
            if (isWanted && !await InjectAsync(resource, name, tree => Places(tree["webhooks"] as JsonArray, bundle), cancellation).ConfigureAwait(false))
                missing.Add($"{resource.Kind.Kind} {name}");
        }
        foreach (var definition in webhooks.Conversions.SelectMany(static conversion => conversion.Definitions))
        {
            if (!await InjectAsync(Definition, definition, tree => Conversion(tree, bundle), cancellation).ConfigureAwait(false))
                missing.Add($"{Definition.Kind.Kind} {definition}");
        }
        if (missing.Count > 0)
            throw new InvalidOperationException($"{string.Join(", ", missing)} not found: apply what 'actorkube generate crds' writes.");
    }

    /// <returns>Whether the object is there.</returns>
    async Task<bool> InjectAsync(ResourceDefinition resource, string name, Func<JsonObject, JsonArray> changes, CancellationToken cancellation)
    {
        for (var round = 0; ; round++)
        {
            try
            {
                return await TryInjectAsync(resource, name, changes, cancellation).ConfigureAwait(false);
            }
            // The object is not the one that was read: another replica was faster, or somebody applied it anew.
            catch (KubernetesException moved) when (round < Rounds && (moved.IsInvalid || moved.IsConflict))
            {
                logger.LogDebug("{Kind} {Name} changed meanwhile: {Problem}", resource.Kind.Kind, name, moved.Message);
            }
        }
    }

    async Task<bool> TryInjectAsync(ResourceDefinition resource, string name, Func<JsonObject, JsonArray> changes, CancellationToken cancellation)
    {
        var objects = client.Resource(resource);
        try
        {
            var found = await objects.GetAsync(name, cancellation: cancellation).ConfigureAwait(false);
            var patch = changes(found.ToUnstructured().Root);
            if (patch.Count == 0)
                return true;
            // Places in a list mean what they meant only while the object is the one that was read.
            patch.Insert(0, new JsonObject { ["op"] = "test", ["path"] = "/metadata/resourceVersion", ["value"] = found.ResourceVersion });
            await objects.PatchAsync(name, Patch.Json(patch), new PatchOptions { FieldManager = FieldManager }, cancellation: cancellation).ConfigureAwait(false);
            logger.LogInformation("{Kind} {Name} has the authority of the webhooks' certificate", resource.Kind.Kind, name);
            return true;
        }
        catch (KubernetesException missing) when (missing.IsNotFound)
        {
            return false;
        }
    }

    static JsonArray Places(JsonArray? hooks, string bundle)
    {
        var patch = new JsonArray();
        for (var i = 0; i < hooks?.Count; i++)
        {
            if (hooks[i]?["clientConfig"] is JsonObject place && (string?)place["caBundle"] != bundle)
                patch.Add((JsonNode)new JsonObject { ["op"] = "add", ["path"] = $"/webhooks/{i}/clientConfig/caBundle", ["value"] = bundle });
        }
        return patch;
    }

    static JsonArray Conversion(JsonObject definition, string bundle) => definition["spec"]?["conversion"]?["webhook"]?["clientConfig"] is JsonObject place && (string?)place["caBundle"] != bundle
        ? [new JsonObject { ["op"] = "add", ["path"] = "/spec/conversion/webhook/clientConfig/caBundle", ["value"] = bundle }]
        : [];
}
