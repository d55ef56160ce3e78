using ActorKube.Models;

namespace k8s;

/// <summary>YAML under the names that KubernetesClient's users know; <see cref="KubeYaml"/> is what it stands on. Thread-safe.</summary>
public static class KubernetesYaml
{
    /// <summary>Reads every document: built-in kinds as their classes, others as the map says, and what is in neither as <see cref="Unstructured"/>.</summary>
    /// <param name="content">YAML or JSON text.</param>
    /// <param name="typeMap">Classes by <c>apiVersion/kind</c>, such as <c>example.com/v1/Backup</c>.</param>
    /// <param name="strict">Whether to refuse fields that a class does not know and fields that are there twice.</param>
    /// <exception cref="KubeFormatException">The text is not YAML, or a document is not an object of its kind; says where.</exception>
    /// <exception cref="StrictDecodingException">Fields are unknown or there twice; says which.</exception>
    /// <example><code>foreach (var o in KubernetesYaml.LoadAllFromString(text, new Dictionary&lt;string, Type> { ["shop.example.com/v1/Backup"] = typeof(Backup) })) …</code></example>
    public static List<object> LoadAllFromString(string content, IDictionary<string, Type>? typeMap = null, bool strict = false)
    {
        var objects = new List<object>();
        var duplicates = new List<StrictProblem>();
        foreach (var node in KubeYaml.ParseNodes(content, duplicates))
        {
            if (strict && duplicates.Count > 0) throw new StrictDecodingException(duplicates);
            var json = KubeJson.Serialize(node);
            var raw = KubeObject.Parse(json, KubeObjectOptions.Everything);
            var type = typeMap?.TryGetValue($"{raw.ApiVersion}/{raw.Kind}", out var mapped) == true ? mapped : Scheme.BuiltIn.TypeOf(raw.GroupVersionKind) ?? typeof(Unstructured);
            if (strict && StrictDecoding.Check(type, json) is { Count: > 0 } problems) throw new StrictDecodingException(problems);
            objects.Add(KubeJson.Deserialize(type, json));
        }
        return objects;
    }

    /// <inheritdoc cref="LoadAllFromString"/>
    public static async Task<List<object>> LoadAllFromStreamAsync(Stream stream, IDictionary<string, Type>? typeMap = null, bool strict = false) =>
        LoadAllFromString(await new StreamReader(stream).ReadToEndAsync().ConfigureAwait(false), typeMap, strict);

    /// <inheritdoc cref="LoadAllFromString"/>
    public static async Task<List<object>> LoadAllFromFileAsync(string fileName, IDictionary<string, Type>? typeMap = null, bool strict = false) =>
        LoadAllFromString(await File.ReadAllTextAsync(fileName).ConfigureAwait(false), typeMap, strict);

    /// <summary>Reads one object.</summary>
    /// <exception cref="KubeFormatException">The text is not one YAML document, or no <typeparamref name="T"/>; says where.</exception>
    /// <exception cref="StrictDecodingException">Asked to be strict: fields are unknown or there twice; says which.</exception>
    public static T LoadFromString<T>(string content, bool strict = false) => strict ? StrictDecoding.ReadYaml<T>(content) : KubeYaml.Load<T>(content);

    /// <inheritdoc cref="LoadFromString{T}"/>
    public static async Task<T> LoadFromStreamAsync<T>(Stream stream, bool strict = false) =>
        LoadFromString<T>(await new StreamReader(stream).ReadToEndAsync().ConfigureAwait(false), strict);

    /// <inheritdoc cref="LoadFromString{T}"/>
    public static async Task<T> LoadFromFileAsync<T>(string file, bool strict = false) => LoadFromString<T>(await File.ReadAllTextAsync(file).ConfigureAwait(false), strict);

    /// <inheritdoc cref="LoadFromString{T}"/>
    public static TValue Deserialize<TValue>(string yaml, bool strict = false) => LoadFromString<TValue>(yaml, strict);

    /// <inheritdoc cref="LoadFromString{T}"/>
    public static TValue Deserialize<TValue>(Stream yaml, bool strict = false)
    {
        ArgumentNullException.ThrowIfNull(yaml);
        using var reader = new StreamReader(yaml, leaveOpen: true);
        return LoadFromString<TValue>(reader.ReadToEnd(), strict);
    }

    /// <summary>Writes an object as one document; nothing where it is null.</summary>
    public static string Serialize(object? value) => value is null ? "" : KubeYaml.Serialize(value);

    /// <inheritdoc cref="Serialize"/>
    public static string SaveToString<T>(T value) => Serialize(value);

    /// <summary>Writes objects, one document each; nulls are passed over.</summary>
    public static string SerializeAll(IEnumerable<object?>? values) => KubeYaml.SerializeAll((values ?? []).OfType<object>());
}
