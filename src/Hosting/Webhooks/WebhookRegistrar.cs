using System.Text.Json.Nodes;
using ActorKube.Models;
using ActorKube.Transport;
using k8s;
using k8s.Models;
using Microsoft.Extensions.Logging;

namespace ActorKube.Hosting;

/// <summary>Tells API servers of webhooks: all there is to tell, or only the authority of their certificate where somebody else has told the rest.</summary>
/// <param name="client">Reaches the cluster.</param>
/// <param name="webhooks">Which webhooks.</param>
/// <param name="mine">Who this process is among its replicas.</param>
/// <param name="logger">Where it tells what it does.</param>
sealed class WebhookRegistrar(IKubernetesClient client, WebhookBuilder webhooks, WebhookClaim mine, ILogger logger)
{
    const string FieldManager = "actorkube-webhooks";

    // Each round somebody else was faster, which happens once a replica.
    const int Rounds = 10;

    static readonly ResourceDefinition Mutating = ResourceDefinition.For<V1MutatingWebhookConfiguration>();
    static readonly ResourceDefinition Validating = ResourceDefinition.For<V1ValidatingWebhookConfiguration>();
    static readonly ResourceDefinition Definition = ResourceDefinition.For<V1CustomResourceDefinition>();

    // To whom this process has given way, so that it is told once.
    readonly Dictionary<string, string> _others = [];

    /// <summary>
    /// Applies the configurations, and the conversion of definitions, whatever they were; but for those that a replica keeps which started later, of which only the authority is seen to.
    /// </summary>
    /// <param name="name">The configurations' name.</param>
    /// <param name="address">Where the webhooks are reached, with the authority of their certificate.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="KubernetesException">The server refuses.</exception>
    public async Task RegisterAsync(string name, WebhookAddress address, CancellationToken cancellation)
    {
        var configurations = WebhookConfigurations.Of(webhooks.Admission.Select(static webhook => webhook.Spec), address, name);
        var bundle = address.CaBundle is { } authority ? Convert.ToBase64String(authority) : null;
        foreach (var resource in (ResourceDefinition[])[Mutating, Validating])
        {
            var wanted = configurations.FirstOrDefault(configuration => configuration.Kind == resource.Kind.Kind);
            await InRoundsAsync(resource, name, () => KeepAsync(resource, name, wanted, bundle, cancellation)).ConfigureAwait(false);
        }
        foreach (var conversion in webhooks.Conversions)
        {
            foreach (var definition in conversion.Definitions)
                await InRoundsAsync(Definition, definition, () => KeepConversionAsync(definition, address.OfConversion(conversion.Path), bundle, cancellation)).ConfigureAwait(false);
        }
    }

    /// <returns>Whether this process keeps it.</returns>
    async Task<bool> KeepAsync(ResourceDefinition resource, string name, IKubernetesObject<V1ObjectMeta>? wanted, string? bundle, CancellationToken cancellation)
    {
        var found = await FindAsync(resource, name, cancellation).ConfigureAwait(false);
        if (IsAnothers(resource, name, found))
        {
            if (bundle is not null)
                await TryInjectAsync(resource, name, tree => Places(tree["webhooks"] as JsonArray, bundle), cancellation).ConfigureAwait(false);
            return false;
        }
        if (wanted is null)
        {
            // An earlier replica had webhooks of this kind, and this one has none. Nothing is left in the configuration rather than nothing of it, for else the earlier one would find it missing.
            if (found is null || Claim(found) is not { } earlier || earlier == mine)
                return true;
            wanted = resource == Mutating
                ? new V1MutatingWebhookConfiguration { ApiVersion = resource.Kind.ApiVersion, Kind = resource.Kind.Kind, Webhooks = [] }
                : new V1ValidatingWebhookConfiguration { ApiVersion = resource.Kind.ApiVersion, Kind = resource.Kind.Kind, Webhooks = [] };
        }
        // The version of what was read: a replica that has come meanwhile is not written over.
        wanted.Metadata = new V1ObjectMeta { Name = name, ResourceVersion = found?.ResourceVersion, Annotations = new Dictionary<string, string> { [WebhookClaim.Annotation] = mine.ToString() } };
        await client.Resource(resource).ApplyAsync(KubeObject.From((object)wanted), new ApplyOptions(FieldManager) { Force = true }, cancellation: cancellation).ConfigureAwait(false);
        return true;
    }

    /// <returns>Whether this process keeps it.</returns>
    async Task<bool> KeepConversionAsync(string name, Apiextensionsv1WebhookClientConfig place, string? bundle, CancellationToken cancellation)
    {
        var found = await client.Resource(Definition).GetAsync(name, cancellation: cancellation).ConfigureAwait(false);
        if (IsAnothers(Definition, name, found))
        {
            if (bundle is not null)
                await TryInjectAsync(Definition, name, tree => Conversion(tree, bundle), cancellation).ConfigureAwait(false);
            return false;
        }
        var said = (JsonObject)KubeJson.ParseNode(KubeJson.Serialize(new V1CustomResourceDefinition { Spec = new V1CustomResourceDefinitionSpec() }.WithConversionWebhook(place).Spec.Conversion))!;
        // What names another place must go: a webhook is at one.
        var places = said["webhook"]!["clientConfig"]!.AsObject();
        foreach (var other in (string[])["url", "service", "caBundle"])
            places.TryAdd(other, null);
        var patch = new JsonObject
        {
            ["metadata"] = new JsonObject { ["resourceVersion"] = found.ResourceVersion, ["annotations"] = new JsonObject { [WebhookClaim.Annotation] = mine.ToString() } },
            ["spec"] = new JsonObject { ["conversion"] = said },
        };
        await client.Resource(Definition).PatchAsync(name, Patch.Merge(patch), new PatchOptions { FieldManager = FieldManager }, cancellation: cancellation).ConfigureAwait(false);
        return true;
    }

    /// <summary>Takes away the configurations that this process keeps; definitions keep their conversion, for objects of all versions are there.</summary>
    /// <param name="name">The configurations' name.</param>
    /// <param name="cancellation">Gives up.</param>
    public async Task UnregisterAsync(string name, CancellationToken cancellation)
    {
        foreach (var resource in (ResourceDefinition[])[Mutating, Validating])
        {
            try
            {
                if (await FindAsync(resource, name, cancellation).ConfigureAwait(false) is { } found && Claim(found) == mine)
                    await client.Resource(resource).DeleteAsync(name, cancellation: cancellation).ConfigureAwait(false);
            }
            catch (KubernetesException gone) when (gone.IsNotFound)
            {
            }
        }
    }

    /// <summary>This process ends and the webhooks stay, for others are them too: whoever of these looks next keeps what this one kept.</summary>
    /// <param name="name">The configurations' name.</param>
    /// <param name="cancellation">Gives up.</param>
    public async Task LeaveAsync(string name, CancellationToken cancellation)
    {
        foreach (var (resource, kept) in ((ResourceDefinition, string)[])[(Mutating, name), (Validating, name), .. webhooks.Conversions.SelectMany(static conversion => conversion.Definitions).Select(static definition => (Definition, definition))])
        {
            if (await FindAsync(resource, kept, cancellation).ConfigureAwait(false) is not { } found || Claim(found) != mine)
                continue;
            var patch = new JsonObject { ["metadata"] = new JsonObject { ["resourceVersion"] = found.ResourceVersion, ["annotations"] = new JsonObject { [WebhookClaim.Annotation] = null } } };
            try
            {
                await client.Resource(resource).PatchAsync(kept, Patch.Merge(patch), new PatchOptions { FieldManager = FieldManager }, cancellation: cancellation).ConfigureAwait(false);
            }
            catch (KubernetesException moved) when (moved.IsConflict || moved.IsNotFound)
            {
                logger.LogDebug("{Kind} {Name} changed meanwhile: {Problem}", resource.Kind.Kind, kept, moved.Message);
            }
        }
    }

    async Task<KubeObject?> FindAsync(ResourceDefinition resource, string name, CancellationToken cancellation)
    {
        try
        {
            return await client.Resource(resource).GetAsync(name, cancellation: cancellation).ConfigureAwait(false);
        }
        catch (KubernetesException missing) when (missing.IsNotFound)
        {
            return null;
        }
    }

    static WebhookClaim? Claim(KubeObject found) => WebhookClaim.Parse(found.Annotations.GetValueOrDefault(WebhookClaim.Annotation));

    bool IsAnothers(ResourceDefinition resource, string name, KubeObject? found)
    {
        var what = $"{resource.Kind.Kind} {name}";
        if (found is null || Claim(found) is not { } other || !mine.GivesWayTo(other))
        {
            _others.Remove(what);
            return false;
        }
        if (_others.GetValueOrDefault(what) != other.By)
            logger.LogInformation("{What} is kept by {Other}, which started later than this process", what, other.By);
        _others[what] = other.By;
        return true;
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
    Task<bool> InjectAsync(ResourceDefinition resource, string name, Func<JsonObject, JsonArray> changes, CancellationToken cancellation) =>
        InRoundsAsync(resource, name, () => TryInjectAsync(resource, name, changes, cancellation));

    async Task<bool> InRoundsAsync(ResourceDefinition resource, string name, Func<Task<bool>> change)
    {
        for (var round = 0; ; round++)
        {
            try
            {
                return await change().ConfigureAwait(false);
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
