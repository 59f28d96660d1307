using Soar.Scripting;
using Soar.Scripting.Compare;

namespace Soar.Tests.Scripting.Compare;

public sealed class DiagramCompareTests
{
    private static string Head(string version = "1.0.0", string tlp = "Amber") => $"Playbook(\"test\", version: \"{version}\", type: PlaybookType.Mitigation, tlp: Tlp.{tlp}, summary: \"A test.\");\n";

    private static DiagramDifferences Of(string from, string to) => DiagramCompare.Of(Diagram.Of(Head() + from, "test.csx"), Diagram.Of(Head() + to, "test.csx"));

    private static string Say(DiagramDifferences both) => string.Join("; ", both.Things.Select(t => $"{t.Change} {t.Id}"));

    private const string Body = "// Warn\nawait Note(\"a\");\nawait Wait(1.Hours);\nawait Wait(2.Hours);\nreturn Outcome.Completed();\n";

    [Fact]
    public void The_same_text_shows_the_same()
    {
        var none = Of(Body, Body);
        Assert.Empty(none.Things);
        Assert.Empty(none.Header);
    }

    [Fact]
    public void A_step_put_before_others_of_its_kind_is_added_although_it_takes_their_id()
    {
        var added = Assert.Single(Of(Body, Body.Replace("await Wait(1.Hours);\n", "await Wait(5.Minutes);\nawait Wait(1.Hours);\n", StringComparison.Ordinal)).Things);
        Assert.Equal((ThingChange.Added, 4, null), (added.Change, added.ToLine, added.FromLine));
    }

    [Fact]
    public void What_says_something_else_is_changed_and_told_field_by_field()
    {
        var changed = Assert.Single(Of(Body, Body.Replace("Note(\"a\")", "Note(\"b\")", StringComparison.Ordinal)).Things);
        Assert.Equal((ThingChange.Changed, "warn", "Warn"), (changed.Change, changed.Id, changed.Label));
        Assert.Contains(changed.Fields, field => field.From.Contains("\"a\"", StringComparison.Ordinal) && field.To.Contains("\"b\"", StringComparison.Ordinal));
    }

    [Fact]
    public void What_is_left_out_is_removed_and_what_stands_elsewhere_is_moved()
    {
        var removed = Assert.Single(Of(Body, Body.Replace("// Warn\nawait Note(\"a\");\n", "", StringComparison.Ordinal)).Things);
        Assert.Equal((ThingChange.Removed, "warn", (int?)3, null), (removed.Change, removed.Id, removed.FromLine, removed.ToLine));
        Assert.Equal("Moved warn", Say(Of(Body, "await Wait(1.Hours);\nawait Wait(2.Hours);\n// Warn\nawait Note(\"a\");\nreturn Outcome.Completed();\n")));
    }

    [Fact]
    public void A_statement_put_into_an_if_shows_the_decision_that_is_new()
    {
        var things = Of(Body, Body.Replace("await Wait(1.Hours);\n", "if (DateTimeOffset.MinValue < Now)\n{\n    await Wait(1.Hours);\n}\n\n", StringComparison.Ordinal)).Things;
        Assert.Equal(("Decision", ThingChange.Added), (Assert.Single(things).Kind, things[0].Change));
    }

    [Fact]
    public void The_header_is_told_by_itself()
    {
        var both = DiagramCompare.Of(Diagram.Of(Head() + Body, "test.csx"), Diagram.Of(Head("1.1.0", "Red") + "On.Webhook(\"gate\");\nvar ttl = Input(\"ttl\", 1.Hours, \"How long\");\n" + Body, "test.csx"));
        Assert.Empty(both.Things);
        Assert.Equal(["version", "tlp", "triggers", "input ttl"], both.Header.Select(f => f.Field));
        Assert.Equal(("1.0.0", "1.1.0"), (both.Header[0].From, both.Header[0].To));
    }
}
