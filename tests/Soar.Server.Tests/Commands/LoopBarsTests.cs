using Soar.Engine;
using Soar.Runs;
using Soar.Server.Display;

namespace Soar.Server.Tests.Commands;

/// <summary>How far a loop is: against its size where that is known, else counted.</summary>
public sealed class LoopBarsTests
{
    private static RunEvent Step(RunEventKind kind, int item, int of = 0, string id = "mail-send") =>
        new(default, kind, default, Ordinal: item, Path: $"warn-every-facility[{item}]/{id}", Of: of);

    [Fact]
    public void A_loop_over_a_collection_is_measured_against_its_size_from_the_first_item_on()
    {
        var bars = new LoopBars();
        for (var item = 0; item < 8; item++) bars.Take(Step(RunEventKind.StepStarted, item, item == 0 ? 700 : 0));
        Assert.Contains("0/700", Assert.Single(bars.Lines(StepTitles.None)));
        for (var item = 0; item < 8; item += 2) bars.Take(Step(RunEventKind.StepEnded, item));
        Assert.Contains("4/700", Assert.Single(bars.Lines(StepTitles.None)));
        // A second step of an item that was between two is not another item.
        bars.Take(Step(RunEventKind.StepStarted, 0, id: "receive"));
        Assert.Contains("3/700", Assert.Single(bars.Lines(StepTitles.None)));
        Assert.True(bars.IsInLong("warn-every-facility[3]/mail-send"));
        for (var item = 8; item < 700; item++) { bars.Take(Step(RunEventKind.StepStarted, item)); bars.Take(Step(RunEventKind.StepEnded, item)); }
        foreach (var item in new[] { 0, 1, 3, 5, 7 }) bars.Take(Step(RunEventKind.StepEnded, item));
        Assert.Empty(bars.Lines(StepTitles.None));
    }

    [Fact]
    public void Where_nobody_knows_how_many_there_are_only_what_is_done_is_counted()
    {
        var bars = new LoopBars();
        for (var item = 0; item < 40; item++) bars.Take(Step(RunEventKind.StepStarted, item));
        for (var item = 0; item < 30; item++) bars.Take(Step(RunEventKind.StepEnded, item));
        var line = Assert.Single(bars.Lines(StepTitles.None));
        Assert.Contains("30 done", line);
        Assert.DoesNotContain("30/", line);
        Assert.DoesNotContain("█", line);
    }

    [Fact]
    public void A_short_loop_has_no_bar_and_one_that_ended_early_leaves_none_behind()
    {
        var bars = new LoopBars();
        bars.Take(Step(RunEventKind.StepStarted, 0, of: 5));
        Assert.Empty(bars.Lines(StepTitles.None));
        Assert.False(bars.IsInLong("warn-every-facility[0]/mail-send"));
        bars.Take(Step(RunEventKind.StepStarted, 0, of: 100));
        bars.Take(Step(RunEventKind.StepEnded, 0));
        bars.Take(Step(RunEventKind.StepEnded, 0));
        Assert.Single(bars.Lines(StepTitles.None));
        bars.Take(new RunEvent(default, RunEventKind.StepStarted, default, Ordinal: 200, Path: "write-it-down"));
        Assert.Empty(bars.Lines(StepTitles.None));
    }
}
