using System.Globalization;

namespace ActorKube.ApiServer;

/// <summary>Answers <c>pods/log</c>: what a container wrote, whole, in part, or as it writes.</summary>
internal sealed class PodLogHandler(SimulatedPods? pods)
{
    public async Task AnswerAsync(Exchange exchange, ApiResource row, RequestInfo info)
    {
        var options = LogOptions.Read(exchange, info.Name!);
        var target = PodTarget.Of(row, info);
        var container = target.Container(exchange.Query("container"));
        if (string.IsNullOrEmpty(target.Node))
        {
            // Nobody runs it yet: there is no log, and no error either.
            exchange.Http.Response.StatusCode = 204;
            return;
        }
        var found = target.Running(pods).Find(container);
        var log = options.Previous ? found?.PreviousLog : found?.Log;
        if (log is null)
        {
            throw Errors.BadRequest(options.Previous
                ? $"previous terminated container \"{container}\" in pod \"{target.Name}\" not found"
                : $"container \"{container}\" in pod \"{target.Name}\" is waiting to start: {found?.Reason ?? "PodInitializing"}");
        }
        await SendAsync(exchange, log, options).ConfigureAwait(false);
    }

    private async Task SendAsync(Exchange exchange, ContainerLog log, LogOptions options)
    {
        var response = exchange.Http.Response;
        response.StatusCode = 200;
        response.ContentType = "text/plain";
        var since = options.SinceTime ?? (options.SinceSeconds is { } seconds ? pods!.Time.GetUtcNow().AddSeconds(-seconds) : DateTimeOffset.MinValue);
        var left = options.LimitBytes ?? long.MaxValue;
        var (lines, next, more) = log.Read(0);
        IEnumerable<LogLine> wanted = options.TailLines is { } tail ? lines.TakeLast((int)Math.Min(tail, int.MaxValue)) : lines;
        while (true)
        {
            foreach (var line in wanted.Where(l => l.Time >= since))
            {
                byte[] bytes = options.Timestamps ? [.. Stamp(line.Time), .. line.Text, (byte)'\n'] : [.. line.Text, (byte)'\n'];
                var count = (int)Math.Min(left, bytes.Length);
                await response.Body.WriteAsync(bytes.AsMemory(0, count), exchange.Aborted).ConfigureAwait(false);
                left -= count;
                if (left == 0)
                {
                    return;
                }
            }
            if (!options.Follow || more is null)
            {
                return;
            }
            await response.Body.FlushAsync(exchange.Aborted).ConfigureAwait(false);
            await more.WaitAsync(exchange.Aborted).ConfigureAwait(false);
            (var fresh, next, more) = log.Read(next);
            wanted = fresh;
        }
    }

    private static byte[] Stamp(DateTimeOffset time) =>
        System.Text.Encoding.ASCII.GetBytes(time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fffffff'00Z '", CultureInfo.InvariantCulture));

    private sealed record LogOptions(bool Follow, bool Previous, bool Timestamps, long? TailLines, long? LimitBytes, long? SinceSeconds, DateTimeOffset? SinceTime)
    {
        public static LogOptions Read(Exchange exchange, string pod)
        {
            var errors = new FieldErrors();
            var (tail, limit, seconds) = (exchange.Number("tailLines"), exchange.Number("limitBytes"), exchange.Number("sinceSeconds"));
            if (tail < 0)
            {
                errors.Invalid("tailLines", tail, "must be greater than or equal to 0");
            }
            if (limit < 1)
            {
                errors.Invalid("limitBytes", limit, "must be greater than 0");
            }
            DateTimeOffset? since = null;
            if (exchange.Query("sinceTime") is { Length: > 0 } text)
            {
                since = DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time
                    : throw Errors.BadRequest($"parsing time {FieldErrors.Quote(text)}: give it as RFC 3339 has it");
            }
            if (seconds is not null && since is not null)
            {
                errors.Forbidden("[]", "at most one of `sinceTime` or `sinceSeconds` may be specified");
            }
            else if (seconds < 1)
            {
                errors.Invalid("sinceSeconds", seconds, "must be greater than 0");
            }
            if (errors.Any)
            {
                throw Errors.Invalid("", "PodLogOptions", pod, errors);
            }
            return new LogOptions(exchange.Flag("follow"), exchange.Flag("previous"), exchange.Flag("timestamps"), tail, limit, seconds, since);
        }
    }
}
