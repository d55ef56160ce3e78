using System.Text.Json.Nodes;

namespace ActorKube.ApiServer;

/// <summary>What is run or asked in a container's life: hooks and probes.</summary>
internal static class HandlerValidation
{
    public static readonly string[] Probes = ["livenessProbe", "readinessProbe", "startupProbe"];

    /// <summary>Hooks and probes of a container that may have them.</summary>
    public static void Lifecycle(JsonObject container, string at, FieldErrors errors)
    {
        foreach (var hook in (string[])["postStart", "preStop"])
        {
            if (container.Child("lifecycle")?.Child(hook) is { } handler)
            {
                Handler(handler, $"{at}.lifecycle.{hook}", ["exec", "httpGet", "tcpSocket", "sleep"], errors);
            }
        }
        foreach (var name in Probes)
        {
            if (container.Child(name) is { } probe)
            {
                Probe(probe, $"{at}.{name}", name, errors);
            }
        }
    }

    private static void Handler(JsonObject tree, string at, string[] kinds, FieldErrors errors)
    {
        var handlers = kinds.Where(h => tree[h] is not null).ToList();
        if (handlers.Count == 0)
        {
            errors.Required(at, "must specify a handler type");
        }
        foreach (var extra in handlers.Skip(1))
        {
            errors.Forbidden($"{at}.{extra}", "may not specify more than 1 handler type");
        }
        if (handlers.Count == 0 || tree.Child(handlers[0]) is not { } handler)
        {
            return;
        }
        switch (handlers[0])
        {
            case "exec" when handler.List("command") is not { Count: > 0 }:
                errors.Required($"{at}.exec.command");
                break;
            case "httpGet":
                if (string.IsNullOrEmpty(handler.Text("path")))
                {
                    errors.Required($"{at}.httpGet.path");
                }
                Ports.CheckTarget(handler["port"] ?? JsonValue.Create(0), $"{at}.httpGet.port", errors);
                PodValidation.Choice(handler, "scheme", $"{at}.httpGet", ["HTTP", "HTTPS"], errors);
                break;
            case "tcpSocket" or "grpc":
                Ports.CheckTarget(handler["port"] ?? JsonValue.Create(0), $"{at}.{handlers[0]}.port", errors);
                break;
        }
    }

    private static void Probe(JsonObject probe, string at, string name, FieldErrors errors)
    {
        Handler(probe, at, ["exec", "httpGet", "tcpSocket", "grpc"], errors);
        foreach (var field in (string[])["initialDelaySeconds", "timeoutSeconds", "periodSeconds", "successThreshold", "failureThreshold"])
        {
            PodValidation.NotNegative(probe, field, at, errors);
        }
        if (probe["terminationGracePeriodSeconds"].AsLong() is <= 0 and var grace)
        {
            errors.Invalid($"{at}.terminationGracePeriodSeconds", grace, "must be greater than 0");
        }
        if (name == "readinessProbe")
        {
            if (probe["terminationGracePeriodSeconds"].AsLong() is { } seconds)
            {
                errors.Invalid($"{at}.terminationGracePeriodSeconds", seconds, "must not be set for readinessProbes");
            }
        }
        else if (probe["successThreshold"].AsLong() is { } threshold and not 1)
        {
            errors.Invalid($"{at}.successThreshold", threshold, "must be 1");
        }
    }
}
