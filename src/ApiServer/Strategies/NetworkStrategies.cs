using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace ActorKube.ApiServer;

internal sealed partial class IngressStrategy : ResourceStrategy
{
    public override void ValidateStatusUpdate(JsonObject tree, JsonObject old, FieldErrors errors)
    {
        var index = 0;
        foreach (var point in (tree.At("status", "loadBalancer", "ingress") as JsonArray).Objects())
        {
            var at = $"status.loadBalancer.ingress[{index++}]";
            if (point.Text("ip") is { Length: > 0 } address)
            {
                Addresses.Check(address, $"{at}.ip", errors);
            }
            PodValidation.Name(point.Text("hostname"), NameRule.Subdomain, $"{at}.hostname", errors);
        }
    }

    private const string ClassAnnotation = "kubernetes.io/ingress.class";
    private const string WildcardPattern = @"\*\.[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*";

    public override (int Whole, int Changes) MetadataChecksOnUpdate => (1, 1);

    public override void Default(JsonObject tree)
    {
        tree.Need("spec");
        tree.Child("status")?.Need("loadBalancer");
    }

    public override void PrepareForCreate(JsonObject tree) => tree["status"] = new JsonObject { ["loadBalancer"] = new JsonObject() };

    public override void Validate(JsonObject tree, FieldErrors errors)
    {
        Check(tree, errors);
        if (Annotation(tree) is { } annotation && tree.TextAt("spec", "ingressClassName") is { } name && annotation != name)
        {
            errors.Invalid($"annotations.{ClassAnnotation}", annotation, "must match `ingressClassName` when both are specified");
        }
    }

    public override void ValidateUpdate(JsonObject tree, JsonObject old, FieldErrors errors) => Check(tree, errors);

    public override IEnumerable<string> Warnings(JsonObject tree, JsonObject? old) =>
        old is null && Annotation(tree) is not null ? [$"annotation \"{ClassAnnotation}\" is deprecated, please use 'spec.ingressClassName' instead"] : [];

    private static string? Annotation(JsonObject tree) => tree.TextAt("metadata", "annotations", ClassAnnotation);

    private static void Check(JsonObject tree, FieldErrors errors)
    {
        var spec = tree.Need("spec");
        if (spec.List("rules") is not { Count: > 0 } && spec["defaultBackend"] is null)
        {
            errors.InvalidShown("spec", "[]networking.IngressRule(nil)", "either `defaultBackend` or `rules` must be specified");
        }
        if (spec.Child("defaultBackend") is { } fallback)
        {
            Backend(fallback, "spec.defaultBackend", errors);
        }
        var index = 0;
        foreach (var rule in spec.List("rules").Objects())
        {
            Rule(rule, $"spec.rules[{index++}]", errors);
        }
        index = 0;
        foreach (var tls in spec.List("tls").Objects())
        {
            var at = $"spec.tls[{index++}]";
            var host = 0;
            foreach (var name in tls.List("hosts").Texts())
            {
                Host(name, $"{at}.hosts[{host++}]", errors);
            }
            if (tls.Text("secretName") is { Length: > 0 } secret)
            {
                Named(NameRule.Subdomain, secret, $"{at}.secretName", errors);
            }
        }
        if (spec.Text("ingressClassName") is { } className)
        {
            Named(NameRule.Subdomain, className, "spec.ingressClassName", errors);
        }
    }

    private static void Named(NameRule rule, string name, string at, FieldErrors errors)
    {
        foreach (var problem in NameValidation.Problems(rule, name))
        {
            errors.Invalid(at, name, problem);
        }
    }

    private static void Host(string host, string at, FieldErrors errors)
    {
        if (!host.Contains('*', StringComparison.Ordinal))
        {
            Named(NameRule.Subdomain, host, at, errors);
            return;
        }
        if (host.Length > 253)
        {
            errors.Invalid(at, host, "must be no more than 253 characters");
        }
        if (!Wildcard().IsMatch(host))
        {
            errors.Invalid(at, host, "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist of lower case alphanumeric characters, '-' or '.' "
                + $"and end with an alphanumeric character (e.g. '*.example.com', regex used for validation is '{WildcardPattern}')");
        }
    }

    private static void Rule(JsonObject rule, string at, FieldErrors errors)
    {
        if (rule.Text("host") is { Length: > 0 } host)
        {
            if (System.Net.IPAddress.TryParse(host, out _))
            {
                errors.Invalid($"{at}.host", host, "must be a DNS name, not an IP address");
            }
            Host(host, $"{at}.host", errors);
        }
        if (rule.Child("http") is not { } http)
        {
            return;
        }
        if (http.List("paths") is not { Count: > 0 })
        {
            errors.Required($"{at}.http.paths");
        }
        var index = 0;
        foreach (var path in http.List("paths").Objects())
        {
            Path(path, $"{at}.http.paths[{index++}]", errors);
        }
    }

    private static void Path(JsonObject path, string at, FieldErrors errors)
    {
        var text = path.Text("path") ?? "";
        switch (path.Text("pathType"))
        {
            case null:
                errors.Required($"{at}.pathType", "pathType must be specified");
                return;
            case "Exact" or "Prefix":
                if (!text.StartsWith('/'))
                {
                    errors.Invalid($"{at}.path", text, "must be an absolute path");
                }
                foreach (var part in ((string[])["//", "/./", "/../", "%2f", "%2F"]).Where(p => text.Contains(p, StringComparison.Ordinal)))
                {
                    errors.Invalid($"{at}.path", text, $"must not contain '{part}'");
                }
                foreach (var end in ((string[])["/..", "/."]).Where(e => text.EndsWith(e, StringComparison.Ordinal)))
                {
                    errors.Invalid($"{at}.path", text, $"cannot end with '{end}'");
                }
                break;
            case "ImplementationSpecific":
                if (text.Length > 0 && text[0] != '/')
                {
                    errors.Invalid($"{at}.path", text, "must be an absolute path");
                }
                break;
            case var other:
                errors.NotSupported($"{at}.pathType", other, ["Exact", "ImplementationSpecific", "Prefix"]);
                break;
        }
        Backend(path.Child("backend") ?? [], $"{at}.backend", errors);
    }

    private static void Backend(JsonObject backend, string at, FieldErrors errors)
    {
        switch (backend.Child("service"), backend.Child("resource"))
        {
            case (null, null):
                errors.Invalid(at, "", "resource or service backend is required");
                break;
            case (not null, not null):
                errors.Invalid(at, "", "cannot set both resource and service backends");
                break;
            case (null, { } resource):
                Reference(resource, $"{at}.resource", errors);
                break;
            case ({ } service, null):
                Service(service, at, errors);
                break;
        }
    }

    private static void Service(JsonObject service, string at, FieldErrors errors)
    {
        if (service.Text("name") is { Length: > 0 } name)
        {
            Named(NameRule.Label1035, name, $"{at}.service.name", errors);
        }
        else
        {
            errors.Required($"{at}.service.name");
        }
        var (portName, number) = (service.Child("port")?.Text("name"), service.Child("port")?["number"].AsLong() ?? 0);
        if (string.IsNullOrEmpty(portName) && number == 0)
        {
            errors.Required(at, "port name or number is required");
        }
        else if (!string.IsNullOrEmpty(portName) && number != 0)
        {
            errors.Invalid(at, "", "cannot set both port name & port number");
        }
        else if (!string.IsNullOrEmpty(portName))
        {
            foreach (var problem in Ports.NameProblems(portName))
            {
                errors.Invalid($"{at}.service.port.name", portName, problem);
            }
        }
        else
        {
            Ports.Check(JsonValue.Create(number), $"{at}.service.port.number", errors);
        }
    }

    /// <summary>A reference to an object of any kind.</summary>
    public static void Reference(JsonObject reference, string at, FieldErrors errors)
    {
        if (reference.Text("apiGroup") is { } group)
        {
            Named(NameRule.Subdomain, group, $"{at}.apiGroup", errors);
        }
        foreach (var field in (string[])["kind", "name"])
        {
            if (reference.Text(field) is { Length: > 0 } value)
            {
                Named(NameRule.PathSegment, value, $"{at}.{field}", errors);
            }
            else
            {
                errors.Required($"{at}.{field}", $"{field} is required");
            }
        }
    }

    [GeneratedRegex($"^{WildcardPattern}$")]
    private static partial Regex Wildcard();
}

internal sealed class IngressClassStrategy : ResourceStrategy
{
    private const int LongestController = 250;

    public override (int Whole, int Changes) MetadataChecksOnUpdate => (1, 1);

    public override void Default(JsonObject tree) => tree.Need("spec").Child("parameters")?.Default("scope", "Cluster");

    public override void Validate(JsonObject tree, FieldErrors errors)
    {
        var controller = tree.TextAt("spec", "controller") ?? "";
        if (controller.Length > LongestController)
        {
            errors.TooLong("spec.controller", LongestController);
        }
        DomainPrefixed.Check(controller, "spec.controller", errors);
        if (tree.At("spec", "parameters") is JsonObject parameters)
        {
            Parameters(parameters, errors);
        }
    }

    public override void ValidateUpdate(JsonObject tree, JsonObject old, FieldErrors errors)
    {
        if (tree.TextAt("spec", "controller") != old.TextAt("spec", "controller"))
        {
            errors.Invalid("spec.controller", tree.TextAt("spec", "controller") ?? "", "field is immutable");
        }
        Validate(tree, errors);
    }

    private static void Parameters(JsonObject parameters, FieldErrors errors)
    {
        const string at = "spec.parameters";
        IngressStrategy.Reference(parameters, at, errors);
        switch (parameters.Text("scope"), parameters.Text("namespace"))
        {
            case ("Namespace", null):
                errors.Required($"{at}.namespace", "`parameters.scope` is set to 'Namespace'");
                break;
            case ("Namespace", { } space):
                foreach (var problem in NameValidation.Problems(NameRule.Label, space))
                {
                    errors.Invalid($"{at}.namespace", space, problem);
                }
                break;
            case ("Cluster", not null):
                errors.Forbidden($"{at}.namespace", "`parameters.scope` is set to 'Cluster'");
                break;
            case (not "Cluster", _):
                errors.NotSupported($"{at}.scope", parameters.Text("scope") ?? "", ["Cluster", "Namespace"]);
                break;
        }
    }
}
