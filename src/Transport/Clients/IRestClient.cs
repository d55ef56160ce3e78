namespace ActorKube.Transport;

/// <summary>Requests put together by hand. Thread-safe; the requests it makes are not.</summary>
public interface IRestClient
{
    /// <summary>A request with an HTTP verb, such as <c>GET</c>.</summary>
    RestRequest Verb(string verb);

    /// <summary>A read.</summary>
    RestRequest Get() => Verb("GET");

    /// <summary>A creation.</summary>
    RestRequest Post() => Verb("POST");

    /// <summary>A replacement.</summary>
    RestRequest Put() => Verb("PUT");

    /// <summary>A deletion.</summary>
    RestRequest Delete() => Verb("DELETE");

    /// <summary>A change.</summary>
    RestRequest Patch(Patch patch) => Verb("PATCH").Patch(patch);
}
