#nullable disable
namespace Akka.Actor;

/// <summary>Asking: telling, with a task for the reply.</summary>
public static class Futures
{
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
        var ask = new AskRef<T>(new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously), provider);
        ask.Limit(timeout ?? provider.Settings.AskTimeout, cancellationToken);
        return ask;
    }

    private static IActorRefProvider ProviderOf(ICanTell target) => target switch
    {
        ActorSelection selection => ProviderOf(selection.Anchor),
        IInternalActorRef actor => actor.Provider,
        _ => ActorCell.Current?.SystemImpl.Provider,
    };

    /// <summary>
    /// An ask under way. It gets a path, and can be found by it until it ends, when somebody asks for the path: most are only replied to.
    /// </summary>
    private sealed class AskRef<T>(TaskCompletionSource<T> result, IActorRefProvider provider) : FutureActorRef<T>(result, null, provider)
    {
        private readonly TaskCompletionSource<T> _result = result;
        private ActorPath _path;
        private Limits _limits;

        public override ActorPath Path => Volatile.Read(ref _path) ?? TakePath();

        public Task<T> Task => _result.Task;

        public override IInternalActorRef Parent => Provider.TempContainer;

        public void Limit(TimeSpan timeout, CancellationToken cancellationToken)
        {
            if (timeout <= TimeSpan.Zero && !cancellationToken.CanBeCanceled)
                return;
            var limits = _limits = new Limits { Timeout = timeout };
            // A limit may strike before it is noted down here: what is noted too late is let go by whoever comes second.
            if (timeout > TimeSpan.Zero)
                limits.Timer = new Timer(static state => ((AskRef<T>)state).TimeOut(), this, timeout, System.Threading.Timeout.InfiniteTimeSpan);
            if (cancellationToken.CanBeCanceled)
                limits.Cancellation = cancellationToken.UnsafeRegister(static (state, token) => ((AskRef<T>)state).Cancel(token), this);
            if (_result.Task.IsCompleted)
                limits.Release();
        }

        private protected override void Ended()
        {
            if (Volatile.Read(ref _path) is { } path)
                Provider.UnregisterTempActor(path);
            _limits?.Release();
        }

        private ActorPath TakePath()
        {
            var path = Provider.TempPath();
            if (Interlocked.CompareExchange(ref _path, path, null) is { } known)
                return known;
            Provider.RegisterTempActor(this, path);
            if (_result.Task.IsCompleted)
                Provider.UnregisterTempActor(path);
            return path;
        }

        private void TimeOut()
        {
            if (_result.TrySetException(new AskTimeoutException($"Timeout after {_limits.Timeout.TotalSeconds:F2} seconds")))
                Ended();
        }

        private void Cancel(CancellationToken token)
        {
            if (_result.TrySetCanceled(token))
                Ended();
        }
    }

    /// <summary>What ends an ask that is not answered.</summary>
    private sealed class Limits
    {
        public TimeSpan Timeout;
        public Timer Timer;
        public CancellationTokenRegistration Cancellation;

        public void Release()
        {
            Timer?.Dispose();
            // Not Dispose, which would wait for a cancellation that is just running, this one itself perhaps.
            Cancellation.Unregister();
        }
    }
}
