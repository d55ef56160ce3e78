using System.CommandLine;
using ActorKube.Models;
using ActorKube.Transport;

namespace ActorKube.CommandLine;

/// <summary>
/// The options by which kubectl is told which cluster and who to be, for any program's command line: added with one call, read with another. Made by
/// <see cref="AddTo"/>.
/// </summary>
/// <example><code>
/// var connection = ConnectionOptions.AddTo(root);
/// root.SetAction(async (parsed, cancellation) =>
/// {
///     using var client = new KubernetesClient(connection.Load(parsed));
///     …
/// });
/// </code></example>
public sealed class ConnectionOptions
{
    readonly Option<string?> _kubeconfig = Text("--kubeconfig", "PATH", "The kubeconfig file to use.");
    readonly Option<string?> _context = Text("--context", "NAME", "The kubeconfig's context to use; default: its current one.");
    readonly Option<string?> _cluster = Text("--cluster", "NAME", "The kubeconfig's cluster to use.");
    readonly Option<string?> _user = Text("--user", "NAME", "The kubeconfig's user to use.");
    readonly Option<string?> _namespace = Text("--namespace", "NAME", "The namespace meant where none is said.", "-n");
    readonly Option<string?> _server = Text("--server", "URL", "The API server's address.", "-s");
    readonly Option<string?> _token = Text("--token", "TOKEN", "A bearer token. Others can see it in the list of processes: a kubeconfig or a token file is safer.");
    readonly Option<string?> _as = Text("--as", "USER", "Whom to act as.");
    readonly Option<string[]> _asGroup = new("--as-group") { HelpName = "GROUP", Description = "A group of whom to act as; may be given more than once." };
    readonly Option<string?> _asUid = Text("--as-uid", "UID", "The uid of whom to act as.");
    readonly Option<string?> _authority = Text("--certificate-authority", "PATH", "File of the cluster's certificate authority (PEM).");
    readonly Option<string?> _certificate = Text("--client-certificate", "PATH", "File of the client's certificate (PEM).");
    readonly Option<string?> _key = Text("--client-key", "PATH", "File of the client's private key (PEM).");
    readonly Option<bool> _insecure = new("--insecure-skip-tls-verify") { Description = "Accept the server's certificate unseen. Whoever is on the way can then read and change everything." };
    readonly Option<string?> _serverName = Text("--tls-server-name", "NAME", "The name the server's certificate must have, where it is not the host of its address.");
    readonly Option<string?> _proxy = Text("--proxy-url", "URL", "The proxy to go through: http, https or socks5.");
    readonly Option<TimeSpan?> _timeout = new("--request-timeout")
    {
        HelpName = "TIME", Description = "How long one request may take, such as 10s or 2m; 0 for no limit.",
        CustomParser = result =>
        {
            var text = result.Tokens.Count > 0 ? result.Tokens[0].Value : "";
            // A bare number is seconds, as with kubectl.
            if (double.TryParse(text, System.Globalization.NumberStyles.AllowDecimalPoint, System.Globalization.CultureInfo.InvariantCulture, out var seconds) && seconds < 1e9)
                return TimeSpan.FromSeconds(seconds);
            try
            {
                if (Duration.Parse(text).ToTimeSpan() is var time && time >= TimeSpan.Zero) return time;
            }
            catch (FormatException)
            {
                // Said below.
            }
            result.AddError($"--request-timeout: \"{text}\" is not a time. Write it as 10s, 2m or 0.");
            return null;
        }
    };

    ConnectionOptions() { }

    static Option<string?> Text(string name, string value, string description, params string[] aliases) =>
        new(name, aliases) { HelpName = value, Description = description };

    /// <summary>Adds the options to a command and the commands below it.</summary>
    /// <exception cref="InvalidOperationException">The command has an option of one of these names already.</exception>
    public static ConnectionOptions AddTo(Command command)
    {
        var options = new ConnectionOptions();
        Option[] all =
        [
            options._kubeconfig, options._context, options._cluster, options._user, options._namespace, options._server, options._token, options._as,
            options._asGroup, options._asUid, options._authority, options._certificate, options._key, options._insecure, options._serverName, options._proxy,
            options._timeout
        ];
        foreach (var option in all)
        {
            if (command.Options.Any(existing => existing.Name == option.Name || existing.Aliases.Intersect(option.Aliases).Any()))
                throw new InvalidOperationException($"The command {command.Name} has an option {option.Name}, or an alias of it, already.");
            option.Recursive = true;
            command.Options.Add(option);
        }
        return options;
    }

    /// <summary>What the command line says beside a kubeconfig.</summary>
    public KubeconfigOverrides OverridesOf(ParseResult parsed) => new()
    {
        Context = parsed.GetValue(_context),
        Cluster = parsed.GetValue(_cluster),
        User = parsed.GetValue(_user),
        Namespace = parsed.GetValue(_namespace),
        Server = parsed.GetValue(_server),
        Token = parsed.GetValue(_token),
        ImpersonateUser = parsed.GetValue(_as),
        ImpersonateGroups = parsed.GetValue(_asGroup) ?? [],
        ImpersonateUid = parsed.GetValue(_asUid),
        CertificateAuthority = parsed.GetValue(_authority),
        ClientCertificate = parsed.GetValue(_certificate),
        ClientKey = parsed.GetValue(_key),
        InsecureSkipTlsVerify = parsed.GetResult(_insecure) is { Implicit: false } ? parsed.GetValue(_insecure) : null,
        TlsServerName = parsed.GetValue(_serverName),
        ProxyUrl = parsed.GetValue(_proxy),
        RequestTimeout = parsed.GetValue(_timeout)
    };

    /// <summary>The configuration that the command line names.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="otherwise">Where to look where it has no <c>--kubeconfig</c>; null for nowhere but <c>--server</c>.</param>
    /// <exception cref="KubeConfigException">None is named, or it cannot be used.</exception>
    public KubernetesClientConfiguration Load(ParseResult parsed, LoadingRules? otherwise = null) =>
        KubernetesClientConfiguration.Load(parsed.GetValue(_kubeconfig) is { } path ? LoadingRules.File(path) : otherwise ?? new LoadingRules(), OverridesOf(parsed));
}
