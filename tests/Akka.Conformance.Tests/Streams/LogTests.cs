using Akka.Streams;
using Akka.Streams.Dsl;

namespace Akka.Conformance.Streams;

public class LogTests : StreamTest
{
    public LogTests() : base("akka.loglevel = DEBUG")
    {
    }

    [Fact]
    public void Log_writes_elements_and_completion_to_the_debug_log() =>
        EventFilter.Debug(contains: "[numbers]").Expect(3, () => Source.From([1, 2]).Log("numbers").RunWith(Sink.Ignore<int>(), Mat));

    [Fact]
    public void Log_writes_a_failure_to_the_error_log() =>
        EventFilter.Error(contains: "[numbers]").ExpectOne(() => Source.Failed<int>(Boom).Log("numbers").RunWith(Sink.Ignore<int>(), Mat));

    [Fact]
    public void Log_can_take_a_part_of_each_element() =>
        EventFilter.Debug(contains: "ten").ExpectOne(() => Source.Single(10).Log("numbers", _ => "ten").RunWith(Sink.Ignore<int>(), Mat));

    [Fact]
    public void Levels_can_be_chosen_by_attributes() =>
        EventFilter.Warning(contains: "[numbers]").ExpectOne(() => Source.Single(1).Log("numbers")
            .WithAttributes(Attributes.CreateLogLevels(onElement: Akka.Event.LogLevel.WarningLevel)).RunWith(Sink.Ignore<int>(), Mat));
}
