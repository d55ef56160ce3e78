using Microsoft.Extensions.Logging;

namespace ActorKube.Transport;

/// <summary>What a client does with warnings unless told otherwise: each text is logged once.</summary>
internal sealed partial class WarningLog(ILogger logger)
{
    const int MaxRemembered = 1000;
    readonly Lock _lock = new();
    readonly HashSet<string> _seen = new(StringComparer.Ordinal);

    public void Handle(ServerWarning warning)
    {
        if (warning.Code != 299 || warning.Text.Length == 0) return;
        lock (_lock)
        {
            // Forgetting all now and then costs a repeated line; remembering all would cost memory without end.
            if (_seen.Count >= MaxRemembered) _seen.Clear();
            if (!_seen.Add(warning.Text)) return;
        }
        LogWarning(logger, warning.Text);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The API server warns: {Text}")]
    static partial void LogWarning(ILogger logger, string text);
}
