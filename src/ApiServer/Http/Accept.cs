using Microsoft.Net.Http.Headers;

namespace ActorKube.ApiServer;

internal enum OutputForm
{
    Object,
    Table,
    PartialMetadata,
    PartialMetadataList,
    AggregatedDiscovery,
}

/// <summary>What the client wants to be answered with.</summary>
internal sealed record Accepted(OutputForm Form, string Version, bool Yaml)
{
    private static readonly Accepted Plain = new(OutputForm.Object, "", false);

    /// <summary>The first acceptable form for objects.</summary>
    /// <exception cref="ApiException">406: nothing that is offered.</exception>
    public static Accepted ForObjects(string? accept) => Negotiate(accept, static (form, version) => form switch
    {
        OutputForm.Table => version is "v1" or "v1beta1",
        OutputForm.PartialMetadata or OutputForm.PartialMetadataList => version is "v1" or "v1beta1",
        _ => form == OutputForm.Object,
    }, Errors.NotAcceptable, Errors.NotAcceptableTypes);

    /// <summary>The first acceptable form for discovery documents.</summary>
    public static Accepted ForDiscovery(string? accept) => Negotiate(accept, static (form, version) =>
        form == OutputForm.Object || (form == OutputForm.AggregatedDiscovery && version is "v2" or "v2beta1"), Errors.NotAcceptable, Errors.NotAcceptableTypes);

    private static Accepted Negotiate(string? accept, Func<OutputForm, string, bool> offered, Func<ApiException> refuse, Func<ApiException> refuseForm)
    {
        if (string.IsNullOrEmpty(accept) || accept is "*/*" or "application/json")
        {
            return Plain;
        }
        if (!MediaTypeHeaderValue.TryParseList([accept], out var types))
        {
            throw refuse();
        }
        var sawForm = false;
        foreach (var type in types.OrderByDescending(t => t.Quality ?? 1))
        {
            var media = type.MediaType.Value ?? "";
            var yaml = media is "application/yaml";
            if (!yaml && media is not ("application/json" or "*/*" or "application/*"))
            {
                continue;
            }
            string? form = null, version = "", group = null;
            foreach (var parameter in type.Parameters)
            {
                switch (parameter.Name.Value)
                {
                    case "as":
                        form = parameter.Value.Value;
                        break;
                    case "v":
                        version = parameter.Value.Value ?? "";
                        break;
                    case "g":
                        group = parameter.Value.Value;
                        break;
                }
            }
            OutputForm? asked = (form, group) switch
            {
                (null, _) => OutputForm.Object,
                ("Table", "meta.k8s.io") => OutputForm.Table,
                ("PartialObjectMetadata", "meta.k8s.io") => OutputForm.PartialMetadata,
                ("PartialObjectMetadataList", "meta.k8s.io") => OutputForm.PartialMetadataList,
                ("APIGroupDiscoveryList", "apidiscovery.k8s.io") => OutputForm.AggregatedDiscovery,
                _ => null,
            };
            if (asked is { } wanted && offered(wanted, version))
            {
                return new Accepted(wanted, version, yaml);
            }
            sawForm = true;
        }
        throw sawForm ? refuseForm() : refuse();
    }
}
