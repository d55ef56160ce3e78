#nullable disable
using Akka.Util;

namespace Akka.Actor;

/// <summary>
/// Actors by path, perhaps with wildcards (<c>*</c> for any characters, <c>?</c> for one, <c>**</c> for all below). It is resolved anew with every message.
/// </summary>
public class ActorSelection : ICanTell
{
    public ActorSelection() { }

    public ActorSelection(IActorRef anchor, SelectionPathElement[] path)
    {
        Anchor = anchor;
        Path = path;
    }

    public ActorSelection(IActorRef anchor, string path) : this(anchor, path.Split('/', StringSplitOptions.RemoveEmptyEntries)) { }

    public ActorSelection(IActorRef anchor, IEnumerable<string> elements)
    {
        Anchor = anchor;
        var path = elements.Where(e => e.Length > 0).Select(ElementOf).ToArray();
        for (var i = 0; i < path.Length - 1; i++)
        {
            if (path[i] is SelectChildRecursive)
                throw new IllegalActorNameException("A recursive wildcard (**) can only be the last part of a selection.");
        }

        Path = path;
    }

    public IActorRef Anchor { get; private set; }

    public SelectionPathElement[] Path { get; private set; }

    public string PathString => "/" + string.Join("/", Path.Select(e => e.ToString()));

    /// <summary>Tells all that are selected now.</summary>
    public void Tell(object message, IActorRef sender = null)
    {
        sender ??= ActorCell.GetCurrentSelfOrNoSender();
        Deliver(new ActorSelectionMessage(message, Path), (IInternalActorRef)Anchor, 0, sender);
    }

    /// <summary>The reference of the one actor selected.</summary>
    /// <exception cref="ActorNotFoundException">None answered in time.</exception>
    public Task<IActorRef> ResolveOne(TimeSpan timeout) => ResolveOne(timeout, CancellationToken.None);

    public async Task<IActorRef> ResolveOne(TimeSpan timeout, CancellationToken ct)
    {
        try
        {
            var identity = await this.Ask<ActorIdentity>(new Identify(null), timeout, ct).ConfigureAwait(false);
            return identity.Subject ?? throw new ActorNotFoundException($"No actor answers at {this}.");
        }
        catch (AskTimeoutException e)
        {
            throw new ActorNotFoundException($"No actor answers at {this} within {timeout}.", e);
        }
        catch (TaskCanceledException e) when (!ct.IsCancellationRequested)
        {
            throw new ActorNotFoundException($"No actor answers at {this}.", e);
        }
    }

    protected bool Equals(ActorSelection other) => Equals(Anchor, other.Anchor) && Path.SequenceEqual(other.Path);

    public override bool Equals(object obj) => obj is ActorSelection other && (ReferenceEquals(this, other) || Equals(other));

    public override int GetHashCode() => HashCode.Combine(Anchor, PathString);

    public override string ToString()
    {
        var anchor = Anchor.Path.ToString();
        return $"ActorSelection[Anchor({anchor}{(Anchor.Path.Uid == 0 ? "" : "#" + Anchor.Path.Uid)}), Path({PathString})]";
    }

    private static SelectionPathElement ElementOf(string element) => element switch
    {
        "**" => SelectChildRecursive.Instance,
        ".." => new SelectParent(),
        _ => element.Contains('*') || element.Contains('?') ? new SelectChildPattern(element) : new SelectChildName(element),
    };

    private static void Deliver(ActorSelectionMessage message, IInternalActorRef at, int step, IActorRef sender)
    {
        var path = message.Elements;
        while (step < path.Length)
        {
            switch (path[step])
            {
                case SelectParent:
                    at = at.Parent;
                    step++;
                    continue;
                case SelectChildName { Name: var name }:
                    var child = (at as ActorRefWithCell)?.GetSingleChild(name) ?? at.GetChild([name]) as IInternalActorRef;
                    if (child.IsNobody())
                    {
                        ReportNobody(message, at, step, sender);
                        return;
                    }

                    at = child;
                    step++;
                    continue;
                case SelectChildRecursive:
                    DeliverBelow(message, at, sender);
                    return;
                case SelectChildPattern { PatternStr: var pattern }:
                    var found = ChildrenOf(at).Where(c => WildcardMatch.Like(c.Path.Name, pattern, caseSensitive: true)).ToList();
                    if (found.Count == 0)
                        ReportNobody(new ActorSelectionMessage(message.Message, path, wildCardFanOut: true), at, step, sender);
                    var fanOut = found.Count > 1 && !message.WildCardFanOut ? new ActorSelectionMessage(message.Message, path, wildCardFanOut: true) : message;
                    foreach (var each in found)
                        Deliver(fanOut, (IInternalActorRef)each, step + 1, sender);
                    return;
            }
        }

        at.Tell(message.Message, sender);
    }

    private static void DeliverBelow(ActorSelectionMessage message, IInternalActorRef at, IActorRef sender)
    {
        foreach (var child in ChildrenOf(at))
        {
            child.Tell(message.Message, sender);
            DeliverBelow(message, (IInternalActorRef)child, sender);
        }
    }

    private static IEnumerable<IActorRef> ChildrenOf(IInternalActorRef actor) =>
        actor is ActorRefWithCell withCell ? withCell.Children.Where(c => !c.IsNobody()).ToArray() : [];

    /// <summary>Asked by name, nobody answers for himself; asked by pattern, silence is the answer.</summary>
    private static void ReportNobody(ActorSelectionMessage message, IInternalActorRef at, int step, IActorRef sender)
    {
        if (message.Message is Identify identify)
        {
            if (!message.WildCardFanOut)
                sender?.Tell(new ActorIdentity(identify.MessageId, null), ActorRefs.NoSender);
            return;
        }

        if (message.WildCardFanOut)
            return;
        var provider = at.Provider;
        var path = at.Path / message.Elements.Skip(step).Select(e => e.ToString());
        new EmptyLocalActorRef(provider, path, ((LocalActorRefProvider)provider).EventStream).Tell(message.Message, sender);
    }
}

/// <summary>A message on its way through a selection.</summary>
public class ActorSelectionMessage : IAutoReceivedMessage, IPossiblyHarmful, IWrappedMessage
{
    public ActorSelectionMessage(object message, SelectionPathElement[] elements, bool wildCardFanOut = false)
    {
        Message = message;
        Elements = elements;
        WildCardFanOut = wildCardFanOut;
    }

    public object Message { get; }

    public SelectionPathElement[] Elements { get; }

    /// <summary>Whether a wildcard has selected several.</summary>
    public bool WildCardFanOut { get; }

    public ActorSelectionMessage Copy(object message = null, SelectionPathElement[] elements = null, bool? wildCardFanOut = null) =>
        new(message ?? Message, elements ?? Elements, wildCardFanOut ?? WildCardFanOut);

    public override string ToString() => $"ActorSelectionMessage - Message: {Message} - WildCartFanOut: {WildCardFanOut} - Elements: {string.Join("/", Elements.Select(e => e.ToString()))}";
}

/// <summary>One step of a selection.</summary>
public abstract class SelectionPathElement
{
    protected SelectionPathElement() { }
}

/// <summary>To a child by name.</summary>
public class SelectChildName(string name) : SelectionPathElement
{
    public string Name { get; } = name;

    protected bool Equals(SelectChildName other) => Name == other.Name;

    public override bool Equals(object obj) => obj is SelectChildName other && Equals(other);

    public override int GetHashCode() => Name?.GetHashCode() ?? 0;

    public override string ToString() => Name;
}

/// <summary>To the children whose names match.</summary>
public class SelectChildPattern(string patternStr) : SelectionPathElement
{
    public string PatternStr { get; } = patternStr;

    protected bool Equals(SelectChildPattern other) => PatternStr == other.PatternStr;

    public override bool Equals(object obj) => obj is SelectChildPattern other && Equals(other);

    public override int GetHashCode() => PatternStr?.GetHashCode() ?? 0;

    public override string ToString() => PatternStr;
}

/// <summary>To everybody below.</summary>
public class SelectChildRecursive : SelectionPathElement
{
    public static readonly SelectChildRecursive Instance = new();

    public override bool Equals(object obj) => obj is SelectChildRecursive;

    public override int GetHashCode() => "**".Length;

    public override string ToString() => "**";
}

/// <summary>To the parent.</summary>
public class SelectParent : SelectionPathElement
{
    public static readonly SelectParent Instance = new();

    public override bool Equals(object obj) => obj is SelectParent;

    public override int GetHashCode() => "..".Length;

    public override string ToString() => "..";
}

/// <summary>A name that no actor can have.</summary>
public class IllegalActorNameException : AkkaException
{
    public IllegalActorNameException(string message) : base(message) { }
}

/// <summary>Makes selections from paths.</summary>
internal static class ActorRefFactoryShared
{
    public static ActorSelection ActorSelection(ActorPath path, ActorSystem system) =>
        new(RootOf(system), path.Elements);

    /// <summary>An absolute path counts from the root, a relative one from <paramref name="from"/>.</summary>
    public static ActorSelection ActorSelection(string path, ActorSystem system, IActorRef from)
    {
        if (Uri.IsWellFormedUriString(path, UriKind.Absolute) || path.StartsWith("akka", StringComparison.Ordinal) && path.Contains("://"))
        {
            if (!ActorPath.TryParse(path, out var parsed))
                return new ActorSelection(((ExtendedActorSystem)system).DeadLetters, "");
            return parsed.Address.Equals(((ExtendedActorSystem)system).Provider.DefaultAddress)
                ? new ActorSelection(RootOf(system), parsed.Elements)
                : new ActorSelection(system.DeadLetters, "");
        }

        return path.StartsWith('/') ? new ActorSelection(RootOf(system), path) : new ActorSelection(from, path);
    }

    public static ActorSelection ActorSelection(IActorRef anchor, string path) => new(anchor, path);

    private static IActorRef RootOf(ActorSystem system) => ((ExtendedActorSystem)system).Provider.RootGuardian;
}
