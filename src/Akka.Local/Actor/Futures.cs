#nullable disable
namespace Akka.Actor;

/// <summary>Asking: telling, with a task for the reply.</summary>
public static class Futures
{
    private static readonly Action<Task, object> Finished = static (_, state) => ((IDisposable)state).Dispose();

    public static Task<object> Ask(this ICanTell self, object message, TimeSpan? timeout = null) =>
        self.Ask<object>(message, timeout, CancellationToken.None);

    public static Task<object> Ask(this ICanTell self, object message, CancellationToken cancellationToken) =>
        self.Ask<object>(message, null, cancellationToken);

    public static Task<object> Ask(this ICanTell self, object message, TimeSpan? timeout, CancellationToken cancellationToken) =>
        self.Ask<object>(message, timeout, cancellationToken);

    public static Task<T> Ask<T>(this ICanTell self, object message, TimeSpan? timeout = null) =>
        self.Ask<T>(message, timeout, CancellationToken.None);

    public static Task<T> Ask<T>(this ICanTell self, object message, CancellationToken cancellationToken) =>
        self.Ask<T>(message, null, cancellationToken);

    /// <summary>Tells, and returns the first reply.</summary>
    /// <param name="self">Whom to ask.</param>
    /// <param name="message">What to tell.</param>
    /// <param name="timeout">How long to wait for a reply: then the task fails with <see cref="AskTimeoutException"/>. Null for <c>akka.actor.ask-timeout</c>.</param>
    /// <param name="cancellationToken">Ends the waiting: the task is cancelled.</param>
    /// <returns>The reply. A <see cref="Status.Failure"/> fails the task with its cause; a reply of another type with <see cref="ArgumentException"/>.</returns>
    public static Task<T> Ask<T>(this ICanTell self, object message, TimeSpan? timeout, CancellationToken cancellationToken)
    {
        var ask = Begin<T>(self, timeout, cancellationToken);
        ask.DeliverAsk(message, self);
        return ask.Task;
    }

    /// <param name="self">Whom to ask.</param>
    /// <param name="messageFactory">Makes the message from the reference that replies go to.</param>
    /// <param name="timeout">How long to wait for a reply.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public static Task<T> Ask<T>(this ICanTell self, Func<IActorRef, object> messageFactory, TimeSpan? timeout, CancellationToken cancellationToken)
    {
        var ask = Begin<T>(self, timeout, cancellationToken);
        ask.DeliverAsk(messageFactory(ask), self);
        return ask.Task;
    }

    private static AskRef<T> Begin<T>(ICanTell self, TimeSpan? timeout, CancellationToken cancellationToken)
    {
        var provider = ProviderOf(self)
            ?? throw new ArgumentException("Unable to resolve the target Provider", nameof(self));
        var result = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        var ask = new AskRef<T>(result, provider.TempPath(), provider);
        provider.RegisterTempActor(ask, ask.Path);
        result.Task.ContinueWith(Finished, ask, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        ask.Limit(timeout ?? provider.Settings.AskTimeout, cancellationToken);
        return ask;
    }

    private static IActorRefProvider ProviderOf(ICanTell target) => target switch
    {
        ActorSelection selection => ProviderOf(selection.Anchor),
        IInternalActorRef actor => actor.Provider,
        _ => ActorCell.Current?.SystemImpl.Provider,
    };

    /// <summary>An ask under way, with what limits it.</summary>
    private sealed class AskRef<T>(TaskCompletionSource<T> result, ActorPath path, IActorRefProvider provider)
        : FutureActorRef<T>(result, path, provider), IDisposable
    {
        private readonly TaskCompletionSource<T> _result = result;
        private Timer _timer;
        private CancellationTokenRegistration _cancellation;
        private TimeSpan _timeout;

        public Task<T> Task => _result.Task;

        public override IInternalActorRef Parent => Provider.TempContainer;

        public void Limit(TimeSpan timeout, CancellationToken cancellationToken)
        {
            if (timeout > TimeSpan.Zero)
            {
                _timeout = timeout;
                _timer = new Timer(static state => ((AskRef<T>)state).TimeOut(), this, timeout, System.Threading.Timeout.InfiniteTimeSpan);
            }

            if (cancellationToken.CanBeCanceled)
                _cancellation = cancellationToken.UnsafeRegister(static (state, token) => ((AskRef<T>)state)._result.TrySetCanceled(token), this);
        }

        public void Dispose()
        {
            Provider.UnregisterTempActor(Path);
            _timer?.Dispose();
            _cancellation.Dispose();
        }

        private void TimeOut() => _result.TrySetException(new AskTimeoutException($"Timeout after {_timeout.TotalSeconds:F2} seconds"));
    }
}
