using System.Collections.Concurrent;
using ActorKube.Actors;
using ActorKube.Testing;
using Akka.Hosting;
using k8s.Models;
using Microsoft.Extensions.Logging;

namespace ActorKube.Hosting.Tests;

/// <summary>Lines of a reconcile carry what it is about as properties, whoever writes them.</summary>
public sealed class LogTests
{
    sealed record Line(string Category, LogLevel Level, string Text, IReadOnlyDictionary<string, object?> Properties);

    sealed class Lines : ILoggerProvider, ISupportExternalScope
    {
        IExternalScopeProvider _scopes = new LoggerExternalScopeProvider();

        public ConcurrentQueue<Line> All { get; } = [];

        public void SetScopeProvider(IExternalScopeProvider scopeProvider) => _scopes = scopeProvider;

        public ILogger CreateLogger(string categoryName) => new Logger(this, categoryName);

        public void Dispose()
        {
        }

        sealed class Logger(Lines lines, string category) : ILogger
        {
            public IDisposable? BeginScope<TState>(TState state) where TState : notnull => lines._scopes.Push(state);

            public bool IsEnabled(LogLevel logLevel) => true;

            public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
            {
                var properties = new Dictionary<string, object?>();
                lines._scopes.ForEachScope(static (scope, into) =>
                {
                    foreach (var (name, value) in scope as IEnumerable<KeyValuePair<string, object?>> ?? [])
                        into[name] = value;
                }, properties);
                lines.All.Enqueue(new Line(category, logLevel, formatter(state, exception), properties));
            }
        }
    }

    [Fact]
    public async Task Lines_of_a_reconcile_carry_its_properties_the_reconcilers_own_and_the_runtimes()
    {
        var lines = new Lines();
        await using var kube = await ActorKubeFixture.StartAsync(
            akka => akka.WithKubernetes().WithController<V1ConfigMap>(c => c.Named("logged").InNamespace("default").Selecting("logged=yes").WithReconciler((context, _) =>
            {
                context.Logger.LogInformation("a word of the reconciler");
                throw new FormatException("it cannot");
            })),
            new ActorKubeFixtureOptions { Logging = logging => logging.SetMinimumLevel(LogLevel.Debug).AddProvider(lines) });
        var map = await kube.Client.Resource<V1ConfigMap>("default").CreateAsync(new V1ConfigMap { Metadata = new V1ObjectMeta { Name = "one", Labels = new Dictionary<string, string> { ["logged"] = "yes" } } });
        var ended = await kube.Probe.ExpectFailureAsync("default/one");
        var expected = new Dictionary<string, object?>
        {
            ["controller"] = "logged", ["kind"] = "ConfigMap", ["namespace"] = "default", ["name"] = "one", ["resourceVersion"] = map.Metadata.ResourceVersion, ["reconcileId"] = ended.ReconcileId,
        };
        foreach (var text in new[] { "a word of the reconciler", "the reconcile of default/one failed" })
        {
            var line = lines.All.First(l => l.Text.Contains(text, StringComparison.Ordinal));
            Assert.Equal("ActorKube.Controller.logged", line.Category);
            Assert.Equal(expected, expected.Keys.ToDictionary(static name => name, name => line.Properties.GetValueOrDefault(name)));
        }
    }
}
