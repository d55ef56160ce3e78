using System.Text.Json.Nodes;
using ActorKube.Models;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace ActorKube.ApiServer;

/// <summary>
/// Every request passes here: who asks, whether they may, whether a fault rule meets it, which row of the resource table answers. The same
/// code serves sockets and the in-process handler.
/// </summary>
internal sealed class RequestPipeline(
    ResourceTable table, Authenticator authenticator, IAuthorizer authorizer, FaultInjector faults, TimeProvider time,
    ReadHandler reads, WriteHandler writes, WatchHandler watches, DiscoveryHandler discovery, ReviewHandler reviews, SubresourceHandler subresources,
    OpenApiHandler openApi, TokenIssuer issuer, RequestMetrics metrics)
{
    private readonly MetricsHandler _metrics = new(table, metrics);
    private readonly HealthMetrics _health = new(time);

    public async Task HandleAsync(HttpContext context)
    {
        var exchange = new Exchange(context, UserInfo.Anonymous, time);
        try
        {
            context.Response.Headers.CacheControl = "no-cache, private";
            if (HttpMethods.IsConnect(context.Request.Method) && context.Features.Get<IHttpExtendedConnectFeature>() is not { IsExtendedConnect: true })
            {
                // No proxy: an answer to this method has no body, whatever was asked.
                throw Errors.MethodNotAllowed();
            }
            var user = context.Features.Get<TrustedUserFeature>()?.User ?? authenticator.Authenticate(context);
            exchange = new Exchange(context, Impersonation.Apply(context.Request.Headers, user, authorizer), time);
            await RouteAsync(exchange).ConfigureAwait(false);
        }
        catch (ApiException failure)
        {
            await FailAsync(exchange, failure).ConfigureAwait(false);
        }
        catch (PlainFailure failure)
        {
            await exchange.AnswerText(failure.Code, failure.TextFor(context.Request.Path.Value ?? "/")).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // The client left; nobody is there to be answered.
        }
        catch (BadHttpRequestException failure)
        {
            await FailAsync(exchange, Errors.Of(failure.StatusCode, failure.StatusCode == 413 ? "RequestEntityTooLarge" : "BadRequest", failure.Message)).ConfigureAwait(false);
        }
        catch (IOException) when (context.RequestAborted.IsCancellationRequested)
        {
            // As above, found out while writing.
        }
        catch (Exception unforeseen) when (unforeseen is not OperationCanceledException)
        {
            // A mistake of the server's own must not look like a broken connection to the one client whose request found it.
            await FailAsync(exchange, Errors.Internal($"{unforeseen.GetType().Name}: {unforeseen.Message}")).ConfigureAwait(false);
        }
        finally
        {
            exchange.Metered?.End(context.Response.StatusCode);
        }
    }

    private static async Task FailAsync(Exchange exchange, ApiException failure)
    {
        if (exchange.Http.Response.HasStarted)
        {
            exchange.Http.Abort();
            return;
        }
        if (failure.RetryAfterSeconds > 0)
        {
            exchange.Http.Response.Headers.RetryAfter = failure.RetryAfterSeconds.ToString(System.Globalization.CultureInfo.InvariantCulture);
        }
        exchange.Warn(exchange.PendingWarnings);
        await exchange.Answer(failure.Code, failure.Status).ConfigureAwait(false);
    }

    private Task RouteAsync(Exchange exchange)
    {
        // A slash is a slash, escaped or not, as in Go: no name has one.
        var path = (exchange.Http.Request.Path.Value ?? "/").Replace("%2F", "/", StringComparison.OrdinalIgnoreCase);
        var segments = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        switch (segments)
        {
            case ["api"]:
                Allow(exchange, path);
                OnlyGet(exchange);
                return discovery.CoreVersionsAsync(exchange);
            case ["api", "v1"]:
                Allow(exchange, path);
                OnlyGet(exchange);
                return discovery.ResourcesAsync(exchange, "", "v1");
            case ["api", "v1", ..]:
                return ResourceAsync(exchange, RequestInfo.Parse("", "v1", segments.AsSpan(2)));
            case ["api", ..]:
                throw Errors.NoSuchResource();
            case ["apis"]:
                Allow(exchange, path);
                return discovery.GroupsAsync(exchange, aggregated: !path.EndsWith('/'));
            case ["apis", var group]:
                Allow(exchange, path);
                return table.Current.Group(group) is { } found && group.Length > 0 ? discovery.GroupAsync(exchange, found) : NotFoundAsync(exchange);
            case ["apis", var group, var version, .. var rest]:
                if (table.Current.Group(group) is not { } known)
                {
                    // Below a group and a version it counts as a resource, whether there is such a group or not.
                    if (rest.Length == 0)
                    {
                        Allow(exchange, path);
                    }
                    else
                    {
                        var unknown = RequestInfo.Parse(group, version, rest);
                        Authorize(exchange, unknown, Verb(exchange, unknown));
                    }
                    return NotFoundAsync(exchange);
                }
                if (!known.Versions.Contains(version))
                {
                    return known.Custom ? NotFoundAsync(exchange) : throw Errors.NoSuchResource();
                }
                if (rest.Length > 0)
                {
                    return ResourceAsync(exchange, RequestInfo.Parse(group, version, rest));
                }
                Allow(exchange, path);
                OnlyGet(exchange);
                return discovery.ResourcesAsync(exchange, group, version);
            case ["version"]:
                Allow(exchange, path);
                OnlyGet(exchange);
                Accepted.RequireJson(exchange.Accept);
                return exchange.AnswerForPeople(ServerVersion.Document());
            case ["version", ..]:
                Allow(exchange, path);
                throw Errors.NoSuchResource();
            case [".well-known", "openid-configuration"]:
                Allow(exchange, path);
                OnlyGet(exchange);
                Accepted.RequireJson(exchange.Accept);
                return issuer.ConfigurationAsync(exchange);
            case ["openid", "v1", "jwks"]:
                Allow(exchange, path);
                OnlyGet(exchange);
                return issuer.KeysAsync(exchange);
            case ["healthz" or "livez" or "readyz" or "metrics", ..] or ["openapi", "v2"] when path.EndsWith('/'):
                // These are found by their whole path; the documents above are not so strict.
                Allow(exchange, path);
                return NotFoundAsync(exchange);
            case ["healthz" or "livez" or "readyz", ..]:
                Allow(exchange, path);
                exchange.Metered = HealthHandler.Knows(segments) ? metrics.Begin(RequestSeries.OfHealth(path.TrimEnd('/'))) : null;
                _health.Count(segments);
                return HealthHandler.AnswerAsync(exchange, segments);
            case ["metrics"]:
                Allow(exchange, path);
                if (exchange.Method == "DELETE")
                {
                    metrics.Reset();
                    return exchange.AnswerText(200, "metrics reset\n");
                }
                return _metrics.AnswerAsync(exchange);
            case ["metrics", "slis"]:
                Allow(exchange, path);
                if (exchange.Method == "DELETE")
                {
                    _health.Reset();
                    return exchange.AnswerText(200, "metrics reset\n");
                }
                return _health.AnswerAsync(exchange);
            case ["openapi", "v2"]:
                Allow(exchange, path);
                return openApi.V2Async(exchange);
            case ["openapi", "v3"]:
                Allow(exchange, path);
                return openApi.V3IndexAsync(exchange);
            case ["openapi", "v3", .. var document]:
                Allow(exchange, path);
                return openApi.V3Async(exchange, string.Join('/', document));
            case [] or ["index.html"]:
                Allow(exchange, path);
                return exchange.AnswerForPeople(new JsonObject { ["paths"] = new JsonArray([.. RootPaths().Select(p => (JsonNode)p)]) });
            default:
                Allow(exchange, path);
                return NotFoundAsync(exchange);
        }
    }

    private IEnumerable<string> RootPaths()
    {
        yield return "/.well-known/openid-configuration";
        yield return "/api";
        yield return "/api/v1";
        yield return "/apis";
        yield return "/apis/";
        foreach (var group in table.Current.Groups.Where(g => g.Name.Length > 0).OrderBy(g => g.Name, StringComparer.Ordinal))
        {
            yield return $"/apis/{group.Name}";
            foreach (var version in group.Versions.Order(StringComparer.Ordinal))
            {
                yield return $"/apis/{group.Name}/{version}";
            }
        }
        foreach (var path in (IEnumerable<string>)[.. HealthHandler.Paths("healthz"), .. HealthHandler.Paths("livez"), "/metrics", "/metrics/slis", "/openapi/v2", "/openapi/v3", "/openapi/v3/", "/openid/v1/jwks", .. HealthHandler.Paths("readyz"), "/version"])
        {
            yield return path;
        }
    }

    internal static Task NotFoundAsync(Exchange exchange) => exchange.AnswerText(404, "404 page not found\n");

    /// <summary>Documents that are resources of a kind are only got, not even asked for their headers.</summary>
    private static void OnlyGet(Exchange exchange)
    {
        if (exchange.Method != "GET")
        {
            throw Errors.MethodNotAllowed();
        }
    }

    /// <summary>Checks a path that is no resource.</summary>
    private void Allow(Exchange exchange, string path)
    {
        var verb = exchange.Method.ToLowerInvariant();
        var attributes = new AccessAttributes(exchange.User, verb, "", "", "", "", "", path);
        if (!attributes.IsOpenPath && authorizer.Allows(attributes) is { Allowed: false } decision)
        {
            throw attributes.Denial(decision);
        }
    }

    private async Task ResourceAsync(Exchange exchange, RequestInfo info)
    {
        var row = info.Resource is null ? null : table.Current.Find(info.Group, info.Version, info.Resource);
        var verb = Verb(exchange, info);
        Authorize(exchange, info, verb);
        if (row is null)
        {
            if (table.Current.Group(info.Group) is { Custom: true })
            {
                await NotFoundAsync(exchange).ConfigureAwait(false);
                return;
            }
            throw Errors.NoSuchResource();
        }
        exchange.OnlyJson = row.Custom is not null;
        if (exchange.Method == "HEAD" && row.Custom is null)
        {
            throw Errors.MethodNotAllowed();
        }
        exchange.Metered = RequestSeries.Of(exchange, row, info, verb) is { } series ? metrics.Begin(series) : null;
        if (info.Name is not null && ReviewHandler.Answers(row))
        {
            // A question has no name.
            throw Errors.NoSuchResource();
        }
        if (info.WatchPrefix && (info.Subresource is not null || !row.Has("watch")))
        {
            throw Errors.NoSuchResource();
        }
        if (info.WatchPrefix && exchange.Method != "GET")
        {
            throw Errors.MethodNotAllowed();
        }
        if (row.Custom is not null && row.Namespaced != (info.Namespace is not null) && !(row.Namespaced && verb is "list" or "watch" && row.Namespaced))
        {
            // Custom resources are behind a handler of their own, which knows no such path.
            await NotFoundAsync(exchange).ConfigureAwait(false);
            return;
        }
        // Namespaced objects are named below a namespace; lists of them may span all. Cluster-scoped ones never stand below one.
        if ((!row.Namespaced && info.Namespace is not null) || (row.Namespaced && info.Namespace is null && info.Name is not null))
        {
            throw Errors.NoSuchResource();
        }
        if (faults.Take(new FaultTarget(verb, info.Group, row.Plural, info.Namespace, info.Name)) is { } fault && !await MeetAsync(exchange, row, info, fault, verb).ConfigureAwait(false))
        {
            return;
        }
        if (ComponentStatuses.Are(row))
        {
            await ComponentStatuses.AnswerAsync(exchange, row, verb, info.Name).ConfigureAwait(false);
            return;
        }
        if (row.Custom is { Deprecated: true } custom)
        {
            exchange.Warn([custom.DeprecationWarning ?? $"{row.ApiVersion} {row.Kind} is deprecated"]);
        }
        if (info.Subresource is { } subresource)
        {
            await subresources.HandleAsync(exchange, row, info, subresource, verb).ConfigureAwait(false);
            return;
        }
        await (verb switch
        {
            "watch" when row.Has("watch") => watches.WatchAsync(exchange, row, info.Namespace, info.Name),
            "list" when row.Has("list") => reads.ListAsync(exchange, row, info.Namespace),
            "get" when row.Has("get") => reads.GetAsync(exchange, row, info.Namespace, info.Name!),
            "create" when ReviewHandler.Answers(row) && info.Name is null => reviews.AnswerAsync(exchange, row, info.Namespace),
            "create" when row.Has("create") && info.Name is null && (row.Namespaced == (info.Namespace is not null)) => CreateAsync(exchange, row, info),
            "update" when row.Has("update") && info.Name is not null => writes.UpdateAsync(exchange, row, info.Namespace, info.Name, null),
            "patch" when row.Has("patch") && info.Name is not null => writes.PatchAsync(exchange, row, info.Namespace, info.Name, null),
            "delete" when row.Has("delete") => writes.DeleteAsync(exchange, row, info.Namespace, info.Name!),
            "deletecollection" when row.Has("deletecollection") && (row.Namespaced == (info.Namespace is not null)) => writes.DeleteCollectionAsync(exchange, row, info.Namespace),
            // What a custom resource's own handler takes as it takes the others.
            "create" when row.Custom is not null && info.Namespace is not null == row.Namespaced => CreateAsync(exchange, row, info),
            "update" when row.Custom is not null => throw Errors.BadRequest("name must be provided"),
            "patch" when row.Custom is not null => writes.PatchNamelessAsync(exchange, row),
            _ => throw (row.Custom is null ? Errors.MethodNotAllowed() : Errors.MethodNotSupported(row.GroupResource, verb == "options" ? "" : verb)),
        }).ConfigureAwait(false);
    }

    private Task CreateAsync(Exchange exchange, ApiResource row, RequestInfo info) =>
        row.Plural == "bindings" && row.Group.Length == 0 ? subresources.BindAsync(exchange, row, info.Namespace!, null) : writes.CreateAsync(exchange, row, info.Namespace);

    private static string Verb(Exchange exchange, RequestInfo info) => exchange.Method switch
    {
        "GET" or "HEAD" when info.Subresource is not null => "get",
        // One object by its path is got, whatever the query asks for: it is watched as a list of one.
        "GET" or "HEAD" when info.WatchPrefix || (info.Name is null && exchange.Flag("watch")) => "watch",
        "GET" or "HEAD" => info.Name is null ? "list" : "get",
        "POST" => "create",
        "PUT" => "update",
        "PATCH" => "patch",
        "DELETE" => info.Name is null ? "deletecollection" : "delete",
        _ => exchange.Method.ToLowerInvariant(),
    };

    private void Authorize(Exchange exchange, RequestInfo info, string verb)
    {
        var attributes = new AccessAttributes(exchange.User, verb, info.Group, info.Resource ?? "", info.Subresource ?? "", info.Namespace ?? "", info.Name ?? "", null);
        if (authorizer.Allows(attributes) is { Allowed: false } decision)
        {
            throw attributes.Denial(decision);
        }
    }

    /// <summary>Does what a fault rule says; answers whether the request goes on.</summary>
    private async Task<bool> MeetAsync(Exchange exchange, ApiResource row, RequestInfo info, FaultRule fault, string verb)
    {
        switch (fault.Action)
        {
            case FaultAction.Delay:
                await Task.Delay(fault.Delay, time, exchange.Aborted).ConfigureAwait(false);
                return true;
            case FaultAction.Abort:
                exchange.Http.Abort();
                return false;
            case FaultAction.Conflict:
                throw Errors.Modified(row.GroupResource, info.Name ?? "");
            case FaultAction.Expire:
                throw Errors.Expired(verb == "list" ? "The resourceVersion for the provided list is too old." : "The resourceVersion for the provided watch is too old.");
            case FaultAction.CloseWatch:
                await exchange.Answer(200, ReadOnlyMemory<byte>.Empty, Exchange.JsonType).ConfigureAwait(false);
                return false;
            default:
                throw fault.StatusCode switch
                {
                    429 => Errors.TooManyRequests("Too many requests, please try again later.", fault.RetryAfterSeconds),
                    500 => Errors.Internal("injected by a fault rule"),
                    503 => Errors.Of(503, "ServiceUnavailable", "injected by a fault rule", Errors.Details(null, null, null, null, fault.RetryAfterSeconds), fault.RetryAfterSeconds),
                    var code => Errors.Of(code, "", "injected by a fault rule", [], fault.RetryAfterSeconds),
                };
        }
    }
}

/// <summary>Marks a request of the in-process handler: it needs no token.</summary>
internal sealed record TrustedUserFeature(UserInfo User);

/// <summary>What <c>/version</c> says.</summary>
internal static class ServerVersion
{
    public const string GitVersion = "v1.32.0+actorkube";

    public static JsonObject Document() => new()
    {
        ["major"] = "1",
        ["minor"] = "32",
        ["gitVersion"] = GitVersion,
        ["gitCommit"] = "",
        ["gitTreeState"] = "clean",
        ["buildDate"] = "1970-01-01T00:00:00Z",
        ["goVersion"] = "",
        ["compiler"] = "",
        ["platform"] = "dotnet/any",
    };
}
