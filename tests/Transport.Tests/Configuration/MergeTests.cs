using ActorKube.Transport;

namespace Transport.Tests;

/// <summary>Sets of kubeconfig files and what kubectl makes of them, as one table.</summary>
public sealed class MergeTests : IDisposable
{
    readonly TempDirectory _files = new();

    public void Dispose() => _files.Dispose();

    const string Missing = "(missing)";

    static string Cluster(string name, string server) => $"clusters: [{{name: {name}, cluster: {{server: 'https://{server}'}}}}]\n";
    static string User(string name, string token) => $"users: [{{name: {name}, user: {{token: {token}}}}}]\n";
    static string Context(string name, string cluster, string user, string @namespace) => $"contexts: [{{name: {name}, context: {{cluster: {cluster}, user: {user}, namespace: {@namespace}}}}}]\n";
    static string Current(string name) => $"current-context: {name}\n";

    /// <summary>What the set is, its files in order, and the server, token and namespace it comes to, or what the refusal says.</summary>
    public static TheoryData<string, string[], string> Sets => new()
    {
        { "one file", [Cluster("c", "a") + User("u", "t") + Context("x", "c", "u", "n") + Current("x")], "https://a/ t n" },
        { "parts in several files", [Cluster("c", "a"), User("u", "t"), Context("x", "c", "u", "n"), Current("x")], "https://a/ t n" },
        { "the first cluster of a name wins", [Cluster("c", "first"), Cluster("c", "second") + User("u", "t") + Context("x", "c", "u", "n") + Current("x")], "https://first/ t n" },
        { "the first user of a name wins", [User("u", "first"), Cluster("c", "a") + User("u", "second") + Context("x", "c", "u", "n") + Current("x")], "https://a/ first n" },
        { "the first context of a name wins", [Context("x", "c", "u", "first"), Cluster("c", "a") + User("u", "t") + Context("x", "c", "u", "second") + Current("x")], "https://a/ t first" },
        { "the first current context wins", [Current("x"), Cluster("c", "a") + User("u", "t") + Context("x", "c", "u", "n") + Current("y")], "https://a/ t n" },
        { "an empty current context is none", [Current("''"), Cluster("c", "a") + User("u", "t") + Context("x", "c", "u", "n") + Current("x")], "https://a/ t n" },
        { "a context may be of another file than what it names", [Context("x", "c", "u", "n") + Current("x"), Cluster("c", "a") + User("u", "t")], "https://a/ t n" },
        { "a missing file is passed over", [Missing, Cluster("c", "a") + User("u", "t") + Context("x", "c", "u", "n") + Current("x")], "https://a/ t n" },
        { "an empty file says nothing", ["", "\n# only words\n", "---\n", Cluster("c", "a") + User("u", "t") + Context("x", "c", "u", "n") + Current("x")], "https://a/ t n" },
        { "empty lists say nothing", ["clusters: []\nusers:\ncontexts: null\n", Cluster("c", "a") + User("u", "t") + Context("x", "c", "u", "n") + Current("x")], "https://a/ t n" },
        { "all files are missing", [Missing, Missing], "none of these files exists" },
        { "all files are empty", ["", ""], "no context is current" },
        { "nobody says the current context", [Cluster("c", "a") + User("u", "t"), Context("x", "c", "u", "n")], "no context is current" },
        { "the current context is in no file", [Current("x"), Cluster("c", "a")], "there is no context \"x\"" },
        { "a cluster is in no file", [Context("x", "c", "u", "n") + Current("x"), User("u", "t")], "there is no cluster \"c\"" },
        { "a name twice in one file", ["clusters: [{name: c, cluster: {server: 'https://a'}}, {name: c, cluster: {server: 'https://b'}}]\n", Current("x")], "a second entry has this name" },
        { "a broken file is an error, whatever the others say", [Cluster("c", "a") + User("u", "t") + Context("x", "c", "u", "n") + Current("x"), "clusters: ["], "not YAML" },
        { "the same file twice is one", [Cluster("c", "a") + User("u", "t") + Context("x", "c", "u", "n") + Current("x"), "(again)"], "https://a/ t n" },
    };

    [Theory]
    [MemberData(nameof(Sets))]
    public void Files_become_one_configuration(string set, string[] files, string expected)
    {
        var paths = new List<string>();
        foreach (var (number, text) in files.Index())
        {
            if (text == "(again)") paths.Add(paths[0]);
            else if (text == Missing) paths.Add(_files.At($"{number}"));
            else paths.Add(_files.Write($"{number}", text));
        }
        var rules = new LoadingRules
        {
            FromVariable = true, FromHome = true, HomeDirectory = _files.At("home"),
            Environment = name => name == "KUBECONFIG" ? string.Join(Path.PathSeparator, paths) : null
        };
        string came;
        try
        {
            var configuration = KubernetesClientConfiguration.Load(rules);
            came = $"{configuration.Server} {configuration.Token} {configuration.Namespace}";
        }
        catch (KubeConfigException error)
        {
            came = error.Message;
        }
        Assert.True(came.Contains(expected, StringComparison.Ordinal), $"{set}: {came}");
    }

    [Fact]
    public void Relative_paths_are_seen_from_the_file_that_wins()
    {
        var first = _files.Write("one/config", "clusters: [{name: c, cluster: {server: 'https://a', certificate-authority: ca.crt}}]\n");
        var second = _files.Write("two/config", "clusters: [{name: c, cluster: {server: 'https://b', certificate-authority: ca.crt}}]\n" + User("u", "t") + Context("x", "c", "u", "n") + Current("x"));
        string Authority(params string[] paths) => Kubeconfig.Merge(paths.Select(Kubeconfig.ReadFile)).Clusters["c"].CertificateAuthority!;
        Assert.Equal(_files.At("one/ca.crt"), Authority(first, second));
        Assert.Equal(_files.At("two/ca.crt"), Authority(second, first));
    }

    [Fact]
    public void Separators_at_the_ends_of_the_list_name_no_file()
    {
        var path = _files.Write("config", Cluster("c", "a") + Context("x", "c", "''", "n") + Current("x"));
        var rules = new LoadingRules { FromVariable = true, Environment = _ => $"{Path.PathSeparator}{path}{Path.PathSeparator}" };
        Assert.Equal("https://a/", KubernetesClientConfiguration.Load(rules).Server.ToString());
    }
}
