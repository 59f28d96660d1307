Playbook("NAME", version: "0.1.0", type: PlaybookType.Mitigation, tlp: Tlp.Amber,
    summary: "Say in one sentence what this playbook stops, and how.");
On.Alert(alert => alert.Category == "intrusion" && alert.Severity >= 70);
var address = Input<IpAddress>("address", "The address to be stopped", from: alert => alert.Source?.Ip);
var duration = Input("duration", 24.Hours, "How long it is stopped");

// May we stop it?
var blocks = Firewall.All.Select(firewall => firewall.Block(address, duration)).ToList();   // prepared, not done
var decision = await Ask("shift-lead", $"Block {address} for {duration}?", blocks, within: 1.Hours);
if (!decision.Approved)
    return Outcome.Escalated(decision.Reason);

// Stop it everywhere
await All(blocks, parallel: 4);

// Note what was done
await Note($"{address} is blocked for {duration}: {decision.Reason}");
return Outcome.Contained();
