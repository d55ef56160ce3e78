using Akka.Actor;
using Akka.TestKit.Internal;

namespace Akka.TestKit;

/// <inheritdoc cref="IEventFilterApplier" />
sealed class EventFilterApplier : IEventFilterApplier
{
    readonly TestKitBase _testKit;
    readonly ActorSystem _system;
    readonly LogEventFilter[] _filters;

    public EventFilterApplier(TestKitBase testKit, ActorSystem system, LogEventFilter[] filters)
    {
        _testKit = testKit;
        _system = system;
        _filters = filters;
    }

    public EventFilterFactory And => new(_testKit, _system, _filters);

    public void ExpectOne(Action action, CancellationToken cancellationToken = default) =>
        Run(AsTask(action), 1, null, blocking: true, cancellationToken);

    public Task ExpectOneAsync(Action action, CancellationToken cancellationToken = default) =>
        Intercept(AsTask(action), 1, null, blocking: false, cancellationToken);

    public Task ExpectOneAsync(Func<Task> actionAsync, CancellationToken cancellationToken = default) =>
        Intercept(AsTask(actionAsync), 1, null, blocking: false, cancellationToken);

    public void ExpectOne(TimeSpan timeout, Action action, CancellationToken cancellationToken = default) =>
        Run(AsTask(action), 1, timeout, blocking: true, cancellationToken);

    public Task ExpectOneAsync(TimeSpan timeout, Func<Task> action, CancellationToken cancellationToken = default) =>
        Intercept(AsTask(action), 1, timeout, blocking: false, cancellationToken);

    public void Expect(int expectedCount, Action action, CancellationToken cancellationToken = default) =>
        Run(AsTask(action), expectedCount, null, blocking: true, cancellationToken);

    public Task ExpectAsync(int expectedCount, Func<Task> actionAsync, CancellationToken cancellationToken = default) =>
        Intercept(AsTask(actionAsync), expectedCount, null, blocking: false, cancellationToken);

    public Task ExpectAsync(int expectedCount, Func<Task> actionAsync, TimeSpan? timeout, CancellationToken cancellationToken = default) =>
        Intercept(AsTask(actionAsync), expectedCount, timeout, blocking: false, cancellationToken);

    public void Expect(int expectedCount, TimeSpan timeout, Action action, CancellationToken cancellationToken = default) =>
        Run(AsTask(action), expectedCount, timeout, blocking: true, cancellationToken);

    public Task ExpectAsync(int expectedCount, TimeSpan timeout, Func<Task> action, CancellationToken cancellationToken = default) =>
        Intercept(AsTask(action), expectedCount, timeout, blocking: false, cancellationToken);

    public Task ExpectAsync(int expectedCount, TimeSpan timeout, Action action, CancellationToken cancellationToken = default) =>
        Intercept(AsTask(action), expectedCount, timeout, blocking: false, cancellationToken);

    public T ExpectOne<T>(Func<T> func, CancellationToken cancellationToken = default) =>
        Run(AsTask(func), 1, null, blocking: true, cancellationToken);

    public Task<T> ExpectOneAsync<T>(Func<Task<T>> func, CancellationToken cancellationToken = default) =>
        Intercept(func, 1, null, blocking: false, cancellationToken);

    public T ExpectOne<T>(TimeSpan timeout, Func<T> func, CancellationToken cancellationToken = default) =>
        Run(AsTask(func), 1, timeout, blocking: true, cancellationToken);

    public Task<T> ExpectOneAsync<T>(TimeSpan timeout, Func<Task<T>> func, CancellationToken cancellationToken = default) =>
        Intercept(func, 1, timeout, blocking: false, cancellationToken);

    public T Expect<T>(int expectedCount, Func<T> func, CancellationToken cancellationToken = default) =>
        Run(AsTask(func), expectedCount, null, blocking: true, cancellationToken);

    public Task<T> ExpectAsync<T>(int expectedCount, Func<Task<T>> func, CancellationToken cancellationToken = default) =>
        Intercept(func, expectedCount, null, blocking: false, cancellationToken);

    public T Expect<T>(int expectedCount, TimeSpan timeout, Func<T> func, CancellationToken cancellationToken = default) =>
        Run(AsTask(func), expectedCount, timeout, blocking: true, cancellationToken);

    public Task<T> ExpectAsync<T>(int expectedCount, TimeSpan timeout, Func<Task<T>> func, CancellationToken cancellationToken = default) =>
        Intercept(func, expectedCount, timeout, blocking: false, cancellationToken);

    public T Mute<T>(Func<T> func, CancellationToken cancellationToken = default) =>
        Run(AsTask(func), null, null, blocking: true, cancellationToken);

    public Task<T> MuteAsync<T>(Func<Task<T>> func, CancellationToken cancellationToken = default) =>
        Intercept(func, null, null, blocking: false, cancellationToken);

    public void Mute(Action action, CancellationToken cancellationToken = default) =>
        Run(AsTask(action), null, null, blocking: true, cancellationToken);

    public Task MuteAsync(Action action, CancellationToken cancellationToken = default) =>
        Intercept(AsTask(action), null, null, blocking: false, cancellationToken);

    public Task MuteAsync(Func<Task> action, CancellationToken cancellationToken = default) =>
        Intercept(AsTask(action), null, null, blocking: false, cancellationToken);

    public IUnmutableFilter Mute() => new Muted(_system, new ActiveFilter(_filters, int.MaxValue));

    static Func<Task<bool>> AsTask(Action action) => () =>
    {
        action();
        return Task.FromResult(true);
    };

    static Func<Task<bool>> AsTask(Func<Task> action) => async () =>
    {
        await action();
        return true;
    };

    static Func<Task<T>> AsTask<T>(Func<T> function) => () => Task.FromResult(function());

    T Run<T>(Func<Task<T>> function, int? expected, TimeSpan? timeout, bool blocking, CancellationToken cancellationToken) =>
        Intercept(function, expected, timeout, blocking, cancellationToken).GetAwaiter().GetResult();

    async Task<T> Intercept<T>(Func<Task<T>> function, int? expected, TimeSpan? timeout, bool blocking, CancellationToken cancellationToken)
    {
        var leeway = timeout is { } given ? _testKit.Dilated(given) : _testKit.TestKitSettings.TestEventFilterLeeway;
        // Where no event is expected, the first one decides.
        var filter = new ActiveFilter(_filters, Math.Max(1, expected ?? 1));
        using var muted = new Muted(_system, filter);
        var result = await function();
        if (expected is not { } count)
            return result;

        if (blocking)
        {
            filter.Enough.Wait(leeway, cancellationToken);
        }
        else
        {
            using var delay = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            await Task.WhenAny(filter.Enough, Task.Delay(leeway, delay.Token));
            await delay.CancelAsync();
            cancellationToken.ThrowIfCancellationRequested();
        }

        var seen = filter.Seen;
        if (seen != count)
        {
            TestKitAssertionsExtension.For(_testKit.Sys).Assertions.Fail(
                "Expected {0} log events but saw {1} until {2} after the action: {3}.",
                count, seen, leeway, string.Join(" or ", _filters.Select(f => f.Description)));
        }

        return result;
    }

    sealed class Muted : IUnmutableFilter
    {
        readonly ActorSystem _system;
        readonly ActiveFilter _filter;

        public Muted(ActorSystem system, ActiveFilter filter)
        {
            _system = system;
            _filter = filter;
            system.EventStream.Publish(new TestEventListener.Install(filter));
        }

        public void Unmute() => _system.EventStream.Publish(new TestEventListener.Uninstall(_filter));

        public void Dispose() => Unmute();
    }
}
