using Soar.Server.Tests.Connectors;

namespace Soar.Server.Tests.Commands;

/// <summary>A playbook means the same on every machine, whatever language and time zone its people have set.</summary>
public sealed class SameEverywhereTests : IDisposable
{
    private readonly Deployment deployment = new();

    public void Dispose() => deployment.Dispose();

    [Fact]
    public void Numbers_and_times_of_a_playbook_are_those_of_the_invariant_culture_and_of_UTC_on_a_Macedonian_machine_in_Tokyo()
    {
        deployment.Set("LANG", "mk_MK.UTF-8");
        deployment.Set("LC_ALL", "mk_MK.UTF-8");
        deployment.Set("TZ", "Asia/Tokyo");
        deployment.File("soar.yaml", "jail: accept-weaker\nhosts: 1\n");
        deployment.File("where.csx", """
            Playbook("where", version: "1.0.0", type: PlaybookType.Investigation, tlp: Tlp.Amber, summary: "A test.");
            string number = $"{1234.5}";
            var noon = DateTimeOffset.ParseExact("2026-03-01 12:00", "yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture);
            return Outcome.Completed($"{number} {1234.5} {noon.ToUnixTimeSeconds()} {noon.Offset.TotalHours} {Now.Offset.TotalHours}");
            """);

        var (exit, output) = deployment.Soar("run", "where");

        Assert.True(exit == 0, output);
        Assert.Contains("Completed: 1234.5 1234.5 1772366400 0 0", output); // 12:00 in UTC; in Tokyo it would be 1772334000, and a Macedonian writes 1234,5
    }
}
