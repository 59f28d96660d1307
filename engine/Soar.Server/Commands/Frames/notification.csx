Playbook("NAME", version: "0.1.0", type: PlaybookType.Notification, tlp: Tlp.Green,
    summary: "Say in one sentence who is told what, and what happens when they stay silent.");
var recipient = Input<EmailAddress>("recipient", "Who is told");
var text = Input<string>("text", "What they are told", from: alert => alert.Title);
var patience = Input("patience", 4.Hours, "How long an acknowledgement may take");

// Tell them
await Mail.Send(recipient, "Please acknowledge", $"{text}").Retry(3);

try
{
    // Wait for the acknowledgement
    var acknowledged = await Receive<string>("acknowledged", within: patience);
    return Outcome.Completed($"{recipient} acknowledged: {acknowledged.Value}");
}
catch (StepTimedOut)
{
    // Reach them another way
    var reached = await Todo("duty-officer", $"{recipient} has not acknowledged: reach them by telephone", within: 2.Hours);
    return reached.Approved ? Outcome.Completed(reached.Reason) : Outcome.Escalated($"{recipient} cannot be reached");
}
