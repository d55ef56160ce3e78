using System.Text.Json.Nodes;

namespace ActorKube.ApiServer;

/// <summary>Security contexts of pods and containers.</summary>
internal static class SecurityContexts
{
    private const string Id = "must be between 0 and 2147483647, inclusive";

    public static void OfPod(JsonObject spec, string path, FieldErrors errors)
    {
        var at = $"{path}.securityContext";
        var context = spec.Child("securityContext") ?? [];
        foreach (var field in (string[])["fsGroup", "runAsUser", "runAsGroup"])
        {
            Number(context[field], $"{at}.{field}", errors);
        }
        var index = 0;
        foreach (var group in context.List("supplementalGroups") ?? [])
        {
            Number(group, $"{at}.supplementalGroups[{index++}]", errors);
        }
        if (spec["shareProcessNamespace"].AsBool() == true && spec["hostPID"].AsBool() == true)
        {
            errors.Invalid($"{at}.shareProcessNamespace", true, "ShareProcessNamespace and HostPID cannot both be enabled");
        }
        PodValidation.Choice(context, "fsGroupChangePolicy", at, ["Always", "OnRootMismatch"], errors);
        Seccomp(context.Child("seccompProfile"), $"{at}.seccompProfile", errors);
        if (spec["hostUsers"].AsBool() == false)
        {
            foreach (var (field, shown) in ((string, string)[])[("hostNetwork", "hostNetwork"), ("hostPID", "HostPID"), ("hostIPC", "HostIPC")])
            {
                if (spec[field].AsBool() == true)
                {
                    errors.Forbidden($"{path}.{shown}", "when `pod.Spec.HostUsers` is false");
                }
            }
        }
    }

    public static void OfContainer(JsonObject? context, string at, FieldErrors errors)
    {
        if (context is null)
        {
            return;
        }
        Number(context["runAsUser"], $"{at}.runAsUser", errors);
        Number(context["runAsGroup"], $"{at}.runAsGroup", errors);
        PodValidation.Choice(context, "procMount", at, ["Default", "Unmasked"], errors);
        Seccomp(context.Child("seccompProfile"), $"{at}.seccompProfile", errors);
        if (context["allowPrivilegeEscalation"].AsBool() != false)
        {
            return;
        }
        if (context["privileged"].AsBool() == true)
        {
            errors.InvalidShown(at, GoValues.SecurityContext(context), "cannot set `allowPrivilegeEscalation` to false and `privileged` to true");
        }
        if (context.Child("capabilities")?.List("add").Texts().Contains("CAP_SYS_ADMIN") == true)
        {
            errors.InvalidShown(at, GoValues.SecurityContext(context), "cannot set `allowPrivilegeEscalation` to false and `capabilities.Add` CAP_SYS_ADMIN");
        }
    }

    private static void Seccomp(JsonObject? profile, string at, FieldErrors errors)
    {
        if (profile is null)
        {
            return;
        }
        switch (profile.Text("type"))
        {
            case null or "":
                errors.Required($"{at}.type", "type is required when seccompProfile is set");
                break;
            case "Localhost" when profile.Text("localhostProfile") is not { Length: > 0 }:
                errors.Required($"{at}.localhostProfile", "must be set when seccomp type is Localhost");
                break;
            case "Localhost":
                break;
            case "RuntimeDefault" or "Unconfined":
                if (profile["localhostProfile"] is { } local)
                {
                    errors.Invalid($"{at}.localhostProfile", local.DeepClone(), "can only be set when seccomp type is Localhost");
                }
                break;
            case var other:
                errors.NotSupported($"{at}.type", other, ["Localhost", "RuntimeDefault", "Unconfined"]);
                break;
        }
    }

    private static void Number(JsonNode? value, string at, FieldErrors errors)
    {
        if (value.AsLong() is { } number and (< 0 or > int.MaxValue))
        {
            errors.Invalid(at, number, Id);
        }
    }
}
