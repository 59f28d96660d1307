using Microsoft.Extensions.Logging.Abstractions;
using Soar.Capabilities;
using Soar.Connectors;
using Soar.Server.Rotas;
using Soar.Server.Settings;
using Soar.Testing;

namespace Soar.Server.Tests.Rotas;

/// <summary>Who is on duty when: week, calendar, overrides, and the nights in which the clock is changed.</summary>
public sealed class RotaTests : IDisposable
{
    private const string Weekly = """
        roles: { shift-lead: [ana, boris, vera] }
        rota:
          shift-lead:
            zone: Europe/Kyiv
            weekly:
              - { days: [monday, tuesday, wednesday, thursday, friday], from: "08:00", until: "20:00", who: [ana] }
              - { days: [monday, tuesday, wednesday, thursday], from: "20:00", until: "08:00", who: [boris] }
        """;

    private readonly TempFolder folder = new();

    public void Dispose() => folder.Dispose();

    private SoarSettings Read(string text) => SettingsFile.Read(folder.File("soar.yaml", text), new ConnectorRegistry(new ActionCatalog()), name => new ConnectorServices(name, TimeProvider.System, NullLogger.Instance, new Templates(folder.Path), folder.Path));

    private Duty At(string settings, string time) => new Rota(Read(settings), folder.Path).At("shift-lead", DateTimeOffset.Parse(time, System.Globalization.CultureInfo.InvariantCulture))!;

    private static string Said(Duty duty) => $"{string.Join("+", duty.Who)} by {duty.By} until {duty.Until?.ToUniversalTime():MM-dd HH:mm}";

    [Theory]
    [InlineData("2026-11-30T07:59:59+02:00", "ana+boris+vera by roles until 11-30 06:00")]  // a Monday
    [InlineData("2026-11-30T08:00:00+02:00", "ana by weekly until 11-30 18:00")]
    [InlineData("2026-11-30T19:59:59+02:00", "ana by weekly until 11-30 18:00")]
    [InlineData("2026-11-30T20:00:00+02:00", "boris by weekly until 12-01 06:00")]
    [InlineData("2026-12-01T03:00:00+02:00", "boris by weekly until 12-01 06:00")]
    [InlineData("2026-12-04T20:00:00+02:00", "ana+boris+vera by roles until 12-07 06:00")]
    public void A_week_goes_by_the_clock_on_the_wall_and_in_its_gaps_everybody_holds_the_role(string time, string said) => Assert.Equal(said, Said(At(Weekly, time)));

    [Fact]
    public void The_night_in_which_the_clock_is_changed_is_an_hour_longer()
    {
        // On Sunday, 25 October 2026 at 04:00 the clock goes back to 03:00.
        var settings = Weekly.Replace("[monday, tuesday, wednesday, thursday]", "[saturday]", StringComparison.Ordinal);
        Assert.Equal("boris by weekly until 10-25 06:00", Said(At(settings, "2026-10-24T20:00:00+03:00")));
        Assert.Equal("boris by weekly until 10-25 06:00", Said(At(settings, "2026-10-25T07:59:59+02:00")));
        Assert.StartsWith("ana+boris+vera", Said(At(settings, "2026-10-25T08:00:00+02:00")));
    }

    [Fact]
    public void An_override_goes_before_the_calendar_and_that_before_the_week()
    {
        folder.File("shifts.ics", "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nBEGIN:VEVENT\r\nUID:1\r\nDTSTAMP:20261101T000000Z\r\nDTSTART:20261130T080000Z\r\nDTEND:20261130T100000Z\r\nRRULE:FREQ=DAILY\r\nSUMMARY:vera, nobody.we.know\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n");
        var settings = Weekly + "\n    calendar: shifts.ics\n    overrides:\n      - { from: 2026-12-01T08:30:00Z, until: 2026-12-01T09:00:00Z, who: [boris] }\n";
        Assert.Equal("vera by calendar until 11-30 10:00", Said(At(settings, "2026-11-30T08:00:00Z")));
        Assert.Equal("ana by weekly until 11-30 18:00", Said(At(settings, "2026-11-30T10:00:00Z")));
        Assert.Equal("vera by calendar until 12-01 08:30", Said(At(settings, "2026-12-01T08:00:00Z")));
        Assert.Equal("boris by override until 12-01 09:00", Said(At(settings, "2026-12-01T08:30:00Z")));
        Assert.Equal("vera by calendar until 12-01 10:00", Said(At(settings, "2026-12-01T09:00:00Z")));

        File.WriteAllText(Path.Combine(folder.Path, "shifts.ics"), "no calendar at all");
        Assert.Equal("SOAR4008", Assert.Throws<SoarException>(() => At(settings, "2026-11-30T08:00:00Z")).Code);
    }

    [Fact]
    public void What_is_wrong_is_named()
    {
        var wrong = Assert.Throws<SoarException>(() => Read("roles: { shift-lead: [ana] }\nrota: { shift-lead: { zone: Europe/Kiew, weekly: [{ from: 8, until: '25:00', who: [boris] }] }, other: { weekly: [] } }\n")).Message;
        Assert.Contains("'Europe/Kiew' is no time zone", wrong);
        Assert.Contains("'25:00' is no time of day", wrong);
        Assert.Contains("boris does not hold this role", wrong);
        Assert.Contains("does not name this role", wrong);
    }
}
