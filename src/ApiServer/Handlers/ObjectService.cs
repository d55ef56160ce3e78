using System.Globalization;
using System.Text.Json.Nodes;
using ActorKube.Models;

namespace ActorKube.ApiServer;

/// <summary>
/// Creates and changes objects by the rules of their kind: the one way in which requests, controllers and the pod simulator alike
/// change anything. Thread-safe; computes outside the commit lock and tries again when it was overtaken.
/// </summary>
internal sealed partial class ObjectService(ClusterStore cluster, ResourceTable table, TimeProvider time, FieldManagement fieldManagement, AdmissionChain admission, bool tokenVolumes)
{
    private const int Attempts = 100;
    private readonly AdmissionPlugins _plugins = new(cluster, table, fieldManagement, time, tokenVolumes);

    public ClusterStore Cluster => cluster;

    /// <summary>Who watches over roles and bindings; null where roles are not enforced.</summary>
    public RbacEscalation? Escalation { get; set; }

    public ResourceTable Table => table;

    public TimeProvider Time => time;

    public FieldManagement FieldManagement => fieldManagement;

    /// <summary>A fresh tree of a stored object in a row's version.</summary>
    public static JsonObject View(ApiResource row, StoredObject stored) => row.Conversion is { } conversion ? conversion.View(stored) : stored.ToTree();

    public async ValueTask<WriteResult> CreateAsync(ApiResource row, string? @namespace, JsonObject given, WriteContext context, IEnumerable<string>? problems = null)
    {
        Decode(row, given, context, problems);
        var meta = given.Metadata();
        var generated = string.IsNullOrEmpty(meta.Text("name")) && meta.Text("generateName") is { Length: > 0 };
        PlaceInNamespace(row, @namespace, meta);
        // Storage alone minds a version, so what is wrong with the object is told first; it knows no other versions than numbers, and zero is none.
        var version = meta.Text("resourceVersion");
        // Nothing is made that is going already, whatever its body says.
        meta.Remove("deletionTimestamp");
        meta.Remove("deletionGracePeriodSeconds");
        CheckNamespace(row, @namespace, meta.Text("name") ?? "");
        if (row.Custom?.Terminating == true)
        {
            throw Errors.Of(405, "MethodNotAllowed", "create not allowed while custom resource definition is terminating", Errors.Details(null, row.Group, row.Plural));
        }
        OwnerReferences.DropRepeated(meta, context, admitted: false);
        // Who asks owns what it asked for, defaults included; not what admission adds, nor what the server gives the object of its own.
        row.Strategy.Default(given);
        EnterManagers(row, given, context);
        if (context.Admitted)
        {
            _plugins.Mutate(row, @namespace, given);
        }
        given = await MutateNewAsync(row, @namespace, given, context).ConfigureAwait(false);
        OwnerReferences.DropRepeated(given.Metadata(), context, admitted: true);
        // Who may not give what a role gives is not told what else is wrong with it.
        Escalation?.Check(row, given, null, context.User);
        for (var attempt = 0; ; attempt++)
        {
            var tree = generated ? given.Copy() : given;
            meta = tree.Metadata();
            if (generated)
            {
                meta["name"] = GenerateName(meta.Text("generateName")!);
            }
            PrepareNew(row, tree, context);
            SettleLists(row, tree);
            var name = meta.Text("name")!;
            if (context.Admitted)
            {
                _plugins.Validate(row, @namespace, tree);
            }
            await ValidateAsync(row, "CREATE", @namespace, name, null, tree, null, context).ConfigureAwait(false);
            if (context.DryRun)
            {
                if (row.Store.Current.Get(meta.Text("namespace") ?? "", name) is not null)
                {
                    throw Errors.AlreadyExists(row.GroupResource, name);
                }
                Charge(row, @namespace, tree, context);
                if (version is { Length: > 0 })
                {
                    tree.Metadata()["resourceVersion"] = version;
                }
                return new WriteResult(tree, null, Created: true);
            }
            if (ulong.TryParse(version, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number != 0)
            {
                throw Errors.Unforeseen("resourceVersion should not be set on objects to be created");
            }
            if (row.Store.Current.Get(@namespace ?? "", name) is null)
            {
                Charge(row, @namespace, tree, context);
            }
            await ToStorageAsync(row, tree, context).ConfigureAwait(false);
            if (cluster.TryCreate(row.Store, tree) is { } stored)
            {
                row.Strategy.Committed(StoreEventType.Added, stored);
                return new WriteResult(await ViewAsync(row, stored, context).ConfigureAwait(false), stored, Created: true);
            }
            if (!generated || attempt >= 8)
            {
                throw Taken(row, @namespace, name);
            }
        }
    }

    private void Charge(ApiResource row, string? @namespace, JsonObject tree, WriteContext context)
    {
        if (context.Admitted)
        {
            _plugins.Charge(row, @namespace, tree, null, context.DryRun);
        }
    }

    private void EnterManagers(ApiResource row, JsonObject tree, WriteContext context)
    {
        var managed = tree.Metadata()["managedFields"];
        tree.Metadata().Remove("managedFields");
        fieldManagement.Created(row, tree, managed, context);
    }

    /// <summary>Makes a decoded tree into a new object: metadata, defaults, validation.</summary>
    private void PrepareNew(ApiResource row, JsonObject tree, WriteContext context)
    {
        var meta = tree.Metadata();
        row.Strategy.Default(tree);
        MetadataRules.PrepareForCreate(meta, row.HasGeneration, time);
        row.Strategy.PrepareForCreate(tree);
        row.Strategy.PrepareForCreate(tree, context.User);
        row.Strategy.Allocate(tree, null, context.DryRun);
        var errors = new FieldErrors { ShowsGoValues = row.Custom is not null };
        if (row.Strategy is EventStrategy)
        {
            // Whether an event is one comes first, and what holds for the metadata of all only then.
            row.Strategy.Validate(tree, errors);
            ThrowIfInvalid(row, meta.Text("name") ?? "", errors);
            MetadataRules.Validate(meta, row, errors);
        }
        else
        {
            MetadataRules.Validate(meta, row, errors);
            row.Strategy.Validate(tree, errors);
        }
        ThrowIfInvalid(row, meta.Text("name") ?? "", errors);
        row.Strategy.Canonicalize(tree);
        context.Warnings.AddRange(row.Strategy.Warnings(tree, null));
    }

    /// <summary>Replaces an object by what a PUT brought; creates it where the kind allows that.</summary>
    public async ValueTask<WriteResult> ReplaceAsync(ApiResource row, string? @namespace, string name, JsonObject tree, WriteContext context, string? subresource = null, IEnumerable<string>? problems = null)
    {
        Decode(row, tree, context, problems);
        var meta = tree.Metadata();
        var given = meta.Text("name");
        if (string.IsNullOrEmpty(given))
        {
            throw Errors.BadRequest($"the name of the object ({name} based on URL) was undeterminable: name must be provided");
        }
        if (given != name)
        {
            throw Errors.BadRequest($"the name of the object ({given}) does not match the name on the URL ({name})");
        }
        PlaceInNamespace(row, @namespace, meta);
        OwnerReferences.DropRepeated(meta, context, admitted: false);
        var asked = meta.Text("resourceVersion") is { Length: > 0 } version and not "0" ? version : null;
        for (var attempt = 0; ; attempt++)
        {
            var stored = row.Store.Current.Get(@namespace ?? "", name);
            if (stored is null)
            {
                if (!row.Strategy.CreatesOnUpdate || subresource is not null)
                {
                    throw Errors.NotFound(row.GroupResource, name);
                }
                meta.Remove("resourceVersion");
                return await CreateAsync(row, @namespace, tree, context).ConfigureAwait(false);
            }
            RequireUid(row, stored, meta.Text("uid"));
            if (asked is not null)
            {
                RequireVersion(row, stored, asked);
            }
            else if (!row.Strategy.AllowsUnconditionalUpdate)
            {
                var missing = new FieldErrors();
                missing.Add("FieldValueInvalid", "metadata.resourceVersion", "Invalid value: 0x0: must be specified for an update");
                throw Errors.Of(422, "Invalid", $"{Errors.Qualified(row.GroupResource)} \"{name}\" is invalid: {missing.Joined()}",
                    Errors.Details(name, row.Group, row.Plural, missing.Causes()));
            }
            var old = await ViewAsync(row, stored, context).ConfigureAwait(false);
            if (await TryChangeAsync(row, stored, old, tree.Copy(), context, subresource, fieldManagement.Updated).ConfigureAwait(false) is { } result)
            {
                return result;
            }
            if (asked is not null || attempt >= Attempts)
            {
                throw Errors.Modified(row.GroupResource, name);
            }
        }
    }

    /// <summary>Changes an object by a function of its present state, which may be called several times.</summary>
    /// <param name="row">What it is, in the version that <paramref name="change"/> sees.</param>
    /// <param name="namespace">Its namespace; null for what is in none.</param>
    /// <param name="name">Its name.</param>
    /// <param name="change">Gets a fresh tree in the row's version and answers the tree to be stored (the same one, or another).</param>
    /// <param name="context">On whose behalf, and with which options.</param>
    /// <param name="subresource">Through which subresource; null for the object itself.</param>
    /// <param name="manage">Who keeps managedFields; null for an ordinary update.</param>
    public async ValueTask<WriteResult> ChangeAsync(ApiResource row, string? @namespace, string name, Func<JsonObject, JsonObject> change, WriteContext context,
        string? subresource = null, FieldManagement.Update? manage = null)
    {
        for (var attempt = 0; ; attempt++)
        {
            var stored = row.Store.Current.Get(@namespace ?? "", name) ?? throw Errors.NotFound(row.GroupResource, name);
            var old = await ViewAsync(row, stored, context).ConfigureAwait(false);
            var tree = change(old.Copy());
            var meta = tree.Metadata();
            if (meta.Text("resourceVersion") is { Length: > 0 } asked and not "0")
            {
                RequireVersion(row, stored, asked);
            }
            RequireSameName(row, @namespace, name, meta);
            if (await TryChangeAsync(row, stored, old, tree, context, subresource, manage ?? fieldManagement.Updated).ConfigureAwait(false) is { } result)
            {
                return result;
            }
            if (attempt >= Attempts)
            {
                throw Errors.Modified(row.GroupResource, name);
            }
        }
    }

    /// <summary>Prepares, validates and commits one change; null when somebody else was faster.</summary>
    private async ValueTask<WriteResult?> TryChangeAsync(ApiResource row, StoredObject stored, JsonObject old, JsonObject tree, WriteContext context, string? subresource,
        FieldManagement.Update manage)
    {
        Prepare(row, tree, old, context, subresource, manage);
        tree = await MutateChangedAsync(row, stored, tree, old, subresource, context).ConfigureAwait(false);
        Settle(row, stored, tree, old, context, subresource);
        await ValidateAsync(row, "UPDATE", stored.Namespace, stored.Name, subresource, tree, old, context).ConfigureAwait(false);
        if (ManagedFieldsUpdater.ChangesOnlyTimes(old, tree) && IsStoredAs(row, stored))
        {
            return new WriteResult(old, stored);
        }
        var gone = IsGone(row, tree);
        if (context.Admitted && subresource is null && !gone)
        {
            _plugins.Charge(row, stored.Namespace, tree, old, context.DryRun);
        }
        if (context.DryRun)
        {
            return new WriteResult(tree, null, Removed: gone);
        }
        if (!gone)
        {
            await ToStorageAsync(row, tree, context).ConfigureAwait(false);
        }
        return Commit(row, stored, tree, gone) is not { } committed ? null
            // Who let go of the last finalizer sees its write; watchers see the last state that was stored.
            : gone ? new WriteResult(tree, null, Removed: true) : new WriteResult(await ViewAsync(row, committed, context).ConfigureAwait(false), committed);
    }

    /// <summary>A change as its writer gave it: of the row's kind, with its defaults, and with who manages what.</summary>
    private static void Prepare(ApiResource row, JsonObject tree, JsonObject old, WriteContext context, string? subresource, FieldManagement.Update manage)
    {
        tree["apiVersion"] = row.ApiVersion;
        tree["kind"] = row.Kind;
        row.Strategy.Default(tree);
        // What a pod gets beside it for debugging is nobody's.
        if (subresource != "ephemeralcontainers")
        {
            manage(row, tree, old, context, subresource);
        }
        if (context.Admitted && subresource is null)
        {
            AdmissionPlugins.MutateChange(row, tree, old);
        }
    }

    /// <summary>Makes of a change what is stored of it, and holds it to the rules of its kind.</summary>
    private void Settle(ApiResource row, StoredObject stored, JsonObject tree, JsonObject old, WriteContext context, string? subresource)
    {
        OwnerReferences.DropRepeated(tree.Metadata(), context, admitted: true);
        var (meta, oldMeta) = (tree.Metadata(), old.Metadata());
        var errors = new FieldErrors { ShowsGoValues = row.Custom is not null };
        if (subresource == "status")
        {
            KeepAllButStatus(row, tree, old);
            meta = tree.Metadata();
            row.Strategy.Default(tree);
            MetadataRules.PrepareForUpdate(meta, oldMeta);
            row.Strategy.PrepareForStatusUpdate(tree, old);
            MetadataRules.ValidateUpdate(meta, oldMeta, row, errors);
            row.Strategy.ValidateStatusUpdate(tree, old, errors);
        }
        else if (subresource is not (null or "scale"))
        {
            row.Strategy.Default(tree);
            row.Strategy.PrepareForSubresource(subresource, tree, old);
            meta = tree.Metadata();
            MetadataRules.PrepareForUpdate(meta, oldMeta);
            MetadataRules.ValidateUpdate(meta, oldMeta, row, errors);
            row.Strategy.ValidateSubresource(subresource, tree, old, errors);
        }
        else
        {
            if (row.HasStatus)
            {
                Keep(tree, old, "status");
            }
            row.Strategy.Default(tree);
            MetadataRules.PrepareForUpdate(meta, oldMeta);
            row.Strategy.PrepareForUpdate(tree, old);
            row.Strategy.Allocate(tree, old, context.DryRun);
            if (row.HasGeneration && row.Strategy.SpecChanged(tree, old))
            {
                meta["generation"] = (oldMeta["generation"].AsLong() ?? 0) + 1;
            }
            MetadataRules.ValidateUpdate(meta, oldMeta, row, errors);
            row.Strategy.ValidateUpdate(tree, old, errors);
        }
        context.Warnings.AddRange(errors.Warnings);
        ThrowIfInvalid(row, stored.Name, errors);
        row.Strategy.Canonicalize(tree);
        SettleLists(row, tree);
        context.Warnings.AddRange(row.Strategy.Warnings(tree, old));
        if (context.Admitted && subresource is null)
        {
            _plugins.ValidateChange(row, stored.Namespace, tree, old);
        }
    }

    private static bool IsGone(ApiResource row, JsonObject tree) => tree.Metadata().ContainsKey("deletionTimestamp") && IsReadyToGo(row, tree);

    /// <summary>Commits a change; null when somebody else was faster.</summary>
    private StoredObject? Commit(ApiResource row, StoredObject stored, JsonObject tree, bool gone)
    {
        var committed = gone ? cluster.TryDelete(row.Store, stored, stored.ToTree()) : cluster.TryUpdate(row.Store, stored, tree);
        if (committed is not null)
        {
            row.Strategy.Committed(gone ? StoreEventType.Deleted : StoreEventType.Modified, committed);
        }
        return committed;
    }
}
