Playbook("NAME", version: "0.1.0", type: PlaybookType.Prevention, tlp: Tlp.Amber,
    summary: "Say in one sentence which way this playbook shuts before anybody takes it.");
var name = Input<DomainName>("name", "The domain that nobody of ours shall reach");
var duration = Input("duration", 30.Days, "How long it is shut");

// Does any source speak for it?
var reports = await ForEach(Intel.All, source => source.LookupObservable(new Observable("domain", $"{name}")).Retry(3));
if (reports.Any(report => report.Verdict == Verdict.Benign))
    return Outcome.FalsePositive($"{name} is known to be benign");

// May we shut it?
var shut = Dns.Sinkhole(name, duration, subdomains: true);   // prepared, not done
var decision = await Ask("shift-lead", $"Let nobody reach {name} for {duration}?", shut, within: 4.Hours);
if (!decision.Approved)
    return Outcome.Escalated(decision.Reason);

// Shut it
await shut;
return Outcome.Contained($"{name} leads nowhere for {duration}");
