Playbook("warn-facilities", version: "1.0.0", type: PlaybookType.Notification, tlp: Tlp.Green,
    summary: "Warn every facility of a threat, one mail each, await their acknowledgements and phone those who stay silent.");
On.Alert(alert => alert.Category == "threat" && alert.Severity >= 50);
var subject = Input("subject", "Bomb threat by mail: how to proceed", "Subject of the warning");
var instructions = Input("instructions", "A threat was mailed to public buildings. Keep the mail, do not answer it, follow your evacuation plan.", "What the facilities should do");
var patience = Input("patience", 2.Hours, "How long a facility may take to acknowledge");

// Whom do we warn?
var facilities = await Lists["facilities"];
if (facilities.Rows.Count == 0)
    return Outcome.NothingToDo("The list of facilities is empty");

// May we warn them all?
var decision = await Ask("duty-officer", $"Warn {facilities.Rows.Count} facilities: \"{subject}\"?", within: 30.Minutes);
if (!decision.Approved)
    return Outcome.Escalated($"The warning was not sent: {decision.Reason}");

// Warn every facility
var warnings = await TryForEach(facilities.Rows, facility => Mail.Send(
    EmailAddress.Parse(facility["mail"]), subject,
    $"{facility["name"]},\n\n{instructions}\n\nPlease acknowledge this mail: reference {facility["id"]}."), parallel: 8, tolerate: facilities.Rows.Count);

var silent = 0;

// Await every acknowledgement
await ForEach(facilities.Rows, async facility =>
{
    try
    {
        // Wait for its acknowledgement
        await Receive<string>($"acknowledged-{facility["id"]}", within: patience);
    }
    catch (StepTimedOut)
    {
        silent++;
        // Phone the silent facility
        await Todo("duty-officer", $"Phone {facility["name"]} at {facility["phone"]}: it has not acknowledged the warning");
    }
}, parallel: 1000);

// Write down who was reached
await Note($"{facilities.Rows.Count} facilities: {warnings.Count(warning => !warning.Succeeded)} could not be mailed, {silent} had to be phoned.");
return silent == 0 ? Outcome.Completed("Every facility has acknowledged") : Outcome.Completed($"{silent} facilities were phoned");
