using ActorKube.Actors;
using ActorKube.Models;
using ActorKube.Transport;
using k8s.Models;

namespace ActorKube.ControllerManager;

/// <summary>
/// Binds claims to volumes: those that are there, or, for a class whose provisioner is <see cref="Provisioner"/>, one that is made for it. For any other provisioner it says that it waits.
/// </summary>
internal sealed class ClaimReconciler(PendingClaims pending) : IReconciler<V1PersistentVolumeClaim>, ILetsGo<V1PersistentVolumeClaim>
{
    /// <summary>The provisioner of volumes that are there in name only: for tests.</summary>
    public const string Provisioner = "simulator.actorkube.dev/volumes";
    public const string ProvisionedBy = "pv.kubernetes.io/provisioned-by";
    private const string BoundByController = "pv.kubernetes.io/bound-by-controller";
    private const string BindCompleted = "pv.kubernetes.io/bind-completed";
    private const string SelectedNode = "volume.kubernetes.io/selected-node";
    private static readonly string[] ProvisionerAnnotations = ["volume.beta.kubernetes.io/storage-provisioner", "volume.kubernetes.io/storage-provisioner"];

    public async Task<ReconcileResult> ReconcileAsync(ReconcileContext<V1PersistentVolumeClaim> context, CancellationToken cancellation)
    {
        var claim = context.Object!;
        if (claim.Metadata.Annotations?.ContainsKey(BindCompleted) == true)
        {
            pending.Forget(context.Key);
            await KeepAsync(context, claim, cancellation).ConfigureAwait(false);
            return ReconcileResult.Done;
        }
        // Noted before the volumes are read: whatever comes later finds it.
        pending.Note(context.Key);
        if (claim.Spec.VolumeName is { Length: > 0 } named)
        {
            if (Volume(context, named) is { } wanted)
            {
                if (wanted.Spec.ClaimRef is null || wanted.IsFor(claim))
                {
                    await BindAsync(context, claim, wanted, cancellation).ConfigureAwait(false);
                }
                else
                {
                    context.Events.Warning("FailedBinding", $"volume \"{named}\" already bound to a different claim.");
                }
            }
            return ReconcileResult.Done;
        }
        var found = VolumeMatch.Best(claim, context.Cache<V1PersistentVolume>().List());
        var kind = claim.Spec.StorageClassName is { Length: > 0 } name ? context.Get<V1StorageClass>(new NamespacedName("", name)) : null;
        if (found is not null && (found.IsFor(claim) || !Delayed(claim, kind)))
        {
            await BindAsync(context, claim, found, cancellation).ConfigureAwait(false);
            return ReconcileResult.Done;
        }
        await ProvideAsync(context, claim, kind, cancellation).ConfigureAwait(false);
        return ReconcileResult.Done;
    }

    public Task LetGoAsync(ReconcileContext<V1PersistentVolumeClaim> context, CancellationToken cancellation)
    {
        pending.Forget(context.Key);
        return Task.CompletedTask;
    }

    private static V1PersistentVolume? Volume(ReconcileContext context, string name) => context.Get<V1PersistentVolume>(new NamespacedName("", name));

    private static bool Delayed(V1PersistentVolumeClaim claim, V1StorageClass? kind) =>
        kind?.VolumeBindingMode == "WaitForFirstConsumer" && claim.Metadata.Annotations?.ContainsKey(SelectedNode) != true;

    /// <summary>A bound claim stays as it is, unless it has lost its volume.</summary>
    private static async Task KeepAsync(ReconcileContext<V1PersistentVolumeClaim> context, V1PersistentVolumeClaim claim, CancellationToken cancellation)
    {
        var volume = claim.Spec.VolumeName is { Length: > 0 } name ? Volume(context, name) : null;
        if (volume is not null && (volume.Spec.ClaimRef is null || volume.IsFor(claim)))
        {
            await BindAsync(context, claim, volume, cancellation).ConfigureAwait(false);
        }
        else if (claim.Status?.Phase != "Lost")
        {
            var (reason, message) = string.IsNullOrEmpty(claim.Spec.VolumeName) ? ("ClaimLost", "Bound claim has lost reference to PersistentVolume. Data on the volume is lost!")
                : volume is null ? ("ClaimLost", "Bound claim has lost its PersistentVolume. Data on the volume is lost!")
                : ("ClaimMisbound", "Two claims are bound to the same volume, this one is bound incorrectly");
            context.Events.Warning(reason, message);
            claim.Status = new V1PersistentVolumeClaimStatus { Phase = "Lost" };
            await context.Client.Resource<V1PersistentVolumeClaim>(context.Key.Namespace).UpdateStatusAsync(claim, cancellation: cancellation).ConfigureAwait(false);
        }
    }

    /// <summary>Nothing is there: says so, or makes it.</summary>
    private static async Task ProvideAsync(ReconcileContext<V1PersistentVolumeClaim> context, V1PersistentVolumeClaim claim, V1StorageClass? kind, CancellationToken cancellation)
    {
        var used = kind?.Provisioner == Provisioner && context.Cache<V1Pod>().List(context.Key.Namespace).Any(p => p.Spec?.Volumes?.Any(v => v.PersistentVolumeClaim?.ClaimName == context.Key.Name) == true);
        if (Delayed(claim, kind) && !used)
        {
            context.Events.Normal("WaitForFirstConsumer", "waiting for first consumer to be created before binding");
        }
        else if (string.IsNullOrEmpty(claim.Spec.StorageClassName))
        {
            context.Events.Normal("FailedBinding", "no persistent volumes available for this claim and no storage class is set");
        }
        else if (kind is null)
        {
            context.Events.Warning("ProvisioningFailed", $"storageclass.storage.k8s.io \"{claim.Spec.StorageClassName}\" not found");
        }
        else if (kind.Provisioner == Provisioner)
        {
            await MakeAsync(context, claim, kind, cancellation).ConfigureAwait(false);
        }
        else if (kind.Provisioner.StartsWith("kubernetes.io/", StringComparison.Ordinal))
        {
            context.Events.Warning("ProvisioningFailed", $"no volume plugin matched name: {kind.Provisioner}");
        }
        else
        {
            if (!ProvisionerAnnotations.All(a => claim.Metadata.Annotations?.TryGetValue(a, out var by) == true && by == kind.Provisioner))
            {
                foreach (var annotation in ProvisionerAnnotations)
                {
                    (claim.Metadata.Annotations ??= new Dictionary<string, string>())[annotation] = kind.Provisioner;
                }
                await context.Client.Resource<V1PersistentVolumeClaim>(context.Key.Namespace).UpdateAsync(claim, cancellation: cancellation).ConfigureAwait(false);
            }
            context.Events.Normal("ExternalProvisioning", $"Waiting for a volume to be created either by the external provisioner '{kind.Provisioner}' or manually by the system administrator."
                + " If volume creation is delayed, please verify that the provisioner is running and correctly registered.");
        }
    }

    private static async Task MakeAsync(ReconcileContext<V1PersistentVolumeClaim> context, V1PersistentVolumeClaim claim, V1StorageClass kind, CancellationToken cancellation)
    {
        var name = $"pvc-{claim.Metadata.Uid}";
        var volume = new V1PersistentVolume
        {
            Metadata = new V1ObjectMeta { Name = name, Annotations = new Dictionary<string, string> { [ProvisionedBy] = Provisioner } },
            Spec = new V1PersistentVolumeSpec
            {
                AccessModes = claim.Spec.AccessModes, Capacity = claim.Spec.Resources?.Requests, StorageClassName = claim.Spec.StorageClassName, VolumeMode = claim.Spec.VolumeMode,
                PersistentVolumeReclaimPolicy = kind.ReclaimPolicy ?? "Delete", MountOptions = kind.MountOptions, ClaimRef = ReferenceTo(claim), HostPath = new V1HostPathVolumeSource { Path = $"/tmp/{name}" },
            },
        };
        try
        {
            await context.Client.Resource<V1PersistentVolume>().CreateAsync(volume, cancellation: cancellation).ConfigureAwait(false);
            context.Events.Normal("ProvisioningSucceeded", $"Successfully provisioned volume {name} using {Provisioner}");
        }
        catch (KubernetesException there) when (there.IsAlreadyExists)
        {
            // Made by a run before, whose volume the cache does not show yet.
        }
    }

    private static V1ObjectReference ReferenceTo(V1PersistentVolumeClaim claim) => new()
    {
        ApiVersion = "v1", Kind = "PersistentVolumeClaim", NamespaceProperty = claim.Metadata.NamespaceProperty, Name = claim.Metadata.Name, Uid = claim.Metadata.Uid, ResourceVersion = claim.Metadata.ResourceVersion,
    };

    /// <summary>Four steps, each of which may have been done already: the volume names the claim, says so, the claim names the volume, and says so.</summary>
    private static async Task BindAsync(ReconcileContext<V1PersistentVolumeClaim> context, V1PersistentVolumeClaim claim, V1PersistentVolume volume, CancellationToken cancellation)
    {
        var volumes = context.Client.Resource<V1PersistentVolume>();
        var claims = context.Client.Resource<V1PersistentVolumeClaim>(context.Key.Namespace);
        if (volume.Spec.ClaimRef is not { Uid.Length: > 0 })
        {
            if (volume.Spec.ClaimRef is null)
            {
                (volume.Metadata.Annotations ??= new Dictionary<string, string>())[BoundByController] = "yes";
            }
            volume.Spec.ClaimRef = ReferenceTo(claim);
            volume = await volumes.UpdateAsync(volume, cancellation: cancellation).ConfigureAwait(false);
        }
        if (volume.Status?.Phase != "Bound")
        {
            (volume.Status ??= new V1PersistentVolumeStatus()).Phase = "Bound";
            volume = await volumes.UpdateStatusAsync(volume, cancellation: cancellation).ConfigureAwait(false);
        }
        if (claim.Spec.VolumeName != volume.Metadata.Name || claim.Metadata.Annotations?.ContainsKey(BindCompleted) != true)
        {
            var annotations = claim.Metadata.Annotations ??= new Dictionary<string, string>();
            if (claim.Spec.VolumeName != volume.Metadata.Name)
            {
                claim.Spec.VolumeName = volume.Metadata.Name;
                annotations[BoundByController] = "yes";
            }
            annotations[BindCompleted] = "yes";
            claim = await claims.UpdateAsync(claim, cancellation: cancellation).ConfigureAwait(false);
        }
        if (claim.Status?.Phase != "Bound")
        {
            var status = claim.Status ??= new V1PersistentVolumeClaimStatus();
            (status.Phase, status.AccessModes, status.Capacity) = ("Bound", volume.Spec.AccessModes, volume.Spec.Capacity);
            await claims.UpdateStatusAsync(claim, cancellation: cancellation).ConfigureAwait(false);
        }
    }
}
