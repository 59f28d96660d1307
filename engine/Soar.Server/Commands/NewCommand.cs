using System.CommandLine;
using Soar.Server.Display;

namespace Soar.Server.Commands;

/// <summary><c>soar new</c>: a playbook that checks and passes its tests, to be changed into one's own.</summary>
internal static class NewCommand
{
    public static Command Create()
    {
        var name = new Argument<string>("name") { Description = "Where in the playbooks' folder, for example containment/disable-account." };
        var command = new Command("new", "Makes a playbook and its tests, or a connector.") { name, NewConnectorCommand.Create() };
        CommandContext.Handle(command, (context, _) => Task.FromResult(Make(context, context.Parsed.GetRequiredValue(name))));
        return command;
    }

    private static int Make(CommandContext context, string name)
    {
        var plain = name.EndsWith(".csx", StringComparison.Ordinal) ? name[..^4] : name;
        var slug = Path.GetFileName(plain);
        if (slug.Length == 0 || !char.IsAsciiLetterLower(slug[0]) || slug.Any(c => !char.IsAsciiLetterLower(c) && !char.IsAsciiDigit(c) && c != '-'))
            throw new SoarException("SOAR5001", $"'{slug}' cannot be a playbook's name: write small letters, digits and hyphens, beginning with a letter, for example disable-account.");
        var playbook = Path.GetFullPath(Path.Combine(context.Workspace.Playbooks, plain + ".csx"));
        if (!playbook.StartsWith(context.Workspace.Playbooks + Path.DirectorySeparatorChar, StringComparison.Ordinal))
            throw new SoarException("SOAR5001", $"'{name}' leads out of the playbooks' folder {context.Workspace.Playbooks}.");
        var tests = Path.ChangeExtension(playbook, null) + ".tests.yaml";
        foreach (var file in new[] { playbook, tests })
            if (File.Exists(file)) throw new SoarException("SOAR5001", $"{file} exists already. Give another name, or change that file.");
        Directory.CreateDirectory(Path.GetDirectoryName(playbook)!);
        File.WriteAllText(playbook, Playbook(slug));
        File.WriteAllText(tests, Tests);
        context.Terminal.Line($"Made [bold]{Terminal.Safe(Relative(playbook))}[/] and its tests. Next:");
        context.Terminal.Line($"  soar check {Terminal.Safe(slug)}");
        context.Terminal.Line($"  soar test {Terminal.Safe(slug)}");
        context.Terminal.Line($"  soar graph {Terminal.Safe(slug)}");
        return CommandContext.Done;
    }

    private static string Relative(string path) => Path.GetRelativePath(Environment.CurrentDirectory, path);

    private static string Playbook(string slug) => $$"""
        Playbook("{{slug}}", version: "0.1.0", type: PlaybookType.Investigation, tlp: Tlp.Amber,
            summary: "Say in one sentence what this playbook is for.");
        On.Alert(alert => alert.Category == "intrusion");
        var address = Input<IpAddress>("address", "The address in question", from: alert => alert.Source?.Ip);

        // What is known of it?
        var reports = await ForEach(Intel.All, source => source.Lookup(address).Retry(3));
        if (!reports.Any(report => report.Verdict == Verdict.Malicious))
            return Outcome.FalsePositive($"no source calls {address} malicious");

        // What shall we do?
        var decision = await Ask("shift-lead", $"{address} is known to be malicious. Go on?", within: 1.Hours);
        return decision.Approved ? Outcome.Completed(decision.Reason) : Outcome.Escalated(decision.Reason);

        """;

    private const string Tests = """
        # soar test reads this file: each test answers the playbook's steps and people, and says what must come of it.
        alert: { id: "1", detector: test, title: "Test", category: intrusion, severity: 80, time: "2026-01-01T00:00:00Z", source: { ip: 203.0.113.7 } }

        tests:
          - name: An address that nobody knows is a false positive
            steps:
              intel.lookup: { returns: { source: test, verdict: Unknown, details: "" } }
            expect:
              outcome: FalsePositive

          - name: A known address goes on once the shift lead agrees
            steps:
              intel.lookup: { returns: { source: test, verdict: Malicious, details: "listed" } }
            people:
              shift-lead: { approve: "yes" }
            expect:
              outcome: Completed

          - name: A refusal escalates
            steps:
              intel.lookup: { returns: { source: test, verdict: Malicious, details: "listed" } }
            people:
              shift-lead: { refuse: "not now" }
            expect:
              outcome: Escalated

          - name: Without any source nothing is known
            instances: { Intel: [] }
            expect:
              outcome: FalsePositive

          - name: Nobody answers in time
            steps:
              intel.lookup: { returns: { source: test, verdict: Malicious, details: "listed" } }
            expect:
              outcome: Escalated

        """;
}
