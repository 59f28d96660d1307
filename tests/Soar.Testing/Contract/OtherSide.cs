using Soar.Capabilities;

namespace Soar.Testing.Contract;

/// <summary>What can go wrong at the other side. Each has one meaning for a read and one for an effect, whatever the protocol.</summary>
public enum Trouble
{
    /// <summary>It does not know us: 401, a failed login.</summary>
    Unauthorised,

    /// <summary>It knows us and does not let us: 403.</summary>
    Forbidden,

    /// <summary>What is asked about is not there: 404.</summary>
    Missing,

    /// <summary>It is in another state: 409.</summary>
    Conflict,

    /// <summary>Too often: 429, with the wait where the protocol can tell one.</summary>
    Limited,

    /// <summary>It failed and does not say whether it did it: 500.</summary>
    ServerError,

    /// <summary>It says that it cannot now: 503.</summary>
    Unavailable,

    /// <summary>Nobody listens.</summary>
    Refused,

    /// <summary>It is silent before the first byte of the request has left.</summary>
    SilentBefore,

    /// <summary>It does what it is asked and never answers.</summary>
    SilentAfter,

    /// <summary>It does what it is asked and closes without an answer.</summary>
    BrokenAfter,

    /// <summary>It does what it is asked and answers nonsense.</summary>
    Garbage,

    /// <summary>It does what it is asked and the answer ends in the middle.</summary>
    Truncated,

    /// <summary>It does what it is asked and the answer does not end.</summary>
    Huge,

    /// <summary>It sends us on, with our request, to a host that the instance is not declared for.</summary>
    Redirected,
}

/// <summary>What the double makes of a trouble.</summary>
/// <param name="Why">Why this trouble cannot happen here; null when it can.</param>
/// <param name="Kinds">What it means here, where the protocol says more than the trouble's usual meaning; a null among them = done all the same; null = the usual.</param>
public sealed record Expectation(string? Why = null, IReadOnlyList<FailureKind?>? Kinds = null)
{
    /// <summary>It happens, and means what it means everywhere.</summary>
    public static Expectation Usual { get; } = new();

    /// <summary>It cannot happen here.</summary>
    public static Expectation Not(string why) => new(why);

    /// <summary>It happens, and this protocol says what it means.</summary>
    public static Expectation Means(params FailureKind?[] kinds) => new(Kinds: kinds);

    /// <summary>It happens, and nobody notices: what was asked for is done, or read, all the same.</summary>
    public static Expectation NoTrouble { get; } = Means([null]);
}

/// <summary>
/// A double of the product at the other side: it keeps what is done to it, and it can be brought into trouble. One is made for each test.
/// </summary>
public abstract class OtherSide : IAsyncDisposable
{
    /// <summary>Everything that stands there, as text: the same text means that nothing was changed. Times that move by themselves do not belong in it.</summary>
    public abstract string State { get; }

    /// <summary>How often it was asked to change something, whatever came of it; null where the double does not count.</summary>
    public virtual int? Changes => null;

    /// <summary>Troubles in which it can throw back what it was sent, credentials too; empty = it has no words of its own.</summary>
    public virtual IReadOnlyList<Trouble> CanEcho => [];

    /// <summary>It does so.</summary>
    public bool Echoes { get; set; }

    /// <summary>Credentials as they came over the wire, encoded or not.</summary>
    public virtual IEnumerable<string> Credentials => [];

    /// <summary>Completes once it has been asked something since <see cref="Make"/>.</summary>
    public abstract Task WhenAsked { get; }

    /// <summary>How long the connector should wait for an answer: short where the double will be silent. For the settings.</summary>
    public TimeSpan Patience { get; private set; } = TimeSpan.FromSeconds(20);

    /// <summary>Whether it speaks a protocol that can send a client on to somebody else.</summary>
    protected virtual bool CanRedirect => false;

    /// <summary>Whether somebody was reached in <see cref="Trouble.Redirected"/> who must not be.</summary>
    public virtual bool Strayed => false;

    /// <summary>Where the connector's relative paths begin.</summary>
    public virtual string Folder => "/does/not/exist";

    /// <summary>The wait that <see cref="Trouble.Limited"/> tells; null where the protocol cannot tell one.</summary>
    public virtual TimeSpan? Wait => TimeSpan.FromSeconds(7);

    /// <summary>From now on it is in this trouble. Called before the settings are made.</summary>
    /// <param name="changesOnly">Only when it is asked to change something; what is read before is answered well.</param>
    public Expectation Make(Trouble trouble, bool changesOnly, bool patient = false)
    {
        if (trouble is Trouble.SilentAfter or Trouble.SilentBefore && !patient) Patience = TimeSpan.FromSeconds(1.2);
        return trouble == Trouble.Redirected && !CanRedirect ? Expectation.Not("nobody is sent on in this protocol") : Bring(trouble, changesOnly);
    }

    public abstract ValueTask DisposeAsync();

    protected abstract Expectation Bring(Trouble trouble, bool changesOnly);
}
