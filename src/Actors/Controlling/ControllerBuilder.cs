using ActorKube.Models;
using Akka.Actor;
using k8s;
using k8s.Models;

namespace ActorKube.Actors;

/// <summary>Says what a controller watches, what it does, and how much of it at once.</summary>
/// <remarks>
/// <see cref="Owns{TOwned}"/> is shorthand for a watch whose mapper finds the owner of kind <typeparamref name="T"/>; <see cref="Watches{TOther}"/> takes any mapper.
/// </remarks>
/// <typeparam name="T">The kind that is reconciled.</typeparam>
public sealed class ControllerBuilder<T>
    where T : class, IKubernetesObject<V1ObjectMeta>
{
    static readonly TimeSpan ActorReplyTimeout = TimeSpan.FromDays(1);

    readonly ResourceDefinition _resource = ResourceDefinition.For<T>();
    readonly List<Func<CacheChange, bool>> _predicates = [];
    readonly List<CacheIndex> _indexes = [];
    readonly List<WatchSpec> _watches = [];
    Func<IServiceProvider, ReconcileHandler>? _handler;
    string? _name;
    string? _namespace;
    string? _labelSelector;
    string? _fieldSelector;

    /// <summary>The controller's numbers.</summary>
    public ControllerOptions Options { get; private set; } = new();

    /// <summary>Names the controller; by default as its kind, in lower case. Several controllers of one kind need names of their own.</summary>
    public ControllerBuilder<T> Named(string name) => Set(() => _name = name);

    /// <summary>Reconciles, and watches what it owns, in one namespace only.</summary>
    public ControllerBuilder<T> InNamespace(string @namespace) => Set(() => _namespace = @namespace);

    /// <summary>Reconciles only the objects that selectors select; the server filters.</summary>
    public ControllerBuilder<T> Selecting(string? labelSelector = null, string? fieldSelector = null) => Set(() => (_labelSelector, _fieldSelector) = (labelSelector, fieldSelector));

    /// <summary>Reconciles on such changes of the object itself only, see <see cref="Predicates"/>; several must all agree.</summary>
    public ControllerBuilder<T> When(params Func<CacheChange, bool>[] predicates) => Set(() => _predicates.AddRange(predicates));

    /// <summary>Adds an index to the cache of the reconciled kind.</summary>
    public ControllerBuilder<T> WithIndex(CacheIndex index) => Set(() => _indexes.Add(index));

    /// <summary>Reconciles an object when something that it owns as its controller changes or goes.</summary>
    /// <param name="predicates">Which changes matter; all must agree.</param>
    public ControllerBuilder<T> Owns<TOwned>(params Func<CacheChange, bool>[] predicates)
        where TOwned : class, IKubernetesObject<V1ObjectMeta> =>
        Owns(ResourceDefinition.For<TOwned>(), predicates);

    /// <inheritdoc cref="Owns{TOwned}"/>
    public ControllerBuilder<T> Owns(ResourceDefinition owned, params Func<CacheChange, bool>[] predicates) => Watch(owned, null, null, OwnersOf, predicates);

    /// <summary>Reconciles what a mapper says when an object of another kind changes or goes.</summary>
    /// <param name="map">The keys to reconcile, from the object as it is, or as it was last where it is gone; called for the old and the new state of a modification.</param>
    /// <param name="predicates">Which changes matter; all must agree.</param>
    public ControllerBuilder<T> Watches<TOther>(Func<TOther, IEnumerable<NamespacedName>> map, params Func<CacheChange, bool>[] predicates)
        where TOther : class, IKubernetesObject<V1ObjectMeta> =>
        Watch(ResourceDefinition.For<TOther>(), null, null, change => StatesOf(change).SelectMany(state => map(state.As<TOther>())), predicates);

    /// <summary>Reconciles what a mapper says when an object of another kind changes; objects as received, selected by the server.</summary>
    public ControllerBuilder<T> Watches(CacheSpec other, Func<CacheChange, IEnumerable<NamespacedName>> map, params Func<CacheChange, bool>[] predicates) =>
        Set(() => _watches.Add(new WatchSpec(other, map, predicates, [])));

    /// <summary>How many keys may be reconciled at once; 1 unless said.</summary>
    public ControllerBuilder<T> WithMaxConcurrentReconciles(int count) => With(o => o with { MaxConcurrentReconciles = count });

    /// <summary>After how long a reconcile is asked to leave; null for never.</summary>
    public ControllerBuilder<T> WithReconcileTimeout(TimeSpan? timeout) => With(o => o with { ReconcileTimeout = timeout });

    /// <summary>How failed keys wait.</summary>
    public ControllerBuilder<T> WithRetry(RetryPolicy policy) => With(o => o with { Retry = policy });

    /// <summary>How often every object is reconciled although nothing changed; null for never.</summary>
    public ControllerBuilder<T> WithResync(TimeSpan? every) => With(o => o with { Resync = every });

    /// <summary>Changes any of the numbers.</summary>
    public ControllerBuilder<T> With(Func<ControllerOptions, ControllerOptions> change) => Set(() => Options = change(Options));

    /// <summary>The reconciler: one instance for all calls, made with what its constructor asks the container for.</summary>
    public ControllerBuilder<T> WithReconciler<TReconciler>()
        where TReconciler : class, IReconciler<T> =>
        Set(() => _handler = static services => Handler(Services.Make<TReconciler>(services)));

    /// <summary>The reconciler: an instance for each call, made with what its constructor asks the container for, in a scope of the call's own.</summary>
    public ControllerBuilder<T> WithScopedReconciler<TReconciler>()
        where TReconciler : class, IReconciler<T> =>
        Set(() => _handler = static services => async (run, cancellation) =>
        {
            await using var scope = Services.Scope(services);
            return await Services.Make<TReconciler>(new ScopedServices(scope.ServiceProvider, services)).ReconcileAsync(new ReconcileContext<T>(run), cancellation).ConfigureAwait(false);
        });

    /// <summary>The reconciler, as an instance.</summary>
    public ControllerBuilder<T> WithReconciler(IReconciler<T> reconciler) => Set(() => _handler = _ => Handler(reconciler));

    /// <summary>The reconciler, as a function.</summary>
    public ControllerBuilder<T> WithReconciler(Func<ReconcileContext<T>, CancellationToken, Task<ReconcileResult>> reconcile) =>
        Set(() => _handler = _ => (run, cancellation) => reconcile(new ReconcileContext<T>(run), cancellation));

    /// <summary>The reconciler, as an actor of your own: it gets <see cref="Reconcile{T}"/> and answers with <see cref="ReconcileResult"/>, or <see cref="Status.Failure"/> for an error.</summary>
    public ControllerBuilder<T> WithReconcilerActor(IActorRef actor) =>
        Set(() => _handler = _ => (run, cancellation) => actor.Ask<ReconcileResult>(new Reconcile<T>(new ReconcileContext<T>(run), cancellation), ActorReplyTimeout, cancellation));

    /// <summary>The controller, ready to be added with <see cref="Kubernetes.AddAsync"/>.</summary>
    /// <param name="services">Where reconcilers are made from; not needed where the reconciler is an instance, a function or an actor.</param>
    /// <exception cref="InvalidOperationException">Something is missing; the message says what.</exception>
    public ControllerSpec Build(IServiceProvider? services = null)
    {
        Options.Validate();
        var name = _name ?? _resource.Kind.Kind.ToLowerInvariant();
        var handler = _handler ?? throw new InvalidOperationException($"Controller '{name}' has no reconciler: add WithReconciler<…>() to it.");
        var own = new WatchSpec(new CacheSpec(_resource, _namespace, _labelSelector, _fieldSelector), static change => [change.Key], _predicates, _indexes);
        return new ControllerSpec(name, [own, .. _watches.Select(Narrowed)], handler(services ?? NoServices.Instance), Options);
    }

    // A controller of one namespace watches other namespaced kinds there only, unless it was told where.
    WatchSpec Narrowed(WatchSpec watch) =>
        _namespace is not null && watch.Cache is { Namespace: null, Resource.Namespaced: true } ? watch with { Cache = watch.Cache with { Namespace = _namespace } } : watch;

    static ReconcileHandler Handler(IReconciler<T> reconciler) => (run, cancellation) => reconciler.ReconcileAsync(new ReconcileContext<T>(run), cancellation);

    ControllerBuilder<T> Watch(ResourceDefinition resource, string? label, string? field, Func<CacheChange, IEnumerable<NamespacedName>> map, Func<CacheChange, bool>[] predicates) =>
        Set(() => _watches.Add(new WatchSpec(new CacheSpec(resource, null, label, field), map, predicates, [])));

    // The owner before and the owner after: when an object changes hands, both want to know.
    IEnumerable<NamespacedName> OwnersOf(CacheChange change)
    {
        foreach (var state in StatesOf(change))
        {
            foreach (var owner in state.OwnerReferences)
            {
                if (owner.Controller && owner.Kind == _resource.Kind.Kind && GroupVersion.Parse(owner.ApiVersion).Group == _resource.Kind.Group)
                    yield return new NamespacedName(_resource.Namespaced ? state.Namespace : "", owner.Name);
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

    ControllerBuilder<T> Set(Action change)
    {
        change();
        return this;
    }
}

/// <summary>Asks an actor to reconcile an object. It answers the sender with <see cref="ReconcileResult"/>, or <see cref="Status.Failure"/>.</summary>
/// <param name="Context">The object, and the means to act.</param>
/// <param name="Cancellation">The reconcile took too long, or the process stops: answer soon.</param>
public sealed record Reconcile<T>(ReconcileContext<T> Context, CancellationToken Cancellation)
    where T : class, IKubernetesObject<V1ObjectMeta>;
