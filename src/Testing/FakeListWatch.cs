using System.Threading.Channels;
using ActorKube.Models;
using ActorKube.Transport;

namespace ActorKube.Testing;

/// <summary>A server for one resource in a test's hands: each request waits until the test takes it and answers.</summary>
/// <remarks>Thread-safe. Tests read as a dialogue: <c>(await fake.NextList()).Answer(…)</c>, then <c>var watch = await fake.NextWatch(); watch.Send(…)</c>.</remarks>
public sealed class FakeListWatch(ResourceDefinition resource, string? @namespace = null) : IListWatch
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    readonly Channel<FakeList> _lists = Channel.CreateUnbounded<FakeList>();
    readonly Channel<FakeWatch> _watches = Channel.CreateUnbounded<FakeWatch>();
    int _listCount;
    int _watchCount;

    /// <inheritdoc/>
    public ResourceDefinition Resource => resource;

    /// <inheritdoc/>
    public string? Namespace => @namespace;

    /// <summary>How many pages were asked for so far.</summary>
    public int ListCount => Volatile.Read(ref _listCount);

    /// <summary>How many watches were opened so far.</summary>
    public int WatchCount => Volatile.Read(ref _watchCount);

    /// <summary>The next list request, when it comes.</summary>
    /// <exception cref="TimeoutException">None comes.</exception>
    public Task<FakeList> NextList() => Next(_lists, "list");

    /// <summary>The next watch request, when it comes.</summary>
    /// <exception cref="TimeoutException">None comes.</exception>
    public Task<FakeWatch> NextWatch() => Next(_watches, "watch");

    /// <inheritdoc/>
    public Task<KubeList> ListAsync(ListOptions options, CancellationToken cancellation)
    {
        Interlocked.Increment(ref _listCount);
        var list = new FakeList(options);
        _lists.Writer.TryWrite(list);
        return list.Answered.WaitAsync(cancellation);
    }

    /// <inheritdoc/>
    public IAsyncEnumerable<WatchEvent> WatchAsync(ListOptions options, CancellationToken cancellation)
    {
        Interlocked.Increment(ref _watchCount);
        var watch = new FakeWatch(options);
        _watches.Writer.TryWrite(watch);
        return watch;
    }

    static async Task<T> Next<T>(Channel<T> from, string what)
    {
        try
        {
            return await from.Reader.ReadAsync().AsTask().WaitAsync(Patience).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            throw new TimeoutException($"No {what} request came within {Patience.TotalSeconds:0} s.");
        }
    }
}

/// <summary>A list request that waits for its answer.</summary>
public sealed class FakeList
{
    // What the answer brings about happens before it returns to the test, so that it is counted as work by then.
    readonly TaskCompletionSource<KubeList> _answer = new();

    internal FakeList(ListOptions options) => Options = options;

    /// <summary>What was asked.</summary>
    public ListOptions Options { get; }

    internal Task<KubeList> Answered => _answer.Task;

    /// <summary>Answers with a page.</summary>
    public void Answer(KubeList page) => Inline.Run(() => _answer.TrySetResult(page));

    /// <summary>Answers with a whole list.</summary>
    public void Answer(int version, params IReadOnlyList<KubeObject> objects) =>
        Answer(new KubeList("v1", "List", objects, version.ToString(System.Globalization.CultureInfo.InvariantCulture), "", null));

    /// <summary>Fails the request.</summary>
    public void Fail(Exception error) => Inline.Run(() => _answer.TrySetException(error));
}

/// <summary>An open watch in a test's hands, which counts what is done to it.</summary>
public sealed class FakeWatch : IAsyncEnumerable<WatchEvent>, IAsyncEnumerator<WatchEvent>
{
    readonly Channel<WatchEvent> _events = Channel.CreateUnbounded<WatchEvent>(new UnboundedChannelOptions { AllowSynchronousContinuations = true });
    readonly TaskCompletionSource _disposed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    CancellationToken _cancellation;
    int _pulls;
    int _disposals;

    internal FakeWatch(ListOptions options) => Options = options;

    /// <summary>What was asked.</summary>
    public ListOptions Options { get; }

    /// <summary>How many events were asked for so far: what a socket would have been read for.</summary>
    public int Pulls => Volatile.Read(ref _pulls);

    /// <summary>How often the watch was closed by its reader.</summary>
    public int Disposals => Volatile.Read(ref _disposals);

    /// <summary>Ends when the reader closes the watch.</summary>
    public Task Disposed => _disposed.Task.WaitAsync(TimeSpan.FromSeconds(10));

    /// <inheritdoc/>
    public WatchEvent Current { get; private set; }

    /// <summary>Sends events.</summary>
    public void Send(params ReadOnlySpan<WatchEvent> events)
    {
        foreach (var watchEvent in events)
            Inline.Run(() => _events.Writer.TryWrite(watchEvent));
    }

    /// <summary>Ends the watch in order, after what was sent.</summary>
    public void Close() => Inline.Run(() => _events.Writer.TryComplete());

    /// <summary>Breaks the watch, after what was sent.</summary>
    public void Fail(Exception error) => Inline.Run(() => _events.Writer.TryComplete(error));

    /// <inheritdoc/>
    public IAsyncEnumerator<WatchEvent> GetAsyncEnumerator(CancellationToken cancellationToken = default)
    {
        _cancellation = cancellationToken;
        return this;
    }

    /// <inheritdoc/>
    public async ValueTask<bool> MoveNextAsync()
    {
        Interlocked.Increment(ref _pulls);
        if (!await _events.Reader.WaitToReadAsync(_cancellation).ConfigureAwait(false) || !_events.Reader.TryRead(out var next))
            return false;
        Current = next;
        return true;
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        Interlocked.Increment(ref _disposals);
        _disposed.TrySetResult();
        return ValueTask.CompletedTask;
    }
}
