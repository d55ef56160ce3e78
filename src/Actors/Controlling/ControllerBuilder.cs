using ActorKube.Models;
using Akka.Actor;
using k8s;
using k8s.Models;

namespace ActorKube.Actors;

/// <summary>Says what a controller watches, what it does, and how much of it at once: what the builders of both kinds have in common.</summary>
/// <typeparam name="TSelf">The builder itself.</typeparam>
public abstract class ControllerBuilderBase<TSelf>
    where TSelf : ControllerBuilderBase<TSelf>
{
    readonly List<Func<CacheChange, bool>> _predicates = [];
    readonly List<CacheIndex> _indexes = [];
    readonly List<WatchSpec> _watches = [];
    readonly List<Func<IServiceProvider, FinalizerSpec>> _finalizers = [];
    Func<IServiceProvider, ReconcileHandler>? _handler;
    string? _name;
    IReadOnlyList<string> _namespaces = [];
    string? _labelSelector;
    string? _fieldSelector;
    bool _metadataOnly;

    private protected ControllerBuilderBase(ResourceDefinition resource) => Resource = resource;

    /// <summary>The controller's numbers.</summary>
    public ControllerOptions Options { get; private set; } = new();

    private protected ResourceDefinition Resource { get; }

    /// <summary>The controller's name.</summary>
    public string Name => _name ?? Resource.Kind.Kind.ToLowerInvariant();

    /// <summary>Names the controller; by default as its kind, in lower case. Several controllers of one kind need names of their own.</summary>
    public TSelf Named(string name) => Set(() => _name = name);

    /// <summary>Reconciles, and watches what it owns, in one namespace only.</summary>
    public TSelf InNamespace(string @namespace) => InNamespaces(@namespace);

    /// <summary>Reconciles, and watches what it owns, in these namespaces only: a reflector for each, so that rights in each of them suffice.</summary>
    public TSelf InNamespaces(params string[] namespaces) => Set(() => _namespaces = [.. namespaces.Distinct()]);

    /// <summary>Reconciles only the objects that selectors select; the server filters.</summary>
    public TSelf Selecting(string? labelSelector = null, string? fieldSelector = null) => Set(() => (_labelSelector, _fieldSelector) = (labelSelector, fieldSelector));

    /// <summary>Watches only the metadata of the objects that it reconciles: whoever needs more asks the server.</summary>
    public TSelf MetadataOnly() => Set(() => _metadataOnly = true);

    /// <summary>Reconciles on such changes of the object itself only, see <see cref="Predicates"/>; several must all agree.</summary>
    public TSelf When(params Func<CacheChange, bool>[] predicates) => Set(() => _predicates.AddRange(predicates));

    /// <summary>Adds an index to the cache of the reconciled kind.</summary>
    public TSelf WithIndex(CacheIndex index) => Set(() => _indexes.Add(index));

    /// <summary>Reconciles an object when something that it owns as its controller changes or goes.</summary>
    /// <param name="predicates">Which changes matter; all must agree.</param>
    public TSelf Owns<TOwned>(params Func<CacheChange, bool>[] predicates)
        where TOwned : class, IKubernetesObject<V1ObjectMeta> =>
        Owns(ResourceDefinition.For<TOwned>(), predicates);

    /// <inheritdoc cref="Owns{TOwned}"/>
    public TSelf Owns(ResourceDefinition owned, params Func<CacheChange, bool>[] predicates) => Watches(new CacheSpec(owned), OwnersOf, predicates);

    /// <summary>As <see cref="Owns(ResourceDefinition, Func{CacheChange, bool}[])"/>, of whose objects only the metadata is received and kept.</summary>
    public TSelf OwnsMetadata(ResourceDefinition owned, params Func<CacheChange, bool>[] predicates) => Watches(new CacheSpec(owned, MetadataOnly: true), OwnersOf, predicates);

    /// <summary>Reconciles what a mapper says when an object of another kind changes or goes.</summary>
    /// <param name="map">The keys to reconcile, from the object as it is, or as it was last where it is gone; called for the old and the new state of a modification.</param>
    /// <param name="predicates">Which changes matter; all must agree.</param>
    public TSelf Watches<TOther>(Func<TOther, IEnumerable<NamespacedName>> map, params Func<CacheChange, bool>[] predicates)
        where TOther : class, IKubernetesObject<V1ObjectMeta> =>
        Watches(CacheSpec.Of<TOther>(), change => StatesOf(change).SelectMany(state => map(state.As<TOther>())), predicates);

    /// <summary>Reconciles what a mapper says when an object of another kind changes, of which only the metadata is received and kept.</summary>
    /// <inheritdoc cref="Watches{TOther}"/>
    public TSelf WatchesMetadata<TOther>(Func<KubeObject, IEnumerable<NamespacedName>> map, params Func<CacheChange, bool>[] predicates)
        where TOther : class, IKubernetesObject<V1ObjectMeta> =>
        WatchesMetadata(ResourceDefinition.For<TOther>(), map, predicates);

    /// <inheritdoc cref="WatchesMetadata{TOther}"/>
    public TSelf WatchesMetadata(ResourceDefinition other, Func<KubeObject, IEnumerable<NamespacedName>> map, params Func<CacheChange, bool>[] predicates) =>
        Watches(new CacheSpec(other, MetadataOnly: true), change => StatesOf(change).SelectMany(map), predicates);

    /// <summary>Reconciles what a mapper says when an object of another kind changes; objects as received, selected by the server.</summary>
    public TSelf Watches(CacheSpec other, Func<CacheChange, IEnumerable<NamespacedName>> map, params Func<CacheChange, bool>[] predicates) =>
        Set(() => _watches.Add(new WatchSpec(other, map, predicates, [])));

    /// <summary>Keeps a cache of another kind with an index, for its reconciler to look things up in; changes there reconcile nothing by themselves.</summary>
    public TSelf Reads(CacheSpec other, params CacheIndex[] indexes) =>
        Set(() => _watches.Add(new WatchSpec(other, static _ => [], [], indexes)));

    /// <summary>How many keys may be reconciled at once; 1 unless said.</summary>
    public TSelf WithMaxConcurrentReconciles(int count) => With(o => o with { MaxConcurrentReconciles = count });

    /// <summary>After how long a reconcile is asked to leave; null for never.</summary>
    public TSelf WithReconcileTimeout(TimeSpan? timeout) => With(o => o with { ReconcileTimeout = timeout });

    /// <summary>How failed keys wait.</summary>
    public TSelf WithRetry(RetryPolicy policy) => With(o => o with { Retry = policy });

    /// <summary>How often every object is reconciled although nothing changed; null for never.</summary>
    public TSelf WithResync(TimeSpan? every) => With(o => o with { Resync = every });

    /// <summary>Changes any of the numbers.</summary>
    public TSelf With(Func<ControllerOptions, ControllerOptions> change) => Set(() => Options = change(Options));

    /// <summary>The controller, ready to be added with <see cref="Kubernetes.AddAsync"/>.</summary>
    /// <param name="services">Where reconcilers are made from; not needed where the reconciler is an instance, a function or an actor.</param>
    /// <exception cref="InvalidOperationException">Something is missing; the message says what.</exception>
    /// <exception cref="ArgumentException">Something makes no sense; the message says what.</exception>
    public ControllerSpec Build(IServiceProvider? services = null)
    {
        Options.Validate();
        services ??= NoServices.Instance;
        var name = Name;
        var handler = _handler ?? throw new InvalidOperationException($"Controller '{name}' has no reconciler: add WithReconciler<…>() to it.");
        var finalizers = _finalizers.ConvertAll(make => make(services));
        var predicates = finalizers.Count == 0 || _predicates.Count == 0 ? _predicates : [change => IsBeginningToGo(change) || _predicates.TrueForAll(p => p(change))];
        var own = new WatchSpec(new CacheSpec(Resource, null, _labelSelector, _fieldSelector, _metadataOnly), static change => [change.Key], predicates, _indexes, IsFor: true);
        return new ControllerSpec(name, [.. Narrowed(own), .. _watches.SelectMany(Narrowed)], FinalizerFlow.Wrap(finalizers, Resource, handler(services)), Options);
    }

    private protected TSelf Handle(Func<IServiceProvider, ReconcileHandler> handler) => Set(() => _handler = handler);

    private protected TSelf Finalize(string name, Func<IServiceProvider, ReconcileHandler> cleanUp) => Set(() => _finalizers.Add(services => new FinalizerSpec(name, cleanUp(services))));

    // A controller of some namespaces watches other namespaced kinds there only, unless it was told where.
    IEnumerable<WatchSpec> Narrowed(WatchSpec watch) =>
        _namespaces.Count > 0 && watch.Cache is { Namespace: null, Resource.Namespaced: true }
            ? _namespaces.Select(ns => watch with { Cache = watch.Cache with { Namespace = ns } })
            : [watch];

    // Whatever else a controller is told to look away from, the moment in which cleaning up begins is not for a predicate to hide.
    static bool IsBeginningToGo(CacheChange change) => change is CacheChange.Modified { New.IsDeleting: true, Old.IsDeleting: false };

    // The owner before and the owner after: when an object changes hands, both want to know.
    IEnumerable<NamespacedName> OwnersOf(CacheChange change)
    {
        foreach (var state in StatesOf(change))
        {
            foreach (var owner in state.OwnerReferences)
            {
                if (owner.Controller && owner.Kind == Resource.Kind.Kind && GroupVersion.Parse(owner.ApiVersion).Group == Resource.Kind.Group)
                    yield return new NamespacedName(Resource.Namespaced ? state.Namespace : "", owner.Name);
            }
        }
    }

    static IEnumerable<KubeObject> StatesOf(CacheChange change)
    {
        if (change.Now is { } now)
            yield return now;
        if (change.Before is { } before && !ReferenceEquals(before, change.Now))
            yield return before;
    }

    TSelf Set(Action change)
    {
        change();
        return (TSelf)this;
    }
}

/// <summary>Says what a controller watches, what it does, and how much of it at once.</summary>
/// <remarks>
/// <c>Owns</c> is shorthand for a watch whose mapper finds the owner of kind <typeparamref name="T"/>; <c>Watches</c> takes any mapper.
/// </remarks>
/// <typeparam name="T">The kind that is reconciled.</typeparam>
public sealed class ControllerBuilder<T>() : ControllerBuilderBase<ControllerBuilder<T>>(ResourceDefinition.For<T>())
    where T : class, IKubernetesObject<V1ObjectMeta>
{
    /// <summary>The reconciler: one instance for all calls, made with what its constructor asks the container for.</summary>
    public ControllerBuilder<T> WithReconciler<TReconciler>()
        where TReconciler : class, IReconciler<T> =>
        Handle(static services => Handler(Services.Make<TReconciler>(services)));

    /// <summary>The reconciler: an instance for each call, made with what its constructor asks the container for, in a scope of the call's own.</summary>
    public ControllerBuilder<T> WithScopedReconciler<TReconciler>()
        where TReconciler : class, IReconciler<T> =>
        Handle(static services => async (run, cancellation) =>
        {
            await using var scope = Services.Scope(services);
            return await Services.Make<TReconciler>(new ScopedServices(scope.ServiceProvider, services)).ReconcileAsync(new ReconcileContext<T>(run), cancellation).ConfigureAwait(false);
        });

    /// <summary>The reconciler, as an instance.</summary>
    public ControllerBuilder<T> WithReconciler(IReconciler<T> reconciler) => Handle(_ => Handler(reconciler));

    /// <summary>The reconciler, as a function.</summary>
    public ControllerBuilder<T> WithReconciler(Func<ReconcileContext<T>, CancellationToken, Task<ReconcileResult>> reconcile) =>
        Handle(_ => (run, cancellation) => reconcile(new ReconcileContext<T>(run), cancellation));

    /// <summary>The reconciler, as an actor of your own: it gets <see cref="Reconcile{T}"/> and answers with <see cref="ReconcileResult"/>, or <see cref="Status.Failure"/> for an error.</summary>
    /// <remarks>An actor that has stopped fails the reconcile, which is tried again as any other failure.</remarks>
    public ControllerBuilder<T> WithReconcilerActor(IActorRef actor) => WithReconcilerActor(_ => actor);

    /// <inheritdoc cref="WithReconcilerActor(IActorRef)"/>
    /// <param name="actor">Finds the actor, once, when the controller is built.</param>
    public ControllerBuilder<T> WithReconcilerActor(Func<IServiceProvider, IActorRef> actor) =>
        Handle(services => ReconcilerAsActor.Handler(actor(services), static (run, cancellation) => new Reconcile<T>(new ReconcileContext<T>(run), cancellation)));

    /// <summary>Keeps objects from going before they were cleaned up after: see <see cref="IFinalizer{T}"/>. The reconciler is not called for objects that are asked to go.</summary>
    /// <param name="name">The finalizer's name in objects, such as <c>example.com/bucket</c>. Objects that have it wait for this controller: remove it from them before the controller is retired.</param>
    public ControllerBuilder<T> WithFinalizer<TFinalizer>(string name)
        where TFinalizer : class, IFinalizer<T> =>
        Finalize(name, static services =>
        {
            var finalizer = Services.Make<TFinalizer>(services);
            return (run, cancellation) => finalizer.CleanUpAsync(new ReconcileContext<T>(run), cancellation);
        });

    /// <inheritdoc cref="WithFinalizer{TFinalizer}(string)"/>
    /// <param name="name">The finalizer's name in objects, such as <c>example.com/bucket</c>.</param>
    /// <param name="cleanUp">As <see cref="IFinalizer{T}.CleanUpAsync"/>.</param>
    public ControllerBuilder<T> WithFinalizer(string name, Func<ReconcileContext<T>, CancellationToken, Task<ReconcileResult>> cleanUp) =>
        Finalize(name, _ => (run, cancellation) => cleanUp(new ReconcileContext<T>(run), cancellation));

    static ReconcileHandler Handler(IReconciler<T> reconciler) => (run, cancellation) => reconciler.ReconcileAsync(new ReconcileContext<T>(run), cancellation);
}

/// <summary>As <see cref="ControllerBuilder{T}"/>, for a kind that has no class here: objects as received.</summary>
/// <param name="resource">The kind that is reconciled.</param>
public sealed class ControllerBuilder(ResourceDefinition resource) : ControllerBuilderBase<ControllerBuilder>(resource)
{
    /// <inheritdoc cref="ControllerBuilder{T}.WithReconciler{TReconciler}()"/>
    public ControllerBuilder WithReconciler<TReconciler>()
        where TReconciler : class, IReconciler =>
        Handle(static services => Handler(Services.Make<TReconciler>(services)));

    /// <inheritdoc cref="ControllerBuilder{T}.WithReconciler(IReconciler{T})"/>
    public ControllerBuilder WithReconciler(IReconciler reconciler) => Handle(_ => Handler(reconciler));

    /// <inheritdoc cref="ControllerBuilder{T}.WithReconciler(Func{ReconcileContext{T}, CancellationToken, Task{ReconcileResult}})"/>
    public ControllerBuilder WithReconciler(Func<ReconcileContext, CancellationToken, Task<ReconcileResult>> reconcile) =>
        Handle(_ => (run, cancellation) => reconcile(new ReconcileContext(run), cancellation));

    /// <summary>The reconciler, as an actor of your own: it gets <see cref="Reconcile"/> and answers with <see cref="ReconcileResult"/>, or <see cref="Status.Failure"/> for an error.</summary>
    public ControllerBuilder WithReconcilerActor(IActorRef actor) =>
        Handle(_ => ReconcilerAsActor.Handler(actor, static (run, cancellation) => new Reconcile(new ReconcileContext(run), cancellation)));

    /// <inheritdoc cref="ControllerBuilder{T}.WithFinalizer(string, Func{ReconcileContext{T}, CancellationToken, Task{ReconcileResult}})"/>
    public ControllerBuilder WithFinalizer(string name, Func<ReconcileContext, CancellationToken, Task<ReconcileResult>> cleanUp) =>
        Finalize(name, _ => (run, cancellation) => cleanUp(new ReconcileContext(run), cancellation));

    static ReconcileHandler Handler(IReconciler reconciler) => (run, cancellation) => reconciler.ReconcileAsync(new ReconcileContext(run), cancellation);
}
