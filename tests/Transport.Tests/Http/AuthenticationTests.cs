using System.Net;
using ActorKube.Models;
using ActorKube.Transport;
using Microsoft.AspNetCore.Http;

namespace Transport.Tests;

public sealed class AuthenticationTests : IDisposable
{
    readonly TempDirectory _files = new();
    readonly ManualTime _time = new();
    readonly FakeServer _server = new(_ => FakeServer.Json(Clients.Pod("a")));

    public void Dispose() => _files.Dispose();

    KubernetesClient Client(KubernetesClientConfiguration configuration) => Clients.Over(_server, configuration, _time);

    async Task<string?> HeaderAsync(KubernetesClient client, string name = "Authorization")
    {
        await client.Resource(Clients.Pods, "ns").GetAsync("a");
        return _server.Last.Headers.GetValueOrDefault(name);
    }

    static KubernetesClientConfiguration Configuration => Clients.Configuration;

    [Fact]
    public async Task Tokens_and_passwords_travel_in_their_header()
    {
        Assert.Equal("Bearer t", await HeaderAsync(Client(Configuration with { Token = "t" })));
        Assert.Equal("Basic dTpwOnc=", await HeaderAsync(Client(Configuration with { Username = "u", Password = "p:w" })));
        Assert.Null(await HeaderAsync(Client(Configuration)));
        Assert.Null(await HeaderAsync(Client((Configuration with { Token = "t" }).Anonymous())));
        Assert.Throws<KubeConfigException>(() => Client(Configuration with { Token = "two\nlines" }));
    }

    [Fact]
    public async Task Impersonation_travels_in_headers()
    {
        var client = Client(Configuration with
        {
            Impersonation = new Impersonation
            {
                User = "jane", Uid = "7", Groups = ["dev", "ops"],
                Extra = new Dictionary<string, IReadOnlyList<string>> { ["example.com/Scope"] = ["a", "b"] }
            }
        });
        Assert.Equal("jane", await HeaderAsync(client, "Impersonate-User"));
        Assert.Equal("7", await HeaderAsync(client, "Impersonate-Uid"));
        Assert.Equal("dev, ops", await HeaderAsync(client, "Impersonate-Group"));
        Assert.Equal("a, b", await HeaderAsync(client, "Impersonate-Extra-example.com%2FScope"));
    }

    [Fact]
    public async Task The_user_agent_is_said_and_can_be_prefixed()
    {
        Assert.Contains("actorkube/", await HeaderAsync(Client(Configuration), "User-Agent"));
        Assert.StartsWith("cnat/1", await HeaderAsync(Client(Configuration.WithUserAgentPrefix("cnat/1")), "User-Agent"));
    }

    [Fact]
    public async Task A_token_file_is_believed_for_a_minute_and_read_again_ten_seconds_before_that_is_over()
    {
        var file = _files.Write("token", "one\n");
        var client = Client(Configuration with { TokenFile = file });
        Assert.Equal("Bearer one", await HeaderAsync(client));
        File.WriteAllText(file, "two");
        _time.Advance(TimeSpan.FromSeconds(50) - TimeSpan.FromTicks(1));
        Assert.Equal("Bearer one", await HeaderAsync(client));
        _time.Advance(TimeSpan.FromTicks(1));
        Assert.Equal("Bearer two", await HeaderAsync(client));
        File.Delete(file);
        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal("Bearer two", await HeaderAsync(client));
    }

    [Fact]
    public async Task A_401_makes_a_token_file_be_read_at_once()
    {
        var file = _files.Write("token", "old");
        _server.Answer = asked => Task.FromResult(asked.Headers["Authorization"] == "Bearer new" ? FakeServer.Json(Clients.Pod("a")) : FakeServer.Status(HttpStatusCode.Unauthorized, "Unauthorized"));
        var client = Client(Configuration with { TokenFile = file });
        var refused = await Assert.ThrowsAsync<KubernetesException>(() => HeaderAsync(client));
        Assert.True(refused.IsUnauthorized);
        Assert.Single(_server.Requests);
        File.WriteAllText(file, "new");
        Assert.Equal("Bearer new", await HeaderAsync(client));
    }

    [Fact]
    public async Task A_token_file_that_is_missing_at_the_start_is_an_error_that_names_it()
    {
        var error = await Assert.ThrowsAsync<KubeConfigException>(() => HeaderAsync(Client(Configuration with { TokenFile = _files.At("no") })));
        Assert.Contains(_files.At("no"), error.Message);
        Assert.Equal("Bearer fallback", await HeaderAsync(Client(Configuration with { TokenFile = _files.At("no"), Token = "fallback" })));
    }

    ExecCredentialPlugin Plugin(string script, string version = "v1") => new()
    {
        ApiVersion = "client.authentication.k8s.io/" + version, Command = "/bin/sh", Arguments = ["-c", script], InteractiveMode = ExecInteractiveMode.Never,
        Environment = [KeyValuePair.Create("COUNT", _files.At("count"))], InstallHint = "Get it from example.com.", ProvideClusterInfo = true
    };

    static string Answer(string status, string version = "v1") =>
        $$"""{"apiVersion":"client.authentication.k8s.io/{{version}}","kind":"ExecCredential","status":{{status}}}""";

    /// <summary>Gives token-1, token-2 … one a run.</summary>
    string Counting(string expires = "") =>
        $$$"""echo run >> "$COUNT"; n=$(wc -l < "$COUNT" | tr -d ' '); printf '{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"token":"token-%s"{{{expires}}}}}' "$n" """;

    [Fact]
    public async Task A_plugin_is_run_once_and_its_answer_kept_until_it_expires()
    {
        var expires = _time.GetUtcNow().AddMinutes(10).ToString("yyyy-MM-ddTHH:mm:ssZ");
        var client = Client(Configuration with { Exec = Plugin(Counting($",\"expirationTimestamp\":\"{expires}\"")) });
        var pods = client.Resource(Clients.Pods, "ns");
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => pods.GetAsync("a")));
        Assert.All(_server.Requests, asked => Assert.Equal("Bearer token-1", asked.Headers["Authorization"]));
        _time.Advance(TimeSpan.FromMinutes(9));
        Assert.Equal("Bearer token-1", await HeaderAsync(client));
        Assert.Single(File.ReadAllLines(_files.At("count")));
    }

    [Fact]
    public async Task Expired_credentials_are_asked_for_again()
    {
        var first = _time.GetUtcNow().AddMinutes(10).ToString("yyyy-MM-ddTHH:mm:ssZ");
        var client = Client(Configuration with { Exec = Plugin(Counting($",\"expirationTimestamp\":\"{first}\"")) });
        Assert.Equal("Bearer token-1", await HeaderAsync(client));
        _time.Advance(TimeSpan.FromMinutes(11));
        // The script's second answer is as old as its first: said so instead of used.
        var error = await Assert.ThrowsAsync<KubeConfigException>(() => HeaderAsync(client));
        Assert.Contains("expired already", error.Message);
        Assert.Equal(2, File.ReadAllLines(_files.At("count")).Length);
    }

    [Fact]
    public async Task Credentials_that_a_plugin_renews_are_used_from_then_on()
    {
        string Until(int minutes) => _time.GetUtcNow().AddMinutes(minutes).ToString("yyyy-MM-ddTHH:mm:ssZ");
        _files.Write("answer1", Answer($$"""{"token":"first","expirationTimestamp":"{{Until(10)}}"}""", "v1beta1"));
        _files.Write("answer2", Answer($$"""{"token":"second","expirationTimestamp":"{{Until(20)}}"}""", "v1beta1"));
        var client = Client(Configuration with { Exec = Plugin(AnsweringInTurn, "v1beta1") });
        Assert.Equal("Bearer first", await HeaderAsync(client));
        _time.Advance(TimeSpan.FromMinutes(10));
        Assert.Equal("Bearer second", await HeaderAsync(client));
        Assert.Equal("Bearer second", await HeaderAsync(client));
        Assert.Equal(2, File.ReadAllLines(_files.At("count")).Length);
    }

    /// <summary>Prints the files answer1, answer2 … one a run.</summary>
    string AnsweringInTurn => $$"""echo run >> "$COUNT"; cat '{{_files.Path}}'/answer$(wc -l < "$COUNT" | tr -d ' ')""";

    [Fact]
    public async Task A_certificate_from_a_plugin_is_presented_and_renewed_after_a_401()
    {
        var authority = new TestAuthority();
        await using var server = await LoopbackServer.StartAsync(async context =>
        {
            var subject = context.Connection.ClientCertificate?.Subject;
            if (subject != "CN=second") context.Response.StatusCode = 401;
            await context.Response.WriteAsync($"{subject}");
        }, authority.IssueServer("localhost"), asksForCertificate: true);
        foreach (var (number, user) in new[] { (1, "first"), (2, "second"), (3, "third") })
        {
            using var key = System.Security.Cryptography.ECDsa.Create(System.Security.Cryptography.ECCurve.NamedCurves.nistP256);
            _files.Write($"answer{number}", Answer(System.Text.Json.JsonSerializer.Serialize(new Dictionary<string, string>
            {
                ["clientCertificateData"] = authority.IssueClient(user, key).ExportCertificatePem(), ["clientKeyData"] = key.ExportPkcs8PrivateKeyPem()
            })));
        }
        using var client = new KubernetesClient(new KubernetesClientConfiguration
        {
            Server = server.Address, CertificateAuthorityPem = authority.Pem, Qps = -1, Exec = Plugin(AnsweringInTurn) with { ProvideClusterInfo = false }
        });
        var request = client.Rest.Get().AbsPath("/");
        Assert.Equal("CN=second", System.Text.Encoding.UTF8.GetString(await request.DoRawAsync()));
        Assert.Equal("CN=second", System.Text.Encoding.UTF8.GetString(await request.DoRawAsync()));
        Assert.Equal(2, File.ReadAllLines(_files.At("count")).Length);
    }

    [Fact]
    public async Task A_plugin_of_a_kubeconfig_is_found_beside_its_file_and_run()
    {
        var script = _files.Write("bin/login", $"#!/bin/sh\nprintf '%s' \"$1 $WHO $KUBERNETES_EXEC_INFO\" > '{_files.At("told")}'\necho '{Answer("""{"token":"from-script"}""")}'\n");
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(script, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        var path = _files.Write("config", """
            current-context: x
            clusters: [{name: c, cluster: {server: 'http://server:8080', extensions: [{name: client.authentication.k8s.io/exec, extension: {audience: [a, 1, true]}}]}}]
            contexts: [{name: x, context: {cluster: c, user: u}}]
            users: [{name: u, user: {exec: {apiVersion: client.authentication.k8s.io/v1, command: ./bin/login, args: [get-token], env: [{name: WHO, value: me}], provideClusterInfo: true, interactiveMode: IfAvailable}}}]
            """);
        Assert.Equal("Bearer from-script", await HeaderAsync(Client(KubernetesClientConfiguration.FromKubeconfig(path))));
        var told = File.ReadAllText(_files.At("told"));
        Assert.StartsWith("get-token me ", told);
        Assert.Contains("""{"server":"http://server:8080","config":{"audience":["a",1,true]}}""", told);
    }

    [Fact]
    public async Task A_401_runs_the_plugin_once_more()
    {
        _server.Answer = asked => Task.FromResult(asked.Headers["Authorization"] == "Bearer token-2" ? FakeServer.Json(Clients.Pod("a")) : FakeServer.Status(HttpStatusCode.Unauthorized, "Unauthorized"));
        var client = Client(Configuration with { Exec = Plugin(Counting()) });
        Assert.Equal("Bearer token-2", await HeaderAsync(client));
        Assert.Equal(2, _server.Requests.Count);

        _server.Answer = _ => Task.FromResult(FakeServer.Status(HttpStatusCode.Unauthorized, "Unauthorized"));
        Assert.True((await Assert.ThrowsAsync<KubernetesException>(() => HeaderAsync(client))).IsUnauthorized);
        Assert.Equal(4, _server.Requests.Count);
    }

    [Fact]
    public async Task A_plugin_is_told_the_cluster_and_that_nobody_is_there()
    {
        var client = Client(Configuration with
        {
            TlsServerName = "kube", ExecClusterConfig = """{"audience":"x"}""",
            Exec = Plugin("""printf '%s' "$KUBERNETES_EXEC_INFO" > "$COUNT"; printf '%s' '""" + Answer("""{"token":"t"}""") + "'")
        });
        await HeaderAsync(client);
        Assert.Equal("""{"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1","spec":{"interactive":false,"cluster":{"server":"http://server:8080","tls-server-name":"kube","config":{"audience":"x"}}}}""",
            File.ReadAllText(_files.At("count")));
    }

    [Theory]
    [InlineData(ExecInteractiveMode.Never, true, false, false)]
    [InlineData(ExecInteractiveMode.Never, false, false, false)]
    [InlineData(ExecInteractiveMode.IfAvailable, true, false, true)]
    [InlineData(ExecInteractiveMode.IfAvailable, true, true, false)]
    [InlineData(ExecInteractiveMode.IfAvailable, false, false, false)]
    [InlineData(ExecInteractiveMode.Always, true, false, true)]
    public async Task A_plugin_gets_the_terminal_where_it_may_and_there_is_one(ExecInteractiveMode mode, bool terminal, bool taken, bool gets)
    {
        // Who gets the terminal has this process's own input; who does not has one that has ended.
        var told = _files.At("told");
        var plugin = Plugin($"printf '%s' \"$KUBERNETES_EXEC_INFO\" > '{told}'; readlink /proc/$$/fd/0 >> '{told}'; echo '{Answer("""{"token":"t"}""")}'") with
        {
            InteractiveMode = mode, ProvideClusterInfo = false, StandardInputIsTaken = taken
        };
        using var source = new ExecTokenSource(plugin, Configuration, _time, null, () => terminal);
        Assert.Equal("Bearer t", (await source.GetAsync(default))!.Value);
        var text = File.ReadAllText(told);
        Assert.Contains($"\"interactive\":{(gets ? "true" : "false")}", text);
        if (!OperatingSystem.IsLinux()) return;
        // Where this process was started without any input, there is none to hand on, and the program sees nothing.
        var input = text.TrimEnd()[(text.IndexOf("}}", StringComparison.Ordinal) + 2)..];
        Assert.Equal(gets, input.Length == 0 || input == new FileInfo("/proc/self/fd/0").LinkTarget);
    }

    [Theory]
    [InlineData(false, false, "there is none", "Run this program in a terminal.")]
    [InlineData(true, true, "this program reads its standard input itself", "a file")]
    public async Task A_plugin_that_needs_the_terminal_says_so_where_there_is_none_for_it(bool terminal, bool taken, string why, string advice)
    {
        using var source = new ExecTokenSource(Plugin(Counting()) with { InteractiveMode = ExecInteractiveMode.Always, StandardInputIsTaken = taken }, Configuration, _time, null, () => terminal);
        var error = await Assert.ThrowsAsync<KubeConfigException>(async () => await source.GetAsync(default));
        Assert.Contains("interactiveMode: Always", error.Message);
        Assert.Contains(why, error.Message);
        Assert.Contains(advice, error.Message);
        Assert.False(File.Exists(_files.At("count")));
    }

    [Theory]
    [InlineData("echo you must log in >&2; exit 3", "exit code 3 and said: you must log in")]
    [InlineData("echo garbage-hush", "not JSON")]
    [InlineData("echo '{}'", "something else than an ExecCredential")]
    [InlineData("""echo '{"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v2","status":{"token":"hush"}}'""", "answered in another version")]
    [InlineData("""echo '{"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1beta1","status":{"token":"hush"}}'""", "answered in client.authentication.k8s.io/v1beta1")]
    [InlineData("""echo '{"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1"}'""", "no status")]
    [InlineData("""echo '{"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1","status":{}}'""", "neither a token nor a certificate")]
    [InlineData("""echo '{"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1","status":{"clientKeyData":"hush"}}'""", "half of a certificate")]
    [InlineData("""echo '{"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1","status":{"token":"hush","expirationTimestamp":"soon"}}'""", "is not a time")]
    [InlineData("head -c 2000000 /dev/zero", "more than")]
    public async Task A_plugin_that_does_not_do_its_part_is_named(string script, string problem)
    {
        var error = await Assert.ThrowsAsync<KubeConfigException>(() => HeaderAsync(Client(Configuration with { Exec = Plugin(script) })));
        Assert.Contains("/bin/sh", error.Message);
        Assert.Contains(problem, error.Message);
        Assert.DoesNotContain("hush", error.ToString());
    }

    [Fact]
    public async Task A_plugin_that_is_not_there_comes_with_its_hint()
    {
        var error = await Assert.ThrowsAsync<KubeConfigException>(() => HeaderAsync(Client(Configuration with { Exec = Plugin("") with { Command = "no-such-plugin" } })));
        Assert.Contains("Get it from example.com.", error.Message);
    }

    [Fact]
    public async Task A_plugin_that_hangs_is_stopped()
    {
        var call = HeaderAsync(Client(Configuration with { Exec = Plugin("sleep 1000"), Timeout = Timeout.InfiniteTimeSpan }));
        await _time.WaitForTimerAsync(TimeSpan.FromMinutes(2));
        _time.Advance(TimeSpan.FromMinutes(2));
        var error = await Assert.ThrowsAsync<KubeConfigException>(() => call);
        Assert.Contains("did not end within 120 s", error.Message);
    }

    [Fact]
    public async Task An_oidc_token_is_refreshed_when_it_ends()
    {
        var issued = 0;
        var issuer = new FakeServer(asked => asked.Path.EndsWith("openid-configuration")
            ? FakeServer.Json("""{"token_endpoint":"https://issuer/token"}""")
            : FakeServer.Json($$"""{"id_token":"{{Jwt(_time.GetUtcNow().AddMinutes(5), ++issued)}}","refresh_token":"r{{issued}}"}"""));
        var provider = new AuthProvider("oidc", new Dictionary<string, string>
        {
            ["idp-issuer-url"] = "https://issuer", ["client-id"] = "c", ["client-secret"] = "s", ["refresh-token"] = "r0", ["id-token"] = Jwt(_time.GetUtcNow().AddMinutes(1), 0)
        });
        using var source = new OidcTokenSource(provider, Configuration, _time, issuer);
        Assert.Equal("Bearer " + Jwt(_time.GetUtcNow().AddMinutes(1), 0), (await source.GetAsync(default))!.Value);
        Assert.Empty(issuer.Requests);
        _time.Advance(TimeSpan.FromSeconds(55));
        var first = await source.GetAsync(default);
        Assert.Equal("grant_type=refresh_token&refresh_token=r0&client_id=c&client_secret=s", issuer.Last.Body);
        Assert.Same(first, await source.GetAsync(default));
        Assert.True(source.Rejected(first!));
        Assert.NotSame(first, await source.GetAsync(default));
        Assert.Contains("refresh_token=r1", issuer.Last.Body);
    }

    [Fact]
    public async Task An_oidc_token_without_a_refresh_token_is_the_servers_to_judge()
    {
        _server.Answer = _ => Task.FromResult(FakeServer.Status(HttpStatusCode.Unauthorized, "Unauthorized"));
        var settings = new Dictionary<string, string> { ["idp-issuer-url"] = "https://issuer", ["client-id"] = "c", ["id-token"] = Jwt(_time.GetUtcNow().AddMinutes(5), 0) };
        var client = Client(Configuration with { AuthProvider = new AuthProvider("oidc", settings) });
        for (var number = 1; number <= 2; number++)
        {
            Assert.True((await Assert.ThrowsAsync<KubernetesException>(() => HeaderAsync(client))).IsUnauthorized);
            Assert.Equal(number, _server.Requests.Count);
        }
        _time.Advance(TimeSpan.FromMinutes(5));
        Assert.Contains("no refresh token", (await Assert.ThrowsAsync<KubeConfigException>(() => HeaderAsync(client))).Message);
        Assert.Contains("not base64", Assert.Throws<KubeConfigException>(() =>
            Client(Configuration with { AuthProvider = new AuthProvider("oidc", new Dictionary<string, string>(settings) { ["idp-certificate-authority-data"] = "!" }) })).Message);
    }

    static string Jwt(DateTimeOffset expires, int number) => string.Join('.', "e30",
        System.Buffers.Text.Base64Url.EncodeToString(System.Text.Encoding.UTF8.GetBytes($$"""{"exp":{{expires.ToUnixTimeSeconds()}},"n":{{number}}}""")), "sig");
}
