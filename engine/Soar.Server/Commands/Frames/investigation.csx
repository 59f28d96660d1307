Playbook("NAME", version: "0.1.0", type: PlaybookType.Investigation, tlp: Tlp.Amber,
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
