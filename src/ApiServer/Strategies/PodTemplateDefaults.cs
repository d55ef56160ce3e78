using System.Text.Json.Nodes;

namespace ActorKube.ApiServer;

/// <summary>What Kubernetes fills into pod specs and pod templates.</summary>
internal static class PodTemplateDefaults
{
    public static void Template(JsonObject template)
    {
        var meta = template.Metadata();
        if (!meta.ContainsKey("creationTimestamp"))
        {
            // Kubernetes' ObjectMeta writes this field even when it is not set.
            meta["creationTimestamp"] = null;
        }
        PodSpec(template.Need("spec"));
    }

    public static void PodSpec(JsonObject spec)
    {
        Containers(spec.List("initContainers"));
        Containers(spec.List("containers"));
        Containers(spec.List("ephemeralContainers"));
        if (spec.Text("restartPolicy") is null or "")
        {
            spec["restartPolicy"] = "Always";
        }
        spec.Default("terminationGracePeriodSeconds", 30);
        spec.Default("dnsPolicy", "ClusterFirst");
        if (spec.Text("serviceAccountName") is { Length: > 0 } account)
        {
            spec["serviceAccount"] = account;
        }
        else if (spec.Text("serviceAccount") is { Length: > 0 } old)
        {
            spec["serviceAccountName"] = old;
        }
        spec.Default("securityContext", new JsonObject());
        spec.Default("schedulerName", "default-scheduler");
        foreach (var volume in spec.List("volumes").Objects())
        {
            Volume(volume);
        }
    }

    /// <summary>What only pods get, not their templates: requests where there are limits, and the host's ports on its network.</summary>
    public static void OnlyPods(JsonObject spec)
    {
        foreach (var container in spec.List("initContainers").Objects().Concat(spec.List("containers").Objects()))
        {
            if (container.Child("resources")?.Child("limits") is { Count: > 0 } limits)
            {
                // A limit without a request is the request too.
                var requests = container.Need("resources").Need("requests");
                foreach (var (name, value) in limits)
                {
                    if (!requests.ContainsKey(name))
                    {
                        requests[name] = value?.DeepClone();
                    }
                }
            }
            if (spec["hostNetwork"].AsBool() != true)
            {
                continue;
            }
            foreach (var port in container.List("ports").Objects())
            {
                if (port["hostPort"].AsLong() is null or 0 && port["containerPort"] is { } number)
                {
                    port["hostPort"] = number.DeepClone();
                }
            }
        }
        spec.Default("enableServiceLinks", true);
    }

    private static void Containers(JsonArray? containers)
    {
        foreach (var container in containers.Objects())
        {
            container.Default("resources", new JsonObject());
            container.Default("terminationMessagePath", "/dev/termination-log");
            container.Default("terminationMessagePolicy", "File");
            container.Default("imagePullPolicy", PullPolicy(container.Text("image") ?? ""));
            foreach (var port in container.List("ports").Objects())
            {
                port.Default("protocol", "TCP");
            }
            foreach (var variable in container.List("env").Objects())
            {
                if (variable.Child("valueFrom")?.Child("fieldRef") is { } field)
                {
                    field.Default("apiVersion", "v1");
                }
                variable.Child("valueFrom")?.Child("resourceFieldRef")?.Default("divisor", "0");
            }
            foreach (var hook in (string[])["postStart", "preStop"])
            {
                if (container.Child("lifecycle")?.Child(hook)?.Child("httpGet") is { } get)
                {
                    get.Default("path", "/");
                    get.Default("scheme", "HTTP");
                }
            }
            foreach (var probe in (string[])["livenessProbe", "readinessProbe", "startupProbe"])
            {
                if (container.Child(probe) is { } tree)
                {
                    Probe(tree);
                }
            }
        }
    }

    private static string PullPolicy(string image)
    {
        var digest = image.Contains('@', StringComparison.Ordinal);
        var tag = image.LastIndexOf(':') is var colon && colon > image.LastIndexOf('/') ? image[(colon + 1)..] : digest ? "digest" : "latest";
        return tag == "latest" ? "Always" : "IfNotPresent";
    }

    private static void Probe(JsonObject probe)
    {
        probe.Default("timeoutSeconds", 1);
        probe.Default("periodSeconds", 10);
        probe.Default("successThreshold", 1);
        probe.Default("failureThreshold", 3);
        if (probe.Child("httpGet") is { } get)
        {
            get.Default("path", "/");
            get.Default("scheme", "HTTP");
        }
        probe.Child("grpc")?.Default("service", "");
    }

    private static void Volume(JsonObject volume)
    {
        if (volume.Count == 1)
        {
            volume["emptyDir"] = new JsonObject();
        }
        foreach (var source in (string[])["secret", "configMap", "downwardAPI", "projected"])
        {
            volume.Child(source)?.Default("defaultMode", 420);
        }
        foreach (var projection in (volume.Child("projected")?.List("sources")).Objects())
        {
            projection.Child("serviceAccountToken")?.Default("expirationSeconds", 3600);
            DownwardItems(projection.Child("downwardAPI"));
        }
        DownwardItems(volume.Child("downwardAPI"));
        volume.Child("hostPath")?.Default("type", "");
        if (volume.Child("ephemeral")?.Child("volumeClaimTemplate") is { } claim)
        {
            claim.Metadata().TryAdd("creationTimestamp", null);
            claim.Need("spec").Default("volumeMode", "Filesystem");
        }
        volume.Child("iscsi")?.Default("iscsiInterface", "default");
        if (volume.Child("rbd") is { } rbd)
        {
            rbd.Default("pool", "rbd");
            rbd.Default("user", "admin");
            rbd.Default("keyring", "/etc/ceph/keyring");
        }
        if (volume.Child("azureDisk") is { } disk)
        {
            disk.Default("cachingMode", "ReadWrite");
            disk.Default("fsType", "ext4");
            disk.Default("readOnly", false);
            disk.Default("kind", "Shared");
        }
    }

    private static void DownwardItems(JsonObject? source)
    {
        foreach (var item in source?.List("items").Objects() ?? [])
        {
            item.Child("fieldRef")?.Default("apiVersion", "v1");
            item.Child("resourceFieldRef")?.Default("divisor", "0");
        }
    }
}
