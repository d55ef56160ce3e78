using System.Net;
using System.Text.Json.Nodes;
using ApiServer.Tests.Support;

namespace ApiServer.Tests;

/// <summary>Definitions that kube-apiserver 1.32 refuses, in its words and with its places.</summary>
public sealed class DefinitionRefusalTests
{
    private const string Definitions = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";

    [Theory]
    [InlineData("""{"type":"array","items":{"type":"object"},"x-kubernetes-list-type":"set"}""", "a.items.x-kubernetes-map-type", "must be atomic as item of a list with x-kubernetes-list-type=set")]
    [InlineData("""{"type":"array","items":{"type":"string"},"x-kubernetes-list-type":"map","x-kubernetes-list-map-keys":["k"]}""", "a.items.type", "must be object if parent array's x-kubernetes-list-type is map")]
    [InlineData("""{"type":"array","items":{"type":"string","nullable":true},"x-kubernetes-list-type":"set"}""", "a.items.nullable", "cannot be nullable when x-kubernetes-list-type is set")]
    [InlineData("""{"type":"array","items":{"type":"string"},"x-kubernetes-list-map-keys":["k"]}""", "a.x-kubernetes-list-type", "must be map if x-kubernetes-list-map-keys is non-empty")]
    [InlineData("""{"type":"string","x-kubernetes-map-type":"atomic"}""", "a.type", "must be object if x-kubernetes-map-type is specified")]
    [InlineData("""{"type":"object","x-kubernetes-map-type":"loose"}""", "a.x-kubernetes-map-type", "supported values: \"atomic\", \"granular\"")]
    [InlineData("""{"x-kubernetes-int-or-string":true,"x-kubernetes-preserve-unknown-fields":true}""", "a.x-kubernetes-preserve-unknown-fields", "must be false if x-kubernetes-int-or-string is true")]
    [InlineData("""{"type":"string","anyOf":[{"nullable":true}]}""", "a.anyOf[0].nullable", "must be false to be structural")]
    [InlineData("""{"type":"object","properties":{"b":{"type":"string"}},"default":{"c":1}}""", "a.default", "must not have unknown fields")]
    [InlineData("""{"type":"integer","default":1,"x-kubernetes-validations":[{"rule":"self > 1"}]}""", "a.default", "failed rule: self > 1")]
    [InlineData("""{"type":"null"}""", "a.type", "supported values: \"array\", \"boolean\", \"integer\", \"number\", \"object\", \"string\"")]
    public async Task A_schema_is_refused(string schema, string place, string problem)
    {
        await using var server = await TestServer.StartAsync();
        var definition = TestServer.Definition("gadgets", "Gadget", JsonNode.Parse("""{"type":"object","properties":{"spec":{"type":"object","properties":{"a":SCHEMA}}}}""".Replace("SCHEMA", schema, StringComparison.Ordinal))!.AsObject());

        var (code, answer) = await server.SendAsync("POST", Definitions, definition);

        Assert.Equal(HttpStatusCode.UnprocessableEntity, code);
        var cause = answer["details"]!["causes"]![0]!;
        Assert.Equal($"spec.validation.openAPIV3Schema.properties[spec].properties[a]{place[1..]}", cause["field"]!.ToString());
        Assert.Contains(problem, cause["message"]!.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"nullable":true}""", "spec.validation.openAPIV3Schema.nullable", "nullable cannot be true at the root")]
    [InlineData("""{"anyOf":[{"required":["spec"]}]}""", "spec.validation.openAPIV3Schema", "fields are allowed at the root of the schema if the status subresource is enabled")]
    [InlineData("""{"properties":{"kind":{"type":"integer"}}}""", "spec.validation.openAPIV3Schema.properties[kind].type", "must be string")]
    [InlineData("""{"properties":{"metadata":{"type":"object","properties":{"labels":{"type":"object"}}}}}""", "spec.validation.openAPIV3Schema.properties[metadata]", "must not specify anything other than name and generateName, but metadata is implicitly specified")]
    public async Task The_whole_of_a_schema_is_refused(string more, string field, string problem)
    {
        await using var server = await TestServer.StartAsync();
        var schema = JsonNode.Parse(more)!.AsObject();
        schema["type"] = "object";

        var (code, answer) = await server.SendAsync("POST", Definitions, TestServer.Definition("gadgets", "Gadget", schema));

        Assert.Equal(HttpStatusCode.UnprocessableEntity, code);
        Assert.Contains(answer["details"]!["causes"]!.AsArray(), c => c!["field"]!.ToString() == field && c["message"]!.ToString().Contains(problem, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("spec", """{"scope":""}""", "spec.scope: Required value")]
    [InlineData("spec", """{"names":{"plural":"gadgets","kind":"Gadget","categories":["B_"]}}""", "spec.names.categories[0]: Invalid value: \"B_\"")]
    [InlineData("spec", """{"conversion":{"strategy":"Webhook"}}""", "[spec.conversion.webhookClientConfig: Required value: required when strategy is set to Webhook, spec.conversion.conversionReviewVersions: Required value]")]
    [InlineData("spec", """{"conversion":{"strategy":"None","webhook":{"conversionReviewVersions":["v1"]}}}""", "spec.conversion.conversionReviewVersions: Forbidden: should not be set when strategy is not set to Webhook")]
    [InlineData("version", """{"selectableFields":[{"jsonPath":".spec.a"},{"jsonPath":".spec.a"},{"jsonPath":".spec.missing"},{"jsonPath":".spec"}]}""",
        "[spec.selectableFields[1].jsonPath: Duplicate value: \".spec.a\", spec.selectableFields[2].jsonPath: Invalid value: \".spec.missing\": is an invalid path: does not refer to a valid field, spec.selectableFields[3].jsonPath: Invalid value: \".spec\": must point to a field of type string, boolean or integer. Enum string fields and strings with formats are allowed.]")]
    [InlineData("version", """{"additionalPrinterColumns":[{"name":"A","type":"string","jsonPath":"spec","format":"odd"}]}""",
        "[spec.additionalPrinterColumns[0].format: Invalid value: \"odd\": must be one of byte,date,date-time,double,float,int32,int64,password, spec.additionalPrinterColumns[0].JSONPath: Invalid value: \"spec\": must be a simple json path starting with .]")]
    [InlineData("version", """{"deprecationWarning":"old"}""", "spec.versions[0].deprecationWarning: Invalid value: \"old\": can only be set for deprecated versions")]
    [InlineData("version", """{"subresources":{},"schema":{"openAPIV3Schema":{"type":"object","oneOf":[{"properties":{"b":{"minLength":1}}}]}}}""",
        "spec.validation.openAPIV3Schema.properties[b]: Required value: because it is defined in spec.validation.openAPIV3Schema.oneOf[0].properties[b]")]
    [InlineData("version", """{"name":"V_1"}""", "[spec.versions[0].name: Invalid value: \"V_1\"")]
    public async Task A_definition_is_refused(string where, string change, string message)
    {
        await using var server = await TestServer.StartAsync();
        var definition = TestServer.Definition("gadgets", "Gadget", JsonNode.Parse("""{"type":"object","properties":{"spec":{"type":"object","properties":{"a":{"type":"string"}}}}}""")!.AsObject());
        var spec = definition["spec"]!;
        foreach (var (field, value) in JsonNode.Parse(change)!.AsObject())
        {
            (where == "spec" ? spec : spec["versions"]![0]!)[field] = value?.DeepClone();
        }

        var (code, answer) = await server.SendAsync("POST", Definitions, definition);

        Assert.Equal(HttpStatusCode.UnprocessableEntity, code);
        Assert.StartsWith($"CustomResourceDefinition.apiextensions.k8s.io \"gadgets.tests.example\" is invalid: {message}", answer["message"]!.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null, HttpStatusCode.UnprocessableEntity, "metadata.annotations[api-approved.kubernetes.io]: Required value: protected groups must have approval annotation \"api-approved.kubernetes.io\"")]
    [InlineData("soon", HttpStatusCode.UnprocessableEntity, "metadata.annotations[api-approved.kubernetes.io]: Invalid value: \"soon\": protected groups must have approval annotation")]
    [InlineData("unapproved, an experiment", HttpStatusCode.Created, "")]
    [InlineData("https://github.com/kubernetes/enhancements/pull/1", HttpStatusCode.Created, "")]
    public async Task A_group_of_the_community_asks_for_approval(string? approval, HttpStatusCode expected, string message)
    {
        await using var server = await TestServer.StartAsync();
        var definition = TestServer.Definition("gadgets", "Gadget", new JsonObject { ["type"] = "object" });
        definition["spec"]!["group"] = "x.k8s.io";
        definition["metadata"] = new JsonObject { ["name"] = "gadgets.x.k8s.io", ["annotations"] = approval is null ? null : new JsonObject { ["api-approved.kubernetes.io"] = approval } };

        var (code, answer) = await server.SendAsync("POST", Definitions, definition);

        Assert.Equal(expected, code);
        Assert.Contains(message, answer["message"]?.ToString() ?? "", StringComparison.Ordinal);
    }
}
