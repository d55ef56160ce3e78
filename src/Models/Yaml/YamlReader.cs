using System.Text;
using System.Text.Json.Nodes;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace ActorKube.Models;

/// <summary>Makes JSON of YAML's events. Aliases become copies of what they name, up to a limit that no honest document reaches.</summary>
/// <param name="yaml">The documents.</param>
/// <param name="duplicates">Receives keys that are there twice; null where nobody asks.</param>
internal sealed class YamlReader(string yaml, List<StrictProblem>? duplicates = null)
{
    private const int MaxAliasedNodes = 400_000;
    private const string Tags = "tag:yaml.org,2002:";

    private readonly Parser _parser = new(new StringReader(yaml));
    private readonly Dictionary<AnchorName, JsonNode?> _anchors = [];
    private readonly List<string> _path = [];
    private int _aliased;
    private int _depth;

    public IReadOnlyList<JsonNode> ReadAll() => Read(everything: true);

    /// <summary>Reads the first document and looks at nothing behind it; null where it is empty, or there is none.</summary>
    public JsonNode? ReadFirst() => Read(everything: false).FirstOrDefault();

    private List<JsonNode> Read(bool everything)
    {
        var documents = new List<JsonNode>();
        try
        {
            _parser.Consume<StreamStart>();
            while (!_parser.TryConsume<StreamEnd>(out _))
            {
                _parser.Consume<DocumentStart>();
                _anchors.Clear();
                var node = Read();
                if (node is not null) documents.Add(node);
                if (!everything) break;
                _parser.Consume<DocumentEnd>();
            }
        }
        catch (YamlException fault)
        {
            // The library repeats the place and may quote the text.
            throw new KubeFormatException($"Not valid YAML at line {fault.Start.Line}, column {fault.Start.Column}: {Problem(fault)}", -1, null, fault);
        }
        catch (Exception fault) when (fault is InvalidOperationException or ArgumentException or IndexOutOfRangeException)
        {
            // On some malformed input the library fails in ways of its own.
            throw new KubeFormatException($"Not valid YAML after line {_parser.Current?.Start.Line ?? 1}: unexpected content", -1, null, fault);
        }
        return documents;
    }

    private static string Problem(YamlException fault) => fault switch
    {
        AnchorNotFoundException => "an alias names an anchor that is not there",
        SyntaxErrorException or SemanticErrorException => fault.Message.TrimEnd('.'),
        _ => "unexpected content",
    };

    private JsonNode? Read()
    {
        switch (_parser.Current)
        {
            case Scalar scalar:
                _parser.MoveNext();
                return Anchored(scalar.Anchor, Value(scalar));
            case SequenceStart start:
                return Anchored(start.Anchor, List());
            case MappingStart start:
                return Anchored(start.Anchor, Map());
            case AnchorAlias alias:
                _parser.MoveNext();
                return Alias(alias);
            case var other:
                throw Fault(other, "unexpected content");
        }
    }

    private JsonArray List()
    {
        Enter();
        var list = new JsonArray();
        while (!_parser.TryConsume<SequenceEnd>(out _)) list.Add(duplicates is null ? Read() : Within($"[{list.Count}]"));
        _depth--;
        return list;
    }

    // Keys are set in the order of the text, merged ones too, as go-yaml version 2 does: what comes later wins, be it merged or not.
    private JsonObject Map()
    {
        Enter();
        var map = new JsonObject();
        while (!_parser.TryConsume<MappingEnd>(out _))
        {
            var at = _parser.Current;
            if (at is Scalar { Value: "<<", Style: ScalarStyle.Plain })
            {
                _parser.MoveNext();
                Merge(at, Read(), map);
                continue;
            }
            var name = at switch
            {
                Scalar { Style: ScalarStyle.Plain, Tag.IsEmpty: true } plain => YamlScalars.Key(plain.Value) ?? throw Fault(at, "a key is null"),
                Scalar quoted => quoted.Value,
                AnchorAlias alias when _anchors.TryGetValue(alias.Value, out var node) && node is JsonValue value => value.ToString(),
                _ => throw Fault(at, "a key is not text"),
            };
            if (at is Scalar { Anchor.IsEmpty: false } anchored) _anchors[anchored.Anchor] = JsonValue.Create(name);
            _parser.MoveNext();
            var step = Step(name);
            NoteDuplicate(map, name, _parser.Current);
            map[name] = duplicates is null ? Read() : Within(step);
        }
        _depth--;
        return map;
    }

    private string Step(string name) => _path.Count == 0 ? name : "." + name;

    private void NoteDuplicate(JsonObject map, string name, ParsingEvent? value)
    {
        if (duplicates?.Count < StrictDecoding.MostProblems && map.ContainsKey(name))
        {
            duplicates.Add(new StrictProblem(string.Concat(_path) + Step(name), IsDuplicate: true) { Line = (int)(value?.Start.Line ?? 0) });
        }
    }

    private JsonNode? Within(string step)
    {
        _path.Add(step);
        var node = Read();
        _path.RemoveAt(_path.Count - 1);
        return node;
    }

    private void Merge(ParsingEvent? at, JsonNode? value, JsonObject into)
    {
        switch (value)
        {
            case JsonObject map:
                foreach (var (name, member) in map)
                {
                    NoteDuplicate(into, name, at);
                    into[name] = member?.DeepClone();
                }
                break;
            case JsonArray list when list.All(item => item is JsonObject):
                // Of a list of maps, earlier ones win.
                foreach (var map in list.Reverse()) Merge(at, map, into);
                break;
            default:
                throw Fault(at, "'<<' merges a map or a list of maps");
        }
    }

    private static JsonNode? Value(Scalar scalar)
    {
        try
        {
            if (!scalar.Tag.IsEmpty && !scalar.Tag.IsNonSpecific)
            {
                return scalar.Tag.Value switch
                {
                    Tags + "str" or Tags + "timestamp" => JsonValue.Create(scalar.Value),
                    Tags + "binary" => JsonValue.Create(Encoding.UTF8.GetString(Convert.FromBase64String(scalar.Value))),
                    Tags + "null" => null,
                    Tags + "float" when YamlScalars.TryNumber(scalar.Value, out var number) => number,
                    Tags + "int" when YamlScalars.TryNumber(scalar.Value, out var number) => number,
                    Tags + "bool" when YamlScalars.IsBool(scalar.Value, out var truth) => JsonValue.Create(truth),
                    var tag when tag.StartsWith(Tags, StringComparison.Ordinal) => throw Fault(scalar, $"a value is not what its tag !!{tag[Tags.Length..]} says"),
                    _ => JsonValue.Create(scalar.Value),
                };
            }
            return scalar.Style == ScalarStyle.Plain && scalar.Tag.IsEmpty ? YamlScalars.Resolve(scalar.Value) : JsonValue.Create(scalar.Value);
        }
        catch (FormatException fault) when (fault is not KubeFormatException { Path: not null })
        {
            throw Fault(scalar, fault is KubeFormatException known ? known.Problem : "a value is not Base64");
        }
    }

    private JsonNode? Alias(AnchorAlias alias)
    {
        if (!_anchors.TryGetValue(alias.Value, out var node)) throw Fault(alias, "an alias names an anchor that is not there, or one that it is within");
        _aliased += Count(node);
        if (_aliased > MaxAliasedNodes) throw Fault(alias, "aliases make the document grow beyond all measure");
        return node?.DeepClone();
    }

    private static int Count(JsonNode? node) => node switch
    {
        JsonObject map => 1 + map.Sum(entry => Count(entry.Value)),
        JsonArray list => 1 + list.Sum(Count),
        _ => 1,
    };

    private JsonNode? Anchored(AnchorName anchor, JsonNode? node)
    {
        if (!anchor.IsEmpty) _anchors[anchor] = node;
        return node;
    }

    private void Enter()
    {
        if (++_depth > KubeJson.MaxDepth) throw Fault(_parser.Current, $"values are nested deeper than {KubeJson.MaxDepth} levels");
        _parser.MoveNext();
    }

    private static KubeFormatException Fault(ParsingEvent? at, string problem) =>
        new($"Not valid YAML at line {at?.Start.Line ?? 0}, column {at?.Start.Column ?? 0}: {problem}");
}
