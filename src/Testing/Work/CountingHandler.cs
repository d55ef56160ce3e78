namespace ActorKube.Testing;

/// <summary>Counts requests as work until their whole answer is there and whoever asked has gone on with it. Watches are not counted: they go on for ever.</summary>
sealed class CountingHandler(HttpMessageHandler inner, OutstandingWork work) : DelegatingHandler(inner)
{
    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var query = request.RequestUri?.Query ?? "";
        if (query.Contains("watch=true", StringComparison.Ordinal) || query.Contains("follow=true", StringComparison.Ordinal) || request.Headers.Contains("Upgrade"))
            return base.SendAsync(request, cancellationToken);
        // Timers that are set on a request's way are limits of its server's; faults of a test that delay it say so themselves.
        return work.TrackAsync(
            $"{request.Method} {request.RequestUri?.AbsolutePath}",
            async () =>
            {
                var answer = await base.SendAsync(request, cancellationToken).ConfigureAwait(false);
                await answer.Content.LoadIntoBufferAsync(cancellationToken).ConfigureAwait(false);
                return answer;
            },
            timersAreWaits: false);
    }
}
