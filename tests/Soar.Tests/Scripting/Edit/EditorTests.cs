using Soar.Scripting;
using Soar.Scripting.Edit;

namespace Soar.Tests.Scripting.Edit;

/// <summary>What each edit writes, to the character.</summary>
public sealed class EditorTests
{
    private const string Head = "Playbook(\"test\", version: \"1.0.0\", tlp: Tlp.Amber);\n\n";

    private static string Apply(string body, Func<Diagram, PlaybookEdit> edit)
    {
        var text = Head + body;
        var result = PlaybookEditor.Apply(text, "test.csx", edit(Diagram.Of(text, "test.csx")));
        Assert.Equal(text, TextChange.Apply(result.Text, TextChange.Inverse(text, result.Changes)));
        return result.Text[Head.Length..];
    }

    private static SoarException Refused(string body, PlaybookEdit edit) => Assert.Throws<SoarException>(() => PlaybookEditor.Apply(Head + body, "test.csx", edit));

    /// <summary>The thing whose code begins with this.</summary>
    private static string Thing(Diagram diagram, string body, string code)
    {
        var at = (Head + body).IndexOf(code, StringComparison.Ordinal);
        return diagram.Nodes.Select(node => (node.Id, node.Span)).Concat(diagram.Groups.Select(group => (group.Id, group.Span))).Where(thing => thing.Span.Start == at).OrderBy(thing => thing.Span.Length).First().Id;
    }

    [Fact]
    public void A_deleted_step_takes_its_title_and_its_comment_along_and_leaves_blank_lines_and_other_comments() =>
        Assert.Equal("// Detached\n\nawait Note(\"b\");\n", Apply("// Detached\n\n// A title\n// of two lines\nawait Note(\"a\"); // why\nawait Note(\"b\");\n", _ => new PlaybookEdit.Delete("a-title-of-two-lines")));

    [Theory]
    [InlineData("if (x)\n    await Note(\"a\");\n", "if (x)\n    { }\n")]
    [InlineData("if (x)\n    // T\n    await Note(\"a\"); // c\nelse\n    return;\n", "if (x)\n    { }\nelse\n    return;\n")]
    [InlineData("if (x) await Note(\"a\"); else return;\n", "if (x) { } else return;\n")]
    [InlineData("if (x) { await Note(\"a\"); return; }\n", "if (x) { return; }\n")]
    [InlineData("if (x) { var y = 1; await Note(\"a\"); }\n", "if (x) { var y = 1; }\n")]
    [InlineData("switch (x) { case 1: await Note(\"a\"); break; }\n", "switch (x) { case 1: break; }\n")]
    [InlineData("switch (x)\n{\n    case 1:\n        await Note(\"a\");\n        break;\n}\n", "switch (x)\n{\n    case 1:\n        break;\n}\n")]
    public void A_deleted_body_leaves_what_it_was_the_body_of(string body, string expected) =>
        Assert.Equal(expected, Apply(body, diagram => new PlaybookEdit.Delete(Thing(diagram, body, "Note("))));

    [Theory]
    [InlineData("// First\nawait Note(\"a\");\n", EditPlace.Before, "await Wait(1.Hours);\n// First\nawait Note(\"a\");\n")]
    [InlineData("await Note(\"a\"); // c\n\nreturn;\n", EditPlace.After, "await Note(\"a\"); // c\nawait Wait(1.Hours);\n\nreturn;\n")]
    [InlineData("await Note(\"a\");", EditPlace.After, "await Note(\"a\");\nawait Wait(1.Hours);")]
    [InlineData("if (x)\n    await Note(\"a\");\nreturn;\n", EditPlace.After, "if (x)\n{\n    await Note(\"a\");\n    await Wait(1.Hours);\n}\nreturn;\n")]
    [InlineData("if (x)\n    // T\n    await Note(\"a\");\nelse\n    return;\n", EditPlace.Before, "if (x)\n{\n    await Wait(1.Hours);\n    // T\n    await Note(\"a\");\n}\nelse\n    return;\n")]
    [InlineData("if (x) await Note(\"a\"); else return;\n", EditPlace.After, "if (x)\n{\n    await Note(\"a\");\n    await Wait(1.Hours);\n}\nelse return;\n")]
    [InlineData("if (x) { await Note(\"a\"); }\n", EditPlace.Before, "if (x) { await Wait(1.Hours); await Note(\"a\"); }\n")]
    [InlineData("if (x)\n{\n\tawait Note(\"a\");\n}\n", EditPlace.After, "if (x)\n{\n\tawait Note(\"a\");\n\tawait Wait(1.Hours);\n}\n")]
    public void A_step_is_inserted_beside_another(string body, EditPlace place, string expected) =>
        Assert.Equal(expected, Apply(body, diagram => new PlaybookEdit.Insert(Thing(diagram, body, "Note("), place, "await Wait(1.Hours);")));

    [Theory]
    [InlineData("if (x)\n    return;\nawait Note(\"a\");\n", "/false", "if (x)\n    return;\nelse\n{\n    await Wait(1.Hours);\n}\nawait Note(\"a\");\n")]
    [InlineData("if (x) {\n    return;\n} // c\nawait Note(\"a\");\n", "/false", "if (x) {\n    return;\n} // c\nelse {\n    await Wait(1.Hours);\n}\nawait Note(\"a\");\n")]
    [InlineData("if (x) { } else { await Note(\"a\"); }\n", "/true", "if (x) {\n    await Wait(1.Hours);\n} else { await Note(\"a\"); }\n")]
    [InlineData("if (x)\n{\n    return;\n}\nawait Note(\"a\");\n", "/true", "if (x)\n{\n    await Wait(1.Hours);\n    return;\n}\nawait Note(\"a\");\n")]
    [InlineData("foreach (var y in z)\n{\n}\nawait Note(\"a\");\n", "/entered", "foreach (var y in z)\n{\n    await Wait(1.Hours);\n}\nawait Note(\"a\");\n")]
    public void A_branch_that_does_nothing_is_filled(string body, string branch, string expected) =>
        Assert.Equal(expected, Apply(body, diagram => new PlaybookEdit.Insert(diagram.Branches.First(b => b.Id.EndsWith(branch, StringComparison.Ordinal)).Id, EditPlace.First, "await Wait(1.Hours);")));

    [Fact]
    public void The_first_step_goes_between_header_and_body_and_the_last_one_behind_all()
    {
        Assert.Equal("await Wait(1.Hours);\nawait Note(\"a\");\n", Apply("await Note(\"a\");\n", _ => new PlaybookEdit.Insert("start", EditPlace.After, "await Wait(1.Hours);")));
        Assert.Equal("await Note(\"a\");\nawait Wait(1.Hours);\n\nrecord R(int X);\n", Apply("await Note(\"a\");\n\nrecord R(int X);\n", _ => new PlaybookEdit.Insert("end", EditPlace.Before, "await Wait(1.Hours);")));
    }

    [Fact]
    public void A_variable_for_the_result_gets_a_name_that_nothing_has() =>
        Assert.Equal("var owner = 1;\nawait Note(\"a\");\nvar owner2 = await Isp.Owner(address);\n", Apply("var owner = 1;\nawait Note(\"a\");\n", _ => new PlaybookEdit.Insert("note", EditPlace.After, "await Isp.Owner(address);", "owner")));

    [Fact]
    public void A_moved_step_keeps_its_title_and_takes_the_indentation_of_where_it_goes()
    {
        const string body = "// Tell\nawait Note($\"\"\"\n    a\n    \"\"\"); // why\nif (x)\n{\n\t  await Wait(1.Hours);\n}\n";
        Assert.Equal("if (x)\n{\n\t  await Wait(1.Hours);\n\t  // Tell\n\t  await Note($\"\"\"\n    a\n    \"\"\"); // why\n}\n", Apply(body, _ => new PlaybookEdit.Move("tell", "wait", EditPlace.After)));
    }

    [Theory]
    [InlineData("await Note(\"a\");\n", "Tell", "// Tell\nawait Note(\"a\");\n")]
    [InlineData("//Old\n// words\nawait Note(\"a\");\n", "Tell", "// Tell\nawait Note(\"a\");\n")]
    [InlineData("// -----\n//  Old\n// -----\nawait Note(\"a\");\n", "Tell", "// -----\n//  Tell\n// -----\nawait Note(\"a\");\n")]
    [InlineData("// Old\nawait Note(\"a\");\n", "", "await Note(\"a\");\n")]
    [InlineData("if (x) { await Note(\"a\"); }\n", "Tell\nthem", "if (x) { \n    // Tell them\n    await Note(\"a\"); }\n")]
    public void A_title_is_the_comment_above(string body, string title, string expected) =>
        Assert.Equal(expected, Apply(body, diagram => new PlaybookEdit.SetTitle(Thing(diagram, body, "Note("), title)));

    [Theory]
    [InlineData(EditFrame.If, "ready", "if (ready)\n{\n    // T\n    await Note(\"a\"); // c\n}\n")]
    [InlineData(EditFrame.ForEach, "hosts", "foreach (var item in hosts)\n{\n    // T\n    await Note(\"a\"); // c\n}\n")]
    [InlineData(EditFrame.Try, null, "try\n{\n    // T\n    await Note(\"a\"); // c\n}\ncatch (StepException failure)\n{\n    await Note(failure.Message);\n}\n")]
    public void A_step_is_wrapped_with_its_title(EditFrame frame, string? value, string expected) =>
        Assert.Equal(expected, Apply("// T\nawait Note(\"a\"); // c\n", _ => new PlaybookEdit.Wrap("t", frame, value)));

    [Theory]
    [InlineData("address", 0, "host", "await Firewall.Block(host, ttl);\n")]
    [InlineData("duration", 1, "1.Hours", "await Firewall.Block(address, 1.Hours);\n")]
    [InlineData("note", 2, "\"x\"", "await Firewall.Block(address, ttl, \"x\");\n")]
    [InlineData("other", 5, "3", "await Firewall.Block(address, ttl, other: 3);\n")]
    [InlineData("duration", 1, null, "await Firewall.Block(address);\n")]
    public void An_argument_is_set_by_its_name_or_place(string name, int position, string? value, string expected) =>
        Assert.Equal(expected, Apply("await Firewall.Block(address, ttl);\n", _ => new PlaybookEdit.SetArgument("firewall-block", name, position, value)));

    [Fact]
    public void Conditions_items_and_reasons_are_set_as_arguments_are()
    {
        Assert.Equal("if (y > 2)\n    return;\n", Apply("if (x)\n    return;\n", diagram => new PlaybookEdit.SetArgument(diagram.Nodes.Single(n => n.Kind == DiagramNodeKind.Decision).Id, "condition", 0, "y > 2")));
        Assert.Equal("foreach (var a in c) { await Note(a); }\n", Apply("foreach (var a in b) { await Note(a); }\n", _ => new PlaybookEdit.SetArgument("foreach-a", "items", 0, "c")));
        Assert.Equal("return Outcome.Completed(\"done\");\n", Apply("return Outcome.Completed();\n", _ => new PlaybookEdit.SetArgument("end-completed", "reason", 0, "\"done\"")));
    }

    [Fact]
    public void Header_fields_are_written_as_C_sharp()
    {
        var text = Head + "return;\n";
        string With(HeaderField field, string value) => PlaybookEditor.Apply(text, "test.csx", new PlaybookEdit.SetHeader(field, value)).Text.Split('\n')[0];
        Assert.Equal("Playbook(\"test\", version: \"2.0.0\", tlp: Tlp.Amber);", With(HeaderField.Version, "2.0.0"));
        Assert.Equal("Playbook(\"test\", version: \"1.0.0\", tlp: Tlp.AmberStrict);", With(HeaderField.Tlp, "AmberStrict"));
        Assert.Equal("Playbook(\"test\", version: \"1.0.0\", tlp: Tlp.Amber, summary: \"Блокирај \\\"сега\\\"\");", With(HeaderField.Summary, "Блокирај \"сега\""));
        Assert.Contains("Amber", Refused("return;\n", new PlaybookEdit.SetHeader(HeaderField.Tlp, "Pink")).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("host) ; File.Delete(\"x\"", "SOAR1955")]
    [InlineData("host // and no more", "SOAR1955")]
    [InlineData("host, 3", "SOAR1955")]
    public void A_value_that_is_no_expression_is_refused(string value, string code) =>
        Assert.Equal(code, Refused("await Firewall.Block(address, ttl);\n", new PlaybookEdit.SetArgument("firewall-block", "address", 0, value)).Code);

    [Fact]
    public void What_cannot_be_done_is_refused_with_the_reason()
    {
        Assert.Equal("SOAR1954", Refused("return;\n", new PlaybookEdit.Delete("nothing")).Code);
        Assert.Contains("line 3", Refused("await All(Isp.Owner(a), Isp.Owner(b));\n", new PlaybookEdit.Delete("isp-owner")).Message, StringComparison.Ordinal);
        Assert.Contains("itself", Refused("if (x) { await Note(\"a\"); }\n", new PlaybookEdit.Move("if-x", "note", EditPlace.Before)).Message, StringComparison.Ordinal);
        Assert.Equal("SOAR1952", Refused("if (x { }\n", new PlaybookEdit.Delete("start")).Code);
        Assert.Equal("SOAR1955", Refused("return;\n", new PlaybookEdit.Insert("end", EditPlace.Before, "await Note(")).Code);
        Assert.Contains("braces", Refused("if (x)\n    if (y)\n        await Note(\"a\");\nawait Note(\"b\");\n", new PlaybookEdit.Insert("if-x/false", EditPlace.First, "await Wait(1.Hours);")).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("await Note(\"a\"); // why\nawait Note(\"b\"); // c\n", "await All(\n    Note(\"a\"), // why\n    Note(\"b\")); // c\n")]
    [InlineData("// One\nvar a = await Isp.Owner(x);\n\n// Two\nawait Intel.Lookup(x).Retry(3);\nreturn;\n", "var (a, _) = await All(\n    Isp.Owner(x).Titled(\"One\"),\n    Intel.Lookup(x).Retry(3).Titled(\"Two\"));\nreturn;\n")]
    [InlineData("if (x)\n{\n    var a = await Isp.Owner(\n        x);\n    var b = await Isp.Owner(y);\n}\n", "if (x)\n{\n    var (a, b) = await All(\n        Isp.Owner(\n            x),\n        Isp.Owner(y));\n}\n")]
    [InlineData("var (a, b) = await All(\n    Isp.Owner(x),\n    Isp.Owner(y)); // c\nvar d = await Isp.Owner(z);\n", "var (a, b, d) = await All(\n    Isp.Owner(x),\n    Isp.Owner(y),\n    Isp.Owner(z)); // c\n")]
    public void A_step_is_done_at_the_same_time_as_the_one_behind_it_and_both_keep_their_titles(string body, string expected) =>
        Assert.Equal(expected, Apply(body, diagram => new PlaybookEdit.Wrap(diagram.Groups.FirstOrDefault(group => group.Kind == DiagramGroupKind.Lanes)?.Id ?? diagram.Nodes.First(node => node.Kind is DiagramNodeKind.Step).Id, EditFrame.All, null)));

    [Fact]
    public void What_cannot_be_done_at_the_same_time_is_refused_with_the_reason()
    {
        Assert.Contains("needs what 'isp-owner' gives (a)", Refused("var a = await Isp.Owner(x);\nawait Note(a.Name);\n", new PlaybookEdit.Wrap("isp-owner", EditFrame.All, null)).Message, StringComparison.Ordinal);
        Assert.Contains("no step follows", Refused("await Note(\"a\");\nreturn;\n", new PlaybookEdit.Wrap("note", EditFrame.All, null)).Message, StringComparison.Ordinal);
        Assert.Contains("comment that belongs to neither", Refused("await Note(\"a\");\n\n// Loose\n\nawait Note(\"b\");\n", new PlaybookEdit.Wrap("note", EditFrame.All, null)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_copied_is_pasted_elsewhere_with_its_title_its_comments_and_its_texts()
    {
        var body = "if (x)\n{\n    // Look\n    foreach (var y in z) // all\n    {\n        await Note(@\"one\n  two\"); // why\n    }\n}\n";
        var code = PlaybookEditor.Copy(Head + body, "test.csx", "look");
        Assert.Equal("// Look\nforeach (var y in z) // all\n{\n    await Note(@\"one\n  two\"); // why\n}\n", code);
        Assert.Equal("if (q)\n{\n\tawait Wait(1.Hours);\n\t// Look\n\tforeach (var y in z) // all\n\t{\n\t\tawait Note(@\"one\n  two\"); // why\n\t}\n}\n",
            Apply("if (q)\n{\n\tawait Wait(1.Hours);\n}\n", _ => new PlaybookEdit.Insert("wait", EditPlace.After, code)));
    }

    [Fact]
    public void Several_statements_of_one_block_are_deleted_and_copied_from_one_through_the_other_whichever_was_chosen_first()
    {
        const string Body = "await Note(\"a\");\n\n// One\nawait Note(\"b\");\nvar x = 1;\n// Loose\n\nif (x > 0)\n{\n    await Wait(1.Hours); // w\n}\nreturn;\n";
        foreach (var (from, through) in new[] { ("one", "if-x-0"), ("if-x-0", "one") })
        {
            string Id(Diagram diagram, string name) => name == "one" ? name : diagram.Groups.First(group => group.Kind == DiagramGroupKind.Branch).Id;
            Assert.Equal("await Note(\"a\");\n\n// Loose\n\nreturn;\n", Apply(Body, diagram => new PlaybookEdit.Delete(Id(diagram, from), Id(diagram, through))));
            var shown = Diagram.Of(Head + Body, "test.csx");
            Assert.Equal("// One\nawait Note(\"b\");\nvar x = 1;\n// Loose\n\nif (x > 0)\n{\n    await Wait(1.Hours); // w\n}\n", PlaybookEditor.Copy(Head + Body, "test.csx", Id(shown, from), Id(shown, through)));
        }

        Assert.Contains("one block", Refused(Body, new PlaybookEdit.Delete("one", "wait")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_trigger_and_an_input_are_added_changed_and_taken_away()
    {
        const string Start = "Playbook(\"test\", version: \"1.0.0\", tlp: Tlp.Amber);\n// Who starts it\nOn.Alert(alert => alert.Severity > 70);\nvar address = Input<IpAddress>(\"address\", \"Which\"); // c\n\nawait Note(\"a\");\n";
        string Header(PlaybookEdit edit) => PlaybookEditor.Apply(Start, "test.csx", edit).Text;
        Assert.Equal(Start.Replace("70);\n", "70);\nOn.Webhook(\"gate\");\n", StringComparison.Ordinal), Header(new PlaybookEdit.SetHeaderLine(null, "On.Webhook(\"gate\");")));
        Assert.Equal(Start.Replace("// c\n", "// c\nvar ttl = Input(\"ttl\", 1.Hours, \"How long\");\n", StringComparison.Ordinal), Header(new PlaybookEdit.SetHeaderLine(null, "var ttl = Input(\"ttl\", 1.Hours, \"How long\");")));
        var changed = PlaybookEditor.Apply(Start, "test.csx", new PlaybookEdit.SetHeaderLine(1, "On.Alert(alert => alert.Severity > 80);"));
        Assert.Equal("8", Assert.Single(changed.Changes).Text);
        Assert.Equal(Start.Replace("// Who starts it\nOn.Alert(alert => alert.Severity > 70);\n", "", StringComparison.Ordinal), Header(new PlaybookEdit.SetHeaderLine(1, null)));
        Assert.Equal("SOAR1953", Assert.Throws<SoarException>(() => Header(new PlaybookEdit.SetHeaderLine(0, null))).Code);
        Assert.Equal("SOAR1955", Assert.Throws<SoarException>(() => Header(new PlaybookEdit.SetHeaderLine(1, "await Note(\"a\");"))).Code);
    }
}
