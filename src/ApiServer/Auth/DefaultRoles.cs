using System.Text.Json.Nodes;

namespace ActorKube.ApiServer;

/// <summary>The cluster roles and bindings that people count on: those who administer, those who look, and what everybody may ask.</summary>
internal static class DefaultRoles
{
    private const string Group = "rbac.authorization.k8s.io";
    private static readonly string[] Read = ["get", "list", "watch"];
    private static readonly string[] Write = ["create", "delete", "deletecollection", "patch", "update"];

    private static readonly (string Group, string[] Resources)[] Workloads =
    [
        ("", ["configmaps", "endpoints", "events", "persistentvolumeclaims", "pods", "pods/log", "pods/status", "replicationcontrollers", "replicationcontrollers/scale", "serviceaccounts", "services", "services/status"]),
        ("apps", ["controllerrevisions", "daemonsets", "deployments", "deployments/scale", "replicasets", "replicasets/scale", "statefulsets", "statefulsets/scale"]),
        ("autoscaling", ["horizontalpodautoscalers"]),
        ("batch", ["cronjobs", "jobs"]),
        ("networking.k8s.io", ["ingresses", "networkpolicies"]),
        ("policy", ["poddisruptionbudgets"]),
        ("coordination.k8s.io", ["leases"]),
        ("discovery.k8s.io", ["endpointslices"]),
    ];

    public static void Furnish(ObjectService objects, WriteContext writer)
    {
        void Role(string name, params JsonObject[] rules) => Create(objects, writer, "clusterroles", name, tree => tree["rules"] = new JsonArray([.. rules]));
        void Bind(string name, params string[] groups) => Create(objects, writer, "clusterrolebindings", name, tree =>
        {
            tree["roleRef"] = new JsonObject { ["apiGroup"] = Group, ["kind"] = "ClusterRole", ["name"] = name };
            tree["subjects"] = new JsonArray([.. groups.Select(g => new JsonObject { ["apiGroup"] = Group, ["kind"] = "Group", ["name"] = g })]);
        });
        Role("cluster-admin", Rule(["*"], ["*"], ["*"]), Paths(["*"], "*"));
        Role("view", [.. Workloads.Select(w => Rule(Read, [w.Group], w.Resources)), Rule(Read, [""], ["namespaces"])]);
        Role("edit", [.. Edits()]);
        Role("admin", [.. Edits(), Rule([.. Read, .. Write], [Group], ["rolebindings", "roles"]), Rule(["create"], ["authorization.k8s.io"], ["localsubjectaccessreviews"])]);
        Role("system:basic-user", Rule(["create"], ["authorization.k8s.io"], ["selfsubjectaccessreviews", "selfsubjectrulesreviews"]),
            Rule(["create"], ["authentication.k8s.io"], ["selfsubjectreviews"]));
        Role("system:discovery", Paths(["get"], "/api", "/api/*", "/apis", "/apis/*", "/healthz", "/livez", "/openapi", "/openapi/*", "/readyz", "/version", "/version/"));
        Role("system:service-account-issuer-discovery", Paths(["get"], "/.well-known/openid-configuration", "/.well-known/openid-configuration/", "/openid/v1/jwks", "/openid/v1/jwks/"));
        Role("system:public-info-viewer", Paths(["get"], "/healthz", "/livez", "/readyz", "/version", "/version/"));
        Bind("cluster-admin", "system:masters");
        Bind("system:basic-user", UserInfo.Authenticated);
        Bind("system:discovery", UserInfo.Authenticated);
        Bind("system:service-account-issuer-discovery", "system:serviceaccounts");
        Bind("system:public-info-viewer", UserInfo.Authenticated, UserInfo.Unauthenticated);
    }

    private static IEnumerable<JsonObject> Edits()
    {
        foreach (var (group, resources) in Workloads)
        {
            yield return Rule([.. Read, .. Write], [group], resources);
        }
        yield return Rule([.. Read, .. Write], [""], ["pods/attach", "pods/exec", "pods/portforward", "pods/proxy", "secrets", "services/proxy"]);
        yield return Rule(["create"], [""], ["pods/eviction", "serviceaccounts/token"]);
        yield return Rule(["impersonate"], [""], ["serviceaccounts"]);
        yield return Rule(Read, [""], ["namespaces"]);
    }

    private static void Create(ObjectService objects, WriteContext writer, string plural, string name, Action<JsonObject> fill)
    {
        var tree = new JsonObject
        {
            ["metadata"] = new JsonObject
            {
                ["name"] = name,
                ["annotations"] = new JsonObject { ["rbac.authorization.kubernetes.io/autoupdate"] = "true" },
                ["labels"] = new JsonObject { ["kubernetes.io/bootstrapping"] = "rbac-defaults" },
            },
        };
        fill(tree);
        objects.CreateOwn(objects.Table.Current.Find(Group, "v1", plural)!, null, tree, writer, managed: false);
    }

    private static JsonObject Rule(string[] verbs, string[] groups, string[] resources) =>
        new PolicyRule(verbs, groups, resources, [], []).Describe();

    private static JsonObject Paths(string[] verbs, params string[] paths) => new PolicyRule(verbs, [], [], [], paths).Describe();
}
