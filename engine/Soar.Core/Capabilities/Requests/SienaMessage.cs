namespace Soar.Capabilities;

/// <summary>
/// Europol's handling codes: what the recipient may do with the information (Regulation (EU) 2016/794, Article 19). No value stands for "not said".
/// </summary>
public enum HandlingCode
{
    /// <summary>To be used only to prevent and combat crime in Europol's remit.</summary>
    H0 = 1,

    /// <summary>Not to be disclosed in judicial proceedings without the provider's permission.</summary>
    H1 = 2,

    /// <summary>Not to be disseminated without the provider's permission.</summary>
    H2 = 3,

    /// <summary>Other restrictions, which must be written out.</summary>
    H3 = 4,
}

/// <summary>How reliable the source is (Regulation (EU) 2016/794, Article 29(2)). No value stands for "not said".</summary>
public enum SourceEvaluation
{
    /// <summary>No doubt about authenticity, trustworthiness and competence, or reliable in all instances.</summary>
    A = 1,

    /// <summary>Reliable in most instances.</summary>
    B = 2,

    /// <summary>Unreliable in most instances.</summary>
    C = 3,

    /// <summary>The reliability cannot be assessed.</summary>
    X = 4,
}

/// <summary>How accurate the information is (Regulation (EU) 2016/794, Article 29(3)). Its number is the code.</summary>
public enum InformationEvaluation
{
    /// <summary>1: its accuracy is not in doubt.</summary>
    Certain = 1,

    /// <summary>2: known personally to the source, not to the officer who passes it on.</summary>
    KnownToSource = 2,

    /// <summary>3: not known personally to the source, but corroborated by other information.</summary>
    Corroborated = 3,

    /// <summary>4: not known personally to the source, and not to be corroborated.</summary>
    Uncorroborated = 4,
}

/// <summary>
/// A message ready to be entered into SIENA by the national unit. Handling code and both evaluations are judgements that a person has made: none of them has a default.
/// </summary>
/// <param name="Handling">Handling code.</param>
/// <param name="HandlingText">The restrictions in words; required with H3, may be empty else.</param>
/// <param name="Source">Evaluation of the source.</param>
/// <param name="Information">Evaluation of the information.</param>
/// <param name="Title">Subject of the message.</param>
/// <param name="CrimeArea">For example Cybercrime.</param>
/// <param name="Purpose">What it is sent for: cross-check, analysis, information, with the purposes of Article 18 where Europol processes it.</param>
/// <param name="Content">The message.</param>
/// <param name="Recipients">Units that it is for, for example Europol EC3.</param>
/// <param name="Subjects">What it is about; may be an empty list.</param>
/// <param name="Unit">The sending unit.</param>
/// <param name="Officer">Who answers questions.</param>
/// <param name="Attachments">Files that go with it; may be an empty list.</param>
public sealed record SienaMessage(
    HandlingCode Handling, string HandlingText, SourceEvaluation Source, InformationEvaluation Information, string Title, string CrimeArea, string Purpose, string Content,
    IReadOnlyList<string> Recipients, IReadOnlyList<RequestSubject> Subjects, string Unit, string Officer, IReadOnlyList<Artifact> Attachments)
{
    /// <summary>Everything that is missing or wrong, each beginning with the item's name; empty when it can be handed over.</summary>
    public IReadOnlyList<string> Problems()
    {
        var items = new Items();
        items.Need("handling", Enum.IsDefined(Handling), "is missing: a person must choose the handling code H0, H1, H2 or H3");
        items.Need("handlingText", Handling != HandlingCode.H3 || !string.IsNullOrWhiteSpace(HandlingText), "is missing: H3 means other restrictions, write them out");
        items.Need("source", Enum.IsDefined(Source), "is missing: a person must evaluate the source as A, B, C or X");
        items.Need("information", Enum.IsDefined(Information), "is missing: a person must evaluate the information as 1, 2, 3 or 4");
        items.Text("title", Title, "the subject of the message");
        items.Text("crimeArea", CrimeArea, "the area of crime");
        items.Text("purpose", Purpose, "what it is sent for");
        items.Text("content", Content, "the message");
        items.Need("recipients", Recipients is { Count: > 0 } && Recipients.All(name => !string.IsNullOrWhiteSpace(name)), "is missing: the units that it is for");
        items.Need("subjects", Subjects is not null && Subjects.All(subject => subject is not null && !string.IsNullOrWhiteSpace(subject.Kind) && !string.IsNullOrWhiteSpace(subject.Value)),
            "must each have kind and value; an empty list says that there are none");
        items.Text("unit", Unit, "the sending unit");
        items.Text("officer", Officer, "who answers questions");
        items.Artifacts("attachments", Attachments);
        return items.Problems;
    }
}
