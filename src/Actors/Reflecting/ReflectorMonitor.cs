using ActorKube.Streams;
using Microsoft.Extensions.Logging;

namespace ActorKube.Actors;

/// <summary>Tells those who operate the process how a reflector fares: log, metrics, health, and a handler of the user's own.</summary>
sealed class ReflectorMonitor(CacheSpec spec, CacheHealth health, ILogger logger, KubernetesOptions options, TimeProvider time)
{
    TroubleKind? _last;
    DateTimeOffset _saidAt;

    public void Progressed(CacheSnapshot now)
    {
        if (!health.HasSynced && now.HasSynced)
            logger.LogInformation("Cache {Cache} is synced: {Count} objects at version {ResourceVersion}", spec, now.Count, now.ResourceVersion);
        else if (_last is not null)
            logger.LogInformation("Cache {Cache} is current again, at version {ResourceVersion}", spec, now.ResourceVersion);
        health.Progressed(now.HasSynced);
        health.LastSign = time.GetUtcNow();
        _last = null;
    }

    public void Troubled(ReflectorTrouble trouble)
    {
        RuntimeMetrics.ReflectorTroubles.Add(1, new("cache", spec.ToString()), new("kind", trouble.Kind.ToString()));
        var now = time.GetUtcNow();
        var isNews = trouble.Kind != _last || now - _saidAt >= options.TroubleRepeat;
        logger.Log(isNews ? Level(trouble.Kind) : LogLevel.Debug, "{Trouble}", trouble.Message);
        if (isNews)
            _saidAt = now;
        if (trouble.Kind is not TroubleKind.Malformed)
        {
            _last = trouble.Kind;
            health.Troubled(trouble, now);
        }
        health.LastSign = time.GetUtcNow();
        try
        {
            options.OnTrouble?.Invoke(spec, trouble);
            foreach (var observer in options.Observers)
                observer.Troubled(spec, trouble);
        }
        catch (Exception error)
        {
            logger.LogError(error, "A handler of reflectors' troubles failed; the reflector goes on");
        }
    }

    public void Checked(ConsistencyReport report)
    {
        if (report.NotChecked is { } why)
        {
            logger.LogDebug("Cache {Cache} could not be compared with the server at version {ResourceVersion}: {Reason}", spec, report.Version, why);
            return;
        }
        RuntimeMetrics.Inconsistencies.Add(report.Differences.Count, new KeyValuePair<string, object?>("cache", spec.ToString()));
        if (!report.IsConsistent)
        {
            Troubled(new ReflectorTrouble(
                TroubleKind.Inconsistent,
                $"Cache {spec} is not what the server has at version {report.Version}: {report.Differences.Count} differences, such as: {string.Join("; ", report.Differences.Take(10))}. Reading it afresh.",
                TimeSpan.Zero,
                Relists: true));
        }
    }

    public void Crashed(Exception reason, TimeSpan pause) =>
        logger.LogError(reason, "The reflector of {Cache} failed and starts again in {Seconds} s; its cache stays readable", spec, pause.TotalSeconds);

    public void Stopped() => health.Stopped();

    static LogLevel Level(TroubleKind kind) => kind switch
    {
        TroubleKind.Expired or TroubleKind.VersionTooLarge or TroubleKind.Silent or TroubleKind.NoInitialEvents or TroubleKind.VeryShortWatch => LogLevel.Information,
        _ => LogLevel.Warning,
    };
}
