namespace Soar.Capabilities;

/// <summary>What an action does to the world. It decides how the engine keeps it, who must approve it and how it is undone.</summary>
public enum Effect
{
    /// <summary>Changes nothing; may be repeated at will; one journal record, its result.</summary>
    ReadsOnly,

    /// <summary>Writes in our own tools: tickets, notes, cases.</summary>
    Records,

    /// <summary>Leaves the house: mail, chat, a report to a provider.</summary>
    Notifies,

    /// <summary>Restrains something until it is lifted: a blocked address, a disabled account. Kept in the ledger as a lease.</summary>
    Contains,

    /// <summary>Cannot be undone: a deleted mailbox.</summary>
    Destroys,

    /// <summary>The inverse of a containment.</summary>
    Lifts,
}
