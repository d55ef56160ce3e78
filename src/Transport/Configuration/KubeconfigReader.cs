using System.Text.Json.Nodes;

namespace ActorKube.Transport;

/// <summary>
/// From a kubeconfig's text to <see cref="Kubeconfig"/>. Unknown fields are passed over, as kubectl does; what is there and has the wrong shape is an error.
/// </summary>
internal static class KubeconfigReader
{
    const string ExecExtensionName = "client.authentication.k8s.io/exec";

    /// <param name="yaml">The text.</param>
    /// <param name="origin">Where it came from, for messages.</param>
    /// <param name="directory">What relative paths are seen from; null leaves them as they are.</param>
    public static Kubeconfig Read(string yaml, string origin, string? directory)
    {
        YamlValue? root;
        try
        {
            root = YamlTree.Read(yaml);
        }
        catch (YamlTreeException error)
        {
            throw new KubeConfigException($"{origin} line {error.Line}", $"this is not what a kubeconfig can be: {error.Message}",
                "Correct the line, or write the file anew with 'kubectl config'.");
        }
        if (root is null or YamlText { IsNull: true }) return new Kubeconfig { Origin = origin };
        var at = new Place(origin, "", directory);
        var map = at.Map(root);

        if (at.Text(map, "kind") is { } kind && kind != "Config")
            throw at.Wrong("kind", map, $"the file is a {Printable(kind)}, not a Config", "Name a kubeconfig file: one with 'kind: Config'.");
        if (at.Text(map, "apiVersion") is { } version && version != "v1")
            throw at.Wrong("apiVersion", map, $"the version {Printable(version)} is unknown", "Use 'apiVersion: v1'.");

        return new Kubeconfig
        {
            Origin = origin,
            CurrentContext = at.Text(map, "current-context") ?? "",
            Clusters = at.Named(map, "clusters", "cluster", ReadCluster),
            Users = at.Named(map, "users", "user", ReadUser),
            Contexts = at.Named(map, "contexts", "context", (place, entry) => new KubeconfigContext
            {
                Origin = origin,
                Cluster = place.Text(entry, "cluster") ?? "",
                User = place.Text(entry, "user") ?? "",
                Namespace = place.Text(entry, "namespace")
            })
        };
    }

    /// <summary>A value that is safe and short enough to stand in a message.</summary>
    static string Printable(string value) =>
        $"\"{(value.Length > 60 ? value[..60] + "…" : value).ReplaceLineEndings(" ")}\"";

    static KubeconfigCluster ReadCluster(Place at, YamlMap map) => new()
    {
        Origin = at.Origin,
        Server = at.Text(map, "server"),
        TlsServerName = at.Text(map, "tls-server-name"),
        InsecureSkipTlsVerify = at.Flag(map, "insecure-skip-tls-verify"),
        CertificateAuthority = at.FilePath(map, "certificate-authority"),
        CertificateAuthorityData = at.Text(map, "certificate-authority-data"),
        ProxyUrl = at.Text(map, "proxy-url"),
        DisableCompression = at.Flag(map, "disable-compression"),
        ExecExtension = ReadExecExtension(at, map)
    };

    static JsonNode? ReadExecExtension(Place at, YamlMap map)
    {
        foreach (var item in at.List(map, "extensions"))
        {
            if (item is YamlMap entry && at.Text(entry, "name") == ExecExtensionName && entry.Entries.TryGetValue("extension", out var extension))
                return extension.ToJson();
        }
        return null;
    }

    static KubeconfigUser ReadUser(Place at, YamlMap map) => new()
    {
        Origin = at.Origin,
        ClientCertificate = at.FilePath(map, "client-certificate"),
        ClientCertificateData = at.Text(map, "client-certificate-data"),
        ClientKey = at.FilePath(map, "client-key"),
        ClientKeyData = at.Text(map, "client-key-data"),
        Token = at.Text(map, "token"),
        TokenFile = at.FilePath(map, "tokenFile"),
        Username = at.Text(map, "username"),
        Password = at.Text(map, "password"),
        Impersonation = new Impersonation
        {
            User = at.Text(map, "as"),
            Uid = at.Text(map, "as-uid"),
            Groups = at.Texts(map, "as-groups"),
            Extra = at.MapOrNull(map, "as-user-extra") is { } extra
                ? extra.Entries.Keys.ToDictionary(key => key, key => at.Under("as-user-extra").Texts(extra, key), StringComparer.Ordinal)
                : Impersonation.None.Extra
        },
        Exec = at.MapOrNull(map, "exec") is { } exec ? ReadExec(at.Under("exec"), exec) : null,
        AuthProvider = at.MapOrNull(map, "auth-provider") is { } provider ? ReadAuthProvider(at.Under("auth-provider"), provider) : null
    };

    static ExecCredentialPlugin ReadExec(Place at, YamlMap map)
    {
        var command = at.Text(map, "command");
        if (string.IsNullOrEmpty(command)) throw at.Wrong("command", map, "the program is missing", "Say which program gives the credentials.");
        var apiVersion = at.Text(map, "apiVersion");
        if (apiVersion is not (ExecCredential.V1 or ExecCredential.V1Beta1))
        {
            throw at.Wrong("apiVersion", map, apiVersion is null ? "the version is missing" : $"the version {Printable(apiVersion)} is not supported",
                $"Use {ExecCredential.V1} or {ExecCredential.V1Beta1}, and a program that speaks it.");
        }
        var mode = at.Text(map, "interactiveMode");
        if (mode is null && apiVersion == ExecCredential.V1)
            throw at.Wrong("interactiveMode", map, $"{ExecCredential.V1} needs it said", "Set it to Never, IfAvailable or Always.");
        if (!Enum.TryParse<ExecInteractiveMode>(mode ?? nameof(ExecInteractiveMode.IfAvailable), out var interactive) || char.IsAsciiDigit((mode ?? "-")[0]))
            throw at.Wrong("interactiveMode", map, $"{Printable(mode ?? "")} is unknown", "Set it to Never, IfAvailable or Always.");

        return new ExecCredentialPlugin
        {
            ApiVersion = apiVersion,
            // A command with a separator is a path, seen from its file; a bare name is looked up in PATH.
            Command = command.Contains(Path.DirectorySeparatorChar) ? at.Resolve(command) : command,
            Arguments = at.Texts(map, "args"),
            Environment =
            [
                .. at.List(map, "env").Select(item => item is YamlMap entry && at.Text(entry, "name") is { Length: > 0 } name
                    ? KeyValuePair.Create(name, at.Text(entry, "value") ?? "")
                    : throw at.Wrong("env", map, "an entry has no name", "Give each entry a name and a value."))
            ],
            InstallHint = at.Text(map, "installHint"),
            ProvideClusterInfo = at.Flag(map, "provideClusterInfo"),
            InteractiveMode = interactive
        };
    }

    static AuthProvider ReadAuthProvider(Place at, YamlMap map)
    {
        var name = at.Text(map, "name");
        if (string.IsNullOrEmpty(name)) throw at.Wrong("name", map, "the provider's name is missing", "Use 'name: oidc', or an exec plugin.");
        var config = at.MapOrNull(map, "config");
        var settings = new Dictionary<string, string>(StringComparer.Ordinal);
        if (config is not null)
        {
            foreach (var key in config.Entries.Keys)
                if (at.Under("config").Text(config, key) is { } value) settings[key] = value;
        }
        return new AuthProvider(name, settings);
    }

    /// <summary>Where in which file the reader is, so that every error can say so.</summary>
    readonly record struct Place(string Origin, string Entry, string? Directory)
    {
        public Place Under(string field) => this with { Entry = Entry.Length == 0 ? field : $"{Entry}.{field}" };

        public KubeConfigException Wrong(string field, YamlValue near, string problem, string advice) =>
            new($"{Origin} line {near.Line}, {Under(field).Entry}", problem, advice);

        public YamlMap Map(YamlValue value) => value as YamlMap
            ?? throw new KubeConfigException($"{Origin} line {value.Line}{(Entry.Length == 0 ? "" : ", " + Entry)}",
                "names and values are expected here", "Compare the file with what 'kubectl config view' prints.");

        public YamlMap? MapOrNull(YamlMap map, string field) =>
            map.Entries.TryGetValue(field, out var value) && value is not YamlText { IsNull: true } ? Under(field).Map(value) : null;

        public IReadOnlyList<YamlValue> List(YamlMap map, string field)
        {
            if (!map.Entries.TryGetValue(field, out var value) || value is YamlText { IsNull: true }) return [];
            return value is YamlList list ? list.Items : throw Wrong(field, value, "a list is expected here", "Write its entries as '- …' lines.");
        }

        /// <summary>Null where the field is missing, null or empty: to kubectl these are one.</summary>
        public string? Text(YamlMap map, string field)
        {
            if (!map.Entries.TryGetValue(field, out var value)) return null;
            if (value is not YamlText text) throw Wrong(field, value, "a text is expected here", "Write one value, in quotes if it has special characters.");
            return text.IsNull || text.Value.Length == 0 ? null : text.Value;
        }

        public IReadOnlyList<string> Texts(YamlMap map, string field)
        {
            var texts = new List<string>();
            foreach (var item in List(map, field))
                texts.Add(item is YamlText text ? text.Value : throw Wrong(field, item, "a list of texts is expected here", "Write one text a line."));
            return texts;
        }

        public bool Flag(YamlMap map, string field) => Text(map, field) switch
        {
            null or "false" or "False" or "FALSE" => false,
            "true" or "True" or "TRUE" => true,
            _ => throw Wrong(field, map.Entries[field], "neither true nor false", "Write true or false.")
        };

        public string? FilePath(YamlMap map, string field) => Text(map, field) is { } path ? Resolve(path) : null;

        public string Resolve(string path) => Directory is null || Path.IsPathRooted(path) ? path : Path.GetFullPath(path, Directory);

        public IReadOnlyDictionary<string, T> Named<T>(YamlMap map, string list, string field, Func<Place, YamlMap, T> read)
        {
            var result = new Dictionary<string, T>(StringComparer.Ordinal);
            foreach (var item in List(map, list))
            {
                var entry = Under(list).Map(item);
                var name = Under(list).Text(entry, "name");
                if (name is null) throw Under(list).Wrong("name", entry, "the entry has no name", "Give it one: contexts refer to it by name.");
                var place = Under($"{list}[{name}]");
                var value = read(place, place.MapOrNull(entry, field) ?? new YamlMap(new Dictionary<string, YamlValue>(), entry.Line));
                if (!result.TryAdd(name, value))
                    throw Under(list).Wrong(name, entry, "a second entry has this name", "Rename or remove one of them.");
            }
            return result;
        }
    }
}
