using System.CommandLine;
using ActorKube.CommandLine;
using ActorKube.Transport;

namespace Transport.Tests;

public sealed class ConnectionOptionsTests : IDisposable
{
    readonly TempDirectory _files = new();
    readonly Command _below = new("sub");
    readonly RootCommand _root;
    readonly ConnectionOptions _options;

    public ConnectionOptionsTests()
    {
        _root = new RootCommand { _below };
        _options = ConnectionOptions.AddTo(_root);
    }

    public void Dispose() => _files.Dispose();

    string Config() => _files.Write("config", """
        clusters: [{name: c, cluster: {server: 'https://c'}}, {name: d, cluster: {server: 'https://d', insecure-skip-tls-verify: true}}]
        contexts: [{name: x, context: {cluster: c, namespace: n}}, {name: y, context: {cluster: d, user: u}}]
        users: [{name: u, user: {token: t}}]
        current-context: x
        """);

    [Fact]
    public void The_command_line_says_which_cluster_and_who_to_be()
    {
        var parsed = _root.Parse(["sub", "--kubeconfig", Config(), "--context", "y", "-n", "ns", "--as", "jane", "--as-group", "a", "--as-group", "b", "--as-uid", "7",
            "--tls-server-name", "s", "--proxy-url", "http://p:1", "--request-timeout", "1m30s", "--insecure-skip-tls-verify=false", "--certificate-authority", "ca.pem"]);
        Assert.Empty(parsed.Errors);
        var configuration = _options.Load(parsed);
        Assert.Equal("https://d/", configuration.Server.ToString());
        Assert.Equal(("ns", "t", "jane", "7"), (configuration.Namespace, configuration.Token, configuration.Impersonation.User, configuration.Impersonation.Uid));
        Assert.Equal(["a", "b"], configuration.Impersonation.Groups);
        Assert.Equal((TimeSpan.FromSeconds(90), false, "s"), (configuration.Timeout, configuration.SkipTlsVerify, configuration.TlsServerName));
        Assert.Equal(Path.GetFullPath("ca.pem"), configuration.CertificateAuthorityFile);
    }

    [Fact]
    public void What_the_command_line_does_not_say_is_as_the_kubeconfig_says()
    {
        Assert.True(_options.Load(_root.Parse(["sub", "--kubeconfig", Config(), "--context", "y"])).SkipTlsVerify);
        Assert.False(_options.Load(_root.Parse(["sub", "--kubeconfig", Config(), "--context", "y", "--insecure-skip-tls-verify=false"])).SkipTlsVerify);
        Assert.True(_options.Load(_root.Parse(["sub", "--kubeconfig", Config(), "--context", "x", "--insecure-skip-tls-verify"])).SkipTlsVerify);
    }

    [Theory]
    [InlineData("5", 5)]
    [InlineData("0", -0.001)]
    [InlineData("250ms", 0.25)]
    public void Times_are_read_as_kubectl_reads_them(string text, double seconds) =>
        Assert.Equal(TimeSpan.FromSeconds(seconds), _options.Load(_root.Parse(["--server", "https://h", "--request-timeout", text])).Timeout);

    [Theory]
    [InlineData("soon")]
    [InlineData("-1s")]
    public void What_is_no_time_is_refused(string text) =>
        Assert.Contains(_root.Parse(["sub", $"--request-timeout={text}"]).Errors, error => error.Message.Contains("is not a time"));

    [Fact]
    public void Nothing_said_is_no_cluster_unless_the_program_looks_elsewhere()
    {
        Assert.Throws<KubeConfigException>(() => _options.Load(_root.Parse([])));
        Config();
        Directory.CreateDirectory(_files.At(".kube"));
        File.Move(_files.At("config"), _files.At(".kube/config"));
        var rules = LoadingRules.Kubectl with { HomeDirectory = _files.Path, Environment = _ => null };
        Assert.Equal("https://c/", _options.Load(_root.Parse([]), rules).Server.ToString());
    }

    [Fact]
    public void An_option_that_is_there_already_is_said_to_be() =>
        Assert.Throws<InvalidOperationException>(() => ConnectionOptions.AddTo(new Command("x") { new Option<string>("--kubeconfig") }));
}
