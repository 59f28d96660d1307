Playbook("throw-out-intruder", version: "1.0.0", type: PlaybookType.Mitigation, tlp: Tlp.Amber,
    summary: "Throw out an intruder who guessed passwords: its address, the accounts it got into and the names they call, for a time, with a case, a ticket and a report to its provider.");
var address = Input<IpAddress>("address", "The attacking address", from: alert => alert.Source?.Ip);
var port = Input<int>("port", "Its source port: behind a shared address only the port tells the subscriber", from: alert => alert.Source?.Port);
var service = Input<int>("service", "Our port that was attacked", from: alert => alert.Destination?.Port);
var seen = Input<DateTimeOffset>("seen", "When it was seen", from: alert => alert.Time);
var ttl = Input("ttl", 24.Hours, "How long everything stays contained");

// Open a case
var incident = await Case.Open($"Intruder from {address}", severity: 80);
await Case.Observable(new Observable("ip", address.ToString()), Verdict.Malicious);

// Whose address is it?
var owner = await Isp.Owner(address);

// Open a ticket
var ticket = await Tickets.Create($"Intruder from {address}", $"Somebody guesses passwords on port {service}, from {address} ({owner.Name}, {owner.Network}), seen {seen}. Case {incident.Number}.");

var reach = new Reach(null, null);
try
{
    // What did it reach?
    reach = await Form<Reach>("analyst", $"Which accounts did {address} get into, and which names do they call now? Write them with commas, or nothing.", within: 30.Minutes);
}
catch (StepException nobody)
{
    // Tell that nobody has looked
    await Tickets.Comment(ticket.Key, $"Nobody has said what was reached ({nobody.Message}); the address alone can be contained.");
}

// Who are they?
var found = await ForEach(Parts(reach.Accounts), account => Identity.Find(account), parallel: 4);
var people = found.SelectMany(hits => hits).Select(hit => hit.Name).Distinct().ToList();
var names = Parts(reach.Names).Select(name => DomainName.Parse(name)).ToList();

// All of it is prepared, not done
var blocks = Firewall.All.Select(firewall => firewall.Block(address, ttl)).ToList();
var disables = people.Select(person => Identity.Disable(person, ttl)).ToList();
var sinkholes = names.Select(name => Dns.Sinkhole(name, ttl, subdomains: true)).ToList();
List<string> measures = [$"block {address}", .. people.Select(person => $"disable {person}"), .. names.Select(name => $"sinkhole {name}")];

// May we throw it out?
var decision = await Ask("shift-lead", $"{incident.Title}: may we {measures}, for {ttl}?", [.. blocks, .. disables, .. sinkholes], within: 1.Hours);
if (!decision.Approved)
{
    // Tell that nothing was done
    await Tickets.Comment(ticket.Key, $"Nothing was contained: {decision.Reason}");
    return Outcome.Escalated(decision.Reason);
}

// Throw it out everywhere
await All(All(blocks, parallel: 4), All(disables, parallel: 4), All(sinkholes, parallel: 4));

// Tell the colleagues
await Tickets.Comment(ticket.Key, $"Done, for {ttl}: {measures}.");
if (owner.AbuseContacts.Count == 0)
    return Outcome.Contained($"{owner.Name} names nobody to report to");

// Tell its provider
await Isp.Report(owner, address, template: "login-attack", kind: AbuseKind.LoginAttack, protocol: "tcp", sourcePort: port, ports: [service], firstSeen: seen);
return Outcome.Contained($"{owner.Name} is told");

string[] Parts(string? list) => (list ?? "").Split([',', ' ', '\n'], StringSplitOptions.RemoveEmptyEntries);

record Reach(string? Accounts, string? Names);
