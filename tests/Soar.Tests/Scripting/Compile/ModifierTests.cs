using Soar.Hosting;
using Soar.Scripting;
using static Soar.Tests.Scripting.Compile.Compiling;

namespace Soar.Tests.Scripting.Compile;

/// <summary>Modifiers of steps that are no actions, from the text to the call.</summary>
public sealed class ModifierTests
{
    [Fact]
    public async Task A_time_limit_carries_the_name_of_what_it_limits()
    {
        var kept = await Running.RunAsync(Head + """
            var work = All(Wait(1.Seconds), Wait(2.Seconds));
            await Look(3).Timeout(1.Hours);
            await Look(4).Titled("Look again").Timeout(1.Hours);
            await work.Timeout(1.Hours);
            // Everybody at once
            await ForEach(new[] { 1, 2 }, n => Wait(n.Seconds)).Timeout(1.Hours);
            await Run("other").Timeout(1.Hours);
            if (await Any(Wait(1.Days), Wait(2.Days), Wait(3.Days), Wait(4.Days)).Timeout(1.Hours) == 0) await (Look(5)).Timeout(1.Hours);
            var two = await AtLeast(2, Wait(1.Days), Look(6), Look(7)).Timeout(1.Hours);
            return Outcome.Completed($"{two}");

            async Step Look(int n)
            {
                await Wait(n.Seconds);
                await Wait(n.Minutes);
            }
            """, call => call.Action == BuiltIns.Run ? new Outcome("Completed") : null);
        Assert.Equal(
            ["look", "look-2", "all", "everybody-at-once", "run", "any", "look-3", "at-least"],
            kept.Calls.Where(c => c.Action == BuiltIns.Timeout).Select(c => c.Path));
        Assert.Equal(2, kept.Calls.Count(c => c.Options?.Title == "Look again"));
    }

    [Theory]
    [InlineData("await All(Wait(1.Seconds), Wait(2.Seconds)).Retry(3);", 1, 45)]
    [InlineData("await ForEach(new[] { 1 }, n => Wait(n.Seconds)).Timeout(1.Hours).Retry(3);", 1, 67)]
    [InlineData("await Run(\"other\").Retry(3);", 1, 20)]
    [InlineData("await Ask(\"lead\", $\"Go?\").Titled($\"x\").Retry(2);", 1, 40)]
    [InlineData("await Look().Retry(3);\nasync Step Look() => await Wait(1.Seconds);", 1, 14)]
    [InlineData("var all = All(Wait(1.Seconds), Wait(2.Seconds));\nawait all.Retry(3);", 2, 11)]
    [InlineData("Step step = Now.Hour > 3 ? Note(\"x\") : All(Wait(1.Seconds), Wait(2.Seconds));\nawait step.Retry(3);", 2, 12)]
    [InlineData("await (Now.Hour switch { > 3 => Wait(1.Seconds), _ => Note(\"x\") }).Retry(3);", 1, 68)]
    public async Task A_retry_of_what_is_no_action_is_refused_where_it_stands(string body, int line, int column)
    {
        var result = await BuildAsync(Head + body);
        var finding = Assert.Single(result.Diagnostics, d => d.Severity == PlaybookSeverity.Error);
        Assert.Equal(("SOAR1235", line + 1, column), (finding.Code, finding.Line, finding.Column));
        Assert.Contains("on the actions inside", finding.Remedy);
    }

    [Theory]
    [InlineData("await Note(\"x\").Retry(3);")]
    [InlineData("var list = await Lists[\"facilities\"].Retry(3);")]
    [InlineData("var look = Isp.Owner(IpAddress.Parse(\"192.0.2.1\"));\nawait look.Timeout(5.Seconds).Retry(3);")]
    [InlineData("await Look().Retry(3);\nStep Look() => Note(\"x\");")]
    [InlineData("foreach (var source in Intel.All) await source.Lookup(IpAddress.Parse(\"192.0.2.1\")).Titled($\"x\").Retry(3);")]
    [InlineData("Step step = All(Note(\"a\"), Note(\"b\"));\nawait step;\nstep = Note(\"c\");\nawait step.Retry(3);")]
    public async Task A_retry_of_an_action_is_fine_however_it_is_reached(string body) => await GoodAsync(Head + body);
}
