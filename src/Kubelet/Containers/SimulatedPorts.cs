using System.Text;
using k8s.Models;

namespace ActorKube.Kubelet;

/// <summary>What listens in simulated pods: whatever begins like an HTTP request gets a page, everything else comes back.</summary>
internal static class SimulatedPorts
{
    private static readonly string[] Methods = ["GET ", "HEAD ", "POST ", "PUT ", "DELETE ", "PATCH ", "OPTIONS "];

    /// <summary>Whether a container of a pod declares a TCP port.</summary>
    public static bool Declares(IEnumerable<V1Container> containers, int port) =>
        containers.Any(c => c.Ports?.Any(p => p.ContainerPort == port && p.Protocol is null or "TCP") == true);

    public static async Task ServeAsync(SimulatedConnection connection)
    {
        var buffer = new byte[16 * 1024];
        var first = true;
        while (await connection.Stream.ReadAsync(buffer, connection.Closed).ConfigureAwait(false) is > 0 and var count)
        {
            if (first && Methods.Any(m => buffer.AsSpan(0, count).StartsWith(Encoding.ASCII.GetBytes(m))))
            {
                await AnswerAsync(connection, Encoding.ASCII.GetString(buffer, 0, count)).ConfigureAwait(false);
                return;
            }
            first = false;
            await connection.Stream.WriteAsync(buffer.AsMemory(0, count), connection.Closed).ConfigureAwait(false);
        }
    }

    /// <summary>One answer, after which the connection is closed.</summary>
    private static async Task AnswerAsync(SimulatedConnection connection, string request)
    {
        var line = request.Split('\r', '\n')[0].Split(' ');
        var body = $"{connection.Namespace}/{connection.Pod}:{connection.Port}\n{line[0]} {(line.Length > 1 ? line[1] : "/")}\n";
        var head = $"HTTP/1.1 200 OK\r\nServer: actorkube-simulator\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: {Encoding.UTF8.GetByteCount(body)}\r\nConnection: close\r\n\r\n";
        await connection.Stream.WriteAsync(Encoding.UTF8.GetBytes(line[0] == "HEAD" ? head : head + body), connection.Closed).ConfigureAwait(false);
    }
}
