using System.Globalization;

namespace ActorKube.ApiServer;

/// <summary>Answers <c>pods/log</c>: what a container wrote, whole, in part, or as it writes. The node has it.</summary>
internal sealed class PodLogHandler(NodeAccess nodes)
{
    public async Task AnswerAsync(Exchange exchange, ApiResource row, RequestInfo info)
    {
        var options = ReadOptions(exchange, info.Name!);
        var target = PodTarget.Of(row, info);
        var container = target.Container(exchange.Query("container"));
        if (string.IsNullOrEmpty(target.Node))
        {
            // Nobody runs it yet: there is no log, and no error either.
            exchange.Http.Response.StatusCode = 204;
            return;
        }
        var write = await OpenAsync(exchange, target, container, options).ConfigureAwait(false);
        var response = exchange.Http.Response;
        response.StatusCode = 200;
        response.ContentType = "text/plain";
        await write(response.Body, exchange.Aborted).ConfigureAwait(false);
    }

    private async Task<ContainerLogWriter> OpenAsync(Exchange exchange, PodTarget target, string container, ContainerLogOptions options)
    {
        try
        {
            var pod = await nodes.FindAsync(target, address =>
                $"Get \"https://{address}/containerLogs/{target.Reference.Namespace}/{target.Name}/{container}{exchange.Http.Request.QueryString}\": {NodeAccess.Refused(address)}", exchange.Aborted).ConfigureAwait(false);
            return pod.ReadLog(container, options);
        }
        catch (NodeException refusal)
        {
            throw refusal.StatusCode == 400 ? Errors.BadRequest(refusal.Message) : Errors.Of(refusal.StatusCode, "", refusal.Message);
        }
    }

    private static ContainerLogOptions ReadOptions(Exchange exchange, string pod)
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
        return new ContainerLogOptions
        {
            Follow = exchange.Flag("follow"), Previous = exchange.Flag("previous"), Timestamps = exchange.Flag("timestamps"), TailLines = tail, LimitBytes = limit, SinceSeconds = seconds, SinceTime = since,
        };
    }
}
