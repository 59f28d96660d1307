Playbook("NAME", version: "0.1.0", type: PlaybookType.Detection, tlp: Tlp.Amber,
    summary: "Say in one sentence what this playbook looks for, and where.");
On.Schedule("0 0 * ? * *", zone: "UTC");   // every full hour
var words = Input("words", "bomb", "What stands in the subject of such mails");
var back = Input("back", 1.Hours, "How far back it looks");

// Has anybody sent one?
var found = await Mailbox.Search(subject: words, since: Now - back).Retry(3);
if (found.Total == 0)
    return Outcome.NothingToDo($"no mail with '{words}' in the last {back}");

// Open a case for them
var incident = await Case.Open($"{found.Total} mails with '{words}' in their subject", severity: 50);

// Note who sent them
await ForEach(found.Mails, mail => Case.Observable(new Observable("email", $"{mail.FromAddress}"), Verdict.Suspicious));
return Outcome.Completed($"case {incident.Number}: {found.Total} mails");
