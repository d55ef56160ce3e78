using System.Buffers.Text;

namespace ActorKube.Models;

/// <summary>Reads an object's metadata from its JSON in one forward pass.</summary>
internal static class JsonMetadata
{
    public static ObjectMetadata Scan(ReadOnlySpan<byte> json, KubeObjectOptions options)
    {
        var found = new ObjectMetadata { ApiVersion = "", Kind = "", Name = "", Namespace = "" };
        var scanner = new JsonScanner(json);
        var seenMetadata = false;
        if (scanner.EnterObject())
        {
            do
            {
                var name = scanner.Name();
                if (name.SequenceEqual("kind"u8)) found.Kind = Shared(json, Text(ref scanner));
                else if (name.SequenceEqual("apiVersion"u8)) found.ApiVersion = Shared(json, Text(ref scanner));
                else if (name.SequenceEqual("metadata"u8) && scanner.Peek() == '{')
                {
                    found.MetadataStart = scanner.Position;
                    Metadata(json, ref scanner, ref found, options);
                    found.MetadataEnd = scanner.Position;
                    seenMetadata = true;
                }
                else
                {
                    if (options.MetadataOnly && seenMetadata && (options.Kind is not null || (found.Kind.Length > 0 && found.ApiVersion.Length > 0))) return found;
                    scanner.Value();
                }
            }
            while (scanner.Next((byte)'}'));
        }
        scanner.End();
        return found;
    }

    /// <summary>The entries of a map of texts.</summary>
    public static Dictionary<string, string> Map(ReadOnlySpan<byte> json, ByteRange range)
    {
        var map = new Dictionary<string, string>();
        var scanner = new JsonScanner(json[..range.End], range.Start);
        if (!scanner.EnterObject()) return map;
        do
        {
            var name = scanner.NameRange();
            map[Read(json, name)] = Read(json, Text(ref scanner));
        }
        while (scanner.Next((byte)'}'));
        return map;
    }

    /// <summary>The text under a name in a map of texts without escapes; of repeated names the last one's.</summary>
    public static bool TryFind(ReadOnlySpan<byte> json, ByteRange range, ReadOnlySpan<byte> wanted, out ReadOnlySpan<byte> text)
    {
        text = default;
        var scanner = new JsonScanner(json[..range.End], range.Start);
        if (!scanner.EnterObject()) return false;
        var found = false;
        do
        {
            var isWanted = scanner.Name().SequenceEqual(wanted);
            var value = Text(ref scanner);
            if (!isWanted) continue;
            found = true;
            text = value.IsNone ? default : value.Of(json);
        }
        while (scanner.Next((byte)'}'));
        return found;
    }

    public static string[] List(ReadOnlySpan<byte> json, ByteRange range)
    {
        var list = new List<string>();
        var scanner = new JsonScanner(json[..range.End], range.Start);
        if (!scanner.EnterList()) return [];
        do list.Add(Read(json, Text(ref scanner)));
        while (scanner.Next((byte)']'));
        return [.. list];
    }

    public static OwnerReference[] Owners(ReadOnlySpan<byte> json, ByteRange range)
    {
        var list = new List<OwnerReference>();
        var scanner = new JsonScanner(json[..range.End], range.Start);
        if (!scanner.EnterList()) return [];
        do list.Add(Owner(json, ref scanner));
        while (scanner.Next((byte)']'));
        return [.. list];
    }

    private static OwnerReference Owner(ReadOnlySpan<byte> json, ref JsonScanner scanner)
    {
        var owner = new OwnerReference("", "", "", "", false, false);
        if (!scanner.EnterObject()) return owner;
        do
        {
            var name = scanner.Name();
            if (name.SequenceEqual("apiVersion"u8)) owner = owner with { ApiVersion = Shared(json, Text(ref scanner)) };
            else if (name.SequenceEqual("kind"u8)) owner = owner with { Kind = Shared(json, Text(ref scanner)) };
            else if (name.SequenceEqual("name"u8)) owner = owner with { Name = Read(json, Text(ref scanner)) };
            else if (name.SequenceEqual("uid"u8)) owner = owner with { Uid = Read(json, Text(ref scanner)) };
            else if (name.SequenceEqual("controller"u8)) owner = owner with { Controller = scanner.Value().Of(json).SequenceEqual("true"u8) };
            else if (name.SequenceEqual("blockOwnerDeletion"u8)) owner = owner with { BlockOwnerDeletion = scanner.Value().Of(json).SequenceEqual("true"u8) };
            else scanner.Value();
        }
        while (scanner.Next((byte)'}'));
        return owner;
    }

    private static void Metadata(ReadOnlySpan<byte> json, ref JsonScanner scanner, ref ObjectMetadata found, KubeObjectOptions options)
    {
        if (!scanner.EnterObject()) return;
        var previousEnd = -1;
        var cutFirst = false;
        do
        {
            scanner.Peek();
            var before = scanner.Position;
            if (cutFirst) found.Cut = new ByteRange(found.Cut.Start, before - found.Cut.Start);
            cutFirst = false;
            var name = scanner.Name();
            switch (name.Length)
            {
                case 3 when name.SequenceEqual("uid"u8): found.Uid = Text(ref scanner); break;
                case 4 when name.SequenceEqual("name"u8): found.Name = Read(json, Text(ref scanner)); break;
                case 6 when name.SequenceEqual("labels"u8): found.Labels = Nested(json, ref scanner); break;
                case 9 when name.SequenceEqual("namespace"u8): found.Namespace = Shared(json, Text(ref scanner)); break;
                case 10 when name.SequenceEqual("generation"u8): found.Generation = Number(json, ref scanner); break;
                case 10 when name.SequenceEqual("finalizers"u8): found.Finalizers = Nested(json, ref scanner); break;
                case 11 when name.SequenceEqual("annotations"u8): found.Annotations = Nested(json, ref scanner); break;
                case 13 when options.DropManagedFields && name.SequenceEqual("managedFields"u8):
                    scanner.Value();
                    // The comma before the field goes with it; if the field is the first, the comma after it.
                    cutFirst = previousEnd < 0;
                    var from = cutFirst ? before : previousEnd;
                    found.Cut = new ByteRange(from, scanner.Position - from);
                    break;
                case 15 when name.SequenceEqual("resourceVersion"u8): found.ResourceVersion = Text(ref scanner); break;
                case 15 when name.SequenceEqual("ownerReferences"u8): found.OwnerReferences = Nested(json, ref scanner); break;
                case 17 when name.SequenceEqual("creationTimestamp"u8): found.CreationTimestamp = Text(ref scanner); break;
                case 17 when name.SequenceEqual("deletionTimestamp"u8): found.DeletionTimestamp = Text(ref scanner); break;
                default: scanner.Value(); break;
            }
            previousEnd = scanner.Position;
        }
        while (scanner.Next((byte)'}'));
    }

    private static string Read(ReadOnlySpan<byte> json, ByteRange content) => content.IsNone ? "" : JsonText.Read(json, content);

    private static string Shared(ReadOnlySpan<byte> json, ByteRange content) =>
        content.Of(json).Contains((byte)'\\') ? JsonText.Read(json, content) : Interned.Get(content.Of(json));

    /// <summary>A text's content; nothing for null.</summary>
    private static ByteRange Text(ref JsonScanner scanner)
    {
        if (scanner.Peek() == '"') return scanner.Text();
        if (scanner.Peek() != 'n') throw scanner.Fault("expected text");
        scanner.Value();
        return default;
    }

    /// <summary>A list's or map's range; nothing for null.</summary>
    private static ByteRange Nested(ReadOnlySpan<byte> json, ref JsonScanner scanner)
    {
        var value = scanner.Value();
        if (json[value.Start] is (byte)'{' or (byte)'[') return value;
        return json[value.Start] == 'n' ? default : throw scanner.Fault("expected an object or a list");
    }

    private static long Number(ReadOnlySpan<byte> json, ref JsonScanner scanner)
    {
        var value = scanner.Value().Of(json);
        if (value.SequenceEqual("null"u8)) return 0;
        return Utf8Parser.TryParse(value, out long number, out var used) && used == value.Length ? number : throw scanner.Fault("expected a whole number");
    }
}
