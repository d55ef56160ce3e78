using System.Text.Json.Nodes;
using ActorKube.Models;

namespace ActorKube.ApiServer;

/// <summary>
/// Asks whoever has registered to be asked about a write: mutating webhooks one after the other, then policies, then validating webhooks all at
/// once. Costs nothing while nobody has registered. Thread-safe.
/// </summary>
internal sealed class AdmissionChain(ClusterStore cluster, WebhookCaller caller, AdmissionPolicies policies)
{
    private const string Group = "admissionregistration.k8s.io";
    private static readonly GroupResource Mutating = new(Group, "mutatingwebhookconfigurations");
    private static readonly GroupResource Validating = new(Group, "validatingwebhookconfigurations");

    private ResourceTable? _table;

    /// <summary>Completes the circle of those who need each other.</summary>
    public void Attach(ResourceTable table) => _table = table;

    private ResourceTable.View Table => (_table ?? throw new InvalidOperationException("The chain has not been attached.")).Current;

    /// <summary>Whether anybody might have to be asked about writes of a resource at all.</summary>
    public bool Concerns(ApiResource row) =>
        // Nobody is asked about the configurations themselves: a broken one could not be mended any more.
        row.Group != Group && (Any(Mutating) || Any(Validating) || policies.Any);

    private bool Any(GroupResource configurations) => cluster.Store(configurations).Current.Count > 0;

    /// <summary>Lets mutating webhooks change the object; answers what they made of it.</summary>
    /// <exception cref="ApiException">One of them refused, or could not be asked and must be.</exception>
    public async ValueTask<JsonObject?> MutateAsync(AdmissionAttributes request)
    {
        var hooks = AdmissionWebhook.All(cluster, Mutating);
        var changedAfter = new bool[hooks.Length];
        for (var i = 0; i < hooks.Length; i++)
        {
            var (before, after) = (request.Object, await MutateAsync(hooks[i], request).ConfigureAwait(false));
            request = request with { Object = after };
            if (!JsonNode.DeepEquals(before, after))
            {
                Array.Fill(changedAfter, true, 0, i);
            }
        }
        for (var i = 0; i < hooks.Length; i++)
        {
            if (hooks[i].Reinvoked && changedAfter[i])
            {
                request = request with { Object = await MutateAsync(hooks[i], request).ConfigureAwait(false) };
            }
        }
        return request.Object;
    }

    private async ValueTask<JsonObject?> MutateAsync(AdmissionWebhook hook, AdmissionAttributes request)
    {
        if (await AskAsync(hook, request, mutating: true).ConfigureAwait(false) is not ({ Patch: { } patch }, { } row) || request.Object is not { } tree)
        {
            return request.Object;
        }
        var shown = (await AdmissionReviews.ConvertedAsync(tree, request.Row, row, request.Context.Cancellation).ConfigureAwait(false))!;
        return await AdmissionReviews.ConvertedAsync(WebhookPatches.Apply(shown, patch), row, request.Row, request.Context.Cancellation).ConfigureAwait(false);
    }

    /// <summary>Asks policies and validating webhooks.</summary>
    /// <exception cref="ApiException">One of them refused, or could not be asked and must be.</exception>
    public async ValueTask ValidateAsync(AdmissionAttributes request)
    {
        await policies.ValidateAsync(request, Table).ConfigureAwait(false);
        var hooks = AdmissionWebhook.All(cluster, Validating);
        if (hooks.Length == 0)
        {
            return;
        }
        var asked = Array.ConvertAll(hooks, h => AskAsync(h, request, mutating: false));
        try
        {
            await Task.WhenAll(asked).ConfigureAwait(false);
        }
        catch (ApiException)
        {
            // The first in the configurations' order is told, whichever was the first to answer.
            foreach (var one in asked)
            {
                await one.ConfigureAwait(false);
            }
        }
    }

    private async Task<(AdmissionVerdict? Verdict, ApiResource? Row)> AskAsync(AdmissionWebhook hook, AdmissionAttributes request, bool mutating)
    {
        if (hook.Rules.Match(request, Table, cluster) is not { } row)
        {
            return (null, null);
        }
        var uid = Guid.NewGuid().ToString();
        var body = await AdmissionReviews.RequestAsync(request, row, uid).ConfigureAwait(false);
        try
        {
            var (hold, failure) = hook.Conditions.Evaluate(() => AdmissionVariables.Of(body, request, policies.Authorizer));
            if (failure is not null && !hook.FailOpen)
            {
                throw Errors.Forbidden(request.Row.GroupResource, request.Name, failure);
            }
            if (!hold)
            {
                return (null, null);
            }
            var answer = await caller.PostAsync(caller.Target(hook.Config, hook.Timeout), AdmissionReviews.Review(hook.Version, body), hook.Timeout, request.Context.Cancellation).ConfigureAwait(false);
            var verdict = AdmissionReviews.Read(answer, hook.Version, uid, mutating);
            lock (request.Context.Warnings)
            {
                request.Context.Warnings.AddRange(verdict.Warnings);
            }
            return verdict.Allowed ? (verdict, row) : throw AdmissionReviews.Denial(hook.Name, verdict.Status);
        }
        catch (WebhookException) when (hook.FailOpen)
        {
            return (null, null);
        }
        catch (WebhookException failure)
        {
            throw Errors.Internal($"failed calling webhook \"{hook.Name}\": {failure.Told}");
        }
    }
}
