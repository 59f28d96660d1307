using Soar.Connectors;
using Soar.Server.Settings;
using Soar.Testing;

namespace Soar.Server.Tests.Settings;

public sealed class TemplatesTests : IDisposable
{
    private readonly TempFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Holes_are_filled_once_and_a_value_with_braces_stays_text()
    {
        folder.File("report.en.md", "# About {Name}\n\nDear {Name}, {Text}\n");
        var mail = new Templates(folder.Path).Render("report", "en", new Dictionary<string, string> { ["Name"] = "{Text}", ["Text"] = "hello" });
        Assert.Equal("About {Text}", mail.Subject);
        Assert.Equal("Dear {Text}, hello\n", mail.Body);
    }

    [Theory]
    [InlineData("# A\n\n{Missing}\n", "{Missing} has no value")]
    [InlineData("# A\n\n{Empty}\n", "{Empty} has no value")]
    [InlineData("# A\n\n{open\n", "is never closed")]
    [InlineData("no subject\n", "the first line must be '# '")]
    public void A_template_that_cannot_be_filled_fails_by_name(string template, string problem)
    {
        folder.File("t.en.md", template);
        var error = Assert.Throws<SoarException>(() => new Templates(folder.Path).Render("t", "en", new Dictionary<string, string> { ["Empty"] = "" }));
        Assert.Contains(problem, error.Message);
        Assert.Contains("t.en.md", error.Message);
    }

    [Theory]
    [InlineData("../secret")]
    [InlineData("a/b")]
    [InlineData("")]
    public void A_name_that_is_a_path_is_refused(string name) =>
        Assert.Contains("is not a template's name", Assert.Throws<SoarException>(() => new Templates(folder.Path).Render(name, "en", new Dictionary<string, string>())).Message);

    [Fact]
    public void An_unknown_template_names_the_known_ones()
    {
        folder.File("intrusion.en.md", "# x\n");
        Assert.Contains("Known: intrusion.en", Assert.Throws<SoarException>(() => new Templates(folder.Path).Render("intrusoin", "en", new Dictionary<string, string>())).Message);
    }

    /// <summary>What a registry, a mail or an alert may say to get out of its hole.</summary>
    public static TheoryData<string> HostileValues => ["A\nBcc: all@victim.example", "A\r\n\r\nBcc: all@victim.example", "A\rB", "A\u2028B", "A\u2029B", "A\u0085B", "A\vB\fC\0D", "A\u001b[31mB", "\n# Another subject\n\nAnother text"];

    [Theory]
    [MemberData(nameof(HostileValues))]
    public void A_value_in_a_line_ends_neither_the_subject_nor_the_line(string value)
    {
        folder.File("report.en.md", "# About {Name}: {Reference}\n\nDear {Name},\nfirst\nlast\n");
        var mail = new Templates(folder.Path).Render("report", "en", new Dictionary<string, string> { ["Name"] = value, ["Reference"] = "SOAR-1" });
        Assert.StartsWith("About ", mail.Subject);
        Assert.EndsWith(": SOAR-1", mail.Subject);
        Assert.DoesNotContain(mail.Subject, character => char.IsControl(character) || character is '\u2028' or '\u2029');
        var lines = mail.Body.Split('\n');
        Assert.Equal(["first", "last", ""], lines[1..]);
        Assert.StartsWith("Dear ", lines[0]);
        Assert.DoesNotContain(lines[0], character => char.IsControl(character) || character is '\u2028' or '\u2029');
    }

    [Fact]
    public void A_hole_with_a_line_for_itself_may_become_several_lines_and_nothing_else_of_the_text_moves()
    {
        folder.File("report.en.md", "# Asked\n\nWhat is asked:\n\n{Asked}\n\nThe end.\n");
        var mail = new Templates(folder.Path).Render("report", "en", new Dictionary<string, string> { ["Asked"] = "one\r\n\r\ntwo\u2028three \0\n" });
        Assert.Equal("What is asked:\n\none\n\ntwo\nthree\n\nThe end.\n", mail.Body);
    }

    [Theory]
    [InlineData("invoice\u202Efdp.exe", "invoicefdp.exe")] // overridden direction: shown as invoiceexe.pdf
    [InlineData("\u2066exe\u2069.pdf\u200F\u061C", "exe.pdf")]
    [InlineData("pay\u200Bpal\u2060.exa\u00ADmple\uFEFF", "paypal.example")]
    [InlineData("pay\u200Cpal\u200D", "paypal")]
    [InlineData("hidden\U000E0041\U000E0042", "hidden")]
    [InlineData("می\u200Cخواهم", "می\u200Cخواهم")] // the joiners of other scripts belong to the word
    [InlineData("👩\u200D🚒", "👩\u200D🚒")]
    [InlineData("Министерство, Ελλάδα, 東京", "Министерство, Ελλάδα, 東京")]
    public void What_cannot_be_seen_or_turns_the_writing_around_is_left_out(string value, string shown)
    {
        folder.File("t.en.md", "# {Name}\n\n{Name}\n\nIt is {Name}.\n");
        var mail = new Templates(folder.Path).Render("t", "en", new Dictionary<string, string> { ["Name"] = value });
        Assert.Equal((shown, $"{shown}\n\nIt is {shown}.\n"), (mail.Subject, mail.Body));
    }

    [Fact]
    public void A_value_of_which_nothing_can_be_seen_is_none()
    {
        folder.File("t.en.md", "# t\n\n{Name}\n");
        var error = Assert.Throws<SoarException>(() => new Templates(folder.Path).Render("t", "en", new Dictionary<string, string> { ["Name"] = "\u200B\r\n\u202E" }));
        Assert.Contains("{Name} has no value that can be seen", error.Message);
    }

    [Fact]
    public void Plain_text_stays_as_it_is_written()
    {
        folder.File("t.en.md", "# {Name}\n\n{Name}\n");
        const string Value = "<b>*R&D*</b> [here](https://evil.example) #1 \\ `x`";
        var mail = new Templates(folder.Path).Render("t", "en", new Dictionary<string, string> { ["Name"] = Value });
        Assert.Equal((Value, Value + "\n"), (mail.Subject, mail.Body));
    }

    [Theory]
    [InlineData("[here](https://evil.example)", @"\[here\]\(https\:\/\/evil\.example\)")]
    [InlineData("![x](http://evil.example/pixel)", @"\!\[x\]\(http\:\/\/evil\.example\/pixel\)")]
    [InlineData("<img src=x onerror=alert(1)>", @"\<img src\=x onerror\=alert\(1\)\>")]
    [InlineData("a@b.example &amp; `x` *y* _z_ ~s~ |", @"a\@b\.example \&amp\; \`x\` \*y\* \_z\_ \~s\~ \|")]
    [InlineData("# heading\n===\n1. item\n    code\n\n- item", "\\# heading\\\n\\=\\=\\=\\\n1\\. item\\\ncode\n\n\\- item")]
    [InlineData("plain Words 12 ж", "plain Words 12 ж")]
    public void Where_Markdown_is_formatted_nothing_in_a_value_is_formatting(string value, string written)
    {
        folder.File("t.en.md", "# {Name}\n\n**What was said:**\n\n{Name}\n");
        var mail = new Templates(folder.Path).Render("t", "en", new Dictionary<string, string> { ["Name"] = value }, TemplateChannel.Markdown);
        Assert.Equal($"**What was said:**\n\n{written}\n", mail.Body);
        Assert.Equal(VisibleText.Line(value), mail.Subject);
    }

    [Fact]
    public void Every_shipped_template_is_filled_with_hostile_values_line_by_line()
    {
        var templates = Path.Combine(AppContext.BaseDirectory[..AppContext.BaseDirectory.IndexOf("/tests/", StringComparison.Ordinal)], "playbooks/templates");
        var files = Directory.GetFiles(templates, "*.md");
        Assert.NotEmpty(files);
        foreach (var file in files)
        {
            var text = File.ReadAllText(file).ReplaceLineEndings("\n");
            var values = System.Text.RegularExpressions.Regex.Matches(text, @"\{(\w+)\}", default, TimeSpan.FromSeconds(5)).Select(m => m.Groups[1].Value).Distinct().ToDictionary(n => n, n => $"{n}\r\nBcc: x\u202E");
            var name = Path.GetFileName(file).Split('.');
            var mail = new Templates(templates).Render(name[0], name[1], values);
            Assert.DoesNotContain('\n', mail.Subject);
            // Only where a hole has a line for itself does its value begin another.
            var alone = text.Split('\n').Count(line => values.Keys.Any(hole => line == $"{{{hole}}}"));
            Assert.Equal(alone, mail.Body.Split('\n').Count(line => line.StartsWith("Bcc:", StringComparison.Ordinal)));
        }
    }
}
