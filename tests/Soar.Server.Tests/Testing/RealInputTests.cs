using Soar.Server.Testing;
using Soar.Testing;

namespace Soar.Server.Tests.Testing;

/// <summary>The shipped playbooks on alerts and mails that nobody here wrote.</summary>
public sealed class RealInputTests : IDisposable
{
    private readonly TempFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Every_real_mail_is_triaged_to_an_outcome()
    {
        Assert.SkipWhen(SharedSamples.Folder is null, SharedSamples.Absent);
        var mails = new[] { "eml", "eml-spamassassin", "dmarc-arf" }.SelectMany(f => Directory.GetFiles(SharedSamples.File(f)!)).Where(f => Path.GetExtension(f) is not (".tsv" or ".xml" or ".json")).Order(StringComparer.Ordinal).ToList();
        Assert.True(mails.Count >= 10, $"{mails.Count} mails");
        var tests = mails.Select((mail, n) =>
            $$"""
              - name: {{n}} {{Path.GetFileName(mail)}}
                alert: { id: "{{n}}", detector: reported-mail, title: Reported, category: phishing, time: "2026-01-01T08:00:00Z", raw: "{{mail}}" }
                expect: { steps: [take-the-mail-apart, open-a-case, keep-the-original-as-evidence, write-down-what-was-found] }

            """);
        var results = await RunAsync("enrichment/triage-reported-mail.csx", "steps:\n  isp.owner: { returns: { address: 192.0.2.1, name: N, handle: H, network: 192.0.2.0/24, registry: r } }\n"
            + "  intel.lookupobservable: { returns: { source: s, verdict: Unknown, details: \"\" } }\ntests:\n" + string.Concat(tests));

        Assert.Contains(results, r => r.Story!.Outcome!.Kind == "Escalated");
        Assert.Contains(results, r => r.Story!.Outcome!.Kind == "FalsePositive");
    }

    [Fact]
    public async Task Real_sensor_alerts_lead_to_the_question_whether_to_block()
    {
        Assert.SkipWhen(SharedSamples.Folder is null, SharedSamples.Absent);
        var files = Directory.GetFiles(SharedSamples.File("suricata-eve")!).Where(f => Path.GetExtension(f) == ".json").ToList();
        Assert.NotEmpty(files);
        var tests = files.Select((file, n) =>
            $$"""
              - name: {{n}} {{Path.GetFileName(file)}}
                alert: "{{file}}"
                expect: { outcome: Escalated, steps: [isp.owner, intel.lookup, soar.ask], effects: [] }

            """);
        await RunAsync("containment/block-attacking-address.csx", "steps:\n  isp.owner: { returns: { address: 192.0.2.1, name: N, handle: H, network: 192.0.2.0/24, registry: r } }\n"
            + "  intel.lookup: { returns: { source: s, verdict: Malicious, details: listed } }\npeople: { shift-lead: { refuse: \"a test\" } }\ntests:\n" + string.Concat(tests));
    }

    private async Task<IReadOnlyList<Soar.Server.Testing.TestResult>> RunAsync(string playbook, string tests)
    {
        var root = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(root, "Soar.sln"))) root = Path.GetDirectoryName(root)!;
        await using var bench = new Bench();
        var file = await bench.RunFileAsync(Path.Combine(root, "playbooks", playbook), folder.File("real.tests.yaml", tests));
        var failures = file.Results.Where(r => r.Failures.Count > 0).Select(r => $"{r.Test.Name}: {string.Join("; ", r.Failures)}").ToList();
        Assert.True(failures.Count == 0 && file.Problem is null, string.Join("\n", failures) + file.Problem);
        return file.Results;
    }
}
