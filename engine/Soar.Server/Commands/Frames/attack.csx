Playbook("NAME", version: "0.1.0", type: PlaybookType.Attack, tlp: Tlp.AmberStrict,
    summary: "Say in one sentence which attack this playbook rehearses, on whom, and how it is told from a real one.");
var recipient = Input<EmailAddress>("recipient", "Who gets the rehearsed mail");
var patience = Input("patience", 1.Days, "How long they may take to report it");

// May we rehearse it?
var mail = Mail.Send(recipient, "Your mailbox is almost full", "Log in at https://login.exercise.example to keep your mails.");   // prepared, not done
var decision = await Ask("head-of-soc", $"Send a rehearsed phishing mail to {recipient}?", mail, within: 1.Days);
if (!decision.Approved)
    return Outcome.Escalated(decision.Reason);

// Send it
await mail;
var sent = Now;

try
{
    // Wait until it is reported
    var reported = await Receive<string>("reported", within: patience);
    return Outcome.Completed($"{recipient} reported it after {reported.At - sent}");
}
catch (StepTimedOut)
{
    // Tell them what it was
    await Mail.Send(recipient, "The mail about your mailbox was an exercise", "Please report such mails to the SOC: that is how the next real one is stopped.");
    return Outcome.Completed($"{recipient} did not report it within {patience}");
}
