using ActorKube.Transport;

namespace Transport.Tests;

public sealed class KubeconfigTests : IDisposable
{
    readonly TempDirectory _files = new();

    public void Dispose() => _files.Dispose();

    static string Config(string name, string server = "https://one:6443", string current = "", string user = "token: t") => $$"""
        apiVersion: v1
        kind: Config
        current-context: "{{current}}"
        clusters:
        - name: {{name}}
          cluster: { server: "{{server}}" }
        users:
        - name: {{name}}
          user: { {{user}} }
        contexts:
        - name: {{name}}
          context: { cluster: {{name}}, user: {{name}}, namespace: ns-{{name}} }
        """;

    LoadingRules Variable(params string[] paths) => new()
    {
        FromVariable = true, FromHome = true, HomeDirectory = _files.Path,
        Environment = name => name == "KUBECONFIG" ? string.Join(Path.PathSeparator, paths) : null
    };

    [Fact]
    public void Reads_the_current_context()
    {
        var path = _files.Write("config", Config("a", current: "a"));
        var configuration = KubernetesClientConfiguration.FromKubeconfig(path);
        Assert.Equal(new Uri("https://one:6443"), configuration.Server);
        Assert.Equal("t", configuration.Token);
        Assert.Equal("ns-a", configuration.Namespace);
    }

    [Fact]
    public void Json_is_read_too()
    {
        var kubeconfig = Kubeconfig.Parse("""
            {"kind":"Config","apiVersion":"v1","current-context":"x",
            	"clusters":[{"name":"c","cluster":{"server":"https://h"}}],"contexts":[{"name":"x","context":{"cluster":"c"}}]}
            """);
        Assert.Equal("https://h/", KubernetesClientConfiguration.FromKubeconfig(kubeconfig).Server.ToString());
    }

    [Fact]
    public void The_first_file_wins_per_entry_and_the_current_context_is_the_first_one_said()
    {
        var first = _files.Write("first", Config("shared", "https://first"));
        var second = _files.Write("second", Config("shared", "https://second", current: "shared") + "\n");
        var third = _files.Write("third", Config("other", "https://third", current: "other"));
        var missing = _files.At("missing");
        var empty = _files.Write("empty", "");

        var rules = Variable(missing, empty, first, second, third);
        var configuration = KubernetesClientConfiguration.Load(rules);
        Assert.Equal("https://first/", configuration.Server.ToString());
        var other = KubernetesClientConfiguration.Load(rules, new KubeconfigOverrides { Context = "other" });
        Assert.Equal("https://third/", other.Server.ToString());
    }

    [Fact]
    public void An_entry_that_wins_wins_whole()
    {
        var first = _files.Write("first", "clusters: [{name: c, cluster: {server: 'https://first'}}]\ncurrent-context: x");
        var second = _files.Write("second", """
            clusters: [{name: c, cluster: {server: 'https://second', insecure-skip-tls-verify: true}}]
            contexts: [{name: x, context: {cluster: c}}]
            """);
        var configuration = KubernetesClientConfiguration.Load(Variable(first, second));
        Assert.Equal("https://first/", configuration.Server.ToString());
        Assert.False(configuration.SkipTlsVerify);
    }

    [Fact]
    public void Relative_paths_are_relative_to_their_own_file()
    {
        var one = _files.Write("one/config", "clusters: [{name: c, cluster: {server: 'https://h', certificate-authority: pki/ca.crt}}]");
        var two = _files.Write("two/config", """
            users: [{name: u, user: {client-certificate: ../c.pem, client-key: c.key, exec: {apiVersion: client.authentication.k8s.io/v1, command: ./bin/login, interactiveMode: Never}}},
                    {name: v, user: {tokenFile: token, }}, {name: w, user: {exec: {apiVersion: client.authentication.k8s.io/v1beta1, command: login}}}]
            """);
        var merged = Variable(one, two).FindKubeconfig()!;
        Assert.Equal(_files.At("one/pki/ca.crt"), merged.Clusters["c"].CertificateAuthority);
        Assert.Equal(_files.At("c.pem"), merged.Users["u"].ClientCertificate);
        Assert.Equal(_files.At("two/c.key"), merged.Users["u"].ClientKey);
        Assert.Equal(_files.At("two/bin/login"), merged.Users["u"].Exec!.Command);
        Assert.Equal(_files.At("two/token"), merged.Users["v"].TokenFile);
        Assert.Equal("login", merged.Users["w"].Exec!.Command);
    }

    [Fact]
    public void Without_the_variable_the_home_file_is_read()
    {
        _files.Write(".kube/config", Config("home", "https://home", "home"));
        var rules = Variable() with { Environment = _ => null };
        Assert.Equal("https://home/", KubernetesClientConfiguration.Load(rules).Server.ToString());
    }

    [Fact]
    public void Nothing_is_tried_that_was_not_named()
    {
        _files.Write(".kube/config", Config("home", "https://home", "home"));
        var rules = new LoadingRules { HomeDirectory = _files.Path, Environment = _ => _files.At(".kube/config") };
        var error = Assert.Throws<KubeConfigException>(() => KubernetesClientConfiguration.Load(rules));
        Assert.Contains("no source was named", error.Message);
    }

    [Fact]
    public void Overrides_go_before_the_file()
    {
        var path = _files.Write("config", Config("a", current: "a") + "\n");
        var configuration = KubernetesClientConfiguration.Load(LoadingRules.File(path), new KubeconfigOverrides
        {
            Server = "https://other:1", Token = "mine", Namespace = "n", InsecureSkipTlsVerify = true, TlsServerName = "name",
            ImpersonateUser = "jane", ImpersonateGroups = ["dev"], ProxyUrl = "socks5://p:1080", RequestTimeout = TimeSpan.FromSeconds(3)
        });
        Assert.Equal(new Uri("https://other:1"), configuration.Server);
        Assert.Equal("mine", configuration.Token);
        Assert.Equal("n", configuration.Namespace);
        Assert.True(configuration.SkipTlsVerify);
        Assert.Equal("name", configuration.TlsServerName);
        Assert.Equal("jane", configuration.Impersonation.User);
        Assert.Equal(["dev"], configuration.Impersonation.Groups);
        Assert.Equal(new Uri("socks5://p:1080"), configuration.Proxy);
        Assert.Equal(TimeSpan.FromSeconds(3), configuration.Timeout);
    }

    [Theory]
    [InlineData("clusters: [", "line", "not YAML")]
    [InlineData("- a\n- b", "line 1", "names and values")]
    [InlineData("kind: Pod", "kind", "\"Pod\", not a Config")]
    [InlineData("apiVersion: v2", "apiVersion", "unknown")]
    [InlineData("clusters: {a: b}", "clusters", "a list is expected")]
    [InlineData("clusters: [{cluster: {server: x}}]", "clusters.name", "no name")]
    [InlineData("clusters: [{name: a, cluster: {}}, {name: a, cluster: {}}]", "clusters.a", "second entry")]
    [InlineData("clusters: [{name: a, cluster: {insecure-skip-tls-verify: maybe}}]", "clusters[a].insecure-skip-tls-verify", "neither true nor false")]
    [InlineData("clusters: [{name: a, cluster: {server: [1]}}]", "clusters[a].server", "a text is expected")]
    [InlineData("a: 1\na: 2", "line 2", "there twice")]
    [InlineData("a: &x 1\nb: *x", "line 2", "aliases")]
    [InlineData("a: 1\n---\nb: 2", "line 2", "second document")]
    [InlineData("users: [{name: a, user: {exec: {command: x, apiVersion: client.authentication.k8s.io/v9}}}]", "users[a].exec.apiVersion", "not supported")]
    [InlineData("users: [{name: a, user: {exec: {command: x, apiVersion: client.authentication.k8s.io/v1}}}]", "users[a].exec.interactiveMode", "needs it said")]
    [InlineData("users: [{name: a, user: {exec: {apiVersion: client.authentication.k8s.io/v1}}}]", "users[a].exec.command", "missing")]
    public void What_is_wrong_is_said_with_its_place(string yaml, string where, string problem)
    {
        var error = Assert.Throws<KubeConfigException>(() => Kubeconfig.Parse(yaml, "/the/file"));
        Assert.Contains("/the/file", error.Message);
        Assert.Contains(where, error.Message);
        Assert.Contains(problem, error.Message);
    }

    [Theory]
    [InlineData("current-context: nope", "there is no context \"nope\"")]
    [InlineData("contexts: [{name: x, context: {cluster: gone}}]\ncurrent-context: x", "there is no cluster \"gone\"")]
    [InlineData("contexts: [{name: x, context: {cluster: c, user: gone}}]\ncurrent-context: x\nclusters: [{name: c, cluster: {server: 'https://h'}}]", "there is no user \"gone\"")]
    [InlineData("contexts: [{name: x, context: {cluster: c}}]\nclusters: [{name: c, cluster: {server: 'https://h'}}]", "no context is current")]
    [InlineData("contexts: [{name: x, context: {cluster: c}}]\ncurrent-context: x\nclusters: [{name: c, cluster: {}}]", "address is missing")]
    [InlineData("contexts: [{name: x, context: {cluster: c}}]\ncurrent-context: x\nclusters: [{name: c, cluster: {server: 'ftp://h'}}]", "not the address of a server")]
    [InlineData("contexts: [{name: x, context: {cluster: c}}]\ncurrent-context: x\nclusters: [{name: c, cluster: {server: 'https://h', certificate-authority-data: '!!'}}]", "not base64")]
    [InlineData("contexts: [{name: x, context: {cluster: c}}]\ncurrent-context: x\nclusters: [{name: c, cluster: {server: 'https://h', certificate-authority: /x, insecure-skip-tls-verify: true}}]", "beside a certificate authority")]
    [InlineData("contexts: [{name: x, context: {cluster: c, user: u}}]\ncurrent-context: x\nclusters: [{name: c, cluster: {server: 'https://h'}}]\nusers: [{name: u, user: {token: a, username: b}}]", "more than one way")]
    [InlineData("contexts: [{name: x, context: {cluster: c, user: u}}]\ncurrent-context: x\nclusters: [{name: c, cluster: {server: 'https://h'}}]\nusers: [{name: u, user: {client-certificate: a}}]", "without its key")]
    [InlineData("contexts: [{name: x, context: {cluster: c, user: u}}]\ncurrent-context: x\nclusters: [{name: c, cluster: {server: 'https://h'}}]\nusers: [{name: u, user: {auth-provider: {name: gcp}}}]", "\"gcp\" is not supported")]
    [InlineData("contexts: [{name: x, context: {cluster: c, user: u}}]\ncurrent-context: x\nclusters: [{name: c, cluster: {server: 'https://h'}}]\nusers: [{name: u, user: {as-groups: [a]}}]", "without a user")]
    public void What_dangles_or_contradicts_is_refused(string yaml, string problem)
    {
        var error = Assert.Throws<KubeConfigException>(() => KubernetesClientConfiguration.FromKubeconfig(Kubeconfig.Parse(yaml)));
        Assert.Contains(problem, error.Message);
    }

    [Fact]
    public void Files_that_cannot_be_read_are_named()
    {
        Assert.Contains("does not exist", Assert.Throws<KubeConfigException>(() => KubernetesClientConfiguration.FromKubeconfig(_files.At("no"))).Message);
        Assert.Contains("is a directory", Assert.Throws<KubeConfigException>(() => KubernetesClientConfiguration.FromKubeconfig(_files.Path)).Message);
        Assert.Contains("none of these files", Assert.Throws<KubeConfigException>(() => KubernetesClientConfiguration.Load(Variable(_files.At("no")))).Message);
    }

    [Fact]
    public void Deep_nesting_is_refused_without_harm()
    {
        var error = Assert.Throws<KubeConfigException>(() => Kubeconfig.Parse(new string('[', 100_000)));
        Assert.Contains("nested deeper", error.Message);
    }

    [Fact]
    public void Printing_shows_no_secret()
    {
        var kubeconfig = Kubeconfig.Parse("""
            clusters: [{name: c, cluster: {server: 'https://h', proxy-url: 'http://u:hush-p@p:1'}}]
            users: [{name: u, user: {token: hush-t, password: hush-w, client-key-data: hush-k,
                     exec: {apiVersion: client.authentication.k8s.io/v1, command: x, interactiveMode: Never, args: [hush-a], env: [{name: E, value: hush-e}]},
                     auth-provider: {name: oidc, config: {refresh-token: hush-r}}}}]
            """);
        var user = kubeconfig.Users["u"];
        var configuration = new KubernetesClientConfiguration
        {
            Server = new Uri("https://h"), Token = user.Token, Password = user.Password, ClientKeyPem = user.ClientKeyData, Exec = user.Exec,
            AuthProvider = user.AuthProvider, Proxy = new Uri("http://u:hush-p@p:1")
        };
        var printed = string.Join('\n', kubeconfig, user, user.Exec, user.AuthProvider, configuration, new KubeconfigOverrides { Token = "hush-o" });
        Assert.DoesNotContain("hush", printed);
    }

    [Fact]
    public void A_broken_file_is_not_quoted()
    {
        var error = Assert.Throws<KubeConfigException>(() => Kubeconfig.Parse("users:\n- name: u\n  user: {token: hush-secret, x: *hush-alias}"));
        Assert.DoesNotContain("hush", error.ToString());
    }
}
