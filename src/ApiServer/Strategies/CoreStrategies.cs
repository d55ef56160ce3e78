using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;

namespace ActorKube.ApiServer;

internal sealed class NamespaceStrategy : ResourceStrategy
{
    public override NameRule Names => NameRule.Label;

    public override void Default(JsonObject tree)
    {
        if (tree.Metadata().Text("name") is { Length: > 0 } name)
        {
            tree.Metadata().Need("labels")["kubernetes.io/metadata.name"] = name;
        }
        tree.Child("status")?.Default("phase", "Active");
    }

    public override void PrepareForCreate(JsonObject tree)
    {
        Default(tree);
        var spec = tree.Need("spec");
        var finalizers = spec.List("finalizers") ?? [];
        if (!finalizers.Texts().Contains("kubernetes"))
        {
            finalizers.Add("kubernetes");
        }
        spec["finalizers"] = finalizers.DeepClone();
        tree["status"] = new JsonObject { ["phase"] = "Active" };
    }

    public override void PrepareForUpdate(JsonObject tree, JsonObject old)
    {
        tree["spec"] = old["spec"]?.DeepClone() ?? new JsonObject();
        tree["status"] = old["status"]?.DeepClone() ?? new JsonObject();
    }

    public override (int Whole, int Changes) MetadataChecksOnUpdate => (1, 1);

    public override void Validate(JsonObject tree, FieldErrors errors) => Finalizers(tree, index => "spec.finalizers", errors);

    /// <summary>What may hold a namespace.</summary>
    public static void Finalizers(JsonObject tree, Func<int, string> at, FieldErrors errors)
    {
        var index = 0;
        foreach (var finalizer in (tree.At("spec", "finalizers") as JsonArray).Texts())
        {
            PodValidation.Qualified(finalizer, at(index), errors);
            if (!finalizer.Contains('/', StringComparison.Ordinal) && finalizer is not ("kubernetes" or "orphan" or "foregroundDeletion"))
            {
                errors.Invalid(at(index), finalizer, "name is neither a standard finalizer name nor is it fully qualified");
            }
            index++;
        }
    }

    public override void ValidateStatusUpdate(JsonObject tree, JsonObject old, FieldErrors errors)
    {
        var wanted = tree.Metadata().ContainsKey("deletionTimestamp") ? "Terminating" : "Active";
        if (tree.TextAt("status", "phase") != wanted)
        {
            errors.Invalid("status.Phase", tree.TextAt("status", "phase") ?? "",
                wanted == "Active" ? "may only be 'Active' if `deletionTimestamp` is empty" : "may only be 'Terminating' if `deletionTimestamp` is not empty");
        }
    }
}

internal sealed class ConfigMapStrategy : ResourceStrategy
{
    public override (int Whole, int Changes) MetadataChecksOnUpdate => (1, 1);

    public override void Validate(JsonObject tree, FieldErrors errors)
    {
        var size = 0L;
        foreach (var (key, value) in tree.Child("data") ?? [])
        {
            ConfigKeys.Check(key, $"data[{key}]", errors);
            if (tree.Child("binaryData")?.ContainsKey(key) == true)
            {
                errors.Invalid($"data[{key}]", key, "duplicate of key present in binaryData");
            }
            size += Encoding.UTF8.GetByteCount(value.AsText() ?? "");
        }
        foreach (var (key, value) in tree.Child("binaryData") ?? [])
        {
            ConfigKeys.Check(key, $"binaryData[{key}]", errors);
            size += ConfigKeys.Decoded(value);
        }
        if (size > ConfigKeys.Limit)
        {
            errors.TooLong("[]", ConfigKeys.Limit);
        }
    }

    public override void ValidateUpdate(JsonObject tree, JsonObject old, FieldErrors errors)
    {
        Validate(tree, errors);
        ConfigKeys.Immutable(tree, old, errors);
    }
}

internal sealed class SecretStrategy : ResourceStrategy
{
    public override (int Whole, int Changes) MetadataChecksOnUpdate => (1, 1);

    public override void Default(JsonObject tree)
    {
        tree.Default("type", "Opaque");
        if (tree.Child("stringData") is { } plain)
        {
            var data = tree.Need("data");
            foreach (var (key, value) in plain)
            {
                data[key] = Convert.ToBase64String(Encoding.UTF8.GetBytes(value.AsText() ?? ""));
            }
            tree.Remove("stringData");
            if (data.Count == 0)
            {
                tree.Remove("data");
            }
        }
    }

    public override void Validate(JsonObject tree, FieldErrors errors)
    {
        var size = 0L;
        foreach (var (key, value) in tree.Child("data") ?? [])
        {
            ConfigKeys.Check(key, $"data[{key}]", errors);
            size += ConfigKeys.Decoded(value);
        }
        if (size > ConfigKeys.Limit)
        {
            errors.TooLong("data", ConfigKeys.Limit);
        }
        CheckType(tree, tree.Child("data") ?? [], errors);
    }

    /// <summary>What a secret's type promises must be in it.</summary>
    private static void CheckType(JsonObject tree, JsonObject data, FieldErrors errors)
    {
        void Need(string[] keys)
        {
            foreach (var key in keys)
            {
                if (!data.ContainsKey(key))
                {
                    errors.Required($"data[{key}]");
                }
            }
        }
        switch (tree.Text("type"))
        {
            case "kubernetes.io/service-account-token":
                if (string.IsNullOrEmpty(tree.TextAt("metadata", "annotations", "kubernetes.io/service-account.name")))
                {
                    errors.Required("metadata.annotations[kubernetes.io/service-account.name]");
                }
                break;
            case "kubernetes.io/dockerconfigjson" or "kubernetes.io/dockercfg":
                var name = tree.Text("type") == "kubernetes.io/dockercfg" ? ".dockercfg" : ".dockerconfigjson";
                Need([name]);
                if (data[name].AsText() is { } text && NoJsonObject(text) is { } why)
                {
                    errors.Invalid($"data[{name}]", "<secret contents redacted>", why);
                }
                break;
            case "kubernetes.io/basic-auth":
                if (!data.ContainsKey("username") && !data.ContainsKey("password"))
                {
                    Need(["username", "password"]);
                }
                break;
            case "kubernetes.io/ssh-auth":
                if (ConfigKeys.Decoded(data["ssh-privatekey"]) == 0)
                {
                    errors.Required("data[ssh-privatekey]");
                }
                break;
            case "kubernetes.io/tls":
                Need(["tls.crt", "tls.key"]);
                break;
        }
    }

    /// <summary>What keeps data from being a JSON object, without showing any of it but a letter; null where it is one.</summary>
    private static string? NoJsonObject(string base64)
    {
        byte[] bytes = [];
        try
        {
            bytes = Convert.FromBase64String(base64);
            var node = Json.Parse(bytes);
            return node is null or JsonObject ? null : $"json: cannot unmarshal {BodyReader.Word(node)} into Go value of type map[string]interface {{}}";
        }
        catch (System.Text.Json.JsonException wrong)
        {
            return BodyReader.Why(bytes, wrong);
        }
        catch (FormatException)
        {
            return "invalid character in JSON input";
        }
    }

    public override void ValidateUpdate(JsonObject tree, JsonObject old, FieldErrors errors)
    {
        if (tree.Text("type") != old.Text("type"))
        {
            errors.Invalid("type", tree.Text("type"), "field is immutable");
        }
        ConfigKeys.Immutable(tree, old, errors);
        Validate(tree, errors);
    }

    public override IEnumerable<string> Warnings(JsonObject tree, JsonObject? old)
    {
        if (tree.Text("type") == "kubernetes.io/tls" && (tree.TextAt("data", "tls.crt") ?? "") is var certificate && !HoldsPem(certificate))
        {
            yield return "tls: failed to find any PEM data in certificate input";
        }
    }

    private static bool HoldsPem(string base64)
    {
        var room = new byte[base64.Length];
        return Convert.TryFromBase64String(base64, room, out var length) && System.Text.Encoding.UTF8.GetString(room.AsSpan(0, length)).Contains("-----BEGIN ", StringComparison.Ordinal);
    }
}

internal static class ConfigKeys
{
    /// <summary>The most that a config map or secret holds, in bytes.</summary>
    public const int Limit = 1024 * 1024;

    /// <summary>How many bytes a base64 text stands for.</summary>
    public static long Decoded(JsonNode? base64) => base64.AsText() is { } text ? (long)text.TrimEnd('=').Length * 3 / 4 : 0;

    public static void Check(string key, string field, FieldErrors errors)
    {
        if (key.Length > 253)
        {
            errors.Invalid(field, key, "must be no more than 253 characters");
        }
        if (key.Length == 0 || key.Any(c => !char.IsAsciiLetterOrDigit(c) && c is not ('-' or '_' or '.')))
        {
            errors.Invalid(field, key,
                "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')");
        }
        else if (key is "." or "..")
        {
            errors.Invalid(field, key, $"must not be '{key}'");
        }
        else if (key.StartsWith("..", StringComparison.Ordinal))
        {
            errors.Invalid(field, key, "must not start with '..'");
        }
    }

    /// <summary>What <c>immutable: true</c> forbids.</summary>
    public static void Immutable(JsonObject tree, JsonObject old, FieldErrors errors)
    {
        if (old["immutable"].AsBool() != true)
        {
            return;
        }
        if (tree["immutable"].AsBool() != true)
        {
            errors.Forbidden("immutable", "field is immutable when `immutable` is set");
        }
        foreach (var field in (string[])["data", "binaryData"])
        {
            if (!JsonNode.DeepEquals(tree[field], old[field]))
            {
                errors.Forbidden(field, "field is immutable when `immutable` is set");
            }
        }
    }
}

internal sealed class LeaseStrategy : ResourceStrategy
{
    public override bool CreatesOnUpdate => true;

    public override bool AllowsUnconditionalUpdate => false;

    public override void Default(JsonObject tree) => tree.Need("spec");

    public override void Validate(JsonObject tree, FieldErrors errors)
    {
        if (tree.LongAt("spec", "leaseDurationSeconds") is <= 0 and var duration)
        {
            errors.Invalid("spec.leaseDurationSeconds", duration, "must be greater than 0");
        }
        if (tree.LongAt("spec", "leaseTransitions") is < 0 and var transitions)
        {
            errors.Invalid("spec.leaseTransitions", transitions, "must be greater than or equal to 0");
        }
    }
}

internal sealed class ServiceAccountStrategy : ResourceStrategy
{
    public override bool ReturnsDeletedObject => true;

    public override (int Whole, int Changes) MetadataChecksOnUpdate => (1, 1);
}

/// <summary>Kinds with a spec and a status and nothing else particular: a new one has an empty status.</summary>
internal sealed class StatusStrategy : ResourceStrategy
{
    public static StatusStrategy Instance { get; } = new();

    public override void PrepareForCreate(JsonObject tree) => tree["status"] = new JsonObject();
}
