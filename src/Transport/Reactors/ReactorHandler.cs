using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Nodes;
using k8s.Models;

namespace ActorKube.Transport;

/// <summary>
/// Stands between a client and its server and can fail, delay, answer or alter any call, by verb and resource; what no reactor takes passes. In front of an embedded
/// server's handler it is what fake clientsets and their reactors are used for: a server that keeps objects, and the odd call that goes wrong. The reactor
/// added last is asked first. Thread-safe.
/// </summary>
/// <example><code>
/// await using var server = await EmbeddedApiServer.StartAsync(new EmbeddedApiServerOptions { Listen = false });
/// using var reactors = new ReactorHandler(server.CreateHandler());
/// using var client = new KubernetesClient(new KubernetesClientConfiguration { Server = server.Uri }, new KubernetesClientOptions { Handler = reactors });
/// reactors.Fail("update", "deployments.apps/status", HttpStatusCode.Conflict, times: 1);
/// …
/// Assert.Equal(["create pods default/a"], reactors.Calls.Select(call => call.ToString()));
/// </code></example>
public sealed class ReactorHandler : DelegatingHandler
{
    readonly Lock _lock = new();
    readonly TimeProvider _time;
    readonly List<ApiCall> _calls = [];
    Reactor[] _reactors = [];

    /// <param name="inner">What calls go to; disposed with this.</param>
    /// <param name="time">The clock of delays; null for the machine's.</param>
    public ReactorHandler(HttpMessageHandler inner, TimeProvider? time = null) : base(inner) => _time = time ?? TimeProvider.System;

    /// <summary>All calls so far, in the order in which they came, whatever became of them.</summary>
    public IReadOnlyList<ApiCall> Calls { get { lock (_lock) return [.. _calls]; } }

    /// <summary>Forgets the calls so far.</summary>
    public void ForgetCalls()
    {
        lock (_lock) _calls.Clear();
    }

    /// <summary>Adds a reactor.</summary>
    /// <param name="verb">A verb, or <c>*</c>; see <see cref="ApiCall.Matches"/>.</param>
    /// <param name="resource">A resource, or <c>*</c>; see <see cref="ApiCall.Matches"/>.</param>
    /// <param name="react">
    /// Gets the call, and what lets it pass to the next reactor and in the end to the server. Its answer is the client's; what it throws is thrown to the client as what
    /// went wrong on the way.
    /// </param>
    /// <param name="times">How many calls it takes; null for all.</param>
    public Reactor On(string verb, string resource, Func<ApiCall, Func<Task<HttpResponseMessage>>, Task<HttpResponseMessage>> react, int? times = null)
    {
        var reactor = new Reactor(this, verb, resource, times, react);
        lock (_lock) _reactors = [reactor, .. _reactors];
        return reactor;
    }

    /// <summary>Calls are refused and do not reach the server.</summary>
    /// <inheritdoc cref="On"/>
    public Reactor Fail(string verb, string resource, V1Status status, int? times = null) =>
        On(verb, resource, (call, _) => Task.FromResult(call.Refuse(status)), times);

    /// <inheritdoc cref="Fail(string, string, V1Status, int?)"/>
    public Reactor Fail(string verb, string resource, HttpStatusCode code, int? times = null) => On(verb, resource, (call, _) => Task.FromResult(call.Refuse(new V1Status
    {
        Code = (int)code, Reason = ErrorAnswers.ReasonOf((int)code, call.Verb == "create"), Message = $"a reactor refuses to {call}",
        Details = new V1StatusDetails { Group = call.Group, Kind = call.Resource, Name = call.Name }
    })), times);

    /// <summary>Calls fail on the way: the connection breaks, or whatever the exception says.</summary>
    /// <inheritdoc cref="On"/>
    public Reactor Fail(string verb, string resource, Exception failure, int? times = null) =>
        On(verb, resource, (_, _) => Task.FromException<HttpResponseMessage>(failure), times);

    /// <summary>Calls reach the server later.</summary>
    /// <inheritdoc cref="On"/>
    public Reactor Delay(string verb, string resource, TimeSpan delay, int? times = null) => On(verb, resource, async (call, pass) =>
    {
        await Task.Delay(delay, _time, call.Cancellation).ConfigureAwait(false);
        return await pass().ConfigureAwait(false);
    }, times);

    /// <summary>Calls are answered with an object and do not reach the server.</summary>
    /// <inheritdoc cref="On"/>
    public Reactor Answer<T>(string verb, string resource, Func<ApiCall, T> answer, int? times = null) where T : class =>
        On(verb, resource, (call, _) => Task.FromResult(call.Answer(answer(call))), times);

    /// <summary>The server's answers of success are changed: the object, the list, or each event's object of a watch, as JSON.</summary>
    /// <inheritdoc cref="On"/>
    public Reactor Alter(string verb, string resource, Action<JsonObject> change, int? times = null) => On(verb, resource, async (call, pass) =>
    {
        AskForJson(call.Request);
        var answer = await pass().ConfigureAwait(false);
        if (!answer.IsSuccessStatusCode) return answer;
        var original = answer.Content;
        if (call.Verb == "watch")
        {
            answer.Content = new StreamContent(new AlteredEvents(await original.ReadAsStreamAsync(call.Cancellation).ConfigureAwait(false), change));
        }
        else
        {
            answer.Content = new ByteArrayContent(Change(await original.ReadAsByteArrayAsync(call.Cancellation).ConfigureAwait(false), change));
            original.Dispose();
        }
        answer.Content.Headers.ContentType = new MediaTypeHeaderValue(ContentTypes.Json);
        return answer;
    }, times);

    /// <summary>What the server is sent is changed: the body, as JSON. Calls without one pass as they are.</summary>
    /// <inheritdoc cref="On"/>
    public Reactor AlterRequest(string verb, string resource, Action<JsonObject> change, int? times = null) => On(verb, resource, (call, pass) =>
    {
        if (call.Body.IsEmpty) return pass();
        var changed = new ByteArrayContent(Change(call.Body.Span, change));
        changed.Headers.ContentType = call.Request.Content?.Headers.ContentType;
        call.Request.Content = changed;
        return pass();
    }, times);

    internal void Remove(Reactor reactor)
    {
        lock (_lock) _reactors = [.. _reactors.Where(other => other != reactor)];
    }

    /// <inheritdoc/>
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var call = await ApiCall.ReadAsync(request, cancellationToken).ConfigureAwait(false);
        Reactor[] reactors;
        lock (_lock)
        {
            _calls.Add(call);
            reactors = _reactors;
        }
        return await PassAsync(call, reactors, 0, cancellationToken).ConfigureAwait(false);
    }

    Task<HttpResponseMessage> PassAsync(ApiCall call, Reactor[] reactors, int from, CancellationToken cancellation)
    {
        for (var at = from; at < reactors.Length; at++)
        {
            var next = at + 1;
            if (reactors[at].Takes(call)) return reactors[at].React(call, () => PassAsync(call, reactors, next, cancellation));
        }
        return base.SendAsync(call.Request, cancellation);
    }

    static byte[] Change(ReadOnlySpan<byte> json, Action<JsonObject> change)
    {
        var root = JsonNode.Parse(json) as JsonObject ?? throw new InvalidOperationException("What is to be altered is no JSON object.");
        change(root);
        return JsonSerializer.SerializeToUtf8Bytes(root);
    }

    /// <summary>Takes protobuf off the list of what the client would read.</summary>
    static void AskForJson(HttpRequestMessage request)
    {
        if (!request.Headers.NonValidated.TryGetValues("Accept", out var accept)) return;
        var others = string.Join(',', accept.ToString().Split(',', StringSplitOptions.TrimEntries).Where(type => !type.StartsWith(ContentTypes.Protobuf, StringComparison.Ordinal)));
        request.Headers.Remove("Accept");
        request.Headers.TryAddWithoutValidation("Accept", others.Length > 0 ? others : ContentTypes.Json);
    }
}
