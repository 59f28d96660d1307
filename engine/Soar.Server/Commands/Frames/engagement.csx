Playbook("NAME", version: "0.1.0", type: PlaybookType.Engagement, tlp: Tlp.AmberStrict,
    summary: "Say in one sentence whom this playbook leads on, and what is to be learnt from it.");
var name = Input<DomainName>("name", "The attacker's domain, whose visitors our decoy shall get");
var duration = Input("duration", 2.Days, "How long the decoy stands");

// May we lead them on?
var decoy = Dns.Sinkhole(name, duration, subdomains: true);   // prepared, not done; the resolver's settings name the decoy
var decision = await Ask("head-of-soc", $"Answer {name} with our decoy for {duration}?", decoy, within: 8.Hours);
if (!decision.Approved)
    return Outcome.Escalated(decision.Reason);

// Lead them to the decoy
await decoy;

// Give it its time
await Wait(duration);

// Have what it saw written down
var seen = await Todo("analyst", $"Write down what the decoy of {name} saw", within: 2.Days);
return seen.Approved ? Outcome.Completed(seen.Reason) : Outcome.Escalated($"nobody has looked at the decoy of {name}");
