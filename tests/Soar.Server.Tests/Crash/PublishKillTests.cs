using System.Globalization;
using Soar.Runs;
using Soar.Server.Node;
using Soar.Storage;
using Soar.Testing;

namespace Soar.Server.Tests.Crash;

/// <summary>
/// <c>kill -9</c> of the real program while two playbooks are published together, half of the times at the moment at which the store shows them: both are published or neither, each version once and with
/// its text, and what is current is what runs. <c>SOAR_KILLS</c> sets how often, <c>SOAR_SEED</c> repeats a run.
/// </summary>
public sealed class PublishKillTests(ITestOutputHelper output) : IDisposable
{
    private static readonly string[] Names = ["caller", "called"];

    private readonly TempFolder folder = new();

    public void Dispose() => folder.Dispose();

    private static string Text(string name, string version) =>
        $"Playbook(\"{name}\", version: \"{version}\", type: PlaybookType.Investigation, tlp: Tlp.Amber, summary: \"A test.\");\nawait Note(\"{name} {version}\");\nreturn Outcome.Completed(\"{name} {version}\");\n";

    [Fact]
    public async Task Killed_at_any_instant_versions_that_are_published_together_are_all_there_or_none_and_none_twice()
    {
        var kills = int.Parse(Environment.GetEnvironmentVariable("SOAR_KILLS") ?? "4", CultureInfo.InvariantCulture);
        var seed = int.Parse(Environment.GetEnvironmentVariable("SOAR_SEED") ?? "1", CultureInfo.InvariantCulture);
        var random = new Random(seed);
        foreach (var name in Names) folder.File($"{name}.csx", Text(name, "0.0.1"));
        await using var soar = new SoarProcess(folder.Path, folder.File("soar.yaml", "approvals: []\n"));
        await soar.StartAsync();
        // The first compile takes its time; the instants are to meet the writing.
        Assert.NotNull(await soar.TryCallAsync(Calls.Publish, Call("1.0.0")));
        var (written, answered) = (0, 0);
        for (var kill = 1; kill <= kills; kill++)
        {
            var version = $"1.0.{kill}";
            var publishing = soar.TryCallAsync(Calls.Publish, Call(version));
            if (kill % 2 == 0) await UntilWrittenAsync(soar, version, publishing);
            else await Task.WhenAny(publishing, Task.Delay(random.Next(1, 250), TestContext.Current.CancellationToken)); // the instant of the kill
            await soar.KillAsync();
            if (await publishing is not null) answered++;
            var there = await VersionsAsync(soar);
            Assert.True(there.Count(v => v.Version == version) is 0 or 2, $"seed {seed}: only one of two is published as {version}");
            written += there.Any(v => v.Version == version) ? 1 : 0;

            await soar.StartAsync();
            // Whoever got no answer publishes again; where it was published already, that is what is answered.
            var again = await soar.TryCallAsync(Calls.Publish, Call(version));
            Assert.Equal(2, again!.Value.GetArrayLength());
            if (there.Any(v => v.Version == version))
                Assert.Equal("SOAR2070", (await Assert.ThrowsAsync<SoarException>(() => soar.TryCallAsync(Calls.Publish, Call(version, "// another text\n")))).Code);
        }

        var run = new RunId((await soar.TryCallAsync(Calls.Start, new RunCall("", null, new Dictionary<string, System.Text.Json.JsonElement>(), RunMode.Live, "harness", "caller")))!.Value.GetGuid());
        output.WriteLine($"seed {seed}: {kills} kills, {written} of them after it was written, {answered} after it was answered");
        Assert.True(written > 0, $"seed {seed}: no kill came after a version was written");
        await AssertPublishedAsync(soar, kills, run);
    }

    private static async Task AssertPublishedAsync(SoarProcess soar, int kills, RunId run)
    {
        var expected = Enumerable.Range(0, kills + 1).Select(n => $"1.0.{n}").Order(StringComparer.Ordinal).ToList();
        using var reader = Reader(soar);
        foreach (var name in Names)
        {
            var versions = await reader.Versions.ListAsync(name);
            Assert.Equal(expected, versions.Select(v => v.Version).Order(StringComparer.Ordinal));
            Assert.Equal(kills + 1, (await reader.Versions.TurnsAsync(name)).Count);
            foreach (var version in versions) Assert.Equal(Text(name, version.Version), (await reader.Versions.FindAsync(name, version.Version))!.Source);
        }

        Assert.All(await reader.Versions.CurrentAsync(), current => Assert.Equal($"1.0.{kills}", current.Version));
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        Run? ended;
        while ((ended = await reader.Runs.FindAsync(run)) is not { EndedAt: not null }) await tick.WaitForNextTickAsync(patience.Token);
        Assert.Contains($"caller 1.0.{kills}", ended.Result, StringComparison.Ordinal);
        using var key = AuditTrail.Find(soar.Store);
        Assert.Null(await reader.Audit.VerifyAsync(key));
    }

    private PublishCall Call(string version, string more = "") => new([.. Names.Select(name => new TextToPublish(Path.Combine(folder.Path, $"{name}.csx"), Text(name, version) + more, "ana", "bojan", null))], "", "ana");

    /// <summary>Until the store shows the version, or the call ends without.</summary>
    private static async Task UntilWrittenAsync(SoarProcess soar, string version, Task publishing)
    {
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(1));
        using var reader = Reader(soar);
        while (!publishing.IsCompleted && (await reader.Versions.ListAsync(Names[0])).All(v => v.Version != version)) await tick.WaitForNextTickAsync(CancellationToken.None);
    }

    private static async Task<IReadOnlyList<PublishedVersion>> VersionsAsync(SoarProcess soar)
    {
        using var reader = Reader(soar);
        var all = new List<PublishedVersion>();
        foreach (var name in Names) all.AddRange(await reader.Versions.ListAsync(name));
        return all;
    }

    private static NodeReader Reader(SoarProcess soar) => SoarNode.OpenReader(new Soar.Server.Settings.Workspace(null, soar.Store, soar.Store, soar.Store));
}
