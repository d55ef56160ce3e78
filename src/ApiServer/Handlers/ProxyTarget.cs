using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using ActorKube.Models;

namespace ActorKube.ApiServer;

/// <summary>Where a request to a proxy goes: an address, a port, and the pod that has the address; null where nobody knows who has it.</summary>
internal sealed record ProxyTarget(string Address, int Port, JsonObject? Pod)
{
    /// <summary>The pod that <c>pods/NAME/proxy</c> means; its first port unless one is said.</summary>
    /// <exception cref="ApiException">404: no such pod; 400: it has no address yet.</exception>
    public static ProxyTarget OfPod(ApiResource row, RequestInfo info)
    {
        var (name, port) = Split(info.Name!, "pod");
        var pod = (row.Store.Current.Get(info.Namespace!, name) ?? throw Errors.NotFound(row.GroupResource, name)).ToTree();
        var number = port.Length > 0 ? Number(port) : (pod.At("spec", "containers") as JsonArray).Objects().SelectMany(c => c.List("ports").Objects()).Select(p => (int?)p["containerPort"].AsLong()).FirstOrDefault() ?? 80;
        return Allowed(pod.TextAt("status", "podIP") ?? "", number, pod);
    }

    /// <summary>A pod behind the service that <c>services/NAME/proxy</c> means: ready, and with the port that is said by name or number.</summary>
    /// <exception cref="ApiException">404: no such service; 503: it has no such port, or nobody behind it.</exception>
    public static ProxyTarget OfService(ObjectService objects, ApiResource row, RequestInfo info)
    {
        var (name, port) = Split(info.Name!, "service");
        var service = (row.Store.Current.Get(info.Namespace!, name) ?? throw Errors.NotFound(row.GroupResource, name)).ToTree();
        if (long.TryParse(port, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
        {
            port = (service.At("spec", "ports") as JsonArray).Objects().FirstOrDefault(p => p["port"].AsLong() == number) is { } known ? known.Text("name") ?? ""
                : throw Unavailable($"no service port {number} found for service \"{name}\"");
        }
        var endpoints = objects.Cluster.Store(new GroupResource("", "endpoints")).Current.Get(info.Namespace!, name)?.ToTree();
        foreach (var subset in (endpoints.At("subsets") as JsonArray).Objects())
        {
            if (subset.List("addresses").Objects().FirstOrDefault() is { } address && subset.List("ports").Objects().FirstOrDefault(p => (p.Text("name") ?? "") == port) is { } reached)
            {
                var pod = address.TextAt("targetRef", "kind") == "Pod"
                    ? objects.Cluster.Store(new GroupResource("", "pods")).Current.Get(info.Namespace!, address.TextAt("targetRef", "name") ?? "")?.ToTree() : null;
                return Allowed(address.Text("ip") ?? "", (int)(reached["port"].AsLong() ?? 0), pod);
            }
        }
        throw Unavailable($"no endpoints available for service \"{name}\"");
    }

    public ApiException Refused() => Unavailable($"error trying to reach service: dial tcp {(Address.Contains(':', StringComparison.Ordinal) ? $"[{Address}]" : Address)}:{Port.ToString(CultureInfo.InvariantCulture)}: connect: connection refused");

    public static ApiException Unavailable(string message) => Errors.Of(503, "ServiceUnavailable", message, []);

    /// <summary>The name of <c>NAME</c>, <c>NAME:PORT</c> or <c>SCHEME:NAME:PORT</c>, and the port.</summary>
    public static (string Name, string Port) Split(string id, string what) => id.Split(':') switch
    {
        [{ Length: > 0 } name] => (name, ""),
        [{ Length: > 0 } name, var port] => (name, port),
        ["" or "http" or "https", { Length: > 0 } name, var port] => (name, port),
        _ => throw Errors.BadRequest($"invalid {what} request \"{id}\""),
    };

    public static int Number(string port) => int.TryParse(port, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number is > 0 and <= 65535 ? number
        : throw Unavailable($"error trying to reach service: dial tcp: lookup tcp/{port}: unknown port");

    /// <summary>Nobody is led to the server's own machine by an address in a status.</summary>
    private static ProxyTarget Allowed(string address, int port, JsonObject? pod) =>
        IPAddress.TryParse(address, out var ip) && !IPAddress.IsLoopback(ip) && !ip.IsIPv6LinkLocal && !address.StartsWith("169.254.", StringComparison.Ordinal) && !ip.Equals(IPAddress.Any) && !ip.Equals(IPAddress.IPv6Any)
            ? new ProxyTarget(address, port, pod) : throw Errors.BadRequest("address not allowed");
}
