using System.Net;
using System.Text.Json.Nodes;
using ApiServer.Tests.Support;

namespace ApiServer.Tests;

/// <summary>Rules are checked when a definition is made, and hold what changes, not what stood there before them.</summary>
public sealed class CelCheckTests
{
    private const string Definitions = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
    private const string Gadgets = "/apis/tests.example/v1/namespaces/default/gadgets";

    [Theory]
    [InlineData("self.missing > 1", "<input>:1:5: undefined field 'missing'\n | self.missing > 1\n | ....^")]
    [InlineData("self.count.startsWith('a')", "<input>:1:22: found no matching overload for 'startsWith' applied to 'int.(string)'\n | self.count.startsWith('a')\n | .....................^")]
    [InlineData("self.name == 1", "<input>:1:11: found no matching overload for '_==_' applied to '(string, int)'\n | self.name == 1\n | ..........^")]
    [InlineData("true &&\nself.count + self.name == 'x'", "<input>:2:12: found no matching overload for '_+_' applied to '(int, string)'\n | self.count + self.name == 'x'\n | ...........^")]
    [InlineData("nobody == 1", "<input>:1:1: undeclared reference to 'nobody' (in container '')\n | nobody == 1\n | ^")]
    [InlineData("nothing(self.name)", "<input>:1:8: undeclared reference to 'nothing' (in container '')\n | nothing(self.name)\n | .......^")]
    [InlineData("self.count", "cel expression must evaluate to a bool")]
    [InlineData("self.tags.all(t, t > 1)", "<input>:1:20: found no matching overload for '_>_' applied to '(string, int)'\n | self.tags.all(t, t > 1)\n | ...................^")]
    [InlineData("self.tags.all(t, t)", "<input>:1:18: expected type 'bool' but found 'string'\n | self.tags.all(t, t)\n | .................^")]
    [InlineData("self.name.all(c, true)", "<input>:1:5: expression of type 'string' cannot be range of a comprehension (must be list, map, or dynamic)\n | self.name.all(c, true)\n | ....^")]
    [InlineData("self.count && true", "<input>:1:5: expected type 'bool' but found 'int'\n | self.count && true\n | ....^")]
    [InlineData("has(self.name.first)", "<input>:1:4: type 'string' does not support field selection\n | has(self.name.first)\n | ...^")]
    [InlineData("self.count >", "<input>:1:13: Syntax error: mismatched input '<EOF>' expecting {'[', '{', '(', '.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}\n | self.count >\n | ............^")]
    public async Task A_rule_that_cannot_hold_is_refused(string rule, string problem)
    {
        await using var server = await TestServer.StartAsync();

        var (code, answer) = await server.SendAsync("POST", Definitions, Definition(new JsonObject { ["rule"] = rule, ["message"] = "holds" }));

        Assert.Equal(HttpStatusCode.UnprocessableEntity, code);
        var cause = Assert.Single(answer["details"]!["causes"]!.AsArray());
        Assert.Equal("spec.validation.openAPIV3Schema.properties[spec].x-kubernetes-validations[0].rule", cause!["field"]!.ToString());
        Assert.EndsWith(problem, cause["message"]!.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("self.count > 1 && self.name.startsWith('a') && self.tags.all(t, t.size() > 0)")]
    [InlineData("self.limits.all(k, self.limits[k] >= 0) && 'a' in self.limits")]
    [InlineData("self.any == 'x' || self.any == 5 || self.any.size() > 1")]
    [InlineData("self.when < timestamp('2030-01-01T00:00:00Z') && self.wait > duration('1s')")]
    [InlineData("self.parts.exists(p, p.key == 'a' && p.?size.orValue(3) > 2)")]
    [InlineData("self.a__dash__b == 'x' && self.__namespace__ == 'y'")]
    [InlineData("quantity(self.name).isGreaterThan(quantity('1Gi')) ? true : self.count == oldSelf.count")]
    [InlineData("self.tags.map(t, t + 'x').filter(t, t.endsWith('x')).size() == self.tags.size()")]
    [InlineData("self.?name.optMap(n, n.contains('b')).orValue(false) || [?self.?name, 'x'].size() == 2")]
    [InlineData("type(self.any) == string && dyn(self.count) == 1.5")]
    public async Task A_rule_of_the_field_passes(string rule)
    {
        await using var server = await TestServer.StartAsync();

        await server.OkAsync("POST", Definitions, Definition(new JsonObject { ["rule"] = rule }));
    }

    [Theory]
    [InlineData("self.names.all(n, self.names.exists_one(m, m == n))", "estimated rule cost exceeds budget by factor of more than 100x (try simplifying the rule, or adding maxItems, maxProperties, and maxLength where arrays, maps, and strings are declared)")]
    [InlineData("self.few.all(n, self.few.all(m, self.few.all(o, n + m + o != 1)))", "estimated rule cost exceeds budget by factor of 1.2")]
    public async Task A_rule_that_could_cost_too_much_is_refused(string rule, string problem)
    {
        await using var server = await TestServer.StartAsync();
        var definition = Definition(new JsonObject { ["rule"] = rule });
        Spec(definition)["properties"]!["names"] = JsonNode.Parse("""{"type":"array","items":{"type":"string"}}""");
        Spec(definition)["properties"]!["few"] = JsonNode.Parse("""{"type":"array","maxItems":110,"items":{"type":"integer"}}""");

        var (code, answer) = await server.SendAsync("POST", Definitions, definition);

        Assert.Equal(HttpStatusCode.UnprocessableEntity, code);
        Assert.Contains(problem, answer["message"]!.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"rule":"true","reason":"Odd"}""", "reason")]
    [InlineData("""{"rule":"true","fieldPath":".missing"}""", "fieldPath")]
    [InlineData("""{"rule":"true","message":"two\nlines"}""", "message")]
    [InlineData("""{"rule":"true ||\nfalse"}""", "message")]
    [InlineData("""{"rule":"true","messageExpression":"self.count"}""", "messageExpression")]
    [InlineData("""{"rule":"true","optionalOldSelf":true}""", "optionalOldSelf")]
    public async Task What_stands_beside_a_rule_is_checked_too(string rule, string field)
    {
        await using var server = await TestServer.StartAsync();

        var (code, answer) = await server.SendAsync("POST", Definitions, Definition(JsonNode.Parse(rule)!.AsObject()));

        Assert.Equal(HttpStatusCode.UnprocessableEntity, code);
        Assert.EndsWith("x-kubernetes-validations[0]." + field, Assert.Single(answer["details"]!["causes"]!.AsArray())!["field"]!.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"type":"integer","default":"x"}""", "properties[extra].default")]
    [InlineData("""{"type":"object","default":{"a":5},"properties":{"a":{"type":"string"}}}""", "properties[extra].default.a")]
    [InlineData("""{"type":"object","x-kubernetes-embedded-resource":true}""", "properties[extra].properties")]
    [InlineData("""{"type":"array"}""", "properties[extra].items")]
    public async Task A_schema_that_could_not_be_used_is_refused(string schema, string field)
    {
        await using var server = await TestServer.StartAsync();
        var definition = Definition(new JsonObject { ["rule"] = "true" });
        Spec(definition)["properties"]!["extra"] = JsonNode.Parse(schema);

        var (code, answer) = await server.SendAsync("POST", Definitions, definition);

        Assert.Equal(HttpStatusCode.UnprocessableEntity, code);
        Assert.EndsWith(field, Assert.Single(answer["details"]!["causes"]!.AsArray())!["field"]!.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_old_element_of_a_plain_list_cannot_be_asked_for()
    {
        await using var server = await TestServer.StartAsync();
        var definition = Definition(new JsonObject { ["rule"] = "true" });
        Spec(definition)["properties"]!["tags"]!["items"]!["x-kubernetes-validations"] = JsonNode.Parse("""[{"rule":"self == oldSelf"}]""");

        var (code, answer) = await server.SendAsync("POST", Definitions, definition);

        Assert.Equal(HttpStatusCode.UnprocessableEntity, code);
        Assert.Contains("oldSelf cannot be used on the uncorrelatable portion", answer["message"]!.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_stood_before_a_stricter_schema_may_stay_until_it_changes()
    {
        await using var server = await TestServer.StartAsync();
        await server.OkAsync("POST", Definitions, Definition(new JsonObject { ["rule"] = "true" }));
        await server.OkAsync("POST", Gadgets, JsonNode.Parse("""{"apiVersion":"tests.example/v1","kind":"Gadget","metadata":{"name":"g"},"spec":{"name":"Upper","count":1,"parts":[{"key":"a","size":50}]}}"""));
        var definition = await server.OkAsync("GET", $"{Definitions}/gadgets.tests.example");
        var spec = Spec(definition);
        spec["properties"]!["name"]!["pattern"] = "^[a-z]+$";
        spec["properties"]!["parts"]!["items"]!["properties"]!["size"]!["maximum"] = 10;
        spec["properties"]!["count"]!["x-kubernetes-validations"] = JsonNode.Parse("""[{"rule":"self > 5"}]""");
        await server.OkAsync("PUT", $"{Definitions}/gadgets.tests.example", definition);
        Task<(HttpStatusCode Code, JsonObject Body)> Patch(string spec) =>
            server.SendAsync("PATCH", $"{Gadgets}/g", new JsonObject { ["spec"] = JsonNode.Parse(spec) }, "application/merge-patch+json");

        var (other, _) = await Patch("""{"tags":["new"],"parts":[{"key":"b","size":3},{"key":"a","size":50}]}""");
        var (name, _) = await Patch("""{"name":"Still"}""");
        var (part, _) = await Patch("""{"parts":[{"key":"a","size":51}]}""");
        var (count, _) = await Patch("""{"count":2}""");

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.UnprocessableEntity, HttpStatusCode.UnprocessableEntity, HttpStatusCode.UnprocessableEntity), (other, name, part, count));
    }

    [Fact]
    public async Task A_finalizer_that_does_not_say_whose_it_is_is_warned_of_once()
    {
        await using var server = await TestServer.StartAsync();
        await server.OkAsync("POST", Definitions, Definition(new JsonObject { ["rule"] = "true" }));
        async Task<string[]> WarningsOf(HttpMethod method, string path, string type, string body)
        {
            using var request = new HttpRequestMessage(method, path) { Content = new StringContent(body, System.Text.Encoding.UTF8, type) };
            using var response = await server.Http.SendAsync(request);
            return response.Headers.TryGetValues("Warning", out var values) ? [.. values] : [];
        }

        var made = await WarningsOf(HttpMethod.Post, Gadgets, "application/json", """{"apiVersion":"tests.example/v1","kind":"Gadget","metadata":{"name":"g","finalizers":["plain.example","tests.example/ok"]}}""");
        var changed = await WarningsOf(HttpMethod.Patch, $"{Gadgets}/g", "application/merge-patch+json", """{"metadata":{"labels":{"a":"b"}}}""");

        Assert.Contains("prefer a domain-qualified finalizer name", Assert.Single(made), StringComparison.Ordinal);
        Assert.Contains("plain.example", made[0], StringComparison.Ordinal);
        Assert.Empty(changed);
    }

    private static JsonObject Spec(JsonObject definition) => definition["spec"]!["versions"]![0]!["schema"]!["openAPIV3Schema"]!["properties"]!["spec"]!.AsObject();

    private static JsonObject Definition(JsonObject rule)
    {
        var definition = TestServer.Definition("gadgets", "Gadget", JsonNode.Parse("""
            {"type":"object","properties":{"spec":{"type":"object","properties":{
              "name":{"type":"string","maxLength":63},"count":{"type":"integer"},"tags":{"type":"array","maxItems":8,"items":{"type":"string","maxLength":20}},
              "limits":{"type":"object","maxProperties":8,"additionalProperties":{"type":"integer"}},"any":{"x-kubernetes-int-or-string":true},
              "when":{"type":"string","format":"date-time"},"wait":{"type":"string","format":"duration"},"a-b":{"type":"string"},"namespace":{"type":"string"},
              "parts":{"type":"array","maxItems":8,"x-kubernetes-list-type":"map","x-kubernetes-list-map-keys":["key"],
                "items":{"type":"object","required":["key"],"properties":{"key":{"type":"string"},"size":{"type":"integer"}}}}}}}}
            """)!.AsObject());
        Spec(definition)["x-kubernetes-validations"] = new JsonArray(rule);
        return definition;
    }
}
