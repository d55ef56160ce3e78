namespace ActorKube.Models;

/// <summary>A scheme is asked for what nobody registered: a type's kind, a kind's type, or a conversion.</summary>
public sealed class SchemeException : Exception
{
    internal SchemeException(string message) : base(message)
    {
    }
}
