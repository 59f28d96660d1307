namespace Soar.Server.Accounts;

/// <summary>What a route may ask for. Closed: a route says which one it needs, a role which ones it has (<see cref="Access"/>), a token for which ones it was made.</summary>
internal enum Permission
{
    ReadRuns, StartRuns, ControlRuns,
    ReadQuestions, AnswerQuestions,
    ReadContainments, LiftContainments,
    ReadPlaybooks,

    /// <summary>Writes drafts, and asks the compiler about texts. What runs is another thing.</summary>
    EditPlaybooks,

    /// <summary>Says something about drafts that were submitted, approves and refuses them: those of others.</summary>
    ReviewPlaybooks,

    /// <summary>Publishes what was approved, and goes back to an earlier version.</summary>
    PublishPlaybooks,
    ReadAlerts,

    /// <summary>Hand over alerts (<c>POST /api/alerts</c>): the scope of a detector's token.</summary>
    SendAlerts,
    ReadCases,

    /// <summary>Change cases, write in them, merge and split them.</summary>
    WorkCases,

    /// <summary>End the hold on a case, so that what belongs to it may be removed again.</summary>
    ReleaseHolds,
    ReadAudit,

    /// <summary>Turn a kill switch on: whoever sees harm done must be able to.</summary>
    StopEffects,

    /// <summary>Turn a kill switch off.</summary>
    AllowEffects,

    /// <summary>How this deployment is connected: addresses and accounts, never secrets.</summary>
    ReadConnectors,

    /// <summary>Have a connector ask its product whether it can be reached.</summary>
    TestConnectors,

    /// <summary>Set and remove what connectors prove themselves with, and encrypt it anew; nobody may read it.</summary>
    ManageCredentials,
    ReadLists,
    EditLists,

    /// <summary>Numbers for monitoring (<c>GET /metrics</c>): the scope of a scraper's token.</summary>
    ReadMetrics,
    ManageUsers,

    /// <summary>Tokens of one's own; each holds no more than its owner does.</summary>
    ManageTokens,
}
