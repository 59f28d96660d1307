Playbook("block-attacking-address", version: "1.0.0", type: PlaybookType.Mitigation, tlp: Tlp.Amber,
    summary: "Block an attacking address at every firewall once the shift lead agrees.");
On.Alert(alert => alert.Category == "intrusion" && alert.Severity >= 70);
var address = Input<IpAddress>("address", "The attacking address", from: alert => alert.Source?.Ip);
var ttl = Input("ttl", 24.Hours, "How long the block lasts");

// Who owns it, and who knows it?
var (owner, reports) = await All(
    Isp.Owner(address),
    ForEach(Intel.All, source => source.Lookup(address).Retry(3)));
if (!reports.Any(report => report.Verdict == Verdict.Malicious))
    return Outcome.FalsePositive($"{owner.Name}: no source calls it malicious");

// May we block it?
var blocks = Firewall.All.Select(firewall => firewall.Block(address, ttl)).ToList();   // prepared, not done
var decision = await Ask("shift-lead", $"Block {address} ({owner.Name}) for {ttl}?", blocks, within: 1.Hours);
if (!decision.Approved)
    return Outcome.Escalated(decision.Reason);

// Block it at every edge
await All(blocks, parallel: 4);

// Tell its provider
await Isp.Report(owner, address, template: "intrusion");
return Outcome.Contained();
