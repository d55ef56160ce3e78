#nullable disable
using Akka.Actor.Internal;
using Akka.Util;

namespace Akka.Actor;

public partial class ActorCell
{
    private ChildrenContainer _children;

    protected bool IsNormal => _children?.IsNormal ?? true;

    protected bool IsTerminating => _children?.IsTerminating ?? false;

    internal bool IsWaitingForChildren => _children?.Reason is SuspendReason.IWaitingForChildren;

    public virtual IActorRef ActorOf(Props props, string name = null) => MakeChild(props, name, isSystemService: false);

    public virtual IActorRef AttachChild(Props props, bool isSystemService, string name = null) => MakeChild(props, name, isSystemService);

    /// <summary>Stops a child, or this actor, or asks another one to stop.</summary>
    public void Stop(IActorRef child)
    {
        if (_children is { } children && children.Contains(child))
            children.ShallDie(child);
        ((IInternalActorRef)child).Stop();
    }

    IActorRef IActorContext.Child(string name) => GetSingleChild(name) is { } child ? child : ActorRefs.Nobody;

    public IEnumerable<IInternalActorRef> GetChildren() => _children?.Children() ?? [];

    IEnumerable<IActorRef> IActorContext.GetChildren() => GetChildren();

    public IInternalActorRef GetChildByName(string name) =>
        _children?.Child(name);

    public IInternalActorRef GetSingleChild(string name)
    {
        var hash = name.IndexOf('#');
        var plain = hash < 0 ? name : name[..hash];
        IInternalActorRef found = GetChildByName(plain);
        if (found is null && _extras is { } extras && Volatile.Read(ref extras.FunctionRefs) is { } functions)
        {
            lock (functions)
                found = functions.GetValueOrDefault(plain);
        }

        if (found is null)
            return ActorRefs.Nobody;
        var uid = hash < 0 ? UndefinedUid : long.Parse(name.AsSpan(hash + 1), provider: global::System.Globalization.CultureInfo.InvariantCulture);
        return uid == UndefinedUid || uid == found.Path.Uid ? found : ActorRefs.Nobody;
    }

    public void ReserveChild(string name) => Children().Reserve(name);

    internal void AddChild(IInternalActorRef actor) => Children().TryAdd(actor);

    protected void UnreserveChild(string name) => _children?.Unreserve(name);

    protected bool TryGetChildStatsByRef(IActorRef actor, out ChildRestartStats child)
    {
        child = null;
        return _children is { } children && children.TryGetStats(actor, out child);
    }

    protected SuspendReason RemoveChildAndGetStateChange(IActorRef child) => _children?.Remove(child);

    protected bool SetChildrenTerminationReason(SuspendReason reason) => _children?.SetReason(reason) ?? false;

    protected void StopFunctionRefs()
    {
        if (_extras is not { } extras || Interlocked.Exchange(ref extras.FunctionRefs, null) is not { } functions)
            return;
        FunctionRef[] all;
        lock (functions)
        {
            all = [.. functions.Values];
            functions.Clear();
        }

        foreach (var function in all)
            function.Stop();
    }

    /// <summary>Adds a reference below this actor whose messages go to a function, on the sender's thread.</summary>
    internal FunctionRef AddFunctionRef(Action<IActorRef, object> tell, string suffix = "")
    {
        var name = Children().NextName("$$") + (suffix.Length > 0 ? "-" + suffix : "");
        var function = new FunctionRef(new ChildActorPath(_self.Path, name, NewUid()), SystemImpl.Provider, SystemImpl.EventStream, tell);
        var extras = Extras;
        var functions = Volatile.Read(ref extras.FunctionRefs)
            ?? Interlocked.CompareExchange(ref extras.FunctionRefs, [], null) ?? extras.FunctionRefs;
        lock (functions)
            functions.Add(name, function);
        return function;
    }

    internal bool RemoveFunctionRef(FunctionRef function)
    {
        if (_extras is not { } extras || Volatile.Read(ref extras.FunctionRefs) is not { } functions)
            return false;
        bool removed;
        lock (functions)
            removed = functions.Remove(function.Path.Name);
        if (removed)
            function.Stop();
        return removed;
    }

    internal static int NewUid() => Random.Shared.Next(1, int.MaxValue);

    private static void CheckName(string name)
    {
        if (name is null)
            return;
        if (name.Length == 0)
            throw new InvalidActorNameException("Actor name must not be empty.");
        if (!ActorPath.IsValidPathElement(name))
        {
            throw new InvalidActorNameException(
                $"Illegal actor name [{name}]. Actor paths MUST: not start with `$`, include only ASCII letters and can only contain these special characters: `{ActorPath.ValidSymbols}`.");
        }
    }

    private ChildrenContainer Children() =>
        Volatile.Read(ref _children) ?? Interlocked.CompareExchange(ref _children, new ChildrenContainer(), null) ?? _children;

    private IActorRef MakeChild(Props props, string name, bool isSystemService)
    {
        CheckName(name);
        var children = Children();
        if (children.IsTerminating)
            throw CannotCreate();
        name ??= children.NextName("$");
        children.Reserve(name);
        IInternalActorRef child;
        try
        {
            child = SystemImpl.Provider.ActorOf(SystemImpl, props, _self, new ChildActorPath(_self.Path, name, NewUid()), isSystemService);
        }
        catch
        {
            children.Unreserve(name);
            throw;
        }

        // A guardian may be stopped by another thread just now: what it does not know it could not stop, so it is never started. Nor may it be suspended before, which would run it.
        if (!children.TryAdd(child))
            throw CannotCreate();
        if (IsFailed && Mailbox is { } mailbox)
        {
            for (var i = 0; i < mailbox.SuspendCount; i++)
                child.Suspend();
        }

        child.Start();
        return child;
    }

    private static InvalidOperationException CannotCreate() => new("Cannot create child while terminating or terminated");
}
