Playbook("ask-national-bureau", version: "1.0.0", type: PlaybookType.Notification, tlp: Tlp.Amber,
    summary: "Make a request for the national central bureau of Interpol, have it handed over, and keep asking until it is answered.");
var recipients = Input<string[]>("recipients", "The bureaus that it is for, for example NCB Berlin");
var country = Input("country", "XB", "Our own country, whose bureau transmits it");
var requester = Input<string>("requester", "The authority that asks");
var urgent = Input("urgent", false, "Before others");
var offence = Input<string>("offence", "The offence with its provision");
var facts = Input<string>("facts", "A summary of the facts");
var basis = Input<string>("basis", "What allows us to ask");
var asked = Input<string[]>("asked", "What is asked for, item by item");
var address = Input<IpAddress>("address", "The address that it is about", from: alert => alert.Source?.Ip);
var conditions = Input<string>("conditions", "What the recipients may do with it");
var officer = Input<string>("officer", "Who answers questions");
var attachments = Input<Artifact[]>("attachments", [], "Files that go with it, for example the original message");
var patience = Input("patience", 14.Days, "When an answer is needed");
var rounds = Input("rounds", 4, "How often the bureau is asked again");

// Which bureau transmits it?
var bureaus = await Contacts.Find(country, ContactKind.NationalBureau);
if (bureaus.Count == 0)
    return Outcome.Escalated($"No bureau is known for {country}: add it to the list 'contacts'");
var bureau = bureaus[0];

// Write the request down
var request = await Requests.Open(RequestKind.Assistance, bureau.Organisation, $"{offence}: {recipients}");

// Make the package
var due = Now + patience;
var package = await Interpol.Package(new AssistanceRequest(
    bureau.Organisation, recipients, requester, urgent ? RequestUrgency.Urgent : RequestUrgency.Routine, offence, facts, basis, asked,
    [new RequestSubject("ip", address.ToString())], conditions, officer, attachments, due), request.Reference);

// Hand it over; I-24/7 has no public interface
var handed = await Todo("liaison-officer", $"Hand {package.Archive.Name} ({package.Place ?? package.Archive.Sha256}) to {bureau.Organisation}, {bureau.Phone}, for {recipients}", within: 1.Days);
if (!handed.Approved)
{
    // Note that it was not handed over
    await Requests.Update(request.Number, RequestStatus.Withdrawn, $"{handed.Kind}: {handed.Reason}");
    return Outcome.Escalated($"{request} was not handed over");
}

// Start its clock
await Requests.Update(request.Number, RequestStatus.Sent, $"Handed over by {handed.By}: {handed.Reason}", due: due);

for (var round = 0; round <= rounds; round++)
{
    try
    {
        // Wait for the answer
        var answer = await Receive<string>("answered", within: patience);

        // Note the answer
        await Note($"{request} is answered: {answer.Value}");
        await Requests.Update(request.Number, RequestStatus.Answered, answer.Value);
        return Outcome.Completed($"{request} is answered");
    }
    catch (StepTimedOut)
    {
        // Ask the bureau again
        await Todo("liaison-officer", $"{request} is not answered: ask {bureau.Organisation}, {bureau.Phone}", within: 1.Days);
    }
}

// Note that nobody answers
await Requests.Update(request.Number, RequestStatus.Lapsed, $"Asked {rounds + 1} times without an answer");
return Outcome.Escalated($"{request} is not answered");
