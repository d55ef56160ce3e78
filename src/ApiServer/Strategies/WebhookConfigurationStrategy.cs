using System.Text.Json.Nodes;

namespace ActorKube.ApiServer;

/// <summary>Configurations of admission webhooks: what is left out is filled in, what could not be called is refused.</summary>
internal sealed class WebhookConfigurationStrategy : ResourceStrategy
{
    public override bool AllowsUnconditionalUpdate => false;

    public override bool SpecChanged(JsonObject tree, JsonObject old) => !JsonNode.DeepEquals(tree["webhooks"], old["webhooks"]);

    public override void Default(JsonObject tree)
    {
        foreach (var hook in tree.List("webhooks").Objects())
        {
            hook.Default("failurePolicy", "Fail");
            hook.Default("matchPolicy", "Equivalent");
            hook.Default("timeoutSeconds", 10);
            hook.Default("namespaceSelector", new JsonObject());
            hook.Default("objectSelector", new JsonObject());
            if (tree.Text("kind") == "MutatingWebhookConfiguration")
            {
                hook.Default("reinvocationPolicy", "Never");
            }
            Rules(hook, "rules");
            if (hook.Child("clientConfig")?.Child("service") is { } service)
            {
                service.Default("port", 443);
            }
        }
    }

    /// <summary>Rules without a scope mean both.</summary>
    public static void Rules(JsonObject tree, string property)
    {
        foreach (var rule in tree.List(property).Objects())
        {
            rule.Default("scope", "*");
        }
    }

    public override void Validate(JsonObject tree, FieldErrors errors)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        var index = 0;
        foreach (var hook in tree.List("webhooks").Objects())
        {
            var at = $"webhooks[{index++}]";
            Name(hook.Text("name") ?? "", $"{at}.name", names, errors);
            if (hook.Text("failurePolicy") is not ("Fail" or "Ignore"))
            {
                errors.NotSupported($"{at}.failurePolicy", hook.Text("failurePolicy"), ["Fail", "Ignore"]);
            }
            if (hook.Text("matchPolicy") is not ("Equivalent" or "Exact"))
            {
                errors.NotSupported($"{at}.matchPolicy", hook.Text("matchPolicy"), ["Equivalent", "Exact"]);
            }
            if (hook.Text("sideEffects") is not { Length: > 0 } effects)
            {
                errors.Required($"{at}.sideEffects", "must specify one of None, NoneOnDryRun");
            }
            else if (effects is not ("None" or "NoneOnDryRun"))
            {
                errors.NotSupported($"{at}.sideEffects", effects, ["None", "NoneOnDryRun"]);
            }
            if (hook.Text("reinvocationPolicy") is { } again and not ("Never" or "IfNeeded"))
            {
                errors.NotSupported($"{at}.reinvocationPolicy", again, ["IfNeeded", "Never"]);
            }
            var versions = hook.List("admissionReviewVersions");
            if (versions is not { Count: > 0 })
            {
                errors.Required($"{at}.admissionReviewVersions", "must specify one of v1, v1beta1");
            }
            else if (!versions.Texts().Any(v => v is "v1" or "v1beta1"))
            {
                errors.Invalid($"{at}.admissionReviewVersions", versions.DeepClone(), "must include at least one of v1, v1beta1");
            }
            if (hook["timeoutSeconds"].AsLong() is not (>= 1 and <= 30) and var timeout)
            {
                errors.Invalid($"{at}.timeoutSeconds", timeout, timeout > 30 ? "the timeout value must be between 1 and 30 seconds" : "the timeout value must be between 1 and 30 seconds");
            }
            CheckRules(hook.List("rules"), $"{at}.rules", errors);
            CheckConditions(hook.List("matchConditions"), $"{at}.matchConditions", errors);
            ClientConfig(hook.Child("clientConfig") ?? [], $"{at}.clientConfig", errors);
        }
    }

    private static void Name(string name, string at, HashSet<string> names, FieldErrors errors)
    {
        if (name.Length == 0)
        {
            errors.Required(at);
        }
        else
        {
            foreach (var problem in NameValidation.Problems(NameRule.Subdomain, name))
            {
                errors.Invalid(at, name, problem);
            }
            if (name.Split('.').Length < 3)
            {
                errors.Invalid(at, name, "should be a domain with at least three segments separated by dots");
            }
        }
        if (!names.Add(name))
        {
            errors.Duplicate(at, name);
        }
    }

    public static void CheckRules(JsonArray? rules, string path, FieldErrors errors)
    {
        var index = 0;
        foreach (var rule in rules.Objects())
        {
            var at = $"{path}[{index++}]";
            foreach (var field in (string[])["operations", "apiGroups", "apiVersions", "resources"])
            {
                var values = rule.List(field).Texts().ToList();
                if (values.Count == 0)
                {
                    errors.Required($"{at}.{field}");
                }
                else if (values.Count > 1 && field != "resources" && values.Contains("*"))
                {
                    errors.Invalid($"{at}.{field}", rule[field]!.DeepClone(), "if '*' is present, must not specify other " + field switch { "operations" => "operations", "apiGroups" => "API groups", _ => "API versions" });
                }
            }
            var operation = 0;
            foreach (var name in rule.List("operations").Texts())
            {
                if (name is not ("*" or "CREATE" or "UPDATE" or "DELETE" or "CONNECT"))
                {
                    errors.NotSupported($"{at}.operations[{operation}]", name, ["*", "CONNECT", "CREATE", "DELETE", "UPDATE"]);
                }
                operation++;
            }
            if (rule.Text("scope") is { } scope and not ("*" or "Cluster" or "Namespaced"))
            {
                errors.NotSupported($"{at}.scope", scope, ["*", "Cluster", "Namespaced"]);
            }
        }
    }

    public static void CheckConditions(JsonArray? conditions, string path, FieldErrors errors)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        var index = 0;
        foreach (var condition in conditions.Objects())
        {
            var at = $"{path}[{index++}]";
            var name = condition.Text("name") ?? "";
            if (name.Length == 0)
            {
                errors.Required($"{at}.name");
            }
            else if (!names.Add(name))
            {
                errors.Duplicate($"{at}.name", name);
            }
            if (string.IsNullOrWhiteSpace(condition.Text("expression")))
            {
                errors.Required($"{at}.expression");
            }
            else if (CelRules.Compile(condition.Text("expression")!).Failure is { } problem)
            {
                errors.Invalid($"{at}.expression", condition.Text("expression"), $"compilation failed: ERROR: {problem}");
            }
        }
    }

    /// <summary>Where a webhook lives: exactly one of an https address and a service; its authority readable.</summary>
    public static void ClientConfig(JsonObject config, string at, FieldErrors errors, bool checksBundle = true)
    {
        var url = config.Text("url");
        var service = config.Child("service");
        if (url is null == service is null)
        {
            errors.Required(at, "exactly one of url or service is required");
        }
        else if (url is not null)
        {
            Address(url, $"{at}.url", errors);
        }
        else
        {
            Service(service!, $"{at}.service", errors);
        }
        if (checksBundle && config.Text("caBundle") is { Length: > 0 } bundle && WebhookCaller.BundleProblem(bundle) is { } problem)
        {
            errors.Invalid($"{at}.caBundle", "<bytes>", problem);
        }
    }

    private static void Service(JsonObject service, string at, FieldErrors errors)
    {
        // The real server takes the one for the other here.
        foreach (var (field, other) in ((string, string)[])[("name", "namespace"), ("namespace", "name")])
        {
            if (string.IsNullOrEmpty(service.Text(field)))
            {
                errors.Required($"{at}.{other}", $"service {other} is required");
            }
        }
        if (service["port"].AsLong() is { } port and (< 1 or > 65535))
        {
            errors.Invalid($"{at}.port", port, $"port is not valid: must be between 1 and 65535, inclusive");
        }
        if (service.Text("path") is not { Length: > 0 } path || path == "/")
        {
            return;
        }
        if (path == "//")
        {
            errors.Invalid($"{at}.path", path, "segment[0] may not be empty");
            return;
        }
        if (path[0] != '/')
        {
            errors.Invalid($"{at}.path", path, "must start with a '/'");
        }
        var rest = path[1..];
        var segments = (rest.EndsWith('/') ? rest[..^1] : rest).Split('/');
        for (var i = 0; i < segments.Length; i++)
        {
            if (segments[i].Length == 0)
            {
                errors.Invalid($"{at}.path", path, $"segment[{i}] may not be empty");
                continue;
            }
            foreach (var problem in ActorKube.Models.NameRules.CheckDns1123Subdomain(segments[i]))
            {
                errors.Invalid($"{at}.path", path, $"segment[{i}]: {problem}");
            }
        }
    }

    private static void Address(string url, string at, FieldErrors errors)
    {
        const string form = "; desired format: https://host[/path]";
        if (!Uri.TryCreate(url, UriKind.Absolute, out var address))
        {
            errors.Required(at, "url must be a valid URL" + form);
            return;
        }
        if (address.Scheme != "https")
        {
            errors.Invalid(at, address.Scheme, "'https' is the only allowed URL scheme" + form);
        }
        if (address.Host.Length == 0)
        {
            errors.Invalid(at, "", "host must be specified" + form);
        }
        if (address.UserInfo.Length > 0)
        {
            errors.Invalid(at, address.UserInfo.Split(':')[0], "user information is not permitted in the URL" + form);
        }
        if (address.Fragment.Length > 0)
        {
            errors.Invalid(at, address.Fragment.TrimStart('#'), "fragments are not permitted in the URL");
        }
        if (address.Query.Length > 0)
        {
            errors.Invalid(at, address.Query.TrimStart('?'), "query parameters are not permitted in the URL");
        }
    }
}
