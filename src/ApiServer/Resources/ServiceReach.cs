using System.Text.Json.Nodes;
using ActorKube.Models;

namespace ActorKube.ApiServer;

/// <summary>What a server finds when it looks for the service that an APIService names, step by step as a real one looks. It goes no further than the endpoints: nothing is forwarded to them.</summary>
internal static class ServiceReach
{
    /// <summary>The condition that is to be told.</summary>
    public static JsonObject Look(ClusterStore cluster, JsonObject spec, string now)
    {
        var service = spec.Child("service") ?? [];
        var (space, name, port) = (service.Text("namespace") ?? "", service.Text("name") ?? "", service["port"].AsLong() ?? 443);
        var quoted = FieldErrors.Quote(space);
        JsonObject No(string reason, string message) => new() { ["type"] = "Available", ["status"] = "False", ["lastTransitionTime"] = now, ["reason"] = reason, ["message"] = message };
        if (cluster.Store(new GroupResource("", "services")).Current.Get(space, name)?.ToTree().Child("spec") is not { } found)
        {
            return No("ServiceNotFound", $"service/{name} in {quoted} is not present");
        }
        if (found.Text("type") == "ExternalName")
        {
            return No("FailedDiscoveryCheck", $"failing or missing response from {Address($"{name}.{space}.svc", port, spec)}: this server forwards to no other");
        }
        if (found.List("ports").Objects().FirstOrDefault(p => p["port"].AsLong() == port) is not { } listening)
        {
            return No("ServicePortError", $"service/{name} in {quoted} is not listening on port {port}");
        }
        if (cluster.Store(new GroupResource("", "endpoints")).Current.Get(space, name)?.ToTree() is not { } endpoints)
        {
            return No("EndpointsNotFound", $"cannot find endpoints for service/{name} in {quoted}");
        }
        var portName = listening.Text("name") ?? "";
        var ready = endpoints.List("subsets").Objects().FirstOrDefault(s => s.List("addresses") is { Count: > 0 } && s.List("ports").Objects().Any(p => (p.Text("name") ?? "") == portName));
        return ready?.List("addresses").Objects().FirstOrDefault() is not { } address
            ? No("MissingEndpoints", $"endpoints for service/{name} in {quoted} have no addresses with port name {FieldErrors.Quote(portName)}")
            : No("FailedDiscoveryCheck", $"failing or missing response from {Address(address.Text("ip") ?? "", ready.List("ports").Objects().First(p => (p.Text("name") ?? "") == portName)["port"].AsLong() ?? 0, spec)}: this server forwards to no other");
    }

    private static string Address(string host, long port, JsonObject spec) => $"https://{host}:{port}/apis/{spec.Text("group")}/{spec.Text("version")}";
}
