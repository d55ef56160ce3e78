namespace ActorKube.Testing;

/// <summary>Runs something on this thread so that what awaits it goes on at once and on this thread too, whatever context a test framework gives its tests.</summary>
static class Inline
{
    public static void Run(Action action)
    {
        var context = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(null);
        try
        {
            var running = new Task(action);
            running.RunSynchronously(TaskScheduler.Default);
            running.GetAwaiter().GetResult();
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(context);
        }
    }
}
