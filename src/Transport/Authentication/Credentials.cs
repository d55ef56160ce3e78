using System.Text;
using Microsoft.Extensions.Logging;

namespace ActorKube.Transport;

/// <summary>From a configuration to the source of its Authorization header.</summary>
internal static class Credentials
{
    /// <returns>Null where the configuration has none.</returns>
    /// <exception cref="KubeConfigException">A value cannot travel in a header.</exception>
    public static ITokenSource? Create(KubernetesClientConfiguration configuration, TimeProvider time, ILoggerFactory loggers, Action<ClientIdentity?>? identityChanged)
    {
        if (configuration.Token is { } given && !IsHeaderSafe(given))
            throw new KubeConfigException("the token has characters that no token has. Copy it anew, without line breaks.");
        if (configuration.TokenFile is { } file)
            return new TokenFileSource(file, configuration.Token, configuration.Credentials, time, loggers.CreateLogger<TokenFileSource>());
        if (configuration.Token is { } token) return new FixedTokenSource(AuthenticationHeader.Bearer(token));
        if (configuration.Username is not null || configuration.Password is not null)
        {
            var pair = Encoding.UTF8.GetBytes($"{configuration.Username}:{configuration.Password}");
            return new FixedTokenSource(new AuthenticationHeader("Basic " + Convert.ToBase64String(pair)));
        }
        if (configuration.Exec is { } plugin) return new ExecTokenSource(plugin, configuration, time, identityChanged);
        if (configuration.AuthProvider is { } provider) return new OidcTokenSource(provider, configuration, time);
        return null;
    }

    /// <summary>A header's value is one line of visible ASCII.</summary>
    public static bool IsHeaderSafe(string token) => token.Length > 0 && !token.AsSpan().ContainsAnyExceptInRange('!', '~');
}
