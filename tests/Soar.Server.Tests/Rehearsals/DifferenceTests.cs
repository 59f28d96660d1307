using System.Text.Json;
using Soar.Capabilities;
using Soar.Hosting;
using Soar.Server.Rehearsals;

namespace Soar.Server.Tests.Rehearsals;

/// <summary>In what two rehearsed runs differ.</summary>
public sealed class DifferenceTests
{
    private static RehearsedStep Step(string path, string arguments = "{}", Effect? effect = Effect.Contains, string instance = "edge-1", int depth = 0) =>
        new(path, effect is null ? "soar.wait" : "firewall.block", instance, effect, depth, JsonDocument.Parse(arguments).RootElement, DeliveryKind.Done, null);

    private static RehearsedRun Run(params RehearsedStep[] steps) => new(RehearsalVerdict.Wanted, "Contained", null, steps, 0, [], []);

    private static string[] Kinds(RehearsedRun published, RehearsedRun draft) => [.. RehearsalDifference.Between(published, draft).Select(difference => difference.Kind.ToString())];

    [Fact]
    public void Where_a_step_stands_and_what_it_is_called_is_no_difference()
    {
        Assert.Empty(Kinds(Run(Step("block", """{"a":1}"""), Step("wait", effect: null)), Run(Step("wait", effect: null), Step("shut-the-door", """{"a":1}"""))));
    }

    [Fact]
    public void The_same_effect_once_more_is_one_that_was_added()
    {
        var difference = Assert.Single(RehearsalDifference.Between(Run(Step("block")), Run(Step("block"), Step("block#2"))));
        Assert.Equal((DifferenceKind.EffectAdded, "block#2", "firewall.block", null, "edge-1 {}"), (difference.Kind, difference.Step, difference.Action, difference.From, difference.To));
    }

    [Fact]
    public void Other_arguments_or_another_instance_change_an_effect()
    {
        var difference = Assert.Single(RehearsalDifference.Between(Run(Step("block", """{"ttl":"1h"}""")), Run(Step("block", """{"ttl":"2h"}"""))));
        Assert.Equal((DifferenceKind.EffectChanged, """edge-1 {"ttl":"1h"}""", """edge-1 {"ttl":"2h"}"""), (difference.Kind, difference.From, difference.To));
        Assert.Equal(["EffectChanged"], Kinds(Run(Step("block")), Run(Step("block", instance: "edge-2"))));
    }

    [Fact]
    public void A_sub_playbook_s_step_is_not_taken_for_one_of_the_playbook_s_own()
    {
        Assert.Equal(["EffectAdded", "EffectGone"], Kinds(Run(Step("block", """{"a":1}""")), Run(Step("block", """{"a":2}""", depth: 1))));
    }

    [Fact]
    public void What_weighs_most_stands_first()
    {
        var draft = Run(Step("block"), Step("wait", effect: null)) with { Outcome = "Escalated", Reason = "why" };
        Assert.Equal(["EffectAdded", "EffectGone", "Outcome", "StepAdded"], Kinds(Run(Step("other", """{"b":1}""")), draft));
        Assert.Equal("Escalated: why", RehearsalDifference.Between(Run(), draft).Single(difference => difference.Kind == DifferenceKind.Outcome).To);
    }

    [Fact]
    public void Who_does_not_want_the_alert_does_nothing_about_it()
    {
        Assert.Equal(["Verdict", "EffectGone"], Kinds(Run(Step("block")), RehearsedRun.NotWanted));
        Assert.Empty(Kinds(RehearsedRun.NotWanted, RehearsedRun.NotWanted));
        Assert.Equal(["Verdict"], Kinds(RehearsedRun.NotWanted, RehearsedRun.Failed("it throws")));
    }
}
