using ActorKube.Actors;
using ActorKube.Hosting;
using ActorKube.Models;
using ActorKube.Transport;
using Akka.Hosting;
using k8s.Models;
using Microsoft.Extensions.Logging;

namespace OperatorSpace;

/// <summary>The controller of the kind Sprocket: what it watches, and what it does.</summary>
internal static class SprocketController
{
    /// <summary>In every Sprocket until it was cleaned up after.</summary>
    public const string Finalizer = $"{Sprocket.KubeGroup}/clean-up";

    /// <summary>Adds the controller to an actor system.</summary>
    public static AkkaConfigurationBuilder WithSprocketController(this AkkaConfigurationBuilder akka) => akka.WithController<Sprocket>(controller => controller
        .WatchesForSprocket()
        .WithReconciler<SprocketReconciler>()
        .WithFinalizer<SprocketCleanUp>(Finalizer));

    /// <summary>What wakes the reconciler: changes of a Sprocket, and of the config map that it owns.</summary>
    public static ControllerBuilder<Sprocket> WatchesForSprocket(this ControllerBuilder<Sprocket> controller) => controller.Owns<V1ConfigMap>();
}

/// <summary>Makes the world as a Sprocket wants it.</summary>
/// <remarks>It is told that something may have changed, and not what: it looks at how things are, and does what is missing. So it may be called at any time, and as often as anybody likes.</remarks>
[RbacRule(Groups = [Sprocket.KubeGroup], Resources = [Sprocket.KubePluralName], Verbs = ["get", "list", "watch", "patch"])]
[RbacRule(Groups = [Sprocket.KubeGroup], Resources = [Sprocket.KubePluralName + "/status", Sprocket.KubePluralName + "/finalizers"], Verbs = ["update"])]
[RbacRule(Resources = ["configmaps"], Verbs = ["get", "list", "watch", "create", "update"])]
[RbacRule(Resources = ["events"], Verbs = ["create", "patch"])]
internal sealed class SprocketReconciler(IKubernetesClient client, TimeProvider time) : IReconciler<Sprocket>
{
    // A config map that is not ours brings no news when it goes, so its name is looked at again after this time.
    static readonly TimeSpan TakenNameRetry = TimeSpan.FromSeconds(30);

    //#if (!namespaced)
    /// <summary>The namespace of the config maps: a Sprocket has none.</summary>
    public const string Namespace = "default";

    //#endif
    /// <summary>The config map of a Sprocket. Its name says of what kind its owner is: another kind may have an object of the same name.</summary>
    //#if (namespaced)
    public static NamespacedName MapOf(NamespacedName sprocket) => new(sprocket.Namespace, $"{sprocket.Name}-sprocket");
    //#else
    public static NamespacedName MapOf(NamespacedName sprocket) => new(Namespace, $"{sprocket.Name}-sprocket");
    //#endif

    /// <inheritdoc/>
    public async Task<ReconcileResult> ReconcileAsync(ReconcileContext<Sprocket> context, CancellationToken cancellation)
    {
        // Gone: what it owned goes with it, the garbage collector sees to that.
        if (context.Object is not { } sprocket)
            return ReconcileResult.Done;

        var key = MapOf(context.Key);
        var text = sprocket.Spec?.Text ?? "";
        var map = context.Get<V1ConfigMap>(key);
        if (map is not null && !map.IsControlledBy(sprocket))
        {
            await SayAsync(context, sprocket, Conditions.False, "NameTaken", $"config map {key} is not this object's: delete it, or choose another name", cancellation);
            return ReconcileResult.RequeueAfter(TakenNameRetry);
        }
        var maps = client.Resource<V1ConfigMap>(key.Namespace);
        if (map is null)
        {
            // Where there is one that the cache has not seen yet, this is refused, and tried again.
            var wanted = new V1ConfigMap { Metadata = new V1ObjectMeta { Name = key.Name, NamespaceProperty = key.Namespace }, Data = new Dictionary<string, string> { ["text"] = text } };
            wanted.SetControllerReference(sprocket);
            await maps.CreateAsync(wanted, cancellation: cancellation);
            context.Logger.LogInformation("wrote config map {ConfigMap}", key);
        }
        else if (map.Data is not { } data || !data.TryGetValue("text", out var held) || held != text)
        {
            (map.Data ??= new Dictionary<string, string>())["text"] = text;
            await maps.UpdateAsync(map, cancellation: cancellation);
            context.Logger.LogInformation("wrote config map {ConfigMap}", key);
        }
        await SayAsync(context, sprocket, Conditions.True, "Written", $"config map {key} holds the text", cancellation);
        return ReconcileResult.Done;
    }

    /// <summary>Writes into the status how things are, and tells of it; only where that is news.</summary>
    async Task SayAsync(ReconcileContext<Sprocket> context, Sprocket sprocket, string ready, string reason, string message, CancellationToken cancellation)
    {
        var generation = sprocket.Metadata.Generation;
        var status = sprocket.Status ??= new SprocketStatus();
        var condition = new V1Condition { Type = Sprocket.Ready, Status = ready, Reason = reason, Message = message, ObservedGeneration = generation };
        if (!(status.Conditions ??= []).SetStatusCondition(condition, time) && status.ObservedGeneration == generation)
            return;
        status.ObservedGeneration = generation;
        await client.Resource<Sprocket>(context.Key.Namespace).UpdateStatusAsync(sprocket, cancellation: cancellation);
        if (ready == Conditions.True)
            context.Events.Normal(reason, message);
        else
            context.Events.Warning(reason, message);
    }
}

/// <summary>Undoes what a Sprocket caused outside of the cluster, before it may go.</summary>
/// <remarks>What it owns within the cluster needs nothing here. Where there is nothing outside either, leave this class and its <c>WithFinalizer</c> out.</remarks>
internal sealed class SprocketCleanUp : IFinalizer<Sprocket>
{
    /// <inheritdoc/>
    public Task<ReconcileResult> CleanUpAsync(ReconcileContext<Sprocket> context, CancellationToken cancellation)
    {
        // Here buckets are emptied, accounts closed, names given back. It may be called more than once; what it throws is tried again, and the object waits.
        context.Events.Normal("CleanedUp", $"nothing is left of {context.Key} outside of the cluster");
        return Task.FromResult(ReconcileResult.Done);
    }
}
