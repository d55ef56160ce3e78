using System.Text.Json;
using ActorKube.Models;
using FsCheck.Fluent;
using k8s.Models;

namespace Models.Tests;

public sealed class RecurringStringsTests
{
    [Fact]
    public void Text_that_comes_again_is_the_same_string()
    {
        var (one, other) = (Read("terminationMessagePolicy-of-somebody", "label"), Read("terminationMessagePolicy-of-somebody", "label"));

        Assert.Same(one.Key, other.Key);
        Assert.Same(one.Value, other.Value);
    }

    [Fact]
    public void Texts_that_never_come_again_do_not_push_out_what_does()
    {
        var known = Read("app.kubernetes.io/name", "Always");
        _ = Read("app.kubernetes.io/name", "Always");
        for (var i = 0; i < 20_000; i++) _ = Read($"once-{i}", $"never-{i}");

        Assert.Same(known.Key, Read("app.kubernetes.io/name", "Always").Key);
        Assert.Same(known.Value, Read("app.kubernetes.io/name", "Always").Value);
    }

    [Fact]
    public void Any_text_is_read_as_it_was_written()
    {
        Property.Holds(Property.Text("abé\"\\\n€/.-1", 0, 45).ArrayOf(), texts =>
        {
            foreach (var text in texts.SelectMany(text => new[] { text, text + "é", text })) Assert.Equal(new(text, text), Read(text, text));
        });
    }

    [Fact]
    public async Task Threads_that_read_other_texts_at_the_same_time_get_their_own()
    {
        // Texts of the same length with the same ends meet in one set.
        await Task.WhenAll(Enumerable.Range(0, 8).Select(thread => Task.Run(() =>
        {
            for (var i = 0; i < 20_000; i++)
            {
                var text = $"abcdefgh{(i * 7 + thread) % 13:00}abcdefgh";
                Assert.Equal(new KeyValuePair<string, string>(text, text), Read(text, text));
            }
        })));
    }

    [Fact]
    public void What_is_no_text_is_refused_wherever_a_text_of_the_same_bytes_could_stand()
    {
        byte[] broken = [.. "{\"data\":{\"a\":\""u8, 0xC3, 0x28, .. "\"}}"u8];

        Assert.ThrowsAny<Exception>(() => KubeJson.Deserialize<V1ConfigMap>(broken));
    }

    private static KeyValuePair<string, string> Read(string key, string value) =>
        KubeJson.Deserialize<V1ConfigMap>(JsonSerializer.SerializeToUtf8Bytes(new { data = new Dictionary<string, string> { [key] = value } })).Data!.Single();
}
