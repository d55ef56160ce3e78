using System.Diagnostics;
using Akka.Actor;

namespace ActorKube.Actors;

/// <summary>One key's actor as its controller sees it: how much it was told, and what it was not told any more.</summary>
sealed class ReconcilerRef(IActorRef actor)
{
    public IActorRef Actor => actor;

    /// <summary>How much it was told: it rests only where it has heard as much.</summary>
    public long Heard { get; private set; }

    /// <summary>It is on its way out; news waits for the next actor of the key.</summary>
    public bool Stopping { get; set; }

    /// <summary>Its slice was left: it finishes and takes no more; news waits for the next actor of the key, should the slice come back.</summary>
    public bool Leaving { get; set; }

    /// <summary>News that came since it is on its way out.</summary>
    public KeyNews? Since { get; private set; }

    bool IsDeaf => Stopping || Leaving;

    /// <summary>The trace that the latest of it belongs to.</summary>
    public Activity? TraceSince { get; private set; }

    /// <summary>Its key's turn has come, and it was made for it.</summary>
    public void Begin(Activity? trace)
    {
        Heard++;
        actor.Tell(ReconcilerActor.Begin.Of(trace));
    }

    /// <summary>Its key has waited for a turn since before it was made.</summary>
    public void Wait(int priority, Activity? trace)
    {
        Heard++;
        actor.Tell(new ReconcilerActor.Waits(priority, trace));
    }

    public void Mark(int priority, Activity? trace)
    {
        if (IsDeaf)
        {
            Keep(new KeyNews(priority), trace);
            return;
        }
        Heard++;
        actor.Tell(ReconcilerActor.Mark.Of(priority, trace));
    }

    public void Tell(KeyNews news, Activity? trace)
    {
        if (IsDeaf)
        {
            Keep(news, trace);
            return;
        }
        Heard++;
        actor.Tell(new ReconcilerActor.Hear(news, trace));
    }

    public void Forget()
    {
        if (IsDeaf)
        {
            Since = Since is { } since ? since with { Failures = 0 } : null;
            return;
        }
        Heard++;
        actor.Tell(new ReconcilerActor.Forget());
    }

    void Keep(KeyNews news, Activity? trace)
    {
        Since = Since is { } before ? before.And(news) : news;
        TraceSince = trace ?? TraceSince;
    }
}
