using Soar.Engine;
using Soar.Hosting;
using Soar.Server.Display;

namespace Soar.Server.Tests.Commands;

/// <summary>The lines of a run while it goes: titles, results in short, attempts, time.</summary>
public sealed class LiveLinesTests
{
    private static readonly StepTitles None = StepTitles.None;

    private static readonly RunEvent Ended = new(
        new RunId(Guid.Empty), RunEventKind.StepEnded, DateTimeOffset.UnixEpoch, Ordinal: 1, Path: "who-owns-it/isp-owner", Action: "isp.owner", Instance: "registry", Title: "Who owns it?", Attempt: 1, Detail: "Done");

    [Fact]
    public void A_step_is_called_by_its_title_and_shows_the_fields_by_which_people_know_its_result()
    {
        var e = Ended with { Result = """{"address":"203.0.113.7","name":"Kraken Telecom","handle":"KR-1","network":"203.0.113.0/24","abuseContact":"abuse@kraken.example","registry":"https://rdap.example"}""" };
        Assert.Equal("[green]✔[/] Who owns it? [grey]on registry[/]  Kraken Telecom, abuse@kraken.example, 203.0.113.7", EventText.Of(e, None));
        Assert.Equal("[green]✔[/] who-owns-it/isp-owner [grey]on registry[/]", EventText.Of(e with { Title = null, Result = null }, None));
        Assert.Equal("[green]✔[/] Warn every facility [[18]] [grey]on registry[/]", EventText.Of(Ended with { Title = "Warn every facility", Path = "warn-every-facility[17]/mail-send" }, None));
    }

    [Fact]
    public void Attempts_and_time_are_told_where_they_mean_something()
    {
        Assert.EndsWith("  [grey](attempt 3, 4.2 s)[/]", EventText.Of(Ended with { Attempt = 3 }, None, TimeSpan.FromSeconds(4.2)));
        Assert.EndsWith("on registry[/]", EventText.Of(Ended, None, TimeSpan.FromMilliseconds(3)));
        Assert.EndsWith("(3 minutes)[/]", EventText.Of(Ended, None, TimeSpan.FromSeconds(184)));
        // How long a person took says nothing about the step.
        Assert.DoesNotContain("minutes", EventText.Of(Ended with { Action = BuiltIns.Ask }, None, TimeSpan.FromMinutes(5)));
    }

    [Theory]
    [InlineData("""["a"]""", "  a")]
    [InlineData("""["a","b"]""", "  2 items")]
    [InlineData("null", "")]
    [InlineData("true", "  true")]
    [InlineData("""{"other":"x","more":5,"flag":true,"last":"z","yet":"y"}""", "  x, 5, z")]
    [InlineData("\"1.00:00:00\"", "  24 hours")]
    [InlineData("\"[red]\u001b[31m evil\\u202e\"", "  [[red]] [[31m evil ")]
    public void A_result_is_one_line_of_safe_text(string json, string said) =>
        Assert.Equal($"[green]✔[/] Who owns it? [grey]on registry[/]{said}", EventText.Of(Ended with { Result = json.Replace("\u001b", "\\u001b") }, None)?.TrimEnd('\n'));

    [Fact]
    public void A_long_result_is_cut()
    {
        var line = EventText.Of(Ended with { Result = $"\"{new string('x', 500)}\"" }, None)!;
        Assert.True(line.Length < 200 && line.EndsWith('…'), line);
    }

    [Theory]
    [InlineData("Approved", "go", "[green]✔[/] Shall we?  approved by ana: go")]
    [InlineData("Refused", "no", "[yellow]✘[/] Shall we?  refused by ana: no")]
    public void A_decision_is_told_with_who_made_it(string kind, string reason, string said) => Assert.Equal(said, EventText.Of(Ended with
    {
        Action = BuiltIns.Ask, Instance = "", Title = "Shall we?", Result = $$"""{"kind":"{{kind}}","by":"ana","reason":"{{reason}}","at":"2026-01-01T00:00:00Z"}""",
    }, None));

    [Fact]
    public void Steps_of_a_titled_block_are_called_by_it_and_numbered_only_in_loops()
    {
        var titles = StepTitles.Of("""
            // Who owns it, and who knows it?
            var (owner, reports) = await All(
                Isp.Owner(address),
                ForEach(Intel.All, source => source.Lookup(address)));
            // Warn every facility
            await ForEach(facilities, facility => Mail.Send(facility, "x"));
            await Note("done");
            """, "x.csx");
        string Name(string path) => titles.Name(Ended with { Title = null, Path = path });
        Assert.Equal("Who owns it, and who knows it? › isp-owner", Name("who-owns-it-and-who-knows-it[0]/isp-owner"));
        Assert.Equal("Who owns it, and who knows it? › intel-lookup [3]", Name("who-owns-it-and-who-knows-it[1]/for-each[2]/intel-lookup"));
        Assert.Equal("Warn every facility › mail-send [18]", Name("warn-every-facility[17]/mail-send"));
        Assert.Equal("note", Name("note#2"));
        Assert.Equal("Warn every facility", titles.OfLoop("warn-every-facility"));
    }
}
