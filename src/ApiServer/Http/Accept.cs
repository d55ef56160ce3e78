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
internal sealed record Accepted(OutputForm Form, string Version, bool Yaml, bool Protobuf = false)
{
    private static readonly Accepted Plain = new(OutputForm.Object, "", false);

    /// <summary>The first acceptable form for objects.</summary>
    /// <param name="accept">The Accept header.</param>
    /// <param name="protobuf">Whether the objects have a protobuf form; metadata alone always has one.</param>
    /// <param name="tables">Whether they can be told as a Table.</param>
    /// <exception cref="ApiException">406: nothing that is offered, which what custom resources are served by says in fewer words.</exception>
    public static Accepted ForObjects(string? accept, bool protobuf, bool tables = true) => Negotiate(accept, protobuf, (form, version) => form switch
    {
        OutputForm.Table => tables && version is ("v1" or "v1beta1"),
        OutputForm.PartialMetadata or OutputForm.PartialMetadataList => version is "v1" or "v1beta1",
        _ => form == OutputForm.Object,
    }, protobuf ? Errors.NotAcceptable : Errors.NotAcceptableTypes, Errors.NotAcceptableTypes);

    /// <summary>The first acceptable form for lists, which may be watched besides.</summary>
    /// <exception cref="ApiException">406: nothing that is offered.</exception>
    public static Accepted ForLists(string? accept, bool protobuf, bool tables = true)
    {
        try
        {
            return ForObjects(accept, protobuf, tables);
        }
        catch (ApiException refused) when (refused.Code == 406 && refused.Status["details"] is not null)
        {
            throw Errors.NotAcceptableLists();
        }
    }

    /// <summary>The first acceptable form for discovery documents.</summary>
    public static Accepted ForDiscovery(string? accept) => Negotiate(accept, true, static (form, version) =>
        form == OutputForm.Object || (form == OutputForm.AggregatedDiscovery && version is "v2" or "v2beta1"), Errors.NotAcceptable, Errors.NotAcceptableTypes);

    /// <summary>Sees to it that the client takes JSON, for documents that are told in nothing else.</summary>
    /// <exception cref="ApiException">406: it does not.</exception>
    public static void RequireJson(string? accept)
    {
        if (!string.IsNullOrEmpty(accept) && !(MediaTypeHeaderValue.TryParseList([accept], out var types) && types.Any(t => t.MediaType.Value is "application/json" or "application/*" or "*/*")))
        {
            throw Errors.Of(406, "NotAcceptable", "406: Not Acceptable\n\nAvailable representations: application/json", []);
        }
    }

    /// <summary>Whether a Status, or another object that is no form of a resource, is best answered in protobuf.</summary>
    /// <param name="accept">The Accept header.</param>
    /// <param name="plain">Whether what is asked for as something else does not count: nobody is refused in the form of a table.</param>
    public static bool PrefersProtobuf(string? accept, bool plain = false)
    {
        if (accept is null || !accept.Contains(ProtobufForm.MediaType, StringComparison.Ordinal) || !MediaTypeHeaderValue.TryParseList([accept], out var types))
        {
            return false;
        }
        var first = types.OrderByDescending(t => t.Quality ?? 1)
            .FirstOrDefault(t => t.MediaType.Value is ProtobufForm.MediaType or "application/json" or "application/yaml" or "*/*" or "application/*" && !(plain && t.Parameters.Any(static p => p.Name == "as")));
        return first?.MediaType.Value == ProtobufForm.MediaType;
    }

    /// <summary>Whether a document is best answered in YAML.</summary>
    public static bool PrefersYaml(string? accept) => accept is not null && accept.Contains(YamlForm.MediaType, StringComparison.Ordinal)
        && MediaTypeHeaderValue.TryParseList([accept], out var types)
        && types.OrderByDescending(t => t.Quality ?? 1).FirstOrDefault(t => t.MediaType.Value is YamlForm.MediaType or ProtobufForm.MediaType or "application/json" or "*/*")?.MediaType.Value == YamlForm.MediaType;

    private static Accepted Negotiate(string? accept, bool protobufForm, Func<OutputForm, string, bool> offered, Func<ApiException> refuse, Func<ApiException> refuseForm)
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
            var protobuf = media is ProtobufForm.MediaType;
            if (!yaml && !protobuf && media is not ("application/json" or "*/*"))
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
            if (protobuf && (asked is OutputForm.Table || (asked is OutputForm.Object && !protobufForm)))
            {
                // Neither tables nor custom objects have a protobuf form: what the client takes besides counts.
                continue;
            }
            if (asked is { } wanted && offered(wanted, version))
            {
                return new Accepted(wanted, version, yaml, protobuf);
            }
            sawForm = true;
        }
        throw sawForm ? refuseForm() : refuse();
    }
}
