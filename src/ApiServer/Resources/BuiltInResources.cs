using System.Text.Json.Nodes;
using ActorKube.Models;

namespace ActorKube.ApiServer;

/// <summary>The rows of the resource table that every server has: what a kube-apiserver 1.32 serves by default.</summary>
internal static class BuiltInResources
{
    private static readonly string[] StatusVerbs = ["get", "patch", "update"];
    private static readonly ApiSubresource Status = new("status", StatusVerbs);
    private static readonly ApiSubresource Scale = new("scale", StatusVerbs, "Scale", "autoscaling", "v1");
    private static readonly string[] CreateOnly = ["create"];
    private static readonly string[] ProxyVerbs = ["create", "delete", "get", "patch", "update"];

    /// <summary>The rows, bound to the stores of <paramref name="cluster"/>.</summary>
    public static IEnumerable<ApiResource> Rows(ClusterStore cluster, TimeProvider time)
    {
        var table = new Builder(cluster);
        Core(table, time);
        Workloads(table);
        Policies(table);
        Infrastructure(table, time);
        Reviews(table);
        return table.Rows;
    }

    private static void Core(Builder t, TimeProvider time)
    {
        t.Add("", "v1", "configmaps", "ConfigMap", shortNames: ["cm"], strategy: new ConfigMapStrategy(), columns: BuiltInColumns.ConfigMaps);
        t.Add("", "v1", "endpoints", "Endpoints", singular: "endpoints", shortNames: ["ep"], strategy: new EndpointsStrategy(), columns: BuiltInColumns.EndpointsColumns);
        t.Add("", "v1", "events", "Event", shortNames: ["ev"], strategy: new EventStrategy(), columns: BuiltInColumns.Events, selectable: EventFields("regarding", "reportingController"));
        t.Add("", "v1", "limitranges", "LimitRange", shortNames: ["limits"], strategy: new LimitRangeStrategy());
        t.Add("", "v1", "namespaces", "Namespace", namespaced: false, shortNames: ["ns"], strategy: new NamespaceStrategy(), columns: BuiltInColumns.Namespaces,
            verbs: ["create", "delete", "get", "list", "patch", "update", "watch"], subresources: [new("finalize", ["update"]), Status],
            selectable: SelectableFields.At("status.phase"));
        t.Add("", "v1", "nodes", "Node", namespaced: false, shortNames: ["no"], strategy: new NodeStrategy(), columns: BuiltInColumns.Nodes,
            subresources: [new("proxy", ProxyVerbs, "NodeProxyOptions"), Status], selectable: new SelectableFields(("spec.unschedulable", Flag("spec", "unschedulable"))));
        t.Add("", "v1", "persistentvolumeclaims", "PersistentVolumeClaim", shortNames: ["pvc"], strategy: new PersistentVolumeClaimStrategy(),
            columns: BuiltInColumns.PersistentVolumeClaims, subresources: [Status]);
        t.Add("", "v1", "persistentvolumes", "PersistentVolume", namespaced: false, shortNames: ["pv"], strategy: new PersistentVolumeStrategy(time), columns: OtherColumns.PersistentVolumes, subresources: [Status]);
        t.Add("", "v1", "pods", "Pod", shortNames: ["po"], categories: ["all"], strategy: new PodStrategy(), columns: BuiltInColumns.Pods,
            subresources:
            [
                new("attach", ["create", "get"], "PodAttachOptions"), new("binding", CreateOnly, "Binding"), new("ephemeralcontainers", StatusVerbs),
                new("eviction", CreateOnly, "Eviction", "policy", "v1"), new("exec", ["create", "get"], "PodExecOptions"), new("log", ["get"]),
                new("portforward", ["create", "get"], "PodPortForwardOptions"), new("proxy", ProxyVerbs, "PodProxyOptions"), Status,
            ],
            selectable: new SelectableFields(
                ("spec.nodeName", o => o.TextAt("spec", "nodeName")), ("spec.restartPolicy", o => o.TextAt("spec", "restartPolicy")),
                ("spec.schedulerName", o => o.TextAt("spec", "schedulerName")), ("spec.serviceAccountName", o => o.TextAt("spec", "serviceAccountName")),
                ("spec.hostNetwork", Flag("spec", "hostNetwork")), ("status.phase", o => o.TextAt("status", "phase")), ("status.podIP", o => o.TextAt("status", "podIP")), ("status.podIPs", o => (o.At("status", "podIPs") as JsonArray).Objects().FirstOrDefault()?.Text("ip")),
                ("status.nominatedNodeName", o => o.TextAt("status", "nominatedNodeName"))));
        t.Add("", "v1", "podtemplates", "PodTemplate", strategy: new PodTemplateStrategy(), columns: OtherColumns.PodTemplates, hasGeneration: true);
        t.Add("", "v1", "replicationcontrollers", "ReplicationController", shortNames: ["rc"], categories: ["all"], strategy: new ReplicationControllerStrategy(),
            columns: BuiltInColumns.ReplicationControllers, subresources: [Scale, Status], hasGeneration: true, selectable: SelectableFields.At("status.replicas"));
        t.Add("", "v1", "resourcequotas", "ResourceQuota", shortNames: ["quota"], strategy: new ResourceQuotaStrategy(), columns: OtherColumns.ResourceQuotas, subresources: [Status]);
        t.Add("", "v1", "secrets", "Secret", strategy: new SecretStrategy(), columns: BuiltInColumns.Secrets, selectable: SelectableFields.At("type"));
        t.Add("", "v1", "serviceaccounts", "ServiceAccount", shortNames: ["sa"], strategy: new ServiceAccountStrategy(), columns: BuiltInColumns.ServiceAccounts,
            subresources: [new("token", CreateOnly, "TokenRequest", "authentication.k8s.io", "v1")]);
        t.Add("", "v1", "services", "Service", shortNames: ["svc"], categories: ["all"], strategy: new ServiceStrategy(), columns: BuiltInColumns.Services,
            subresources: [new("proxy", ProxyVerbs, "ServiceProxyOptions"), Status], selectable: SelectableFields.At("spec.clusterIP", "spec.type"));
        t.Add("", "v1", "bindings", "Binding", verbs: CreateOnly);
        t.Add("", "v1", "componentstatuses", "ComponentStatus", singular: "componentstatus", namespaced: false, shortNames: ["cs"], verbs: ["get", "list"], columns: OtherColumns.ComponentStatuses);
        t.Add("events.k8s.io", "v1", "events", "Event", shortNames: ["ev"], strategy: new EventStrategy(), columns: BuiltInColumns.Events,
            selectable: EventFields("involvedObject", "reportingComponent"), storedAs: new GroupResource("", "events"), conversion: EventConversion.Instance);
    }

    private static void Workloads(Builder t)
    {
        t.Add("apps", "v1", "controllerrevisions", "ControllerRevision", strategy: new ControllerRevisionStrategy(), columns: OtherColumns.ControllerRevisions);
        t.Add("apps", "v1", "daemonsets", "DaemonSet", shortNames: ["ds"], categories: ["all"], strategy: new DaemonSetStrategy(), columns: BuiltInColumns.DaemonSets,
            subresources: [Status], hasGeneration: true);
        t.Add("apps", "v1", "deployments", "Deployment", shortNames: ["deploy"], categories: ["all"], strategy: new DeploymentStrategy(),
            columns: BuiltInColumns.Deployments, subresources: [Scale, Status], hasGeneration: true);
        t.Add("apps", "v1", "replicasets", "ReplicaSet", shortNames: ["rs"], categories: ["all"], strategy: new ReplicaSetStrategy(), columns: BuiltInColumns.ReplicaSets,
            subresources: [Scale, Status], hasGeneration: true);
        t.Add("apps", "v1", "statefulsets", "StatefulSet", shortNames: ["sts"], categories: ["all"], strategy: new StatefulSetStrategy(),
            columns: BuiltInColumns.StatefulSets, subresources: [Scale, Status], hasGeneration: true);
        t.Add("batch", "v1", "cronjobs", "CronJob", shortNames: ["cj"], categories: ["all"], strategy: new CronJobStrategy(), columns: BuiltInColumns.CronJobs,
            subresources: [Status], hasGeneration: true);
        t.Add("batch", "v1", "jobs", "Job", categories: ["all"], strategy: new JobStrategy(), columns: BuiltInColumns.Jobs, subresources: [Status], hasGeneration: true,
            selectable: new SelectableFields(("status.successful", o => (o.LongAt("status", "succeeded") ?? 0).ToString(System.Globalization.CultureInfo.InvariantCulture))));
        t.Add("autoscaling", "v2", "horizontalpodautoscalers", "HorizontalPodAutoscaler", shortNames: ["hpa"], categories: ["all"], strategy: new AutoscalerStrategy(),
            columns: BuiltInColumns.HorizontalPodAutoscalers, subresources: [Status]);
        t.Add("autoscaling", "v1", "horizontalpodautoscalers", "HorizontalPodAutoscaler", shortNames: ["hpa"], categories: ["all"], strategy: new AutoscalerStrategy(),
            columns: BuiltInColumns.HorizontalPodAutoscalers, subresources: [Status], conversion: new AutoscalerConversion());
    }

    private static void Policies(Builder t)
    {
        const string admission = "admissionregistration.k8s.io";
        t.Add(admission, "v1", "mutatingwebhookconfigurations", "MutatingWebhookConfiguration", namespaced: false, categories: ["api-extensions"],
            strategy: new WebhookConfigurationStrategy(), columns: OtherColumns.WebhookConfigurations, hasGeneration: true);
        t.Add(admission, "v1", "validatingadmissionpolicies", "ValidatingAdmissionPolicy", singular: "validatingadmissionpolicy", namespaced: false,
            categories: ["api-extensions"], strategy: new AdmissionPolicyStrategy(), columns: OtherColumns.AdmissionPolicies, subresources: [Status], hasGeneration: true);
        t.Add(admission, "v1", "validatingadmissionpolicybindings", "ValidatingAdmissionPolicyBinding", namespaced: false, categories: ["api-extensions"],
            strategy: new AdmissionPolicyBindingStrategy(), columns: OtherColumns.AdmissionPolicyBindings, hasGeneration: true);
        t.Add(admission, "v1", "validatingwebhookconfigurations", "ValidatingWebhookConfiguration", namespaced: false, categories: ["api-extensions"],
            strategy: new WebhookConfigurationStrategy(), columns: OtherColumns.WebhookConfigurations, hasGeneration: true);
        t.Add("networking.k8s.io", "v1", "ingressclasses", "IngressClass", singular: "ingressclass", namespaced: false, strategy: new IngressClassStrategy(), columns: OtherColumns.IngressClasses, hasGeneration: true);
        t.Add("networking.k8s.io", "v1", "ingresses", "Ingress", singular: "ingress", shortNames: ["ing"], strategy: new IngressStrategy(), columns: BuiltInColumns.Ingresses,
            subresources: [Status], hasGeneration: true);
        t.Add("networking.k8s.io", "v1", "networkpolicies", "NetworkPolicy", singular: "networkpolicy", shortNames: ["netpol"], strategy: new NetworkPolicyStrategy(),
            columns: OtherColumns.NetworkPolicies, hasGeneration: true);
        t.Add("policy", "v1", "poddisruptionbudgets", "PodDisruptionBudget", shortNames: ["pdb"], strategy: new DisruptionBudgetStrategy(),
            columns: BuiltInColumns.PodDisruptionBudgets, subresources: [Status], hasGeneration: true);
        const string rbac = "rbac.authorization.k8s.io";
        t.Add(rbac, "v1", "clusterrolebindings", "ClusterRoleBinding", namespaced: false, strategy: new RoleBindingStrategy(), columns: BuiltInColumns.RoleBindings);
        t.Add(rbac, "v1", "clusterroles", "ClusterRole", namespaced: false, strategy: new RoleStrategy(), columns: BuiltInColumns.Roles);
        t.Add(rbac, "v1", "rolebindings", "RoleBinding", strategy: new RoleBindingStrategy(), columns: BuiltInColumns.RoleBindings);
        t.Add(rbac, "v1", "roles", "Role", strategy: new RoleStrategy(), columns: BuiltInColumns.Roles);
    }

    private static void Infrastructure(Builder t, TimeProvider time)
    {
        t.Add("apiextensions.k8s.io", "v1", "customresourcedefinitions", "CustomResourceDefinition", namespaced: false, shortNames: ["crd", "crds"],
            categories: ["api-extensions"], strategy: new CustomResourceDefinitionStrategy(), columns: BuiltInColumns.CustomResourceDefinitions,
            subresources: [Status], hasGeneration: true);
        t.Add("apiregistration.k8s.io", "v1", "apiservices", "APIService", namespaced: false, categories: ["api-extensions"], strategy: new ApiServiceStrategy(), columns: OtherColumns.ApiServices, subresources: [Status]);
        t.Add("certificates.k8s.io", "v1", "certificatesigningrequests", "CertificateSigningRequest", namespaced: false, shortNames: ["csr"],
            strategy: new CertificateRequestStrategy(time), columns: OtherColumns.CertificateRequests, subresources: [new("approval", StatusVerbs), Status], selectable: SelectableFields.At("spec.signerName"));
        t.Add("coordination.k8s.io", "v1", "leases", "Lease", strategy: new LeaseStrategy(), columns: BuiltInColumns.Leases);
        t.Add("discovery.k8s.io", "v1", "endpointslices", "EndpointSlice", strategy: new EndpointSliceStrategy(), columns: OtherColumns.EndpointSlices, hasGeneration: true);
        t.Add("flowcontrol.apiserver.k8s.io", "v1", "flowschemas", "FlowSchema", namespaced: false, strategy: new FlowSchemaStrategy(time), columns: OtherColumns.FlowSchemas, subresources: [Status], hasGeneration: true);
        t.Add("flowcontrol.apiserver.k8s.io", "v1", "prioritylevelconfigurations", "PriorityLevelConfiguration", namespaced: false,
            strategy: new PriorityLevelStrategy(), columns: OtherColumns.PriorityLevels, subresources: [Status], hasGeneration: true);
        t.Add("node.k8s.io", "v1", "runtimeclasses", "RuntimeClass", singular: "runtimeclass", namespaced: false, strategy: new RuntimeClassStrategy(), columns: OtherColumns.RuntimeClasses);
        t.Add("scheduling.k8s.io", "v1", "priorityclasses", "PriorityClass", singular: "priorityclass", namespaced: false, shortNames: ["pc"],
            strategy: new PriorityClassStrategy(), columns: OtherColumns.PriorityClasses, hasGeneration: true);
        t.Add("storage.k8s.io", "v1", "csidrivers", "CSIDriver", namespaced: false, strategy: new CsiDriverStrategy(), columns: OtherColumns.CsiDrivers);
        t.Add("storage.k8s.io", "v1", "csinodes", "CSINode", namespaced: false, strategy: new CsiNodeStrategy(), columns: OtherColumns.CsiNodes);
        t.Add("storage.k8s.io", "v1", "csistoragecapacities", "CSIStorageCapacity", singular: "csistoragecapacity", strategy: new CsiStorageCapacityStrategy());
        t.Add("storage.k8s.io", "v1", "storageclasses", "StorageClass", singular: "storageclass", namespaced: false, shortNames: ["sc"], strategy: new StorageClassStrategy(),
            columns: OtherColumns.StorageClasses);
        t.Add("storage.k8s.io", "v1", "volumeattachments", "VolumeAttachment", namespaced: false, strategy: new VolumeAttachmentStrategy(), columns: OtherColumns.VolumeAttachments, subresources: [Status]);
    }

    private static void Reviews(Builder t)
    {
        t.Add("authentication.k8s.io", "v1", "selfsubjectreviews", "SelfSubjectReview", namespaced: false, verbs: CreateOnly);
        t.Add("authentication.k8s.io", "v1", "tokenreviews", "TokenReview", namespaced: false, verbs: CreateOnly);
        t.Add("authorization.k8s.io", "v1", "localsubjectaccessreviews", "LocalSubjectAccessReview", verbs: CreateOnly);
        t.Add("authorization.k8s.io", "v1", "selfsubjectaccessreviews", "SelfSubjectAccessReview", namespaced: false, verbs: CreateOnly);
        t.Add("authorization.k8s.io", "v1", "selfsubjectrulesreviews", "SelfSubjectRulesReview", namespaced: false, verbs: CreateOnly);
        t.Add("authorization.k8s.io", "v1", "subjectaccessreviews", "SubjectAccessReview", namespaced: false, verbs: CreateOnly);
    }

    /// <summary>Both forms of events are stored as one and select by names of their own: those of the other form are hidden.</summary>
    private static SelectableFields EventFields(string hidden, string hiddenReporter)
    {
        string[] about = ["kind", "namespace", "name", "uid", "apiVersion", "resourceVersion", "fieldPath"];
        return new(
        [
            .. from form in (string[])["involvedObject", "regarding"] from field in about select ($"{form}.{field}", Involved(field)),
            ("reason", o => o.Text("reason")), ("reportingComponent", o => o.Text("reportingComponent")), ("reportingController", o => o.Text("reportingComponent")),
            ("source", o => o.TextAt("source", "component") ?? o.Text("reportingComponent")), ("type", o => o.Text("type")),
        ])
        {
            Hidden = [.. about.Select(field => $"{hidden}.{field}"), hiddenReporter],
        };
    }

    private static Func<JsonObject, string?> Involved(string field) => o => o.TextAt("involvedObject", field);

    private static Func<JsonObject, string?> Flag(params string[] path) => o => o.At(path).AsBool() == true ? "true" : "false";

    private sealed class Builder(ClusterStore cluster)
    {
        public List<ApiResource> Rows { get; } = [];

        public void Add(string group, string version, string plural, string kind, string? singular = null, bool namespaced = true, string[]? shortNames = null,
            string[]? categories = null, string[]? verbs = null, ApiSubresource[]? subresources = null, bool hasGeneration = false, ResourceStrategy? strategy = null,
            TableColumns? columns = null, SelectableFields? selectable = null, GroupResource? storedAs = null, IVersionConversion? conversion = null)
        {
            var fields = selectable ?? SelectableFields.None;
            var definition = new GroupVersionKind(group, version, kind);
            Rows.Add(new ApiResource
            {
                Group = group,
                Version = version,
                Plural = plural,
                Singular = singular ?? kind.ToLowerInvariant(),
                Kind = kind,
                ListKind = kind + "List",
                Namespaced = namespaced,
                ShortNames = shortNames ?? [],
                Categories = categories ?? [],
                Verbs = verbs ?? ApiResource.AllVerbs,
                Subresources = subresources ?? [],
                HasGeneration = hasGeneration,
                Strategy = strategy ?? ResourceStrategy.Plain,
                Schema = () => BuiltInSchemas.For(definition),
                Columns = columns ?? TableColumns.NameAndAge,
                Selectable = fields,
                Store = cluster.Store(storedAs ?? new GroupResource(group, plural), fields.Of),
                Conversion = conversion,
            });
        }
    }
}
