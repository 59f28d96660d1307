Playbook("warn-facilities", version: "1.1.0", type: PlaybookType.Notification, tlp: Tlp.Green,
    summary: "Warn every facility of a threat, one mail each, await their acknowledgements and phone those who stay silent.");
On.Alert(alert => alert.Category == "threat" && alert.Severity >= 50);
var subject = Input("subject", "Bomb threat by mail: how to proceed", "Subject of the warning");
var instructions = Input("instructions", "A threat was mailed to public buildings. Keep the mail, do not answer it, follow your evacuation plan.", "What the facilities should do");
var patience = Input("patience", 2.Hours, "How long a facility may take to acknowledge");

// Whom do we warn?
var facilities = await Lists["facilities"];
if (facilities.Rows.Count == 0)
    return Outcome.NothingToDo("The list of facilities is empty");

// Every row is read before anybody is asked: a column that is missing ends the run here, and a mail address that is none costs one telephone call, not the warning of all others.
var mailable = facilities.Rows.Where(facility => facility["id"].Length > 0 && EmailAddress.TryParse(facility["mail"], null, out _)).ToList();
var numberless = facilities.Rows.Count(facility => facility["phone"].Length == 0);
var flaws = (mailable.Count == facilities.Rows.Count ? "" : $" {facilities.Rows.Count - mailable.Count} have no mail address that can be used and will be phoned.")
    + (numberless == 0 ? "" : $" {numberless} have no telephone number.");

// May we warn them all?
var decision = await Ask("duty-officer", $"Warn {facilities.Rows.Count} facilities: \"{subject}\"?{flaws}", within: 30.Minutes);
if (!decision.Approved)
    return Outcome.Escalated($"The warning was not sent: {decision.Reason}");

// Warn every facility
var warnings = await TryForEach(mailable, facility => Mail.Send(
    EmailAddress.Parse(facility["mail"]), subject,
    $"{facility["name"]},\n\n{instructions}\n\nPlease acknowledge this mail: reference {facility["id"]}."), parallel: 8, tolerate: mailable.Count);
var mailed = warnings.Where(warning => warning.Succeeded).Select(warning => mailable[warning.Index]["id"]).ToHashSet();

var phoned = 0;
var unreached = new List<string>();

// Await every acknowledgement
await ForEach(facilities.Rows, async facility =>
{
    // Was it mailed at all?
    if (mailed.Contains(facility["id"]))
    {
        try
        {
            // Wait for its acknowledgement
            await Receive<string>($"acknowledged-{facility["id"]}", within: patience);
            return;
        }
        catch (StepTimedOut)
        {
            // Silence is answered by telephone, below.
        }
    }

    var telephone = facility["phone"].Length == 0 ? "a number that the list does not have" : facility["phone"];

    // Phone the silent facility
    var call = await Todo("duty-officer", $"Phone {facility["name"]} at {telephone}: it has not acknowledged the warning", within: patience);
    if (!call.Approved)
    {
        // Have somebody else reach it
        call = await Todo("head-of-soc", $"Reach {facility["name"]} (telephone {telephone}) yourself: the duty officer did not ({call.Reason})", within: patience);
    }

    if (call.Approved) phoned++;
    else unreached.Add(facility["name"]);
}, parallel: 1000);

// Write down who was reached
await Note($"{facilities.Rows.Count} facilities: {facilities.Rows.Count - mailed.Count} could not be mailed, {phoned} were phoned, {unreached.Count} were not reached{(unreached.Count == 0 ? "" : ": ")}{string.Join(", ", unreached)}.");
if (unreached.Count > 0)
    return Outcome.Escalated($"{unreached.Count} facilities were not reached: {string.Join(", ", unreached)}");
return phoned == 0 ? Outcome.Completed("Every facility has acknowledged") : Outcome.Completed($"{phoned} facilities were phoned");
