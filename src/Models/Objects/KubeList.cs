using System.Buffers.Text;
using System.Text;
using System.Text.Unicode;

namespace ActorKube.Models;

/// <summary>One page of a list, its items as received objects. Immutable; safe to use from any thread.</summary>
/// <param name="ApiVersion">The list's group and version.</param>
/// <param name="Kind">The list's kind, such as <c>PodList</c>.</param>
/// <param name="Items">The objects, in the server's order. They know what they are, although servers do not say it item by item.</param>
/// <param name="ResourceVersion">The version of the collection that the list shows: where a watch continues.</param>
/// <param name="Continue">What asks for the next page; empty on the last.</param>
/// <param name="RemainingItemCount">How many objects follow this page, where the server says so.</param>
/// <example><code>
/// var page = KubeList.Parse(bytes);
/// foreach (var pod in page.Items) Keep(pod);
/// if (page.Continue.Length > 0) …   // there is another page
/// </code></example>
public sealed record KubeList(
    string ApiVersion, string Kind, IReadOnlyList<KubeObject> Items, string ResourceVersion, string Continue, long? RemainingItemCount)
{
    /// <summary>Reads a list from its JSON. The items' bytes are copied; the caller may reuse what it passed.</summary>
    /// <param name="json">One list.</param>
    /// <param name="options">How each item is taken over; <see cref="KubeObjectOptions.Kind"/> is used where the list does not say what its items are.</param>
    /// <exception cref="KubeFormatException">The bytes are not a list's JSON; says where.</exception>
    public static KubeList Parse(ReadOnlyMemory<byte> json, KubeObjectOptions? options = null) => Parse(json.Span, options);

    /// <inheritdoc cref="Parse(ReadOnlyMemory{byte}, KubeObjectOptions?)"/>
    public static KubeList Parse(ReadOnlySpan<byte> json, KubeObjectOptions? options = null)
    {
        options ??= KubeObjectOptions.Default;
        if (!Utf8.IsValid(json)) throw new KubeFormatException("Not valid UTF-8");
        var list = new KubeList("", "", [], "", "", null);
        ByteRange items = default;
        var scanner = new JsonScanner(json);
        if (scanner.EnterObject())
        {
            do
            {
                var name = scanner.Name();
                if (name.SequenceEqual("kind"u8)) list = list with { Kind = JsonText.Read(json, scanner.Text()) };
                else if (name.SequenceEqual("apiVersion"u8)) list = list with { ApiVersion = JsonText.Read(json, scanner.Text()) };
                else if (name.SequenceEqual("metadata"u8)) list = Metadata(json, ref scanner, list);
                // Passed over here and read below: the list may say what its items are only after them.
                else if (name.SequenceEqual("items"u8)) items = scanner.Value();
                else scanner.Value();
            }
            while (scanner.Next((byte)'}'));
        }
        scanner.End();
        return list with { Items = Objects(json, items, options with { Kind = ItemKind(list.ApiVersion, list.Kind) ?? options.Kind }) };
    }

    /// <summary>Reads a list from its protobuf form, with its envelope.</summary>
    /// <exception cref="KubeFormatException">The bytes are not a list's protobuf; says where.</exception>
    public static KubeList ParseProtobuf(ReadOnlySpan<byte> protobuf, KubeObjectOptions? options = null)
    {
        options ??= KubeObjectOptions.Default;
        var envelope = ProtobufEnvelope.Open(protobuf);
        if (envelope.IsJson(protobuf)) return Parse(envelope.Raw.Of(protobuf), options);
        var item = options with { Kind = ItemKind(envelope.ApiVersion, envelope.Kind) ?? options.Kind };
        var list = new KubeList(envelope.ApiVersion, envelope.Kind, [], "", "", null);
        var items = new List<KubeObject>();
        var reader = new ProtobufReader(envelope.Raw.Of(protobuf), envelope.Raw.Start);
        while (reader.TryReadTag(out var number, out var wire))
        {
            if (number == 1 && wire == WireType.Bytes) list = Metadata(reader.ReadMessage(), list);
            else if (number == 2 && wire == WireType.Bytes) items.Add(KubeObject.ParseProtobuf(reader.ReadBytes(), item));
            else reader.Skip(wire);
        }
        return list with { Items = items };
    }

    private static GroupVersionKind? ItemKind(string apiVersion, string kind) =>
        kind.Length > 4 && kind.EndsWith("List", StringComparison.Ordinal) && GroupVersion.TryParse(apiVersion, out var version) ? version.WithKind(kind[..^4]) : null;

    private static List<KubeObject> Objects(ReadOnlySpan<byte> json, ByteRange range, KubeObjectOptions options)
    {
        var items = new List<KubeObject>();
        if (range.IsNone || json[range.Start] == 'n') return items;
        var scanner = new JsonScanner(json[..range.End], range.Start);
        if (!scanner.EnterList()) return items;
        // Their brackets were matched a moment ago, so what follows the metadata needs no second look.
        var trusted = options with { MetadataOnly = true };
        do
        {
            var item = scanner.Value();
            items.Add(KubeObject.Parse(item.Of(json), trusted));
        }
        while (scanner.Next((byte)']'));
        return items;
    }

    private static KubeList Metadata(ReadOnlySpan<byte> json, ref JsonScanner scanner, KubeList list)
    {
        if (scanner.Peek() == 'n')
        {
            scanner.Value();
            return list;
        }
        if (!scanner.EnterObject()) return list;
        do
        {
            var name = scanner.Name();
            if (name.SequenceEqual("resourceVersion"u8)) list = list with { ResourceVersion = JsonText.Read(json, scanner.Text()) };
            else if (name.SequenceEqual("continue"u8)) list = list with { Continue = JsonText.Read(json, scanner.Text()) };
            else if (name.SequenceEqual("remainingItemCount"u8)) list = list with { RemainingItemCount = Utf8Parser.TryParse(scanner.Value().Of(json), out long count, out _) ? count : null };
            else scanner.Value();
        }
        while (scanner.Next((byte)'}'));
        return list;
    }

    // The numbers are those of metav1.ListMeta.
    private static KubeList Metadata(ProtobufReader reader, KubeList list)
    {
        while (reader.TryReadTag(out var number, out var wire))
        {
            if (number == 2 && wire == WireType.Bytes) list = list with { ResourceVersion = reader.ReadString() };
            else if (number == 3 && wire == WireType.Bytes) list = list with { Continue = reader.ReadString() };
            else if (number == 4 && wire == WireType.Varint) list = list with { RemainingItemCount = (long)reader.ReadVarint() };
            else reader.Skip(wire);
        }
        return list;
    }
}
