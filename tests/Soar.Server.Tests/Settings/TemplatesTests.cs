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
}
