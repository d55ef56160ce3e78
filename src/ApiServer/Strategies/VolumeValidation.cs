using System.Text.Json.Nodes;
using k8s.Models;

namespace ActorKube.ApiServer;

/// <summary>Volumes of a pod, and what containers make of them.</summary>
internal static class VolumeValidation
{
    private const string FileMode = "must be a number between 0 and 0777 (octal), both inclusive";
    private const int HighestMode = 511;

    private static readonly string[] PathTypes = ["", "BlockDevice", "CharDevice", "Directory", "DirectoryOrCreate", "File", "FileOrCreate", "Socket"];

    private static readonly string[] DownwardFields = ["metadata.annotations", "metadata.labels", "metadata.name", "metadata.namespace", "metadata.uid"];

    /// <summary>The fields of each source that must be there.</summary>
    private static readonly Dictionary<string, string[]> Needed = new(StringComparer.Ordinal)
    {
        ["persistentVolumeClaim"] = ["claimName"],
        ["nfs"] = ["server", "path"],
        ["gitRepo"] = ["repository"],
        ["iscsi"] = ["targetPortal", "iqn"],
        ["glusterfs"] = ["endpoints", "path"],
        ["cephfs"] = ["monitors"],
        ["csi"] = ["driver"],
        ["gcePersistentDisk"] = ["pdName"],
        ["awsElasticBlockStore"] = ["volumeID"],
        ["cinder"] = ["volumeID"],
        ["azureFile"] = ["secretName", "shareName"],
        ["azureDisk"] = ["diskName", "diskURI"],
        ["vsphereVolume"] = ["volumePath"],
        ["flexVolume"] = ["driver"],
        ["portworxVolume"] = ["volumeID"],
    };

    /// <summary>Checks volumes and answers those that can be mounted: a volume that is wrong is as good as absent.</summary>
    public static IReadOnlyDictionary<string, JsonObject> Volumes(JsonArray? volumes, string path, FieldErrors errors)
    {
        var good = new Dictionary<string, JsonObject>(StringComparer.Ordinal);
        var index = 0;
        foreach (var volume in volumes.Objects())
        {
            var at = $"{path}[{index++}]";
            var before = errors.Count;
            Source(volume, at, errors);
            var name = volume.Text("name") ?? "";
            if (name.Length == 0)
            {
                errors.Required($"{at}.name");
            }
            PodValidation.Name(name, NameRule.Label, $"{at}.name", errors);
            if (good.ContainsKey(name))
            {
                errors.Duplicate($"{at}.name", name);
            }
            if (errors.Count == before)
            {
                good[name] = volume;
            }
        }
        return good;
    }

    private static void Source(JsonObject volume, string at, FieldErrors errors)
    {
        var sources = volume.Select(p => p.Key).Where(k => k != "name").ToList();
        if (sources.Count == 0)
        {
            errors.Required(at, "must specify a volume type");
            return;
        }
        foreach (var extra in sources.Skip(1))
        {
            errors.Forbidden($"{at}.{extra}", "may not specify more than 1 volume type");
        }
        var kind = sources[0];
        var source = volume.Child(kind) ?? [];
        var where = $"{at}.{kind}";
        foreach (var field in Needed.GetValueOrDefault(kind) ?? [])
        {
            if (source[field] is null || source[field].AsText() == "" || source[field] is JsonArray { Count: 0 })
            {
                errors.Required($"{where}.{field}");
            }
        }
        switch (kind)
        {
            case "hostPath":
                HostPath(source, where, errors);
                break;
            case "emptyDir" when source["sizeLimit"] is { } size && ResourceQuantity.TryParse(size.ToString(), out var limit) && limit.Sign < 0:
                errors.Forbidden($"{where}.sizeLimit", "SizeLimit field must be a valid resource quantity");
                break;
            case "nfs" when !(source.Text("path") ?? "").StartsWith('/'):
                errors.Invalid($"{where}.path", source.Text("path") ?? "", "must be an absolute path");
                break;
            case "secret" or "configMap":
                Keys(source, where, kind == "secret" ? "secretName" : "name", errors);
                break;
            case "downwardAPI":
                Mode(source, "defaultMode", where, errors);
                Downward(source, where, errors);
                break;
            case "projected":
                Projected(source, where, errors);
                break;
            case "ephemeral" when source.Child("volumeClaimTemplate") is not { } template:
                errors.Required($"{where}.volumeClaimTemplate");
                break;
            case "ephemeral":
                ClaimValidation.Spec(source.Child("volumeClaimTemplate")!.Child("spec") ?? [], $"{where}.volumeClaimTemplate.spec", errors);
                break;
        }
    }

    private static void HostPath(JsonObject source, string at, FieldErrors errors)
    {
        if (source.Text("path") is not { Length: > 0 } path)
        {
            errors.Required($"{at}.path");
            return;
        }
        NoBacksteps(path, $"{at}.path", errors);
        if (Array.IndexOf(PathTypes, source.Text("type") ?? "") < 0)
        {
            errors.NotSupported($"{at}.type", source.Text("type"), PathTypes);
        }
    }

    private static void Keys(JsonObject source, string at, string name, FieldErrors errors, bool isProjected = false)
    {
        if (string.IsNullOrEmpty(source.Text(name)))
        {
            errors.Required($"{at}.{name}");
        }
        if (!isProjected)
        {
            Mode(source, "defaultMode", at, errors);
        }
        var index = 0;
        foreach (var item in source.List("items").Objects())
        {
            var where = $"{at}.items[{index++}]";
            foreach (var field in (string[])["key", "path"])
            {
                if (string.IsNullOrEmpty(item.Text(field)))
                {
                    errors.Required($"{where}.{field}");
                }
            }
            FilePath(item.Text("path") ?? "", $"{where}.path", errors);
            Mode(item, "mode", where, errors);
        }
    }

    private static void Downward(JsonObject source, string at, FieldErrors errors)
    {
        foreach (var item in source.List("items").Objects())
        {
            if (string.IsNullOrEmpty(item.Text("path")))
            {
                errors.Required($"{at}.path");
            }
            FilePath(item.Text("path") ?? "", $"{at}.path", errors);
            if (item.Child("fieldRef") is { } field)
            {
                EnvironmentValidation.FieldReference(field, DownwardFields, $"{at}.fieldRef", errors);
                if (item["resourceFieldRef"] is not null)
                {
                    errors.Invalid(at, "resource", "fieldRef and resourceFieldRef can not be specified simultaneously");
                }
            }
            else if (item.Child("resourceFieldRef") is { } resource)
            {
                EnvironmentValidation.ResourceReference(resource, $"{at}.resourceFieldRef", volume: true, errors);
            }
            else
            {
                errors.Required(at, "one of fieldRef and resourceFieldRef is required");
            }
            Mode(item, "mode", at, errors);
        }
    }

    private static void Projected(JsonObject source, string at, FieldErrors errors)
    {
        Mode(source, "defaultMode", at, errors);
        var index = 0;
        foreach (var projection in source.List("sources").Objects())
        {
            var where = $"{at}.sources[{index++}]";
            var given = projection.Select(p => p.Key).ToList();
            if (given.Count == 0)
            {
                errors.Required(where, "must specify a volume type");
            }
            foreach (var extra in given.Skip(1))
            {
                errors.Forbidden($"{where}.{extra}", "may not specify more than 1 volume type");
            }
            switch (given.FirstOrDefault())
            {
                case "secret" or "configMap":
                    Keys(projection.Child(given[0])!, $"{where}.{given[0]}", "name", errors, isProjected: true);
                    break;
                case "downwardAPI":
                    Downward(projection.Child("downwardAPI")!, $"{where}.downwardAPI", errors);
                    break;
                case "serviceAccountToken":
                    var token = projection.Child("serviceAccountToken")!;
                    if (token["expirationSeconds"].AsLong() is { } seconds and (< 600 or > 1L << 32))
                    {
                        errors.Invalid($"{where}.serviceAccountToken.expirationSeconds", seconds, seconds < 600 ? "may not specify a duration less than 10 minutes" : "may not specify a duration larger than 2^32 seconds");
                    }
                    if (string.IsNullOrEmpty(token.Text("path")))
                    {
                        errors.Required($"{where}.serviceAccountToken.path");
                    }
                    FilePath(token.Text("path") ?? "", $"{where}.serviceAccountToken.path", errors);
                    break;
            }
        }
    }

    private static void Mode(JsonObject tree, string field, string at, FieldErrors errors)
    {
        if (tree[field].AsLong() is { } mode and (< 0 or > HighestMode))
        {
            errors.Invalid($"{at}.{field}", mode, FileMode);
        }
    }

    private static void NoBacksteps(string path, string at, FieldErrors errors)
    {
        if (path.Split('/').Contains(".."))
        {
            errors.Invalid(at, path, "must not contain '..'");
        }
    }

    private static void RelativePath(string path, string at, FieldErrors errors)
    {
        if (path.StartsWith('/'))
        {
            errors.Invalid(at, path, "must be a relative path");
        }
        NoBacksteps(path, at, errors);
    }

    private static void FilePath(string path, string at, FieldErrors errors)
    {
        RelativePath(path, at, errors);
        if (path.StartsWith("..", StringComparison.Ordinal) && !path.StartsWith("../", StringComparison.Ordinal))
        {
            errors.Invalid(at, path, "must not start with '..'");
        }
    }

    public static void Mounts(JsonObject container, IReadOnlyDictionary<string, JsonObject> volumes, string path, FieldErrors errors)
    {
        var devices = container.List("volumeDevices").Objects().ToList();
        var paths = new HashSet<string>(StringComparer.Ordinal);
        var index = 0;
        foreach (var mount in container.List("volumeMounts").Objects())
        {
            var at = $"{path}.volumeMounts[{index++}]";
            var (name, target) = (mount.Text("name") ?? "", mount.Text("mountPath") ?? "");
            if (name.Length == 0)
            {
                errors.Required($"{at}.name");
            }
            if (!volumes.ContainsKey(name))
            {
                errors.NotFound($"{at}.name", name);
            }
            if (target.Length == 0)
            {
                errors.Required($"{at}.mountPath");
            }
            if (!paths.Add(target))
            {
                errors.Invalid($"{at}.mountPath", target, "must be unique");
            }
            if (devices.Exists(d => d.Text("name") == name))
            {
                errors.Invalid($"{at}.name", name, "must not already exist in volumeDevices");
            }
            if (devices.Exists(d => d.Text("devicePath") == target))
            {
                errors.Invalid($"{at}.mountPath", target, "must not already exist as a path in volumeDevices");
            }
            var (below, expression) = (mount.Text("subPath") ?? "", mount.Text("subPathExpr") ?? "");
            RelativePath(below, $"{path}.volumeMounts.subPath", errors);
            if (expression.Length > 0 && below.Length > 0)
            {
                errors.Invalid($"{at}.subPathExpr", expression, "subPathExpr and subPath are mutually exclusive");
            }
            RelativePath(expression, $"{path}.volumeMounts.subPathExpr", errors);
            PodValidation.Choice(mount, "mountPropagation", $"{path}.volumeMounts", ["Bidirectional", "HostToContainer", "None"], errors);
            if (mount.Text("mountPropagation") == "Bidirectional" && container.At("securityContext", "privileged").AsBool() != true)
            {
                errors.Forbidden($"{path}.volumeMounts.mountPropagation", "Bidirectional mount propagation is available only to privileged containers");
            }
        }
    }

    public static void Devices(JsonObject container, IReadOnlyDictionary<string, JsonObject> volumes, string path, FieldErrors errors)
    {
        var mounts = container.List("volumeMounts").Objects().ToList();
        var (names, paths) = (new HashSet<string>(StringComparer.Ordinal), new HashSet<string>(StringComparer.Ordinal));
        var index = 0;
        foreach (var device in container.List("volumeDevices").Objects())
        {
            var at = $"{path}.volumeDevices[{index++}]";
            var (name, target) = (device.Text("name") ?? "", device.Text("devicePath") ?? "");
            var found = volumes.GetValueOrDefault(name);
            if (name.Length == 0)
            {
                errors.Required($"{at}.name");
            }
            if (!names.Add(name) && name.Length > 0)
            {
                errors.Invalid($"{at}.name", name, "must be unique");
            }
            if (found is null)
            {
                errors.NotFound($"{at}.name", name);
            }
            else if (found["persistentVolumeClaim"] is null && found["ephemeral"] is null)
            {
                errors.Invalid($"{at}.name", name, "can only use volume source type of PersistentVolumeClaim or Ephemeral for block mode");
            }
            if (target.Length == 0)
            {
                errors.Required($"{at}.devicePath");
            }
            if (target.Split('/').Contains(".."))
            {
                errors.Invalid($"{at}.devicePath", target, "can not contain backsteps ('..')");
            }
            else if (!paths.Add(target))
            {
                errors.Invalid($"{at}.devicePath", target, "must be unique");
            }
            if (mounts.Exists(m => m.Text("name") == name))
            {
                errors.Invalid($"{at}.name", name, "must not already exist in volumeMounts");
            }
            if (mounts.Exists(m => m.Text("mountPath") == target))
            {
                errors.Invalid($"{at}.devicePath", target, "must not already exist as a path in volumeMounts");
            }
        }
    }
}
