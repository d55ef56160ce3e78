using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace ActorKube.ApiServer;

/// <summary>
/// Requests for certificates: who asks is who is logged in; only the approval path approves or denies, and a decision stays. Nobody signs.
/// </summary>
internal sealed class CertificateRequestStrategy(TimeProvider time) : ResourceStrategy
{
    public override NameRule Names => NameRule.PathSegment;

    public override (int Whole, int Changes) MetadataChecksOnUpdate => (1, 1);

    private static readonly string[] Decisions = ["Approved", "Denied"];

    public override void PrepareForCreate(JsonObject tree) => tree["status"] = new JsonObject();

    /// <summary>Writes down who asks.</summary>
    public override void PrepareForCreate(JsonObject tree, UserInfo user)
    {
        var spec = tree.Need("spec");
        spec["username"] = user.Name;
        spec["groups"] = new JsonArray([.. user.Groups.Select(g => (JsonNode)g)]);
        spec.Remove("uid");
        spec.Remove("extra");
        var described = user.Describe();
        foreach (var field in (string[])["uid", "extra"])
        {
            if (described[field] is { } value)
            {
                spec[field] = value.DeepClone();
            }
        }
    }

    public override void PrepareForUpdate(JsonObject tree, JsonObject old) => tree["spec"] = old["spec"]!.DeepClone();

    public override void PrepareForStatusUpdate(JsonObject tree, JsonObject old) => Times(tree, old);

    private void Times(JsonObject tree, JsonObject old)
    {
        var now = MetadataRules.Timestamp(time.GetUtcNow());
        var before = (old.At("status", "conditions") as JsonArray).Objects().ToList();
        foreach (var condition in (tree.At("status", "conditions") as JsonArray).Objects())
        {
            var same = before.Find(b => b.Text("type") == condition.Text("type"));
            if (condition["lastUpdateTime"] is null)
            {
                condition["lastUpdateTime"] = same?["lastUpdateTime"]?.DeepClone() ?? now;
            }
            if (condition["lastTransitionTime"] is null)
            {
                condition["lastTransitionTime"] = same is not null && same.Text("status") == condition.Text("status") ? same["lastTransitionTime"]?.DeepClone() ?? now : now;
            }
        }
    }

    /// <summary>On the approval path decisions count and nothing else; on the status path everything else.</summary>
    public override void PrepareForSubresource(string subresource, JsonObject tree, JsonObject old)
    {
        if (subresource == "approval")
        {
            var decided = (tree.At("status", "conditions") as JsonArray)?.DeepClone();
            tree["spec"] = old["spec"]!.DeepClone();
            tree["status"] = old["status"]?.DeepClone() ?? new JsonObject();
            tree.Need("status").Remove("conditions");
            if (decided is not null)
            {
                tree.Need("status")["conditions"] = decided;
            }
        }
        Times(tree, old);
    }

    public override void Validate(JsonObject tree, FieldErrors errors)
    {
        var spec = tree.Need("spec");
        if (!IsRequest(spec.Text("request") ?? ""))
        {
            errors.InvalidShown("spec.request", Bytes(spec.Text("request")), "PEM block type must be CERTIFICATE REQUEST");
        }
        if (spec.List("usages") is not { Count: > 0 })
        {
            errors.Required("spec.usages");
        }
        var signer = spec.Text("signerName") ?? "";
        if (signer.Length == 0)
        {
            errors.Required("spec.signerName");
        }
        else if (signer.Split('/') is not [var domain, { Length: > 0 }] || NameValidation.Problems(NameRule.Subdomain, domain).Count > 0)
        {
            errors.Invalid("spec.signerName", signer, "must be a fully qualified domain and path of the form 'example.com/signer-name'");
        }
        else if (signer == "kubernetes.io/legacy-unknown")
        {
            errors.Invalid("spec.signerName", signer, "the legacy signerName is not allowed via this API version");
        }
        if (spec["expirationSeconds"].AsLong() is < 600 and var seconds)
        {
            errors.Invalid("spec.expirationSeconds", seconds, "may not specify a duration less than 600 seconds (10 minutes)");
        }
    }

    public override void ValidateUpdate(JsonObject tree, JsonObject old, FieldErrors errors)
    {
    }

    public override void ValidateStatusUpdate(JsonObject tree, JsonObject old, FieldErrors errors)
    {
        Conditions(tree, old, errors, mayDecide: false);
        if (tree.TextAt("status", "certificate") is { Length: > 0 } certificate && certificate != old.TextAt("status", "certificate") && !IsPem(certificate, "CERTIFICATE"))
        {
            errors.Invalid("status.certificate", "<certificate data>", "must contain at least one CERTIFICATE PEM block");
        }
    }

    public override void ValidateSubresource(string subresource, JsonObject tree, JsonObject old, FieldErrors errors) => Conditions(tree, old, errors, mayDecide: subresource == "approval");

    private static void Conditions(JsonObject tree, JsonObject old, FieldErrors errors, bool mayDecide)
    {
        const string at = "status.conditions";
        var now = (tree.At("status", "conditions") as JsonArray).Objects().ToList();
        var before = (old.At("status", "conditions") as JsonArray).Objects().ToList();
        var types = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < now.Count; i++)
        {
            var type = now[i].Text("type") ?? "";
            if (type.Length == 0)
            {
                errors.Required($"{at}[{i}].type");
            }
            else if (!types.Add(type))
            {
                errors.Duplicate($"{at}[{i}].type", type);
            }
            if (now[i].Text("status") is not { Length: > 0 } status)
            {
                errors.Required($"{at}[{i}].status");
            }
            else if (type is "Approved" or "Denied" or "Failed" && status != "True")
            {
                errors.NotSupported($"{at}[{i}].status", status, ["True"]);
            }
            else if (status is not ("True" or "False" or "Unknown"))
            {
                errors.NotSupported($"{at}[{i}].status", status, ["False", "True", "Unknown"]);
            }
        }
        foreach (var decision in Decisions)
        {
            var (is_, was) = (now.Find(c => c.Text("type") == decision), before.Find(c => c.Text("type") == decision));
            if (was is not null && is_ is null)
            {
                errors.Forbidden(at, $"updates may not remove a condition of type \"{decision}\"");
            }
            else if (was is null && is_ is not null && !mayDecide)
            {
                errors.Forbidden(at, $"updates may not add a condition of type \"{decision}\"");
            }
        }
        if (types.Contains("Approved") && types.Contains("Denied"))
        {
            var later = now.FindLastIndex(c => c.Text("type") is "Approved" or "Denied");
            errors.Invalid($"{at}[{later}].type", now[later].Text("type"), "Approved and Denied conditions are mutually exclusive");
        }
    }

    private static string Bytes(string? base64)
    {
        var room = new byte[base64?.Length ?? 0];
        return base64 is not null && Convert.TryFromBase64String(base64, room, out var length)
            ? $"[]byte{{{string.Join(", ", room.Take(length).Select(b => $"0x{b:x}"))}}}" : "[]byte(nil)";
    }

    private static bool IsRequest(string base64) => IsPem(base64, "CERTIFICATE REQUEST");

    private static bool IsPem(string base64, string label)
    {
        try
        {
            var pem = Encoding.UTF8.GetString(Convert.FromBase64String(base64));
            return PemEncoding.TryFind(pem, out var fields) && pem[fields.Label] == label;
        }
        catch (FormatException)
        {
            return false;
        }
    }
}
