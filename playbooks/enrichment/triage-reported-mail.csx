Playbook("triage-reported-mail", version: "1.1.0", type: PlaybookType.Investigation, tlp: Tlp.Amber,
    summary: "Take a reported mail apart: where it came from, its links and attachments, and what is known of them.");
On.Alert(alert => alert.Category == "phishing" && alert.Raw != null);
var raw = Input<Artifact>("mail", "The raw mail, as it was reported", from: alert => alert.Raw);

// Take the mail apart
var report = await Mime.Read(raw);
// People forward a suspicious mail as an attachment: then that one is what we look at.
var mail = report.Forwarded.Count > 0 ? report.Forwarded[0] : report;

// Open a case
await Case.Open($"Reported mail: {mail.Subject}", severity: 40);

// Keep the original as evidence
await Evidence.Seal(raw, $"Reported mail \"{mail.Subject}\" from {mail.From}");

var facts = new List<Observable>();
if (mail.FromAddress != null)
    facts.Add(new Observable("email", mail.FromAddress.Value));
foreach (var host in mail.Links.Select(link => link.Host).Distinct())
    facts.Add(new Observable("domain", host));
foreach (var attachment in mail.Attachments)
    facts.Add(new Observable("sha256", attachment.Sha256));
// What its text names, defanged or not, is looked up too.
facts = facts.Concat(mail.Observables).Distinct().ToList();

var provider = "unknown";
if (mail.Origin?.Ip is { IsSpecial: false } origin)
{
    facts.Add(new Observable("ip", origin.ToString()));
    try
    {
        // Who owns the first relay?
        var owner = await Isp.Owner(origin);
        provider = owner.Name;
    }
    catch (StepException failure)
    {
        // Note that the registry does not answer
        await Note($"The owner of {origin} could not be found: {failure.Message}");
    }
}

// What is known of each fact?
var verdicts = await ForEach(facts, async fact =>
{
    var answers = await ForEach(Intel.All, source => source.LookupObservable(fact).Retry(3));
    var worst = answers.Select(answer => answer.Verdict).DefaultIfEmpty(Verdict.Unknown).Max();
    await Case.Observable(fact, worst);
    return worst;
}, parallel: 4);

var deceptive = mail.Links.Count(link => link.Deceptive);
var repliesElsewhere = mail.FromAddress != null && mail.ReplyTo.Any(reply => reply.Domain != mail.FromAddress.Domain);
var unauthentic = mail.Authentication.Values.Any(result => result == "fail");
var malicious = verdicts.Count(verdict => verdict == Verdict.Malicious);

// Write down what was found
await Note($"From {mail.From}, first relay {mail.Origin?.Ip} ({provider}). {mail.Links.Count} links ({deceptive} deceptive), {mail.Attachments.Count} attachments, {malicious} facts known to be malicious.");

if (malicious > 0)
    return Outcome.Escalated($"{malicious} facts of this mail are known to be malicious");
if (deceptive > 0 || repliesElsewhere || unauthentic)
    return Outcome.Escalated("Nothing is known of it, but it hides where it comes from or leads to");
return Outcome.FalsePositive("Nothing is known against it and it hides nothing");
