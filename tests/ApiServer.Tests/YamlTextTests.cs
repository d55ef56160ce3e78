using System.Text;
using System.Text.Json.Nodes;
using ActorKube.ApiServer;

namespace ApiServer.Tests;

/// <summary>YAML is written letter by letter as a real server writes it: the documents are what one answered with.</summary>
public sealed class YamlTextTests
{
    [Theory]
    [InlineData("yaml-map")]
    [InlineData("yaml-list")]
    public void Texts_of_every_kind_stand_as_a_real_server_writes_them(string document)
    {
        var folder = Path.Combine(AppContext.BaseDirectory, "Documents");
        var tree = JsonNode.Parse(File.ReadAllText(Path.Combine(folder, document + ".json")));

        var written = Encoding.UTF8.GetString(YamlText.Of(tree));

        Assert.Equal(File.ReadAllText(Path.Combine(folder, document + ".yaml")), written);
    }

    [Theory]
    [InlineData("""{"b":1,"a":[],"c":{}}""", "a: []\nb: 1\nc: {}\n")]
    [InlineData("""[[1,[2]],{"a":[{"b":null}]}]""", "- - 1\n  - - 2\n- a:\n  - b: null\n")]
    [InlineData("""{"a":{"b":[{"c":1,"d":[1.5,true]},"x"]}}""", "a:\n  b:\n  - c: 1\n    d:\n    - 1.5\n    - true\n  - x\n")]
    [InlineData("null", "null\n")]
    public void Lists_stand_below_their_key_and_keys_in_their_order(string json, string yaml) => Assert.Equal(yaml, Encoding.UTF8.GetString(YamlText.Of(JsonNode.Parse(json))));
}
