using ActorKube.ApiServer;

namespace ActorKube.Soak;

/// <summary>Makes the server misbehave, now in this way, now in that.</summary>
sealed class Mischief(EmbeddedApiServer server, int seed)
{
    readonly Random _random = new(seed);

    public Dictionary<string, int> Done { get; } = [];

    public async Task GoOnAsync(CancellationToken cancellation)
    {
        try
        {
            while (true)
            {
                await Task.Delay(_random.Next(300, 3000), cancellation);
                await OnceAsync(cancellation);
            }
        }
        catch (OperationCanceledException)
        {
            server.Faults.Clear();
        }
    }

    async Task OnceAsync(CancellationToken cancellation)
    {
        switch (_random.Next(8))
        {
            case 0:
                Count("watches cut", server.Faults.CutWatches());
                break;
            case 1:
                Count("watches closed", server.Faults.CloseWatches());
                break;
            case 2:
                Count("watches expired", server.Faults.ExpireWatches());
                break;
            case 3:
                server.CompactHistory();
                Count("history compacted and watches cut", server.Faults.CutWatches());
                break;
            case 4:
                await ForAWhileAsync("lists and watches refused (500)", cancellation, Rule(FaultAction.Fail, "list") with { StatusCode = 500, Probability = 0.7 }, Rule(FaultAction.Fail, "watch") with { StatusCode = 500, Probability = 0.7 });
                break;
            case 5:
                await ForAWhileAsync("writes refused (429, 500, conflicts)", cancellation, Rule(FaultAction.Fail, "patch") with { StatusCode = 429, RetryAfterSeconds = 1, Probability = 0.05 }, Rule(FaultAction.Fail, "patch") with { StatusCode = 500, Probability = 0.2 }, Rule(FaultAction.Conflict, "patch") with { Probability = 0.2 });
                break;
            case 6:
                await ForAWhileAsync("connections broken", cancellation, new FaultRule(FaultAction.Abort) { Probability = 0.2 });
                break;
            default:
                await ForAWhileAsync("everything slow", cancellation, new FaultRule(FaultAction.Delay) { Delay = TimeSpan.FromMilliseconds(200), Probability = 0.3 });
                break;
        }
    }

    static FaultRule Rule(FaultAction action, string verb) => new(action) { Verb = verb };

    async Task ForAWhileAsync(string what, CancellationToken cancellation, params FaultRule[] rules)
    {
        var added = Array.ConvertAll(rules, server.Faults.Add);
        // Watches that are open would not notice.
        server.Faults.CutWatches();
        Count(what, 1);
        await Task.Delay(_random.Next(500, 3000), cancellation);
        foreach (var rule in added)
            rule.Dispose();
    }

    void Count(string what, int times) => Done[what] = Done.GetValueOrDefault(what) + times;
}
