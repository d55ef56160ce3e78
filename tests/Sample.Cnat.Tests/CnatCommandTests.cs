namespace Cnat.Tests;

public sealed class CnatCommandTests
{
    static readonly string[] Nothing = [];

    static (int Code, CnatOptions? Asked, string Errors) Run(params string[] args)
    {
        CnatOptions? asked = null;
        var errors = new StringWriter();
        var command = CnatCommand.Create((options, _) =>
        {
            asked = options;
            return Task.FromResult(0);
        });
        var code = command.Parse(args).Invoke(new System.CommandLine.InvocationConfiguration { Error = errors, Output = TextWriter.Null });
        return (code, asked, errors.ToString());
    }

    [Fact]
    public void Without_arguments_it_serves_itself_and_shows_the_demo()
    {
        var (code, asked, _) = Run(Nothing);
        Assert.Equal(0, code);
        Assert.Equal(new CnatOptions(), asked);
        Assert.False(asked!.IsRealCluster);
        Assert.True(asked.Demo);
    }

    [Fact]
    public void A_real_cluster_gets_no_demo_objects_and_no_definition_unless_asked_for()
    {
        var asked = Run("--kubeconfig", "k", "--context", "c").Asked!;
        Assert.Equal(("k", "c", true, false, false), (asked.Kubeconfig, asked.Context, asked.IsRealCluster, asked.Demo, asked.InstallCrd));
        asked = Run("--in-cluster", "--demo", "--install-crd").Asked!;
        Assert.True(asked.InCluster && asked.Demo && asked.InstallCrd);
        Assert.True(Run("--kubeconfig", "k", "--exit-when-done").Asked!.Demo);
    }

    [Fact]
    public void The_embedded_server_can_be_had_without_demo()
    {
        var asked = Run("--no-demo", "--port", "8001", "--write-kubeconfig", "here", "--verbose").Asked!;
        Assert.Equal((false, 8001, "here", true), (asked.Demo, asked.Port, asked.WriteKubeconfig, asked.Verbose));
    }

    [Fact]
    public void The_time_to_settle_is_given_in_seconds() =>
        Assert.Equal(TimeSpan.FromSeconds(2.5), Run("--exit-when-done", "--timeout", "2.5").Asked!.Timeout);

    [Fact]
    public void Work_is_shared_with_a_cluster_where_that_is_asked_for()
    {
        Assert.Null(Run(Nothing).Asked!.Cluster);
        Assert.Equal(new CnatCluster(), Run("--cluster").Asked!.Cluster);
        Assert.Equal(new CnatCluster { Host = "10.0.0.7", Port = 4054, Seed = "10.0.0.8:4053" }, Run("--kubeconfig", "k", "--cluster", "--cluster-host", "10.0.0.7", "--cluster-port", "4054", "--seed", "10.0.0.8:4053").Asked!.Cluster);
    }

    [Theory]
    [InlineData("builder", CnatFlavour.Builder)]
    [InlineData("informers", CnatFlavour.Informers)]
    [InlineData("Actors", CnatFlavour.Actors)]
    public void The_flavour_is_chosen_by_name(string name, CnatFlavour expected) => Assert.Equal(expected, Run("--flavour", name).Asked!.Flavour);

    [Fact]
    public void Health_and_metrics_are_told_where_a_port_is_given()
    {
        Assert.Null(Run(Nothing).Asked!.HealthPort);
        Assert.Equal(0, Run("--health-port", "0").Asked!.HealthPort);
    }

    [Theory]
    [InlineData("leave --flavour out", "--cluster", "--flavour", "actors")]
    [InlineData("give --cluster too", "--cluster-port", "4054")]
    [InlineData("give --cluster too", "--kubeconfig", "k", "--seed", "a:1")]
    [InlineData("give its --kubeconfig PATH too", "--cluster", "--seed", "a:1")]
    [InlineData("a number from 1 to 65535", "--cluster", "--cluster-port", "0")]
    [InlineData("give the other node's HOST:PORT", "--kubeconfig", "k", "--cluster", "--seed", "a")]
    [InlineData("give the other node's HOST:PORT", "--kubeconfig", "k", "--cluster", "--seed", ":1")]
    [InlineData("--kubeconfig and --in-cluster name two clusters", "--kubeconfig", "k", "--in-cluster")]
    [InlineData("--context chooses within a kubeconfig", "--context", "c")]
    [InlineData("--port and --write-kubeconfig are about the embedded server", "--in-cluster", "--port", "1")]
    [InlineData("--install-crd is about a real cluster", "--install-crd")]
    [InlineData("--no-demo leaves nothing for", "--no-demo", "--exit-when-done")]
    [InlineData("a port is a number from 0 to 65535", "--port", "70000")]
    [InlineData("give a number of seconds above 0", "--timeout", "0")]
    [InlineData("give a number of seconds above 0", "--timeout", "NaN")]
    [InlineData("Cannot parse argument 'many'", "--port", "many")]
    [InlineData("a port is a number from 0 to 65535", "--health-port", "65536")]
    [InlineData("Cannot parse argument 'plain'", "--flavour", "plain")]
    [InlineData("--unknown", "--unknown")]
    public void What_makes_no_sense_is_refused_with_the_reason(string expected, params string[] args)
    {
        var (code, asked, errors) = Run(args);
        Assert.NotEqual(0, code);
        Assert.Null(asked);
        Assert.Contains(expected, errors, StringComparison.Ordinal);
    }
}
