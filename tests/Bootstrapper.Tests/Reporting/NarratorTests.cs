using Images.Bootstrapper.Reporting;

namespace Images.Bootstrapper.Tests.Reporting;

public sealed class NarratorTests
{
    private readonly List<string> _said = [];

    [Fact]
    public void What_is_still_so_is_not_said_again_and_what_is_new_or_comes_back_is()
    {
        Narrator narrator = new(_said.Add);
        narrator.SayOnce("disk", "full").ShouldBeTrue();
        narrator.SayOnce("disk", "full").ShouldBeFalse();
        narrator.SayOnce("disk", "full", "slow").ShouldBeTrue();
        narrator.SayOnce("disk", "slow").ShouldBeFalse();
        narrator.SayOnce("disk", "full", "slow").ShouldBeTrue();
        narrator.SayOnce("memory", "full").ShouldBeTrue("it is another matter");
        _said.ShouldBe(["full", "slow", "full", "full"]);
    }

    [Fact]
    public void A_matter_that_was_settled_is_news_when_it_comes_back()
    {
        Narrator narrator = new(_said.Add);
        narrator.SayOnce("API", "away");
        narrator.Settle("API");
        narrator.SayOnce("API", "away");
        _said.ShouldBe(["away", "away"]);
    }

    [Fact]
    public void A_line_stands_on_the_console_and_in_the_trace()
    {
        using FakeMachine machine = new();
        Narrator.For(machine.Root, machine.Console).Say("it is so");
        machine.ConsoleLines.ShouldBe(["it is so"]);
        machine.Get(NodeConfig.NodePaths.Trace).ShouldContain("it is so");
    }
}
