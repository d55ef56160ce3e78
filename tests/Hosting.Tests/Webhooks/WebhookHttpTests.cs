using System.Net;
using System.Text;
using ActorKube.Models;
using ApiServer.Tests.Support;
using k8s.Models;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace ActorKube.Hosting.Tests.Webhooks;

/// <summary>Webhooks over HTTP: what is asked well, and what is not.</summary>
public sealed class WebhookHttpTests
{
    const string Path = "/validate-stable-example-com-v1-crontab";

    static readonly AdmissionRequest Good = AdmissionRequest.ToCreate(CronTab.Named("a"));

    static Task<WebhookHost> StartAsync(Action<WebhookBuilder>? more = null, TimeProvider? time = null, Action<IServiceCollection>? services = null) => WebhookHost.StartAsync(
        webhooks =>
        {
            webhooks.UseOwnCertificate().WithConversion(OldCronTab.Scheme);
            if (more is null)
                webhooks.WithValidator<CronTab, CronTabRules>();
            else
                more(webhooks);
        }, time: time, services: services);

    [Theory]
    [InlineData("1.1")]
    [InlineData("2.0")]
    public async Task Both_versions_of_HTTP_are_spoken(string version)
    {
        await using var host = await (await StartAsync()).ReadyAsync();

        var answer = await host.AskAsync(Path, Good, Version.Parse(version));

        Assert.Equal((HttpStatusCode.OK, Version.Parse(version), true, Good.Uid), (answer.Code, answer.Version, answer.Review.Allowed, answer.Review.Uid));
    }

    [Fact]
    public async Task What_is_no_question_is_said_with_a_code_and_a_status_that_servers_pass_on()
    {
        await using var host = await (await StartAsync(webhooks => webhooks.WithValidator<CronTab, CronTabRules>().With(options => options with { MaxAdmissionBytes = 2000, MaxConversionBytes = 3000 }))).ReadyAsync();
        async Task Is(int code, string reason, string says, Task<WebhookHost.Answer> asking)
        {
            var answer = await asking;
            Assert.Equal((code, code, reason, "Failure", "Status"), ((int)answer.Code, answer.Status.Code, answer.Status.Reason, answer.Status.Status, answer.Status.Kind));
            Assert.Contains(says, answer.Status.Message, StringComparison.Ordinal);
        }
        var good = AdmissionReviews.Ask(Good);

        await Is(404, "NotFound", $"/convert, {Path}", host.SendAsync("/elsewhere", good));
        await Is(405, "MethodNotAllowed", "POST", host.SendAsync(Path, null, method: HttpMethod.Get));
        await Is(415, "UnsupportedMediaType", "application/json", host.SendAsync(Path, good, "application/yaml"));
        await Is(415, "UnsupportedMediaType", "application/json", host.SendAsync(Path, good, null));
        await Is(400, "BadRequest", "no body", host.SendAsync(Path, []));
        await Is(400, "BadRequest", "Not JSON", host.SendAsync(Path, "nonsense"u8.ToArray()));
        await Is(400, "BadRequest", "asks nothing", host.SendAsync(Path, "{}"u8.ToArray()));
        await Is(400, "BadRequest", "asks nothing", host.SendAsync("/convert", "{}"u8.ToArray()));
        await Is(400, "BadRequest", "Expected a ConversionReview", host.SendAsync("/convert", good));
        await Is(400, "BadRequest", "timeout", host.SendAsync(Path + "?timeout=soon", good));
        await Is(413, "RequestEntityTooLarge", "2000 bytes", host.SendAsync(Path, Encoding.UTF8.GetBytes($$"""{"x":"{{new string('x', 2000)}}"}""")));
        await Is(413, "RequestEntityTooLarge", "3000 bytes", host.SendAsync("/convert", new byte[100_000]));
        Assert.Equal(HttpStatusCode.OK, (await host.SendAsync(Path + "?timeout=1m0s", good, "application/json; charset=utf-8")).Code);
    }

    [Fact]
    public async Task A_large_review_is_read_whole()
    {
        await using var host = await (await StartAsync()).ReadyAsync();
        var tab = CronTab.Named("a");
        tab.Metadata.Annotations = new Dictionary<string, string> { ["long"] = new string('x', 3_000_000) };

        Assert.True((await host.AskAsync(Path, AdmissionRequest.ToUpdate(tab, tab))).Review.Allowed);
    }

    [Fact]
    public async Task Another_kind_is_refused_in_the_answer()
    {
        await using var host = await (await StartAsync()).ReadyAsync();

        var review = (await host.AskAsync(Path, AdmissionRequest.ToCreate(new V1Pod()))).Review;

        Assert.Equal((false, 400), (review.Allowed, review.Status.Code));
        Assert.Contains("the request is about v1, Kind=Pod", review.Status.Message, StringComparison.Ordinal);
    }

    /// <summary>Answers when the test wants.</summary>
    sealed class Slow : IValidatingWebhook<CronTab>
    {
        public TaskCompletionSource<CancellationToken> Began { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource<AdmissionResponse> Answer { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task<AdmissionResponse> ValidateAsync(AdmissionRequest<CronTab> request, CancellationToken cancellation)
        {
            Began.TrySetResult(cancellation);
            return Answer.Task;
        }
    }

    [Theory]
    [InlineData("?timeout=7s", 7)]
    [InlineData("", 30)]
    public async Task Who_does_not_answer_in_time_is_not_waited_for(string query, int seconds)
    {
        var (time, slow) = (new ManualTime(DateTimeOffset.UtcNow), new Slow());
        await using var host = await (await StartAsync(webhooks => webhooks.WithValidator<CronTab, Slow>(), time, services => services.AddSingleton(slow))).ReadyAsync();
        var asking = host.SendAsync(Path + query, AdmissionReviews.Ask(Good));
        var cancellation = await slow.Began.Task.WaitAsync(WebhookHost.Patience);

        time.Advance(TimeSpan.FromSeconds(seconds - 1));
        Assert.False(cancellation.IsCancellationRequested);
        time.Advance(TimeSpan.FromSeconds(1));

        var answer = await asking;
        Assert.Equal((HttpStatusCode.GatewayTimeout, $"the webhook has not answered within {seconds} s"), (answer.Code, answer.Status.Message));
        Assert.True(cancellation.IsCancellationRequested);
        slow.Answer.SetResult(AdmissionResponse.Allow());
    }

    [Fact]
    public async Task Who_has_gone_is_not_worked_for()
    {
        var slow = new Slow();
        await using var host = await (await StartAsync(webhooks => webhooks.WithValidator<CronTab, Slow>(), services: services => services.AddSingleton(slow))).ReadyAsync();
        using var gone = new CancellationTokenSource();
        var asking = host.SendAsync(Path, AdmissionReviews.Ask(Good), cancellation: gone.Token);
        var cancellation = await slow.Began.Task.WaitAsync(WebhookHost.Patience);
        var noticed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var registration = cancellation.Register(noticed.SetResult);

        await gone.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asking);
        await noticed.Task.WaitAsync(WebhookHost.Patience);
        slow.Answer.SetResult(AdmissionResponse.Allow());
    }

    [Fact]
    public async Task Many_are_answered_at_once_each_with_its_own_answer()
    {
        await using var host = await (await StartAsync()).ReadyAsync();
        var requests = Enumerable.Range(0, 40).Select(i => AdmissionRequest.ToCreate(CronTab.Named($"t{i}", i % 2 == 0 ? "* * * * *" : "daily"))).ToArray();

        var answers = await Task.WhenAll(requests.Select((request, i) => host.AskAsync(Path, request, i % 3 == 0 ? HttpVersion.Version20 : HttpVersion.Version11)));

        Assert.Equal(requests.Select((request, i) => (request.Uid, i % 2 == 0)), answers.Select(answer => (answer.Review.Uid, answer.Review.Allowed)));
    }

    /// <summary>Asks the container for something.</summary>
    sealed class Needy(Uri needed) : IValidatingWebhook<CronTab>
    {
        public Task<AdmissionResponse> ValidateAsync(AdmissionRequest<CronTab> request, CancellationToken cancellation) => Task.FromResult(AdmissionResponse.Deny(needed.ToString()));
    }

    [Fact]
    public async Task A_webhook_gets_from_the_container_what_it_asks_for_and_a_host_that_lacks_it_does_not_start()
    {
        await using var host = await (await StartAsync(webhooks => webhooks.WithValidator<CronTab, Needy>(), services: services => services.AddSingleton(new Uri("urn:x")))).ReadyAsync();

        Assert.Equal("urn:x", (await host.AskAsync(Path, Good)).Review.Status.Message);
        Assert.Contains("System.Uri", (await Assert.ThrowsAnyAsync<InvalidOperationException>(() => StartAsync(webhooks => webhooks.WithValidator<CronTab, Needy>()))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_ASP_NET_host_has_webhooks_among_its_own_endpoints_with_one_call()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        builder.Services.AddRoutingCore();
        builder.Services.AddLogging();
        await using var web = builder.Build();
        web.MapKubernetesWebhooks(webhooks => webhooks.WithValidator<CronTab, CronTabRules>());
        Assert.Throws<ArgumentException>(() => web.MapKubernetesWebhooks(webhooks => webhooks.WithValidator<CronTab, CronTabRules>().UseOwnCertificate()));
        await web.StartAsync();
        using var http = new HttpClient();
        using var content = new ByteArrayContent(AdmissionReviews.Ask(Good)) { Headers = { ContentType = new("application/json") } };

        using var answer = await http.PostAsync(new Uri(new Uri(web.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First()), Path), content);

        Assert.True(AdmissionReviews.ReadAnswer(await answer.Content.ReadAsByteArrayAsync()).Allowed);
        await web.StopAsync();
    }

    /// <summary>Refuses with what it has seen, or fails with it.</summary>
    sealed class Blabs : IValidatingWebhook<V1Secret>
    {
        public Task<AdmissionResponse> ValidateAsync(AdmissionRequest<V1Secret> request, CancellationToken cancellation)
        {
            var seen = Encoding.UTF8.GetString(request.Object!.Data["password"]);
            return request.Key.Name == "fails" ? throw new InvalidOperationException(seen) : Task.FromResult(AdmissionResponse.Deny(seen));
        }
    }

    [Fact]
    public async Task What_a_webhook_says_of_a_secret_is_in_no_log_and_what_it_throws_in_no_answer_either()
    {
        var log = new Lines();
        await using var host = await (await StartAsync(webhooks => webhooks.WithValidator<V1Secret, Blabs>(), services: services => services.AddLogging(logging => logging.SetMinimumLevel(LogLevel.Trace).AddProvider(log)))).ReadyAsync();
        async Task<string> Ask(string name) => Encoding.UTF8.GetString((await host.AskAsync("/validate--v1-secret", AdmissionRequest.ToCreate(
            new V1Secret { Metadata = new V1ObjectMeta { Name = name }, Data = new Dictionary<string, byte[]> { ["password"] = "hunter2"u8.ToArray() } }))).Body);

        await Ask("refused");
        var failed = await Ask("fails");

        Assert.DoesNotContain("hunter2", failed, StringComparison.Ordinal);
        Assert.DoesNotContain("Blabs.Validate", failed, StringComparison.Ordinal);
        Assert.DoesNotContain(log.Said, line => line.Contains("hunter2", StringComparison.Ordinal));
        Assert.Contains(log.Said, line => line.Contains("denied Create v1/secrets refused", StringComparison.Ordinal));
        Assert.Contains(log.Said, line => line.Contains("failed on Create v1/secrets fails", StringComparison.Ordinal) && line.Contains("Blabs.Validate", StringComparison.Ordinal));
    }

    /// <summary>All that is logged.</summary>
    sealed class Lines : ILoggerProvider, ILogger
    {
        public System.Collections.Concurrent.ConcurrentQueue<string> Said { get; } = new();

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => Said.Enqueue($"{formatter(state, exception)} {exception}");

        public void Dispose()
        {
        }
    }

    [Fact]
    public async Task A_port_in_use_is_named()
    {
        await using var first = await StartAsync();
        var port = first.Address.Port;

        var error = await Assert.ThrowsAnyAsync<IOException>(() => StartAsync(webhooks => webhooks.WithValidator<CronTab, CronTabRules>().With(options => options with { Port = port })));

        Assert.Contains($"127.0.0.1:{port}", error.Message, StringComparison.Ordinal);
    }
}
