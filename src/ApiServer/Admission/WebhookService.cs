namespace ActorKube.ApiServer;

/// <summary>A service that a webhook's configuration names instead of an address.</summary>
/// <param name="Namespace">The service's namespace.</param>
/// <param name="Name">The service's name.</param>
/// <param name="Port">The service's port; 443 where the configuration names none.</param>
public sealed record WebhookService(string Namespace, string Name, int Port);
