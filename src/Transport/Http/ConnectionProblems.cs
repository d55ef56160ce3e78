using System.Net.Sockets;

namespace ActorKube.Transport;

/// <summary>Puts into words why a server could not be talked to: what, where, what to do.</summary>
internal static class ConnectionProblems
{
    public static HttpRequestException Explain(HttpRequestException error, Uri server, ServerTrust? trust)
    {
        var cause = Innermost(error);
        var at = server.GetLeftPart(UriPartial.Authority);
        var message = error.HttpRequestError switch
        {
            HttpRequestError.NameResolutionError =>
                $"The API server's host {server.Host} is unknown here ({cause}). Check the server's address in the kubeconfig, and this machine's DNS.",
            HttpRequestError.ConnectionError =>
                $"The API server {at} cannot be reached ({cause}). Check that it runs, that the address and port in the kubeconfig are right, and that nothing blocks the way.",
            HttpRequestError.SecureConnectionError when trust?.LastRefusal is { } refusal =>
                $"The API server {at} is not trusted: {refusal}. Check certificate-authority(-data) in the kubeconfig.",
            HttpRequestError.SecureConnectionError =>
                $"No secure connection to the API server {at} ({cause}). Check certificate-authority(-data) in the kubeconfig, and that the server speaks TLS on this port.",
            HttpRequestError.ProxyTunnelError =>
                $"The proxy refuses the way to the API server {at} ({cause}). Check proxy-url in the kubeconfig, or HTTPS_PROXY and NO_PROXY.",
            HttpRequestError.ResponseEnded or HttpRequestError.HttpProtocolError =>
                $"The connection to the API server {at} broke before it had answered ({cause}).",
            _ => $"The request to the API server {at} failed ({cause})."
        };
        return new HttpRequestException(error.HttpRequestError, message, error, error.StatusCode);
    }

    public static HttpRequestException TimedOut(RestCall call, Uri server, TimeSpan limit) =>
        new(HttpRequestError.Unknown, $"The API server {server.GetLeftPart(UriPartial.Authority)} did not answer to '{call.Verb} {call.Resource}' within {limit.TotalSeconds:0.###} s. "
            + "Give it longer (Timeout, --request-timeout) or see what keeps it busy.", new TimeoutException());

    static string Innermost(Exception error)
    {
        while (error.InnerException is { } inner) error = inner;
        return error is SocketException socket ? socket.SocketErrorCode switch
        {
            SocketError.ConnectionRefused => "connection refused",
            SocketError.HostUnreachable or SocketError.NetworkUnreachable => "no route",
            SocketError.TimedOut => "connect timed out",
            var code => code.ToString()
        } : error.Message.TrimEnd('.');
    }
}
