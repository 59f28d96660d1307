using Soar.Capabilities;
using Soar.Connectors.LocalIndicators;
using Soar.Testing;

namespace Soar.Tests.Connectors.LocalIndicators;

public sealed class LocalIndicatorsTests : IDisposable
{
    private readonly TempFolder folder = new();

    public void Dispose() => folder.Dispose();

    private LocalIndicatorsConnector Connector(params string[] files) => new(new LocalIndicatorsSettings { Files = files }, Given.Services(folder.Path));

    private static async Task<Verdict> Look(LocalIndicatorsConnector connector, string type, string value) =>
        (await connector.LookupObservableAsync(new Observable(type, value), Given.Context(), CancellationToken.None)).Verdict;

    [Fact]
    public async Task Every_type_of_value_is_found_in_a_csv()
    {
        folder.File("own.csv", """
            # our own list
            value,type,details,verdict
            203.0.113.0/24,ip,"a whole ""bad"" network, all of it",suspicious
            203.0.113.66,ip,scanner,
            2001:db8::/32,network,,malicious
            evil[.]example,domain,phishing,Malicious
            hxxp://bad.example/login?x=1,url,,malicious
            E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855,sha256,empty,benign
            d41d8cd98f00b204e9800998ecf8427e,hash,,suspicious
            Boss@Evil.Example,email,,malicious
            invoice.exe,file,,malicious
            nonsense,ip,,malicious
            x.example,domain,,dreadful
            """);
        await using var connector = Connector("own.csv");
        var report = await connector.LookupAsync(IpAddress.Parse("203.0.113.7"), Given.Context(), CancellationToken.None);
        Assert.Equal(("instance", Verdict.Suspicious, "203.0.113.0/24: a whole \"bad\" network, all of it"), (report.Source, report.Verdict, report.Details));
        Assert.Equal("scanner", (await connector.LookupAsync(IpAddress.Parse("203.0.113.66"), Given.Context(), CancellationToken.None)).Details);
        foreach (var (type, value, verdict) in new[]
        {
            ("ip", "203.0.113.66", Verdict.Malicious), ("ip", "2001:db8:1::1", Verdict.Malicious), ("ip", "198.51.100.1", Verdict.Unknown), ("ip", "203.0.112.0/23", Verdict.Unknown),
            ("domain", "EVIL.example.", Verdict.Malicious), ("domain", "www.evil.example", Verdict.Malicious), ("domain", "notevil.example", Verdict.Unknown), ("domain", "example", Verdict.Unknown),
            ("url", "http://bad.example/login?x=1", Verdict.Malicious), ("url", "http://bad.example/", Verdict.Unknown), ("url", "https://a.evil.example/x", Verdict.Malicious), ("url", "http://203.0.113.66/", Verdict.Malicious),
            ("sha256", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", Verdict.Benign), ("md5", "D41D8CD98F00B204E9800998ECF8427E", Verdict.Suspicious),
            ("email", "boss@evil.example", Verdict.Malicious), ("email", "any@evil.example", Verdict.Malicious), ("file", "INVOICE.exe", Verdict.Malicious),
            ("ip", "garbage", Verdict.Unknown), ("nothing", "x", Verdict.Unknown),
        })
            Assert.Equal(verdict, await Look(connector, type, value));
        var test = await connector.TestAsync(CancellationToken.None);
        Assert.True(test.Ok);
        Assert.Contains("9 indicators", test.Message);
        Assert.Contains("2 entries could not be used, such as own.csv, row 12", test.Message);
    }

    [Fact]
    public async Task Stix_bundles_of_others_are_read()
    {
        await using var connector = new LocalIndicatorsConnector(
            new LocalIndicatorsSettings { Files = [Samples.Path("stix/cti-stix2-json-schemas__indicators-for-C2-with-COA.json"), Samples.Path("stix/misp-stix__test_event2_stix21.json")] }, Given.Services());
        var test = await connector.TestAsync(CancellationToken.None);
        Assert.True(test.Ok, test.Message);
        Assert.Equal(Verdict.Malicious, await Look(connector, "ip", "10.0.0.0"));
    }

    [Theory]
    [InlineData("[ipv4-addr:value = '203.0.113.66']", "ip=203.0.113.66")]
    [InlineData("[ipv4-addr:value = '203.0.113.66' OR ipv6-addr:value = '2001:db8::1']", "ip=203.0.113.66,ip=2001:db8::1")]
    [InlineData("[ipv4-addr:value ISSUBSET '203.0.113.0/24']", "ip=203.0.113.0/24")]
    [InlineData("[domain-name:value = 'a.example'] OR [url:value = 'http://b.example/]x']", "domain=a.example,url=http://b.example/]x")]
    [InlineData("[domain-name:value IN ('a.example', 'b.example')]", "domain=a.example,domain=b.example")]
    [InlineData("[file:hashes.'SHA-256' = 'aa' AND file:name = 'x.exe']", "sha256=aa?,file=x.exe?")]
    [InlineData("[file:hashes.MD5 = 'aa'] FOLLOWEDBY [email-message:from_ref.value = 'a@b.example']", "md5=aa?,email=a@b.example?")]
    [InlineData("[domain-name:value = 'it\\'s']", "domain=it's")]
    [InlineData("[domain-name:value != 'a.example']", "")]
    [InlineData("[domain-name:value NOT = 'a.example']", "")]
    [InlineData("[domain-name:value LIKE '%.example']", "")]
    [InlineData("[file:size = 7]", "")]
    [InlineData("[[[", "")]
    [InlineData("'", "")]
    [InlineData("domain-name:value =", "")]
    public void Patterns_are_read_and_values_that_only_count_together_are_told(string pattern, string expected) =>
        Assert.Equal(expected, string.Join(',', StixPattern.Read(pattern).Select(found => $"{found.Type}={found.Value}{(found.Alone ? "" : "?")}")));

    [Fact]
    public async Task Revoked_expired_and_doubtful_indicators_count_as_what_they_are()
    {
        folder.File("x.json", """
            {"type":"bundle","objects":[
              {"type":"indicator","pattern_type":"stix","pattern":"[domain-name:value = 'revoked.example']","revoked":true},
              {"type":"indicator","pattern_type":"stix","pattern":"[domain-name:value = 'old.example']","valid_until":"2020-01-01T00:00:00Z"},
              {"type":"indicator","pattern_type":"stix","pattern":"[domain-name:value = 'odd.example']","indicator_types":["anomalous-activity"]},
              {"type":"indicator","pattern_type":"stix","pattern":"[domain-name:value = 'weak.example']","confidence":10},
              {"type":"indicator","pattern_type":"stix","pattern":"[domain-name:value = 'good.example']","indicator_types":["benign"]},
              {"type":"indicator","pattern_type":"yara","pattern":"rule x {}"}, 7, {"type":"indicator"}]}
            """);
        await using var connector = Connector("x.json");
        Assert.Equal(Verdict.Unknown, await Look(connector, "domain", "revoked.example"));
        Assert.Equal(Verdict.Unknown, await Look(connector, "domain", "old.example"));
        Assert.Equal(Verdict.Suspicious, await Look(connector, "domain", "odd.example"));
        Assert.Equal(Verdict.Suspicious, await Look(connector, "domain", "weak.example"));
        Assert.Equal(Verdict.Benign, await Look(connector, "domain", "good.example"));
        Assert.Contains("2 entries could not be used", (await connector.TestAsync(CancellationToken.None)).Message);
    }

    [Fact]
    public async Task A_changed_file_is_read_again_and_a_broken_one_keeps_the_last_good_state()
    {
        var path = folder.File("own.csv", "type,value\ndomain,a.example\n");
        await using var connector = Connector("own.csv");
        Assert.Equal(Verdict.Malicious, await Look(connector, "domain", "a.example"));
        File.WriteAllText(path, "type,value\ndomain,b.example\ndomain,c.example\n");
        Assert.Equal(Verdict.Unknown, await Look(connector, "domain", "a.example"));
        Assert.Equal(Verdict.Malicious, await Look(connector, "domain", "b.example"));
        File.WriteAllText(path, "{ half a json");
        Assert.Equal(Verdict.Malicious, await Look(connector, "domain", "b.example"));
        File.Delete(path);
        Assert.Equal(Verdict.Malicious, await Look(connector, "domain", "b.example"));
        File.WriteAllText(path, "type,value\ndomain,d.example\n");
        Assert.Equal(Verdict.Malicious, await Look(connector, "domain", "d.example"));
    }

    [Fact]
    public async Task A_byte_order_mark_is_passed_over_in_csv_and_stix()
    {
        folder.File("a.csv", "\uFEFFtype,value\ndomain,a.example\n");
        folder.File("b.json", "\uFEFF{\"type\":\"indicator\",\"pattern\":\"[domain-name:value = 'b.example']\"}");
        await using var connector = Connector("a.csv", "b.json");
        Assert.Equal(Verdict.Malicious, await Look(connector, "domain", "a.example"));
        Assert.Equal(Verdict.Malicious, await Look(connector, "domain", "b.example"));
    }

    [Fact]
    public async Task A_file_that_never_could_be_read_fails_by_name()
    {
        await using var missing = Connector("nowhere.csv");
        Assert.False((await missing.TestAsync(CancellationToken.None)).Ok);
        var failure = await Assert.ThrowsAsync<ConnectorFailure>(() => missing.LookupAsync(IpAddress.Parse("203.0.113.1"), Given.Context(), CancellationToken.None));
        Assert.Equal(FailureKind.Permanent, failure.Kind);
        Assert.Contains("nowhere.csv", failure.Message);
        folder.File("bad.csv", "a,b\n1,2\n");
        Assert.Contains("columns type and value", (await Connector("bad.csv").TestAsync(CancellationToken.None)).Message);
    }

    private static readonly Observable Evil = new("domain", "EVIL[.]example");

    private LocalIndicatorsConnector Own() => new(new LocalIndicatorsSettings { Own = true }, Given.Services(folder.Path, new Soar.Tests.Engine.ManualClock()));

    [Fact]
    public async Task What_is_submitted_is_kept_once_under_its_key_judged_by_and_outlives_the_process()
    {
        await using (var connector = Own())
        {
            Assert.Equal(Verdict.Unknown, await Look(connector, "domain", "www.evil.example"));
            Assert.Equal(ProbeAnswer.Absent, (await connector.ProbeSubmitAsync(Evil, Verdict.Malicious, "", Given.Context("aa"), CancellationToken.None)).Answer);
            for (var i = 0; i < 2; i++)
                await connector.SubmitAsync(Evil, Verdict.Malicious, "phishing, \"kit\" 7\nsecond line", Given.Context("aa"), CancellationToken.None);
            Assert.True((await connector.ProbeSubmitAsync(Evil, Verdict.Malicious, "", Given.Context("aa"), CancellationToken.None)).Ours);
        }
        await using var again = Own();
        var report = await again.LookupObservableAsync(new Observable("url", "https://www.evil.example/x"), Given.Context(), CancellationToken.None);
        Assert.Equal((Verdict.Malicious, "evil.example: phishing, \"kit\" 7 second line (2026-03-02T09:00:00Z)"), (report.Verdict, report.Details));
        var file = Path.Combine(folder.Path, "connectors", "instance", "submitted.csv");
        Assert.Equal(2, File.ReadAllLines(file).Length);

        // The newest judgement counts, and a line that was never finished counts for nothing.
        File.AppendAllText(file, "\"ip\",\"203.0.113.66\",\"malic");
        await again.SubmitAsync(Evil, Verdict.Benign, "=cmd()", Given.Context("bb"), CancellationToken.None);
        Assert.Equal(Verdict.Benign, await Look(again, "domain", "evil.example"));
        Assert.Equal(Verdict.Unknown, await Look(again, "ip", "203.0.113.66"));
        Assert.Contains("\"'=cmd()\"", File.ReadAllText(file));
    }

    [Fact]
    public async Task Sightings_are_kept_once_and_told_newest_first()
    {
        await using var connector = Own();
        var at = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
        foreach (var (day, key, kind) in new[] { (1, "aa", SightingKind.Seen), (3, "bb", SightingKind.FalsePositive), (2, "cc", SightingKind.Seen), (3, "bb", SightingKind.FalsePositive) })
            await connector.SightAsync(Evil, kind, at.AddDays(day), Given.Context(key), CancellationToken.None);
        await connector.SightAsync(new Observable("domain", "other.example"), SightingKind.Seen, at, Given.Context("dd"), CancellationToken.None);
        var seen = await connector.SightingsAsync(new Observable("domain", "evil.example."), Given.Context(), CancellationToken.None);
        Assert.Equal([3, 2, 1], seen.Select(sighting => (sighting.At - at).Days));
        Assert.Equal((SightingKind.FalsePositive, "instance"), (seen[0].Kind, seen[0].Source));
        Assert.True((await connector.ProbeSightAsync(Evil, SightingKind.Seen, at, Given.Context("cc"), CancellationToken.None)).Ours);
    }

    [Fact]
    public async Task An_instance_that_only_reads_and_what_is_no_observable_or_judgement_are_refused_alike_by_the_simulator()
    {
        await using var reading = Connector("nowhere.csv");
        await using var own = Own();
        foreach (var (intel, observable, verdict, reason) in new (IIntel, Observable, Verdict, string)[]
        {
            (reading, Evil, Verdict.Malicious, "unsupported"), ((IIntel)reading.Simulator, Evil, Verdict.Malicious, "unsupported"), (own, Evil, Verdict.Unknown, "verdict"), ((IIntel)own.Simulator, Evil, Verdict.Unknown, "verdict"),
            (own, new Observable("ip", "300.1.1.1"), Verdict.Malicious, "observable"), ((IIntel)own.Simulator, new Observable("ip", "300.1.1.1"), Verdict.Malicious, "observable"),
        })
        {
            var failure = await Assert.ThrowsAsync<ConnectorFailure>(() => intel.SubmitAsync(observable, verdict, "why", Given.Context(), CancellationToken.None));
            Assert.Equal((FailureKind.Permanent, reason), (failure.Kind, failure.Reason));
        }
        Assert.Empty(Directory.EnumerateFileSystemEntries(folder.Path));
    }
}
