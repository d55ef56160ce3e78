using System.Text.Json.Nodes;

namespace ActorKube.ApiServer;

/// <summary>What a claim for a volume must say.</summary>
internal static class ClaimValidation
{
    public static void Spec(JsonObject spec, string path, FieldErrors errors)
    {
        AccessModes.Check(spec, "at least 1 access mode is required", errors, path);
        SelectorValidation.Check(spec.Child("selector"), $"{path}.selector", errors);
        var at = $"{path}.resources[storage]";
        if (spec.At("resources", "requests", "storage") is not { } storage)
        {
            errors.Required(at);
        }
        else if (ResourceValidation.Quantity(storage) is not { Sign: > 0 })
        {
            errors.Invalid(at, storage.ToString(), "must be greater than zero");
        }
        PodValidation.Name(spec.Text("storageClassName"), NameRule.Subdomain, $"{path}.storageClassName", errors);
        PodValidation.Choice(spec, "volumeMode", path, ["Block", "Filesystem"], errors);
        Source(spec.Child("dataSource"), $"{path}.dataSource", errors);
        Source(spec.Child("dataSourceRef"), $"{path}.dataSourceRef", errors);
    }

    private static void Source(JsonObject? source, string at, FieldErrors errors)
    {
        if (source is null)
        {
            return;
        }
        foreach (var field in (string[])["name", "kind"])
        {
            if (string.IsNullOrEmpty(source.Text(field)))
            {
                errors.Required($"{at}.{field}");
            }
        }
        if (string.IsNullOrEmpty(source.Text("apiGroup")) && source.Text("kind") != "PersistentVolumeClaim")
        {
            errors.Invalid(at, source.Text("kind") ?? "", "must be 'PersistentVolumeClaim' when referencing the default apiGroup");
        }
        PodValidation.Name(source.Text("apiGroup"), NameRule.Subdomain, $"{at}.apiGroup", errors);
    }
}
