using System.Text;
using System.Text.Json;
using ActorKube.Models;
using FsCheck.Fluent;
using k8s.Models;

namespace Models.Tests;

public sealed class RecurringStringsTests
{
    private readonly RecurringStrings strings = new();

    [Fact]
    public void Text_that_comes_again_is_the_same_string() => Assert.Same(Find("a-text-of-somebody"), Find("a-text-of-somebody"));

    [Fact]
    public void Texts_that_never_come_again_do_not_push_out_what_does()
    {
        var known = Find("app.kubernetes.io/name");
        Assert.Same(known, Find("app.kubernetes.io/name"));
        for (var i = 0; i < 20_000; i++) _ = Find($"once-{i}");

        Assert.Same(known, Find("app.kubernetes.io/name"));
    }

    [Fact]
    public void Objects_that_are_decoded_have_keys_and_values_in_common()
    {
        // The set that they share belongs to the process: what other tests decode may take a place of one text or another between its two times.
        var common = Enumerable.Range(0, 100).Count(i =>
        {
            var (one, other) = (Read($"key-{i}", $"value-{i}"), Read($"key-{i}", $"value-{i}"));
            return ReferenceEquals(one.Key, other.Key) && ReferenceEquals(one.Value, other.Value);
        });

        Assert.InRange(common, 50, 100);
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

    private string Find(string text)
    {
        var utf8 = Encoding.UTF8.GetBytes(text);
        return strings.Find(utf8, out var place) ?? strings.Keep(Encoding.UTF8.GetString(utf8), place);
    }

    private static KeyValuePair<string, string> Read(string key, string value) =>
        KubeJson.Deserialize<V1ConfigMap>(JsonSerializer.SerializeToUtf8Bytes(new { data = new Dictionary<string, string> { [key] = value } })).Data!.Single();
}
