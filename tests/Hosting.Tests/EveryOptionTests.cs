using System.Globalization;
using System.Reflection;
using ActorKube.Actors;
using ActorKube.Testing;
using ActorKube.Transport;
using Akka.Hosting;
using k8s.Models;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace ActorKube.Hosting.Tests;

/// <summary>
/// Every option there is, found by walking the options' classes: each has its key in configuration, the key's value arrives, and a wrong value is refused with the key. An option that is new is
/// walked too; one that is not for operators is named in <see cref="NotForOperators"/>, with the reason.
/// </summary>
public sealed class EveryOptionTests
{
    static readonly string Controller = "Controllers:configmap";

    /// <summary>Where options are, and what is asked for them in configuration.</summary>
    static readonly (Type Options, string Section)[] Roots =
    [
        (typeof(KubernetesOptions), ""),
        (typeof(ControllerOptions), Controller),
        (typeof(KubernetesClientConfiguration), "Client"),
    ];

    static readonly Dictionary<string, string> NotForOperators = new()
    {
        ["KubernetesClientConfiguration.Server"] = "the cluster, which InCluster, Kubeconfig and Context name",
        ["KubernetesClientConfiguration.Namespace"] = "the cluster",
        ["KubernetesClientConfiguration.CertificateAuthorityPem"] = "the cluster",
        ["KubernetesClientConfiguration.CertificateAuthorityFile"] = "the cluster",
        ["KubernetesClientConfiguration.SkipTlsVerify"] = "the cluster",
        ["KubernetesClientConfiguration.TlsServerName"] = "the cluster",
        ["KubernetesClientConfiguration.Proxy"] = "the cluster",
        ["KubernetesClientConfiguration.DisableCompression"] = "the cluster",
        ["KubernetesClientConfiguration.ClientCertificatePem"] = "a credential, which comes with the cluster",
        ["KubernetesClientConfiguration.ClientCertificateFile"] = "a credential",
        ["KubernetesClientConfiguration.ClientKeyPem"] = "a credential",
        ["KubernetesClientConfiguration.ClientKeyFile"] = "a credential",
        ["KubernetesClientConfiguration.Token"] = "a credential",
        ["KubernetesClientConfiguration.TokenFile"] = "a credential",
        ["KubernetesClientConfiguration.Username"] = "a credential",
        ["KubernetesClientConfiguration.Password"] = "a credential",
        ["KubernetesClientConfiguration.Exec"] = "a credential",
        ["KubernetesClientConfiguration.ExecClusterConfig"] = "a credential",
        ["KubernetesClientConfiguration.AuthProvider"] = "a credential",
        ["KubernetesClientConfiguration.Impersonation"] = "a credential",
        ["KubernetesOptions.ConfigureCache"] = "code",
        ["KubernetesOptions.OnTrouble"] = "code",
        ["KubernetesOptions.Observers"] = "code",
        ["KubernetesOptions.Time"] = "code",
        ["ListAndWatchSettings.BackoffByReason"] = "code: which errors deserve which pauses",
        ["ListAndWatchSettings.Transform"] = "code",
        ["ListAndWatchSettings.Tweak"] = "code",
        ["ListAndWatchSettings.ExpectedKind"] = "the runtime's own, of a cache",
        ["ListAndWatchSettings.StartVersion"] = "the runtime's own, of a cache",
    };

    /// <summary>An option: how to its value from its root, and its key below the section.</summary>
    sealed record Option(Type Root, IReadOnlyList<PropertyInfo> Way, string Key)
    {
        public Type Type => Nullable.GetUnderlyingType(Way[^1].PropertyType) ?? Way[^1].PropertyType;

        public object? Of(object root) => Way.Aggregate((object?)root, static (at, property) => property.GetValue(at));

        /// <summary>A value that is not this one, as configuration says it, and that goes together with all that <see cref="Other"/> gives for other options.</summary>
        public (string Text, object Value) Other(object? current)
        {
            // Times that have an order among each other keep it when all are twice as long.
            switch (current)
            {
                case null when Type == typeof(TimeSpan): return ("77m", TimeSpan.FromMinutes(77));
                case TimeSpan time:
                    var twice = time > TimeSpan.Zero ? time * 2 : TimeSpan.FromSeconds(7);
                    return (twice.ToString("c", CultureInfo.InvariantCulture), twice);
                case int number: return ((number + 1).ToString(CultureInfo.InvariantCulture), number + 1);
                case double number: return ((number + 0.25).ToString("R", CultureInfo.InvariantCulture), number + 0.25);
                case bool flag: return (flag ? "false" : "true", !flag);
                case Enum choice:
                    var other = Enum.GetValues(Type).Cast<object>().First(value => !value.Equals(choice));
                    return (other.ToString()!, other);
                default:
                    Assert.Equal(typeof(string), Type);
                    return ("other", "other");
            }
        }

        public string Nonsense => Type == typeof(string) ? "" : "nonsense";

        public override string ToString() => Key;
    }

    static IEnumerable<Option> Walk(Type root, Type type, IReadOnlyList<PropertyInfo> way, string section)
    {
        foreach (var property in type.GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(static p => p.SetMethod is not null))
        {
            if (NotForOperators.ContainsKey($"{type.Name}.{property.Name}"))
                continue;
            var here = way.Append(property).ToArray();
            var key = section.Length == 0 ? property.Name : $"{section}:{property.Name}";
            if (property.PropertyType is { IsClass: true } inner && inner != typeof(string))
            {
                foreach (var below in Walk(root, inner, here, key))
                    yield return below;
            }
            else
            {
                yield return new Option(root, here, key);
            }
        }
    }

    static IReadOnlyList<Option> All { get; } = [.. Roots.SelectMany(static root => Walk(root.Options, root.Options, [], root.Section))];

    /// <summary>What options are where nobody says anything; leader election is on, and all of it is there.</summary>
    static readonly KubernetesOptions Runtime = new() { LeaderElection = new LeaderElectionOptions { LeaseName = "l", LeaseNamespace = "default", Identity = "i" } };

    static readonly KubernetesClientConfiguration Client = new() { Server = new Uri("http://127.0.0.1:1"), UserAgent = "said" };

    sealed record Bound(KubernetesOptions Runtime, ControllerOptions Controller, KubernetesClientConfiguration Client)
    {
        public object Of(Type root) => root == typeof(KubernetesOptions) ? Runtime : root == typeof(ControllerOptions) ? Controller : Client;
    }

    static async Task<Bound> BindAsync(IEnumerable<(string Key, string Value)> said)
    {
        var section = new ConfigurationBuilder().AddInMemoryCollection(said.Select(static s => KeyValuePair.Create<string, string?>($"Kubernetes:{s.Key}", s.Value))).Build().GetSection("Kubernetes");
        KubernetesBuilder? built = null;
        ControllerBuilder<V1ConfigMap>? controller = null;
        await using var kube = await ActorKubeFixture.StartAsync(akka => akka
            .WithKubernetes(section, k => built = k.UseConfiguration(Client).With(static _ => Runtime))
            .WithController<V1ConfigMap>(c => controller = c.WithReconciler(static (_, _) => Task.FromResult(ReconcileResult.Done))));
        return new Bound(built!.Options, controller!.Options, kube.Kubernetes.Client.Configuration);
    }

    static Bound Defaults => new(Runtime, new ControllerOptions(), Client);

    [Fact]
    public async Task Every_option_arrives_from_configuration()
    {
        var said = All.Select(static option => (Option: option, Other: option.Other(option.Of(Defaults.Of(option.Root))))).ToArray();
        var bound = await BindAsync(said.Select(static s => (s.Option.Key, s.Other.Text)));
        Assert.Equal(
            said.Select(static s => $"{s.Option.Key} = {s.Other.Value}"),
            said.Select(s => $"{s.Option.Key} = {s.Option.Of(bound.Of(s.Option.Root))}"));
    }

    [Fact]
    public async Task Every_wrong_value_is_refused_with_its_key_and_no_other()
    {
        var error = await Assert.ThrowsAnyAsync<Exception>(() => BindAsync(All.Select(static option => (option.Key, option.Nonsense))));
        var failures = Assert.IsType<OptionsValidationException>(error.GetBaseException()).Failures.ToArray();
        Assert.Equal(
            All.Select(static option => $"Kubernetes:{option.Key}: '{option.Nonsense}' is not ").Order(StringComparer.Ordinal),
            failures.Select(static failure => failure[..(failure.IndexOf("' is not ", StringComparison.Ordinal) is var at and >= 0 ? at + "' is not ".Length : failure.Length)]).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Every_number_that_makes_no_sense_is_refused_with_its_key()
    {
        // Far below zero is nonsense for all numbers but those whose lack of a limit is said so.
        string[] free = ["Client:Qps", $"{Controller}:Retry:OverallPerSecond"];
        var numbers = All.Where(option => (option.Type == typeof(TimeSpan) || option.Type == typeof(int) || option.Type == typeof(double)) && !free.Contains(option.Key));
        var accepted = new List<string>();
        foreach (var option in numbers)
        {
            try
            {
                await BindAsync([(option.Key, option.Type == typeof(TimeSpan) ? "-7s" : "-7")]);
                accepted.Add(option.Key);
            }
            catch (Exception error) when (error.GetBaseException() is OptionsValidationException refusal)
            {
                if (refusal.Failures.Count() != 1 || !refusal.Failures.Single().StartsWith($"Kubernetes:{option.Key}: ", StringComparison.Ordinal))
                    accepted.Add($"{option.Key} refused as {string.Join(" | ", refusal.Failures)}");
            }
        }
        Assert.True(accepted.Count == 0, string.Join("\n", accepted));
    }

    [Fact]
    public void Options_that_are_not_for_operators_are_there()
    {
        var types = All.SelectMany(static option => option.Way.Select(static property => property.DeclaringType!)).Distinct().ToDictionary(static type => type.Name);
        Assert.All(NotForOperators.Keys, name => Assert.NotNull(types[name.Split('.')[0]].GetProperty(name.Split('.')[1])));
    }

    [Fact]
    public void Every_option_is_in_the_operators_table()
    {
        var page = DocumentedKeys();
        Assert.All(All, option => Assert.Contains(option.Key.Replace(Controller, "Controllers:NAME", StringComparison.Ordinal), page));
    }

    /// <summary>The keys of the first table of docs/operating.md: <c>`Events:` `Api`, `SpamBurst`</c> are two, as are <c>`Client:Qps`, `Client:Burst`</c>.</summary>
    static HashSet<string> DocumentedKeys([System.Runtime.CompilerServices.CallerFilePath] string here = "")
    {
        var keys = new HashSet<string>();
        foreach (var line in File.ReadLines(Path.Combine(Path.GetDirectoryName(here)!, "..", "..", "docs", "operating.md")).SkipWhile(static l => l != "## Configuration").TakeWhile(static l => l != "## Constants"))
        {
            if (!line.StartsWith("| `", StringComparison.Ordinal))
                continue;
            var section = "";
            foreach (var word in line.Split('|')[1].Split('`').Where(static (_, at) => at % 2 == 1))
            {
                if (word.EndsWith(':'))
                    section = word;
                else
                    keys.Add(section + word);
            }
        }
        return keys;
    }
}
