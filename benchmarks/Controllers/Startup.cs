using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using ActorKube.Actors;
using ActorKube.Hosting;
using ActorKube.Transport;
using Akka.Hosting;
using k8s.Models;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Controllers;

/// <summary>How long the process of an idle controller takes from its start to its first request, and how much memory it holds when it has settled.</summary>
internal static class Startup
{
    const int Rounds = 10;
    static readonly TimeSpan Settling = TimeSpan.FromSeconds(3);

    public static async Task<int> MeasureAsync()
    {
        var times = new List<double>();
        var processor = new List<double>();
        var resident = new List<double>();
        for (var round = 0; round < Rounds; round++)
        {
            using var listener = new TcpListener(IPAddress.Loopback, 0);
            listener.Start();
            var clock = Stopwatch.StartNew();
            using var child = Process.Start(new ProcessStartInfo(Environment.ProcessPath!, ["child", $"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}/"]))!;
            using (var first = await listener.AcceptTcpClientAsync())
            {
                await first.GetStream().ReadExactlyAsync(new byte[4]);
                times.Add(clock.Elapsed.TotalMilliseconds);
                child.Refresh();
                processor.Add(child.TotalProcessorTime.TotalMilliseconds);
                using var stop = new CancellationTokenSource();
                var serving = ServeAsync(listener, first, stop.Token);
                await Task.Delay(Settling);
                child.Refresh();
                resident.Add(child.WorkingSet64 / 1e6);
                child.Kill();
                await stop.CancelAsync();
                await serving;
            }
            await child.WaitForExitAsync();
        }
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"startup rounds={Rounds} first_request_ms median={Median(times):F0} min={times.Min():F0} max={times.Max():F0} cpu_ms median={Median(processor):F0} rss_mb median={Median(resident):F0} max={resident.Max():F0}"));
        return 0;
    }

    /// <summary>How long a program takes from its start to the first line that it prints, which says that it is ready.</summary>
    public static async Task<int> MeasureReadyAsync(string program, string[] arguments)
    {
        var times = new List<double>();
        var processor = new List<double>();
        var resident = new List<double>();
        for (var round = 0; round < Rounds; round++)
        {
            var clock = Stopwatch.StartNew();
            using var child = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true })!;
            if (await child.StandardOutput.ReadLineAsync() is null) throw new InvalidOperationException($"'{program}' ended without a word.");
            times.Add(clock.Elapsed.TotalMilliseconds);
            child.Refresh();
            processor.Add(child.TotalProcessorTime.TotalMilliseconds);
            resident.Add(child.WorkingSet64 / 1e6);
            child.Kill();
            await child.WaitForExitAsync();
        }
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"ready rounds={Rounds} first_line_ms median={Median(times):F0} min={times.Min():F0} max={times.Max():F0} cpu_ms median={Median(processor):F0} rss_mb median={Median(resident):F0}"));
        return 0;
    }

    public static async Task<int> RunControllerAsync(Uri server)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddAkka("idle", akka => akka
            .WithKubernetes(kube => kube.UseConfiguration(new KubernetesClientConfiguration { Server = server }))
            .WithController<V1ConfigMap>(c => c.WithReconciler((_, _) => Task.FromResult(ReconcileResult.Done))));
        await builder.Build().RunAsync();
        return 0;
    }

    /// <summary>An empty list to whoever lists, an open answer to whoever watches.</summary>
    static async Task ServeAsync(TcpListener listener, TcpClient first, CancellationToken cancellation)
    {
        var connections = new List<Task> { AnswerAsync(first, cancellation) };
        try
        {
            while (true) connections.Add(AnswerAsync(await listener.AcceptTcpClientAsync(cancellation), cancellation));
        }
        catch (OperationCanceledException)
        {
            await Task.WhenAll(connections);
        }
    }

    static async Task AnswerAsync(TcpClient client, CancellationToken cancellation)
    {
        try
        {
            using var reader = new StreamReader(client.GetStream(), leaveOpen: true);
            // The first request's first bytes are gone: its path is all that matters.
            for (var line = await reader.ReadLineAsync(cancellation); line is not null; line = await reader.ReadLineAsync(cancellation))
            {
                var watches = line.Contains("watch=true", StringComparison.Ordinal);
                while (await reader.ReadLineAsync(cancellation) is { Length: > 0 })
                {
                }
                var body = watches
                    ? """{"type":"BOOKMARK","object":{"kind":"ConfigMap","apiVersion":"v1","metadata":{"resourceVersion":"1","annotations":{"k8s.io/initial-events-end":"true"}}}}""" + "\n"
                    : """{"kind":"ConfigMapList","apiVersion":"v1","metadata":{"resourceVersion":"1"},"items":[]}""";
                var head = watches ? "Transfer-Encoding: chunked\r\n\r\n" + $"{body.Length:x}\r\n{body}\r\n" : $"Content-Length: {body.Length}\r\n\r\n{body}";
                await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n" + head), cancellation);
            }
        }
        catch (Exception ended) when (ended is OperationCanceledException or IOException)
        {
            // The child is gone.
        }
        finally
        {
            client.Dispose();
        }
    }

    static double Median(List<double> values) => (values.Order().ElementAt((values.Count - 1) / 2) + values.Order().ElementAt(values.Count / 2)) / 2;
}
