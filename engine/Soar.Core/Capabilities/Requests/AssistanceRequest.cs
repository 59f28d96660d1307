namespace Soar.Capabilities;

/// <summary>How soon a national central bureau is to act. No default.</summary>
public enum RequestUrgency
{
    /// <summary>In the order of arrival.</summary>
    Routine = 1,

    /// <summary>Before others.</summary>
    Urgent = 2,

    /// <summary>At once: life is in danger, or evidence is being lost.</summary>
    Immediate = 3,
}

/// <summary>A person, account, address or thing that a request is about.</summary>
/// <param name="Kind">For example person, account, ip, vehicle.</param>
/// <param name="Value">What names it.</param>
/// <param name="Remark">What else is known.</param>
public sealed record RequestSubject(string Kind, string Value, string? Remark = null);

/// <summary>
/// A request to our national central bureau of Interpol, which carries it into I-24/7: that network has no public interface, so what is made here is a package that an officer hands over.
/// Nothing has a default but the time of the answer.
/// </summary>
/// <param name="Bureau">The bureau that is asked to transmit it, for example NCB Skopje.</param>
/// <param name="Recipients">The bureaus that it is for.</param>
/// <param name="Requester">The authority that asks.</param>
/// <param name="Urgency">How soon.</param>
/// <param name="Offence">The offence with its provision.</param>
/// <param name="Facts">A summary of the facts.</param>
/// <param name="LegalBasis">What allows us to ask, and to hand over what is attached.</param>
/// <param name="Asked">What is asked for, item by item.</param>
/// <param name="Subjects">What it is about.</param>
/// <param name="Conditions">What the recipients may do with it.</param>
/// <param name="Officer">Who answers questions: name, telephone, mail.</param>
/// <param name="Attachments">Files that go with it; may be an empty list.</param>
/// <param name="ReplyBy">When an answer is needed, in UTC; null where it is not.</param>
public sealed record AssistanceRequest(
    string Bureau, IReadOnlyList<string> Recipients, string Requester, RequestUrgency Urgency, string Offence, string Facts, string LegalBasis, IReadOnlyList<string> Asked,
    IReadOnlyList<RequestSubject> Subjects, string Conditions, string Officer, IReadOnlyList<Artifact> Attachments, DateTimeOffset? ReplyBy = null)
{
    /// <summary>Everything that is missing or wrong, each beginning with the item's name; empty when it can be handed over.</summary>
    public IReadOnlyList<string> Problems()
    {
        var items = new Items();
        items.Text("bureau", Bureau, "the national central bureau that transmits it");
        items.Need("recipients", Recipients is { Count: > 0 } && Recipients.All(name => !string.IsNullOrWhiteSpace(name)), "is missing: the bureaus that it is for");
        items.Text("requester", Requester, "the authority that asks");
        items.Need("urgency", Enum.IsDefined(Urgency), "must be Routine, Urgent or Immediate");
        items.Text("offence", Offence, "the offence with its provision");
        items.Text("facts", Facts, "a summary of the facts");
        items.Text("legalBasis", LegalBasis, "what allows us to ask");
        items.Need("asked", Asked is { Count: > 0 } && Asked.All(text => !string.IsNullOrWhiteSpace(text)), "is missing: what is asked for");
        items.Need("subjects", Subjects is { Count: > 0 } && Subjects.All(subject => subject is not null && !string.IsNullOrWhiteSpace(subject.Kind) && !string.IsNullOrWhiteSpace(subject.Value)),
            "is missing: at least one subject with kind and value");
        items.Text("conditions", Conditions, "what the recipients may do with it");
        items.Text("officer", Officer, "who answers questions");
        items.Artifacts("attachments", Attachments);
        if (ReplyBy is { } by)
            items.Utc("replyBy", by);
        return items.Problems;
    }
}
