Playbook("preserve-data", version: "1.0.0", type: PlaybookType.Notification, tlp: Tlp.Amber,
    summary: "Ask a provider or a 24/7 point to preserve data (Budapest Convention, Articles 16 and 29), and see that the preservation never lapses unnoticed.");
var custodian = Input<string>("custodian", "Who holds the data: a provider's domain, or a country (two letters) for its 24/7 point");
var abroad = Input<bool>("abroad", "True: another country's 24/7 point is asked (Article 29). False: a custodian of our own country (Article 16)");
var address = Input<IpAddress>("address", "Address in the custodian's network", from: alert => alert.Source?.Ip);
var port = Input<int>("port", "Its source port: behind a shared address only the port tells the subscriber", from: alert => alert.Source?.Port);
var seen = Input<DateTimeOffset>("seen", "When it was seen, in UTC", from: alert => alert.Time);
var authority = Input<string>("authority", "29(2)(a): the authority seeking the preservation");
var offence = Input<string>("offence", "29(2)(b): the offence with its provision");
var facts = Input<string>("facts", "29(2)(b): a brief summary of the facts", from: alert => alert.Title);
var data = Input<string>("data", "29(2)(c): the stored data to be preserved");
var relationship = Input<string>("relationship", "29(2)(c): its relationship to the offence");
var necessity = Input<string>("necessity", "29(2)(e): why it is necessary");
var intent = Input<string>("intent", "29(2)(f): which request for mutual assistance (at home: which order) will follow, and from whom");
var officer = Input<string>("officer", "Who answers questions at any hour: name, telephone, mail");
var extensions = Input("extensions", 3, "How often the preservation may be prolonged");

// Who can be asked?
var contacts = await Contacts.Find(custodian, abroad ? ContactKind.Point247 : ContactKind.LawEnforcementDesk);
if (contacts.Count == 0)
    return Outcome.Escalated($"Nobody is known for {custodian}: add it to the list 'contacts'");
var desk = contacts[0];
var days = abroad ? 60 : 90;
RequestRef? first = null, last = null;
DateTimeOffset keptUntil = Now;

for (var round = 0; round <= extensions; round++)
{
    // Write the request down
    var request = await Requests.Open(RequestKind.Preservation, desk.Organisation, data, extends: last?.Number ?? 0);

    // Make the form
    var package = await Preservation.Prepare(new PreservationRequest(
        abroad ? PreservationArticle.Article29 : PreservationArticle.Article16, authority, offence, facts, data, relationship, $"{desk.Organisation} ({custodian})", necessity, intent, days,
        [new ConnectionSeen(address, port, seen, seen)], [], officer, ExtensionOf: first?.Reference), request.Reference);

    // May it be sent?
    var mail = Mail.Send(desk.Mail, package.Title, package.Text, package.Files);
    var decision = await Ask("legal-officer", Question(request), mail, within: round == 0 ? 2.Hours : 1.Days);
    if (!decision.Approved)
    {
        // Note that it was not sent
        await Requests.Update(request.Number, RequestStatus.Withdrawn, $"{decision.Kind}: {decision.Reason}");
        if (last is null)
            return Outcome.Escalated($"{request} was not sent: {decision.Reason}");

        // Note that the preservation ends
        await Requests.Update(last.Number, RequestStatus.Lapsed, $"Not prolonged; it is kept until {keptUntil}");
        return Outcome.Escalated($"{last} ends at {keptUntil}: {decision.Reason}");
    }

    // Send it
    var sent = await mail;
    keptUntil = (round == 0 ? Now : keptUntil).AddDays(days);
    first ??= request;

    // Start its clock
    await Requests.Update(request.Number, RequestStatus.Sent, $"Mail {sent.MessageId} to {desk.Mail}", due: keptUntil);
    if (last is not null)
    {
        // Close the one before
        await Requests.Update(last.Number, RequestStatus.Extended, $"Prolonged by {request}");
    }

    last = request;
    string? confirmed = null;
    try
    {
        // Await the confirmation
        confirmed = (await Receive<string>("preserved", within: 3.Days)).Value;
    }
    catch (StepTimedOut)
    {
        // Have it asked for by telephone
        var asked = await Todo("duty-officer", $"{desk.Organisation} has not confirmed {request}: phone {desk.Phone}", within: 1.Days);
        if (asked.Approved)
            confirmed = $"{asked.By} by telephone: {asked.Reason}";
    }

    // Note whether it is confirmed
    await Requests.Update(request.Number, confirmed is null ? RequestStatus.Sent : RequestStatus.Confirmed, confirmed ?? "Not confirmed, by telephone neither", due: keptUntil);

    // Remind in good time
    foreach (var left in new[] { 14, 3 })
    {
        try
        {
            // Wait for the request for assistance
            var made = await Receive<string>("assistance-requested", within: keptUntil.AddDays(-left) - Now);
            return await Made(request, made.Value);
        }
        catch (StepTimedOut)
        {
            // Remind the legal officer
            var reminded = await Todo(left == 14 ? "legal-officer" : "head-of-soc", $"{request}: {desk.Organisation} keeps the data until {keptUntil}, {left} days from now. Submit what was announced: {intent}",
                within: left == 14 ? 10.Days : 1.Days);
            if (reminded.Approved)
                return await Made(request, $"{reminded.By}: {reminded.Reason}");
        }
    }
}

// Note that it ends
await Requests.Update(last!.Number, RequestStatus.Lapsed, $"Prolonged {extensions} times; it is kept until {keptUntil}");
return Outcome.Escalated($"{last} ends at {keptUntil} and was prolonged as often as allowed");

Text Question(RequestRef request)
{
    if (last is null) return $"Ask {desk.Organisation} to preserve data for {days} days? {request}: {data}";
    return $"{first} is kept until {keptUntil}, and no request for assistance was made. Prolong it by {days} days as {request}?";
}

async Step<Outcome> Made(RequestRef request, string how)
{
    // Note that what was announced was done
    await Requests.Update(request.Number, RequestStatus.Answered, $"Request for assistance made: {how}");
    return Outcome.Completed($"{request}: the request for assistance was made");
}
