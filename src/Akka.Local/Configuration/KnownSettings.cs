#nullable disable
using Akka.Configuration.Hocon;

namespace Akka.Configuration;

/// <summary>
/// Which settings below <c>akka</c> this runtime honours. One it has never heard of, or cannot honour, stops the system from starting: a setting
/// that silently does nothing is worse than none.
/// </summary>
internal static class KnownSettings
{
    /// <summary>Sections whose keys their users choose, or which another part of the runtime reads.</summary>
    private static readonly string[] OpenSections =
    [
        "akka.actor.deployment",
        "akka.coordinated-shutdown.phases",
        "akka.actor.mailbox.requirements",
    ];

    /// <summary>The test kit's settings; its own assembly has their defaults.</summary>
    private static readonly string[] TestSettings =
    [
        "timefactor", "filter-leeway", "single-expect-default", "default-timeout", "testkit", "calling-thread-dispatcher", "test-actor",
    ];

    /// <summary>
    /// Settings of Akka.NET that are legal and mean nothing in one process without serialisation, or name parts that this runtime does not need. docs/akka-local.md has the list.
    /// </summary>
    private static readonly string[] Ignored =
    [
        "akka.suppress-json-serializer-warning",
        "akka.log-serializer-override-on-start",
        "akka.daemonic",
        "akka.channel-scheduler",
        "akka.actor.reaper-interval",
        "akka.actor.typed",
        "akka.actor.serialize-messages",
        "akka.actor.serialize-creators",
        "akka.actor.serializers",
        "akka.actor.serialization-bindings",
        "akka.actor.serialization-identifiers",
        "akka.actor.serialization-settings",
        "akka.actor.telemetry",
        "akka.actor.router",
        "akka.cluster.sharded-daemon-process.sharding",
    ];

    private static readonly string[] DispatcherSettings =
    [
        "id", "type", "executor", "throughput", "throughput-deadline-time", "shutdown-timeout", "mailbox-requirement", "mailbox-type",
        "mailbox-capacity", "mailbox-push-timeout-time", "stash-capacity", "attempt-teamwork", "dedicated-thread-pool",
        "default-executor", "thread-pool-executor", "fork-join-executor", "current-context-executor", "channel-executor", "task-executor",
    ];

    private static readonly string[] MailboxSettings = ["mailbox-type", "mailbox-capacity", "mailbox-push-timeout-time", "stash-capacity"];

    public static void Check(Config user)
    {
        if (user.GetValue("akka") is { } akka && akka.IsObject())
            Check(akka.GetObject(), ConfigurationFactory.Default().GetValue("akka").GetObject(), "akka");
    }

    public static void CheckProvider(string provider)
    {
        if (string.IsNullOrEmpty(provider) || provider == "local" || provider.StartsWith("Akka.Actor.LocalActorRefProvider", StringComparison.Ordinal))
            return;
        throw new ConfigurationException(
            $"akka.actor.provider is '{provider}', and this runtime has one process: use 'local', or build with -p:ActorRuntime=akka for remoting and clusters.");
    }

    private static void Check(HoconObject user, HoconObject reference, string path)
    {
        foreach (var (key, value) in user.Items)
        {
            var full = $"{path}.{key}";
            if (OpenSections.Contains(full) || Ignored.Contains(full))
                continue;
            var known = reference?.GetKey(key);
            if (known is null)
            {
                if (full == "akka.test" && value.IsObject())
                    CheckKeys(value.GetObject(), TestSettings, full);
                else if (!IsOwnDispatcherOrMailbox(path, value) && !IsDispatcherSetting(path, key))
                    throw Unknown(full);
                continue;
            }

            if (value.IsObject() && known.IsObject())
                Check(value.GetObject(), known.GetObject(), full);
        }
    }

    /// <exception cref="ConfigurationException">The section at <paramref name="path"/> has another key.</exception>
    internal static void CheckKeys(HoconObject section, string[] known, string path)
    {
        foreach (var key in section.Items.Keys)
        {
            if (!known.Contains(key))
                throw Unknown($"{path}.{key}");
        }
    }

    /// <summary>Users keep dispatchers and mailboxes of their own below <c>akka.actor</c> or beside it.</summary>
    private static bool IsOwnDispatcherOrMailbox(string path, HoconValue value)
    {
        if (path is not ("akka.actor" or "akka.actor.mailbox" or "akka") || !value.IsObject())
            return false;
        var section = value.GetObject();
        return section.Items.ContainsKey("mailbox-type")
            ? section.Items.Keys.All(k => MailboxSettings.Contains(k) || DispatcherSettings.Contains(k))
            : section.Items.Count > 0 && section.Items.Keys.All(k => DispatcherSettings.Contains(k)) && (section.Items.ContainsKey("type") || section.Items.ContainsKey("executor"));
    }

    private static bool IsDispatcherSetting(string path, string key) =>
        (path.EndsWith("-dispatcher", StringComparison.Ordinal) && DispatcherSettings.Contains(key))
        || ((path.EndsWith("-mailbox", StringComparison.Ordinal) || path.StartsWith("akka.actor.mailbox.", StringComparison.Ordinal)) && MailboxSettings.Contains(key));

    private static ConfigurationException Unknown(string path) => new(
        $"The setting '{path}' is not one that this runtime honours. Take it out, correct its name, or build with -p:ActorRuntime=akka if it is a setting of the official packages. docs/akka-local.md lists the settings.");
}
