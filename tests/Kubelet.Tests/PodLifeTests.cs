using System.Text.Json.Nodes;
using ApiServer.Tests.Support;

namespace ActorKube.Kubelet.Tests;

/// <summary>What a simulated node does with pods, on a clock that stands still but for the test.</summary>
public sealed class PodLifeTests
{
    private const string Pods = NodeServer.Pods;

    [Fact]
    public async Task A_container_that_ends_again_and_again_is_restarted_with_pauses_that_double()
    {
        await using var server = await NodeServer.StartAsync();
        using var watch = await server.WatchAsync($"{Pods}?watch=true");
        var told = ToldAsync(server,
            e => ((string?)e["reason"], (int)e["count"]!, (string?)e["involvedObject"]!["fieldPath"]) == ("BackOff", 2, "spec.containers{c}"),
            e => ((string?)e["reason"], (string?)e["source"]!["component"]) == ("Scheduled", "default-scheduler"),
            e => ((string?)e["reason"], (string?)e["source"]!["component"], (string?)e["source"]!["host"]) == ("Started", "kubelet", "simulated-node"));
        await server.CreatePodAsync("p", """{"containers":[{"name":"c","image":"i","command":["sh","-c","echo life; exit 7"]}]}""");

        // The first end is followed by a start at once, the second by a pause.
        var pod = await watch.UntilAsync(p => p.Reason() == "CrashLoopBackOff");
        Assert.Equal((1, 7, "Running"), ((int)pod.Container()["restartCount"]!, (int)pod.Container()["lastState"]!["terminated"]!["exitCode"]!, (string?)pod["status"]!["phase"]));
        Assert.Contains("back-off 10s restarting failed container=c", (string?)pod.Container()["state"]!["waiting"]!["message"], StringComparison.Ordinal);
        Assert.Equal("False", pod.Condition("Ready"));

        await server.Time.ArmedAsync(TimeSpan.FromSeconds(10));
        server.Time.Advance(TimeSpan.FromSeconds(10));
        pod = await watch.UntilAsync(p => p.Reason() == "CrashLoopBackOff" && (int)p.Container()["restartCount"]! == 2);
        Assert.Contains("back-off 20s", (string?)pod.Container()["state"]!["waiting"]!["message"], StringComparison.Ordinal);
        Assert.Equal("life\n", await server.Http.GetStringAsync($"{Pods}/p/log?previous=true"));
        await told;
    }

    /// <summary>Completes when events have told all that is asked for: they are written beside the pod's life.</summary>
    private static async Task ToldAsync(TestServer server, params Func<JsonNode, bool>[] all)
    {
        using var watch = await server.WatchAsync("/api/v1/namespaces/default/events?watch=true");
        var left = all.ToList();
        while (left.Count > 0)
        {
            var told = (await watch.NextAsync())!["object"]!;
            left.RemoveAll(f => f(told));
        }
    }

    [Fact]
    public async Task Containers_fail_as_often_as_their_annotation_says()
    {
        await using var server = await NodeServer.StartAsync();
        using var watch = await server.WatchAsync($"{Pods}?watch=true");

        await server.CreatePodAsync("p", """{"restartPolicy":"OnFailure","containers":[{"name":"c","image":"i"}]}""", ("fail-times", "1"), ("exit-code", "4"), ("run-time", "0"));

        var pod = await watch.UntilAsync(p => p.Phase() == "Succeeded");
        Assert.Equal((1, 4), ((int)pod.Container()["restartCount"]!, (int)pod.Container()["lastState"]!["terminated"]!["exitCode"]!));
        Assert.Equal("PodCompleted", (string?)pod.ConditionOf("Ready")["reason"]);
    }

    [Fact]
    public async Task Init_containers_run_one_after_another_before_the_others_start()
    {
        await using var server = await NodeServer.StartAsync();
        using var watch = await server.WatchAsync($"{Pods}?watch=true");

        await server.CreatePodAsync("p", """{"initContainers":[{"name":"one","image":"i","command":["sleep","5"]},{"name":"two","image":"i","command":["echo","x"]}],"containers":[{"name":"c","image":"i"}]}""");

        var waiting = await watch.UntilAsync(p => p["status"]!["initContainerStatuses"]?[0]!["state"]!["running"] is not null);
        Assert.Equal(("Pending", "PodInitializing", "False"), (waiting.Phase(), waiting.Reason(), waiting.Condition("Initialized")));
        server.Time.Advance(TimeSpan.FromSeconds(5));
        var running = await watch.UntilAsync(p => p.Phase() == "Running");
        Assert.Equal(("True", "True"), (running.Condition("Initialized"), running.Condition("Ready")));
        Assert.All(running["status"]!["initContainerStatuses"]!.AsArray(), s => Assert.Equal(0, (int)s!["state"]!["terminated"]!["exitCode"]!));
    }

    [Fact]
    public async Task An_init_container_that_fails_for_good_fails_its_pod()
    {
        await using var server = await NodeServer.StartAsync();
        using var watch = await server.WatchAsync($"{Pods}?watch=true");

        await server.CreatePodAsync("p", """{"restartPolicy":"Never","initContainers":[{"name":"one","image":"i","command":["false"]}],"containers":[{"name":"c","image":"i"}]}""");

        Assert.Equal("PodInitializing", (await watch.UntilAsync(p => p.Phase() == "Failed")).Reason());
    }

    [Fact]
    public async Task Readiness_comes_when_it_is_said_to_or_when_the_probe_succeeds()
    {
        await using var server = await NodeServer.StartAsync();
        using var watch = await server.WatchAsync($"{Pods}?watch=true");
        await server.CreatePodAsync("a", """{"containers":[{"name":"c","image":"i"}]}""", ("ready-delay", "30s"));
        Assert.Equal("False", (await watch.UntilAsync(p => p.Phase() == "Running")).Condition("Ready"));
        server.Time.Advance(TimeSpan.FromSeconds(30));
        Assert.Equal("True", (await watch.UntilAsync(p => p.Condition("Ready") == "True")).Condition("ContainersReady"));

        await server.CreatePodAsync("b", """{"containers":[{"name":"c","image":"i","command":["sh","-c","sleep 11; touch /tmp/ready; sleep 1000"],"readinessProbe":{"exec":{"command":["cat","/tmp/ready"]},"initialDelaySeconds":7,"periodSeconds":20}}]}""");
        await watch.UntilAsync(p => p.Phase() == "Running" && (string?)p["metadata"]!["name"] == "b");
        // Too early at 7 s; the file is there at 11 s, and seen at 27 s. Each step waits until the one before it has set its timer.
        await Task.WhenAll(server.Time.ArmedAsync(TimeSpan.FromSeconds(7)), server.Time.ArmedAsync(TimeSpan.FromSeconds(11)));
        server.Time.Advance(TimeSpan.FromSeconds(7));
        await server.Time.ArmedAsync(TimeSpan.FromSeconds(20));
        server.Time.Advance(TimeSpan.FromSeconds(4));
        await server.Time.ArmedAsync(TimeSpan.FromSeconds(1000));
        server.Time.Advance(TimeSpan.FromSeconds(16));
        await watch.UntilAsync(p => p.Condition("Ready") == "True" && (string?)p["metadata"]!["name"] == "b");
    }

    [Fact]
    public async Task A_startup_probe_holds_the_others_back_and_ends_a_container_that_never_starts()
    {
        await using var server = await NodeServer.StartAsync();
        using var watch = await server.WatchAsync($"{Pods}?watch=true");
        await server.CreatePodAsync("good", """{"containers":[{"name":"c","image":"i","command":["sh","-c","touch /tmp/up; sleep 1000"],"startupProbe":{"exec":{"command":["cat","/tmp/up"]},"initialDelaySeconds":9},"livenessProbe":{"exec":{"command":["false"]},"initialDelaySeconds":13,"failureThreshold":1}}]}""");
        var pod = await watch.UntilAsync(p => p.Phase() == "Running");
        Assert.Equal((false, false), ((bool)pod.Container()["started"]!, (bool)pod.Container()["ready"]!));
        await Task.WhenAll(server.Time.ArmedAsync(TimeSpan.FromSeconds(9)), server.Time.ArmedAsync(TimeSpan.FromSeconds(1000)));
        server.Time.Advance(TimeSpan.FromSeconds(9));
        pod = await watch.UntilAsync(p => p.Condition("Ready") == "True");
        Assert.True((bool)pod.Container()["started"]!);
        await server.Time.ArmedAsync(TimeSpan.FromSeconds(13));
        server.Time.Advance(TimeSpan.FromSeconds(13));
        await watch.UntilAsync(p => (int)p.Container()["restartCount"]! == 1);
        await server.OkAsync("DELETE", $"{Pods}/good?gracePeriodSeconds=0");

        await server.CreatePodAsync("bad", """{"containers":[{"name":"c","image":"i","command":["sleep","2000"],"startupProbe":{"exec":{"command":["false"]},"initialDelaySeconds":17,"failureThreshold":1}}]}""");
        await watch.UntilAsync(p => p.Phase() == "Running" && (string?)p["metadata"]!["name"] == "bad");
        await server.Time.ArmedAsync(TimeSpan.FromSeconds(17));
        server.Time.Advance(TimeSpan.FromSeconds(17));
        pod = await watch.UntilAsync(p => (string?)p["metadata"]!["name"] == "bad" && (int)p.Container()["restartCount"]! == 1);
        Assert.Equal(137, (int)pod.Container()["lastState"]!["terminated"]!["exitCode"]!);
    }

    [Fact]
    public async Task Deleting_at_once_succeeds_whoever_takes_the_pod_away_first()
    {
        // Between the mark and the removal of one request the simulator may remove what it sees going.
        await using var server = await NodeServer.StartAsync();
        using var watch = await server.WatchAsync($"{Pods}?watch=true");
        for (var i = 0; i < 300; i++)
        {
            await server.CreatePodAsync($"p{i}", """{"containers":[{"name":"c","image":"i"}]}""");
            await watch.UntilAsync(p => p.Phase() == "Running" && (string?)p["metadata"]!["name"] == $"p{i}");
            await server.OkAsync("DELETE", $"{Pods}/p{i}?gracePeriodSeconds=0");
        }
    }

    [Fact]
    public async Task A_container_whose_liveness_probe_fails_is_killed_and_restarted()
    {
        await using var server = await NodeServer.StartAsync();
        using var watch = await server.WatchAsync($"{Pods}?watch=true");
        await server.CreatePodAsync("p", """{"containers":[{"name":"c","image":"i","livenessProbe":{"exec":{"command":["cat","/tmp/healthy"]},"periodSeconds":1,"failureThreshold":1}}]}""");
        await watch.UntilAsync(p => p.Phase() == "Running");

        await server.Time.ArmedAsync(TimeSpan.FromSeconds(1));
        server.Time.Advance(TimeSpan.FromSeconds(1));

        var pod = await watch.UntilAsync(p => (int)p.Container()["restartCount"]! == 1);
        Assert.Equal(137, (int)pod.Container()["lastState"]!["terminated"]!["exitCode"]!);
    }

    [Fact]
    public async Task Logs_come_whole_in_part_and_as_they_are_written()
    {
        await using var server = await NodeServer.StartAsync();
        using var watch = await server.WatchAsync($"{Pods}?watch=true");
        await server.CreatePodAsync("p", """{"restartPolicy":"Never","containers":[{"name":"c","image":"i","command":["sh","-c","for i in 1 2 3; do echo line $i; done; sleep 10; echo late"]}]}""");
        await watch.UntilAsync(p => p.Phase() == "Running");

        Assert.Equal("line 1\nline 2\nline 3\n", await server.Http.GetStringAsync($"{Pods}/p/log"));
        Assert.Equal("line 3\n", await server.Http.GetStringAsync($"{Pods}/p/log?tailLines=1"));
        Assert.Equal("line 1\nli", await server.Http.GetStringAsync($"{Pods}/p/log?limitBytes=9"));
        Assert.Equal("2026-01-02T03:04:05.000000000Z line 3\n", await server.Http.GetStringAsync($"{Pods}/p/log?tailLines=1&timestamps=true"));
        using var following = new StreamReader(await server.Http.GetStreamAsync($"{Pods}/p/log?follow=true&tailLines=1"));
        Assert.Equal("line 3", await following.ReadLineAsync());

        server.Time.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal("late", await following.ReadLineAsync());
        Assert.Equal("late\n", await server.Http.GetStringAsync($"{Pods}/p/log?sinceSeconds=5"));
        Assert.Equal("late\n", await server.Http.GetStringAsync($"{Pods}/p/log?sinceTime=2026-01-02T03:04:10Z"));
        server.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.Null(await following.ReadLineAsync());
        await watch.UntilAsync(p => p.Phase() == "Succeeded");
    }

    [Fact]
    public async Task The_simulators_shell_knows_what_examples_use()
    {
        await using var server = await NodeServer.StartAsync();
        await server.OkAsync("POST", TestServer.ConfigMaps, TestServer.ConfigMap("cfg", "from a map"));
        using var watch = await server.WatchAsync($"{Pods}?watch=true");
        const string script = """
            # a comment
            i=0
            while [ $i -lt 2 ]; do echo "n=$i"; i=$((i + 1)); done
            if test -f /cfg/v && ! false; then cat /cfg/v; echo; elif true; then echo no; else echo never; fi
            echo one two > /tmp/f; cat < /tmp/f | wc -w
            export A=b; echo ${A}${MISSING:-default} "$NAME" '$A' $(echo sub)
            (exit 3) || echo failed with $?
            nosuch 2>/dev/null; echo $?
            """;
        await server.CreatePodAsync("p", new JsonObject
        {
            ["restartPolicy"] = "Never",
            ["volumes"] = JsonNode.Parse("""[{"name":"v","configMap":{"name":"cfg"}}]"""),
            ["containers"] = new JsonArray(new JsonObject
            {
                ["name"] = "c", ["image"] = "i", ["command"] = new JsonArray("sh", "-c", script),
                ["env"] = JsonNode.Parse("""[{"name":"NAME","valueFrom":{"fieldRef":{"fieldPath":"metadata.name"}}}]"""),
                ["volumeMounts"] = JsonNode.Parse("""[{"name":"v","mountPath":"/cfg"}]"""),
            }),
        }.ToJsonString());
        await watch.UntilAsync(p => p.Phase() == "Running");

        Assert.Equal("n=0\nn=1\nfrom a map\n2\nbdefault p $A sub\nfailed with 3\n127\n", await server.Http.GetStringAsync($"{Pods}/p/log"));
    }

    [Theory]
    [InlineData("while true; do :; done")]
    [InlineData("echo 'sh /tmp/a' > /tmp/a; sh /tmp/a")]
    public async Task A_script_that_would_never_stop_is_stopped(string script)
    {
        await using var server = await NodeServer.StartAsync();
        using var watch = await server.WatchAsync($"{Pods}?watch=true");

        await server.CreatePodAsync("p", new JsonObject
        {
            ["restartPolicy"] = "Never",
            ["containers"] = new JsonArray(new JsonObject { ["name"] = "c", ["image"] = "i", ["command"] = new JsonArray("sh", "-c", script) }),
        }.ToJsonString(), ("run-time.other", "1s"));
        await watch.UntilAsync(p => p.Phase() == "Running");
        server.Time.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal(137, (int)(await watch.UntilAsync(p => p.Phase() == "Failed")).Container()["state"]!["terminated"]!["exitCode"]!);
    }

    [Fact]
    public async Task A_gated_pod_starts_when_its_gates_are_gone_and_a_readiness_gate_keeps_it_unready()
    {
        await using var server = await NodeServer.StartAsync();
        using var watch = await server.WatchAsync($"{Pods}?watch=true");
        await server.CreatePodAsync("p", """{"schedulingGates":[{"name":"a.b/c"}],"readinessGates":[{"conditionType":"a.b/ok"}],"containers":[{"name":"c","image":"i"}]}""");
        var pod = (await watch.NextAsync())!["object"]!.AsObject();
        Assert.Equal("Pending", pod.Phase());
        Assert.Equal(("False", "SchedulingGated", "Scheduling is blocked due to non-empty scheduling gates"), (pod.Condition("PodScheduled"), (string?)pod.ConditionOf("PodScheduled")["reason"], (string?)pod.ConditionOf("PodScheduled")["message"]));

        pod["spec"]!.AsObject().Remove("schedulingGates");
        await server.OkAsync("PUT", $"{Pods}/p", pod.DeepClone());
        Assert.Equal("ReadinessGatesNotReady", (string?)(await watch.UntilAsync(p => p.Phase() == "Running")).ConditionOf("Ready")["reason"]);
    }
}
