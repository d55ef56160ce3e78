using Akka.Actor;
using Xunit;

namespace Akka.Local.Tests.Actors;

public sealed class SmokeTests
{
    private sealed class Echo : ReceiveActor
    {
        public Echo()
        {
            Receive<string>(text => Sender.Tell(text.ToUpperInvariant()));
            ReceiveAsync<int>(async number =>
            {
                var sender = Sender;
                await Task.Yield();
                Assert.Equal(sender, Sender);
                Assert.Equal(sender, Context.Sender);
                Sender.Tell(number + 1);
            });
        }
    }

    [Fact]
    public async Task A_system_starts_answers_and_ends()
    {
        var system = ActorSystem.Create("smoke");
        var echo = system.ActorOf<Echo>("echo");
        Assert.Equal("HELLO", await echo.Ask<string>("hello", TimeSpan.FromSeconds(3)));
        Assert.Equal(2, await echo.Ask<int>(1, TimeSpan.FromSeconds(3)));
        Assert.True(await echo.GracefulStop(TimeSpan.FromSeconds(3)));
        await system.Terminate().WaitAsync(TimeSpan.FromSeconds(10));
        Assert.True(system.WhenTerminated.IsCompletedSuccessfully);
    }
}
