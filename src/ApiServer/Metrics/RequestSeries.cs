namespace ActorKube.ApiServer;

/// <summary>What requests are told apart by: the labels of kube-apiserver's request metrics.</summary>
/// <param name="Verb">GET, LIST, WATCH, POST, PUT, PATCH, APPLY, DELETE, DELETECOLLECTION or CONNECT.</param>
/// <param name="DryRun">All for a dry run, otherwise empty.</param>
/// <param name="Group">The resource's group.</param>
/// <param name="Version">The version asked for.</param>
/// <param name="Resource">The resource's plural; empty for a path that is none.</param>
/// <param name="Subresource">What is below it, or the path that is no resource.</param>
/// <param name="Scope">cluster, namespace or resource.</param>
/// <param name="Component">apiserver for resources.</param>
internal readonly record struct RequestSeries(string Verb, string DryRun, string Group, string Version, string Resource, string Subresource, string Scope, string Component)
{
    /// <summary>A watch, or a session: it ends when somebody ends it.</summary>
    public bool Lasts => Verb is "WATCH" or "CONNECT" || Subresource is "log" && Resource == "pods";

    public bool Reads => Verb is "GET" or "LIST";

    /// <summary>The series of a request for a resource; null for a method that is none of Kubernetes'.</summary>
    public static RequestSeries? Of(Exchange exchange, ApiResource row, RequestInfo info, string verb)
    {
        var subresource = info.Subresource is { } asked && row.Subresource(asked) is not null ? asked : "";
        var name = verb switch
        {
            _ when subresource is "exec" or "attach" or "portforward" or "proxy" => "CONNECT",
            "get" => "GET",
            "list" => "LIST",
            "watch" => "WATCH",
            "create" => "POST",
            "update" => "PUT",
            "patch" => Patcher.IsApply(exchange) ? "APPLY" : "PATCH",
            "delete" => "DELETE",
            "deletecollection" => "DELETECOLLECTION",
            _ => null,
        };
        var scope = info.Name is not null || verb == "create" ? "resource" : info.Namespace is not null ? "namespace" : "cluster";
        return name is null ? null
            : new RequestSeries(name, exchange.Query("dryRun") == "All" ? "All" : "", row.Group, row.Version, row.Plural, subresource, scope, "apiserver");
    }

    /// <summary>The series of one of the paths that tell how the server is.</summary>
    public static RequestSeries OfHealth(string path) => new("GET", "", "", "", "", path, "", "");
}
