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
/// <param name="stored">The stored version's schema: what is to be stored is pruned and defaulted by it.</param>
/// <param name="kind">The resource's kind, for errors.</param>
/// <param name="webhook">The definition's <c>spec.conversion.webhook</c>.</param>
/// <param name="caller">Reaches webhooks.</param>
internal sealed class WebhookConversion(string version, string storage, CustomResource custom, Schema? stored, string kind, JsonObject webhook, WebhookCaller caller) : IVersionConversion
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly ConditionalWeakTable<StoredObject, JsonObject> _converted = [];
    private readonly string _reviewVersion = webhook.List("conversionReviewVersions").Texts().FirstOrDefault(v => v is "v1" or "v1beta1") ?? "v1";

    public JsonObject View(StoredObject state)
    {
        if (state.ApiVersion == version)
        {
            return Shaped(state.ToTree(), converted: false);
        }
        // No thread waits for a webhook: who looks at an object has had it converted before.
        return _converted.TryGetValue(state, out var known) ? known.Copy() : throw new InvalidOperationException($"{kind} {state.Name} is looked at in {version} before it was converted.");
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
            _converted.AddOrUpdate(open[i], Shaped(made[i], converted: true));
        }
    }

    public void FromStorage(JsonObject tree) => throw new NotSupportedException("A webhook is waited for.");

    public async ValueTask FromStorageAsync(JsonObject tree, CancellationToken cancellation)
    {
        var isOther = tree.Text("apiVersion") != version;
        if (isOther)
        {
            Take(tree, (await ConvertAsync([tree.Copy()], version, cancellation).ConfigureAwait(false))[0]);
        }
        Shaped(tree, isOther);
    }

    /// <summary>Imported objects stay in the version that they come in, as those do that were stored before the stored version was another.</summary>
    public void ToStorage(JsonObject tree) => tree["apiVersion"] = version;

    public async ValueTask ToStorageAsync(JsonObject tree, CancellationToken cancellation)
    {
        if (version != storage)
        {
            tree["apiVersion"] = version;
            Take(tree, (await ConvertAsync([tree.Copy()], storage, cancellation).ConfigureAwait(false))[0]);
            Shape(tree, stored, fills: true);
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

    /// <summary>What stands in this version is pruned and filled in by it; what was converted to it is pruned only, as on a real server.</summary>
    private JsonObject Shaped(JsonObject tree, bool converted)
    {
        tree["apiVersion"] = version;
        Shape(tree, custom.Schema, fills: !converted);
        return tree;
    }

    private void Shape(JsonObject tree, Schema? schema, bool fills)
    {
        if (schema is null || custom.PreserveUnknownFields)
        {
            return;
        }
        Structural.Prune(tree, schema, null);
        if (fills)
        {
            Structural.Default(tree, schema);
        }
    }

    private async Task<List<JsonObject>> ConvertAsync(List<JsonObject> given, string desired, CancellationToken cancellation)
    {
        var uid = Guid.NewGuid().ToString();
        var review = new JsonObject
        {
            ["kind"] = "ConversionReview",
            ["apiVersion"] = $"apiextensions.k8s.io/{_reviewVersion}",
            ["request"] = new JsonObject { ["uid"] = uid, ["desiredAPIVersion"] = desired, ["objects"] = new JsonArray([.. given.Select(g => g.DeepClone())]) },
            ["response"] = new JsonObject { ["uid"] = "", ["convertedObjects"] = null, ["result"] = new JsonObject { ["metadata"] = new JsonObject() } },
        };
        var whom = $"conversion webhook for {given[0].Text("apiVersion")}, Kind={kind}";
        try
        {
            var answer = await caller.PostAsync(caller.Target(webhook.Child("clientConfig"), Patience), review, Patience, cancellation).ConfigureAwait(false);
            var made = ConversionAnswers.Read(answer, _reviewVersion, uid);
            if (made.Count != given.Count)
            {
                throw Errors.Unforeseen($"{whom} returned {made.Count} objects, expected {given.Count}");
            }
            return [.. given.Zip(made, (g, m) => ConversionAnswers.Checked(g, m, desired, whom))];
        }
        catch (WebhookException failure)
        {
            throw Errors.Unforeseen($"{whom} failed: {failure.Message}");
        }
    }
}
