using ActorKube.Tests.Shared;

namespace ActorKube.Benchmarks.Cluster;

/// <summary>Counts one node's requests, and the bytes of their answers as they are read. Thread-safe.</summary>
sealed class CountingHandler(HttpMessageHandler inner) : DelegatingHandler(inner)
{
    long _reads;
    long _writes;
    long _leases;
    long _bytes;

    public (long Reads, long Writes, long Leases, long Bytes) Counts => (Volatile.Read(ref _reads), Volatile.Read(ref _writes), Volatile.Read(ref _leases), Volatile.Read(ref _bytes));

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (request.RequestUri!.AbsolutePath.Contains("/leases", StringComparison.Ordinal))
            Interlocked.Increment(ref _leases);
        else if (request.Method == HttpMethod.Get)
            Interlocked.Increment(ref _reads);
        else
            Interlocked.Increment(ref _writes);
        var response = await base.SendAsync(request, cancellationToken);
        var counted = new StreamContent(new Counting(await response.Content.ReadAsStreamAsync(cancellationToken), read => Interlocked.Add(ref _bytes, read)));
        foreach (var (name, values) in response.Content.Headers)
            counted.Headers.TryAddWithoutValidation(name, values);
        response.Content = counted;
        return response;
    }

    sealed class Counting(Stream inner, Action<int> count) : ReadOnlyStream
    {
        public override int Read(byte[] buffer, int offset, int length)
        {
            var read = inner.Read(buffer, offset, length);
            count(read);
            return read;
        }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var read = await inner.ReadAsync(buffer, cancellationToken);
            count(read);
            return read;
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing)
                inner.Dispose();
            base.Dispose(disposing);
        }
    }
}
