using ActorKube.ApiServer;
using ActorKube.ControllerManager;

namespace ActorKube.Local.Tests;

public sealed class ServersControllersTests
{
    [Fact]
    public async Task Controllers_go_by_the_clock_of_the_server_that_they_stand_beside()
    {
        var time = new OwnTime();
        await using var server = await EmbeddedApiServer.StartAsync(new EmbeddedApiServerOptions { Listen = false, TimeProvider = time });

        Assert.Same(time, new ClusterControllersOptions().Beside(server).Time);
    }

    [Fact]
    public async Task What_the_options_of_controllers_say_stands_beside_any_server()
    {
        await using var server = await EmbeddedApiServer.StartAsync(new EmbeddedApiServerOptions { Listen = false, TimeProvider = new OwnTime() });
        var options = new ClusterControllersOptions { Time = new OwnTime(), RootCertificates = "whom", ServiceAccountKey = () => null!, SigningAuthority = () => null! };

        var beside = options.Beside(server);

        Assert.Same(options.Time, beside.Time);
        Assert.Equal("whom", beside.RootCertificates);
        Assert.Same(options.ServiceAccountKey, beside.ServiceAccountKey);
        Assert.Same(options.SigningAuthority, beside.SigningAuthority);
    }

    private sealed class OwnTime : TimeProvider;
}
