Playbook("shut-out-attacker", version: "1.0.0", type: PlaybookType.Mitigation, tlp: Tlp.Amber,
    summary: "Shut out an address that attacks our servers: once the shift lead agrees it is blocked at every firewall for a time, with a case, a ticket and a report to its provider.");
var address = Input<IpAddress>("address", "The attacking address", from: alert => alert.Source?.Ip);
var port = Input<int>("port", "Its source port: behind a shared address only the port tells the subscriber", from: alert => alert.Source?.Port);
var service = Input<int>("service", "Our port that was attacked", from: alert => alert.Destination?.Port);
var seen = Input<DateTimeOffset>("seen", "When it was seen", from: alert => alert.Time);
var ttl = Input("ttl", 24.Hours, "How long it stays blocked");

// Open a case
var incident = await Case.Open($"Attack from {address}", severity: 80);
await Case.Observable(new Observable("ip", address.ToString()), Verdict.Malicious);

// Whose address is it?
var owner = await Isp.Owner(address);

var blocks = Firewall.All.Select(firewall => firewall.Block(address, ttl)).ToList();   // prepared, not done
// May we shut it out?
var decision = await Ask("shift-lead", $"Attack from {address} ({owner.Name}) on port {service}: may we block it for {ttl}?", blocks, within: 1.Hours);
if (!decision.Approved)
    return Outcome.Escalated(decision.Reason);

// Block it at every edge
await All(blocks, parallel: 4);

// Open a ticket
await Tickets.Create($"Attack from {address}", $"{address} ({owner.Name}, {owner.Network}) attacked port {service}, seen {seen}. Blocked for {ttl}: {decision.By} agreed. Case {incident.Number}.");
if (owner.AbuseContacts.Count == 0)
    return Outcome.Contained($"{owner.Name} names nobody to report to");

// Tell its provider
await Isp.Report(owner, address, template: "intrusion", protocol: "tcp", sourcePort: port, ports: [service], firstSeen: seen);
return Outcome.Contained($"{owner.Name} is told");
