using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;

namespace ActorKube.ApiServer;

/// <summary>
/// Conversion strategy Webhook: who defined the resource converts between its versions. Each state of an object is converted once for a
/// version and then kept as long as that state. Thread-safe.
/// </summary>
/// <param name="version">The row's version, as <c>group/version</c>.</param>
/// <param name="storage">The version that objects are stored in.</param>
/// <param name="custom">The row's definition: what comes back is pruned and defaulted by it.</param>
/// <param name="kind">The resource's kind, for errors.</param>
/// <param name="webhook">The definition's <c>spec.conversion.webhook</c>.</param>
/// <param name="caller">Reaches webhooks.</param>
internal sealed class WebhookConversion(string version, string storage, CustomResource custom, string kind, JsonObject webhook, WebhookCaller caller) : IVersionConversion
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly ConditionalWeakTable<StoredObject, JsonObject> _converted = [];
    private readonly string _reviewVersion = webhook.List("conversionReviewVersions").Texts().FirstOrDefault(v => v is "v1" or "v1beta1") ?? "v1";

    public JsonObject View(StoredObject stored)
    {
        if (stored.ApiVersion == version)
        {
            return Shaped(stored.ToTree());
        }
        // No thread waits for a webhook: who looks at an object has had it converted before.
        return _converted.TryGetValue(stored, out var known) ? known.Copy() : throw new InvalidOperationException($"{kind} {stored.Name} is looked at in {version} before it was converted.");
    }

    public async ValueTask PrepareAsync(IReadOnlyList<StoredObject> objects, CancellationToken cancellation)
    {
        var open = objects.Where(o => o.ApiVersion != version && !_converted.TryGetValue(o, out _)).ToList();
        if (open.Count == 0)
        {
            return;
        }
        var made = await ConvertAsync([.. open.Select(o => o.ToTree())], version, cancellation).ConfigureAwait(false);
        for (var i = 0; i < open.Count; i++)
        {
            _converted.AddOrUpdate(open[i], Shaped(made[i]));
        }
    }

    public void FromStorage(JsonObject tree) => throw new NotSupportedException("A webhook is waited for.");

    public async ValueTask FromStorageAsync(JsonObject tree, CancellationToken cancellation)
    {
        if (tree.Text("apiVersion") != version)
        {
            Take(tree, (await ConvertAsync([tree.Copy()], version, cancellation).ConfigureAwait(false))[0]);
        }
        Shaped(tree);
    }

    /// <summary>Imported objects stay in the version that they come in, as those do that were stored before the stored version was another.</summary>
    public void ToStorage(JsonObject tree) => tree["apiVersion"] = version;

    public async ValueTask ToStorageAsync(JsonObject tree, CancellationToken cancellation)
    {
        if (version != storage)
        {
            tree["apiVersion"] = version;
            Take(tree, (await ConvertAsync([tree.Copy()], storage, cancellation).ConfigureAwait(false))[0]);
        }
        tree["apiVersion"] = storage;
    }

    private static void Take(JsonObject tree, JsonObject made)
    {
        tree.Clear();
        foreach (var (key, value) in made.ToArray())
        {
            made.Remove(key);
            tree[key] = value;
        }
    }

    private JsonObject Shaped(JsonObject tree)
    {
        tree["apiVersion"] = version;
        if (custom is { Schema: { } schema, PreserveUnknownFields: false })
        {
            Structural.Prune(tree, schema, null);
            Structural.Default(tree, schema);
        }
        return tree;
    }

    private async Task<List<JsonObject>> ConvertAsync(List<JsonObject> given, string desired, CancellationToken cancellation)
    {
        var uid = Guid.NewGuid().ToString();
        var review = new JsonObject
        {
            ["kind"] = "ConversionReview",
            ["apiVersion"] = $"apiextensions.k8s.io/{_reviewVersion}",
            ["request"] = new JsonObject { ["uid"] = uid, ["desiredAPIVersion"] = desired, ["objects"] = new JsonArray([.. given.Select(g => g.DeepClone())]) },
        };
        JsonObject answer;
        try
        {
            answer = await caller.PostAsync(caller.Target(webhook.Child("clientConfig")), review, Patience, cancellation).ConfigureAwait(false);
        }
        catch (WebhookException failure)
        {
            throw Failed(failure.Message);
        }
        if (answer.Child("response") is not { } response || response.Text("uid") != uid)
        {
            throw Failed("invalid response: the uid is not the request's");
        }
        if (response.TextAt("result", "status") != "Success")
        {
            throw Failed(response.TextAt("result", "message") is { Length: > 0 } why ? why : "the webhook gave no reason");
        }
        var made = response.List("convertedObjects").Objects().ToList();
        if (made.Count != given.Count)
        {
            throw Failed($"returned {made.Count} objects, expected {given.Count}");
        }
        for (var i = 0; i < made.Count; i++)
        {
            made[i] = Checked(given[i], made[i].Copy(), desired, i);
        }
        return made;
    }

    /// <summary>Of metadata a conversion may change labels and annotations; everything else is the object's.</summary>
    private JsonObject Checked(JsonObject given, JsonObject made, string desired, int index)
    {
        if (made.Text("apiVersion") != desired)
        {
            throw Failed($"returned invalid converted object at index {index}: invalid groupVersion (got {made.Text("apiVersion")}, expected {desired})");
        }
        if (made.Text("kind") != given.Text("kind"))
        {
            throw Failed($"returned invalid converted object at index {index}: invalid kind (got {made.Text("kind")}, expected {given.Text("kind")})");
        }
        var (before, after) = (given.Metadata(), made.Metadata());
        foreach (var field in (string[])["name", "namespace", "uid"])
        {
            if (before.Text(field) != after.Text(field))
            {
                throw Failed($"returned invalid metadata at index {index}: must have the same {field}: {before.Text(field)} != {after.Text(field)}");
            }
        }
        var metadata = before.Copy();
        foreach (var field in (string[])["labels", "annotations"])
        {
            metadata.Remove(field);
            if (after[field] is JsonObject { Count: > 0 } value)
            {
                metadata[field] = value.DeepClone();
            }
        }
        made["metadata"] = metadata;
        return made;
    }

    private ApiException Failed(string why) => Errors.Unforeseen($"conversion webhook for {storage}, Kind={kind} failed: {why}");
}
