using ActorKube.Actors;
using ActorKube.Models;
using ActorKube.Transport;
using k8s;
using k8s.Models;

namespace ActorKube.Testing;

/// <summary>A test's eyes on the controllers: what they reconciled and what they wrote, each told once, in order.</summary>
/// <remarks>Thread-safe. What an expectation met is used up; <see cref="Forget"/> uses up all there is.</remarks>
public sealed class KubeProbe
{
    readonly ActorKubeFixture _fixture;
    readonly Sightings<ReconcileEnded> _reconciles;
    readonly Sightings<WriteSeen> _writes;

    internal KubeProbe(ActorKubeFixture fixture, TimeSpan patience)
    {
        _fixture = fixture;
        _reconciles = new Sightings<ReconcileEnded>(patience, static seen =>
            $"{seen.Controller} {seen.Key} (attempt {seen.Attempt}): {seen.Error?.Message ?? (seen.Result?.After is { } after ? $"again after {after}" : "done")}");
        _writes = new Sightings<WriteSeen>(patience, static seen => seen.ToString());
    }

    /// <summary>All reconciles so far, whether they were expected or not.</summary>
    public IReadOnlyList<ReconcileEnded> Reconciles => _reconciles.All;

    /// <summary>All writes of the controllers so far, whether they were expected or not. The test's own are not among them.</summary>
    public IReadOnlyList<WriteSeen> Writes => _writes.All;

    /// <summary>A key is reconciled: the next time that was not expected yet, or comes soon.</summary>
    /// <param name="key">The key, such as <c>default/lunch</c>.</param>
    /// <param name="controller">By which controller; null for any.</param>
    /// <exception cref="KubeExpectationException">It is not; the message tells what happened instead.</exception>
    public Task<ReconcileEnded> ExpectReconcileAsync(string key, string? controller = null) =>
        _reconciles.NextAsync(seen => Is(seen, key, controller), $"a reconcile of {key}");

    /// <summary>A key is reconciled and fails.</summary>
    /// <inheritdoc cref="ExpectReconcileAsync"/>
    public Task<ReconcileEnded> ExpectFailureAsync(string key, string? controller = null) =>
        _reconciles.NextAsync(seen => Is(seen, key, controller) && seen.Error is not null, $"a failed reconcile of {key}");

    /// <summary>
    /// Once all that has happened is dealt with, and a while later, no key (or not this one) has been reconciled beyond what was expected.
    /// </summary>
    /// <param name="key">The key; null for all.</param>
    /// <param name="lasting">How much virtual time to let pass; null for none.</param>
    /// <exception cref="KubeExpectationException">One has.</exception>
    public async Task ExpectSilenceAsync(string? key = null, TimeSpan? lasting = null)
    {
        await _fixture.SettleAsync().ConfigureAwait(false);
        if (lasting is { } time)
            await _fixture.AdvanceAsync(time).ConfigureAwait(false);
        _reconciles.RefuseAny(seen => key is null || Is(seen, key, null), key is null ? "no reconcile" : $"no reconcile of {key}");
    }

    /// <summary>A controller writes an object of a kind: the next write that was not expected yet, or comes soon.</summary>
    /// <param name="key">The object, such as <c>default/lunch-pod</c>; null for any.</param>
    /// <param name="verb"><c>create</c>, <c>update</c>, <c>patch</c> or <c>delete</c>; null for any.</param>
    /// <param name="that">What it must look like.</param>
    /// <returns>The object as the server confirmed it.</returns>
    /// <exception cref="KubeExpectationException">None does; the message tells what was written instead.</exception>
    public async Task<T> ExpectWriteAsync<T>(string? key = null, string? verb = null, Func<T, bool>? that = null)
        where T : class, IKubernetesObject<V1ObjectMeta>
    {
        var resource = ResourceDefinition.For<T>();
        var seen = await _writes.NextAsync(
            seen => seen.Resource == resource.Plural && seen.Group == resource.Kind.Group && (key is null || Text(seen.Key) == key) && (verb is null || seen.Verb == verb)
                && seen.Object is not null && (that is null || that(seen.Object.As<T>())),
            $"{verb ?? "a write of"} {resource.Plural} {key}",
            WhatFailed).ConfigureAwait(false);
        return seen.Object!.As<T>();
    }

    /// <summary>Once all that has happened is dealt with, no object of a kind has been written beyond what was expected.</summary>
    /// <exception cref="KubeExpectationException">One has.</exception>
    public async Task ExpectNoWriteAsync<T>(string? key = null)
        where T : class, IKubernetesObject<V1ObjectMeta>
    {
        var resource = ResourceDefinition.For<T>();
        await _fixture.SettleAsync().ConfigureAwait(false);
        _writes.RefuseAny(seen => seen.Resource == resource.Plural && seen.Group == resource.Kind.Group && (key is null || Text(seen.Key) == key), $"no write of {resource.Plural} {key}");
    }

    /// <summary>All that has happened so far is expected.</summary>
    public void Forget()
    {
        _reconciles.Forget();
        _writes.Forget();
    }

    // Why a write did not come is most often that its reconcile failed.
    string WhatFailed()
    {
        var failures = _reconciles.All.Where(static r => r.Error is not null).Select(static r => $"{r.Controller} {r.Key}: {r.Error!.Message}").Distinct().TakeLast(5).ToArray();
        return failures.Length == 0 ? "" : $" Reconciles that failed: {string.Join("; ", failures)}";
    }

    internal void Saw(ReconcileEnded ended) => _reconciles.Add(ended);

    internal void Saw(WriteSeen write) => _writes.Add(write);

    static bool Is(ReconcileEnded seen, string key, string? controller) => Text(seen.Key) == key && (controller is null || seen.Controller == controller);

    static string Text(NamespacedName key) => key.Namespace.Length == 0 ? key.Name : $"{key.Namespace}/{key.Name}";
}

/// <summary>Something a controller wrote, as the server confirmed it.</summary>
/// <param name="Verb"><c>create</c>, <c>update</c>, <c>patch</c>, <c>delete</c> or <c>deletecollection</c>.</param>
/// <param name="Group">The resource's group.</param>
/// <param name="Resource">The resource's plural.</param>
/// <param name="Subresource">Such as <c>status</c>; empty for the object itself.</param>
/// <param name="Key">The object.</param>
/// <param name="Object">The object after the write; null where the server answered with something else.</param>
public sealed record WriteSeen(string Verb, string Group, string Resource, string Subresource, NamespacedName Key, KubeObject? Object)
{
    /// <summary>For people: <c>update ats/status default/lunch</c>.</summary>
    public override string ToString() => $"{Verb} {Resource}{(Subresource.Length > 0 ? "/" + Subresource : "")} {Key}";
}
