using System.Collections.Concurrent;
using ActorKube.Testing;
using k8s.Models;
using Microsoft.Extensions.Logging;
using Serilog;
using Serilog.Core;
using Serilog.Events;

namespace Cnat.Tests;

/// <summary>What Serilog gets through <c>ILogger</c>.</summary>
public sealed class CnatLogTests
{
    sealed class Sink : ILogEventSink
    {
        public ConcurrentQueue<LogEvent> Lines { get; } = new();

        public void Emit(LogEvent logEvent) => Lines.Enqueue(logEvent);
    }

    [Fact]
    public async Task Lines_of_a_reconcile_carry_whose_it_is_as_properties()
    {
        var sink = new Sink();
        await using var serilog = new LoggerConfiguration().MinimumLevel.Debug().Enrich.FromLogContext().WriteTo.Sink(sink).CreateLogger();
        await using var kube = await ActorKubeFixture.StartAsync(
            akka => akka.WithCnat(CnatFlavour.Builder),
            new ActorKubeFixtureOptions { Definitions = [AtDefinition.Load()], Logging = logging => logging.SetMinimumLevel(LogLevel.Debug).AddSerilog(serilog) });
        var lunch = await kube.Client.Resource<At>("default").CreateAsync(new At { Metadata = new V1ObjectMeta { Name = "lunch" }, Spec = new AtSpec { Schedule = Schedule.Write(kube.Now.AddHours(1)), Command = "true" } });
        var ended = await kube.Probe.ExpectReconcileAsync("default/lunch");

        // The reconciler's own line, and the runtime's about how it ended.
        foreach (var template in (string[])["{At}: {Phase}, due in {Remaining:0.0} s", "{Controller}: {Key} is reconciled ({ReconcileId}, {Milliseconds} ms)"])
        {
            var line = sink.Lines.First(l => l.MessageTemplate.Text == template);
            Assert.Equal(
                ["at", "At", "default", "lunch", lunch.Metadata.ResourceVersion, ended.ReconcileId],
                new[] { "controller", "kind", "namespace", "name", "resourceVersion", "reconcileId" }.Select(name => ((ScalarValue)line.Properties[name]).Value));
        }
    }
}
