using ActorKube.Models;
using Microsoft.Extensions.Logging;

namespace ActorKube.Actors;

/// <summary>Counts and logs how runs ended.</summary>
sealed class ReconcileMonitor(ControllerSpec spec, ILogger logger, IReadOnlyList<IRuntimeObserver> observers)
{
    readonly KeyValuePair<string, object?> _controller = RuntimeMetrics.Controller(spec.Name);
    readonly KeyValuePair<string, object?> _name = new("name", spec.Name);

    /// <summary>A run ended.</summary>
    /// <param name="key">Whose.</param>
    /// <param name="report">How.</param>
    /// <param name="attempt">The how-manieth attempt it was.</param>
    /// <param name="delay">After how long the key is tried again, or asked to be.</param>
    /// <param name="timedOut">Whether it was asked to leave because it took too long.</param>
    public void Ended(NamespacedName key, RunReport report, int attempt, TimeSpan delay, bool timedOut)
    {
        var result = report.End switch { RunEnd.Done => "success", RunEnd.RequeueAfter => "requeue_after", _ => "error" };
        RuntimeMetrics.ReconcileTotal.Add(1, _controller, new("result", result));
        RuntimeMetrics.ReconcileTime.Record(report.Took.TotalSeconds, _controller);
        RuntimeMetrics.WorkDuration.Record(report.Took.TotalSeconds, _name, _controller);
        using var scope = logger.BeginScope(report.Scope);
        switch (report.End)
        {
            case RunEnd.Error:
                RuntimeMetrics.ReconcileErrors.Add(1, _controller);
                RuntimeMetrics.Retries.Add(1, _name, _controller);
                if (IsPanic(report.Error!))
                    RuntimeMetrics.Panics.Add(1, _controller);
                if (report.Error is KubernetesException { IsConflict: true })
                    logger.LogInformation("{Controller}: {Key} changed while it was reconciled ({ReconcileId}); trying again in {Delay} s: {Error}", spec.Name, key, report.Id, delay.TotalSeconds, report.Error.Message);
                else if (timedOut)
                    logger.LogError("{Controller}: the reconcile of {Key} took longer than {Timeout} s and was stopped (attempt {Attempt}, {ReconcileId}); trying again in {Delay} s", spec.Name, key, spec.Options.ReconcileTimeout?.TotalSeconds, attempt, report.Id, delay.TotalSeconds);
                else
                    logger.LogError(report.Error, "{Controller}: the reconcile of {Key} failed (attempt {Attempt}, {ReconcileId}); trying again in {Delay} s", spec.Name, key, attempt, report.Id, delay.TotalSeconds);
                break;
            case RunEnd.TerminalError:
                RuntimeMetrics.ReconcileErrors.Add(1, _controller);
                RuntimeMetrics.TerminalErrors.Add(1, _controller);
                logger.LogError(report.Error is TerminalReconcileException { InnerException: null } ? null : report.Error, "{Controller}: {Key} cannot be reconciled until something changes ({ReconcileId}): {Reason}", spec.Name, key, report.Id, report.Error!.Message);
                break;
            default:
                logger.LogDebug("{Controller}: {Key} is reconciled ({ReconcileId}, {Milliseconds} ms)", spec.Name, key, report.Id, report.Took.TotalMilliseconds);
                break;
        }
        foreach (var observer in observers)
            observer.Reconciled(new ReconcileEnded(spec.Name, key, report.Id, attempt, report.Took, report.Result, report.Error));
    }

    // What only a fault of the program throws; errors of servers and networks are part of a reconcile's life.
    static bool IsPanic(Exception error) => error is NullReferenceException or InvalidCastException or IndexOutOfRangeException or ArgumentException or InvalidOperationException or NotSupportedException or ArithmeticException;
}
