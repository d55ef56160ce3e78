namespace ActorKube.Tool;

/// <summary>Something cannot be generated; the message tells the user what and why.</summary>
internal sealed class GenerateException(string message) : Exception(message);
