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
            AdmissionMatchValidation.DefaultScopes(hook, "rules");
            if (hook.Child("clientConfig")?.Child("service") is { } service)
            {
                service.Default("port", 443);
            }
        }
    }

    public override void Validate(JsonObject tree, FieldErrors errors)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        var index = 0;
        foreach (var hook in tree.List("webhooks").Objects())
        {
            var at = $"webhooks[{index++}]";
            var name = hook.Text("name") ?? "";
            Name(name, $"{at}.name", errors);
            AdmissionMatchValidation.Rules(hook.List("rules"), $"{at}.rules", errors);
            if (hook.Text("failurePolicy") is not ("Fail" or "Ignore"))
            {
                errors.NotSupported($"{at}.failurePolicy", hook.Text("failurePolicy"), ["Fail", "Ignore"]);
            }
            AdmissionMatchValidation.Policy(hook, at, errors);
            if (hook.Text("sideEffects") is not { } effects)
            {
                errors.Required($"{at}.sideEffects", "must specify one of None, NoneOnDryRun");
            }
            else if (effects is not ("None" or "NoneOnDryRun"))
            {
                errors.NotSupported($"{at}.sideEffects", effects, ["None", "NoneOnDryRun"]);
            }
            if (hook["timeoutSeconds"].AsLong() is not (>= 1 and <= 30) and var timeout)
            {
                errors.Invalid($"{at}.timeoutSeconds", timeout, "the timeout value must be between 1 and 30 seconds");
            }
            AdmissionMatchValidation.Selectors(hook, at, errors);
            if (hook.Text("reinvocationPolicy") is { } again and not ("Never" or "IfNeeded"))
            {
                errors.NotSupported($"{at}.reinvocationPolicy", again, ["IfNeeded", "Never"]);
            }
            ClientConfig(hook.Child("clientConfig") ?? [], $"{at}.clientConfig", errors, checksBundle: false);
            AdmissionMatchValidation.Conditions(hook.List("matchConditions"), $"{at}.matchConditions", hasParams: false, errors);
            Versions([.. hook.List("admissionReviewVersions").Texts()], $"{at}.admissionReviewVersions", errors);
            if (name.Length > 0 && !names.Add(name))
            {
                errors.Duplicate($"{at}.name", name);
            }
        }
    }

    private static void Name(string name, string at, FieldErrors errors)
    {
        if (name.Length == 0)
        {
            errors.Required(at);
            return;
        }
        var problems = NameValidation.Problems(NameRule.Subdomain, name);
        foreach (var problem in problems)
        {
            errors.Invalid(at, name, problem);
        }
        if (problems.Count == 0 && name.Split('.').Length < 3)
        {
            errors.Invalid(at, name, "should be a domain with at least three segments separated by dots");
        }
    }

    private static void Versions(List<string> versions, string at, FieldErrors errors)
    {
        if (versions.Count == 0)
        {
            errors.Required(at, "must specify one of v1, v1beta1");
            return;
        }
        for (var i = 0; i < versions.Count; i++)
        {
            if (versions.IndexOf(versions[i]) < i)
            {
                errors.Invalid($"{at}[{i}]", versions[i], "duplicate version");
                continue;
            }
            foreach (var problem in ActorKube.Models.NameRules.CheckDns1035Label(versions[i]))
            {
                errors.Invalid($"{at}[{i}]", versions[i], problem);
            }
        }
        if (!versions.Exists(v => v is "v1" or "v1beta1"))
        {
            errors.InvalidTexts(at, versions, "must include at least one of v1, v1beta1");
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
            if (url.StartsWith("https:///", StringComparison.Ordinal))
            {
                errors.Invalid(at, "", "host must be specified" + form);
                return;
            }
            errors.Required(at, "url must be a valid URL" + (url.StartsWith(':') ? $": parse {FieldErrors.Quote(url)}: missing protocol scheme" : "") + form);
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
            errors.Invalid(at, address.UserInfo, "user information is not permitted in the URL");
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
