using System.Text.Json;
using Soar.Capabilities;
using Soar.Cases;
using Soar.Runs;

namespace Soar.Server.Node;

/// <summary>The changes that a <c>soar</c> command can ask of the process that owns the store: names and arguments on the local socket.</summary>
internal static class Calls
{
    public const string Run = "run", Start = "start", Follow = "follow", Answer = "answer", Signal = "signal", Cancel = "cancel", Pause = "pause", Resume = "resume",
        Lift = "lift", ImportList = "import-list", AskAgain = "ask-again", Backup = "backup", Ping = "ping",
        SetUp = "set-up", SignIn = "sign-in", SignInBy = "sign-in-by-provider", RemoveLogin = "remove-login", SignOut = "sign-out", AddUser = "add-user", ChangeUser = "change-user", OfferCode = "offer-code", SetPassword = "set-password",
        AddToken = "add-token", RevokeToken = "revoke-token", StopEffects = "killswitch-on", AllowEffects = "killswitch-off",
        TestConnector = "test-connector", ChangeCase = "case-change", NoteCase = "case-note", AddTask = "case-task", ChangeTask = "case-task-change", MergeCase = "case-merge", SplitCase = "case-split", HoldCase = "case-hold", ReleaseCase = "case-release", ApplyRetention = "retention", SetTotp = "set-totp", RemoveTotp = "remove-totp", Webhook = "webhook", Claim = "claim", Delegate = "delegate",
        Publish = "publish", RollBack = "roll-back", SubmitDraft = "submit-draft", CommentReview = "comment-review", DecideReview = "decide-review", WithdrawReview = "withdraw-review", PublishReview = "publish-review",
        SetCredential = "credential-set", RemoveCredential = "credential-remove", RotateCredentials = "credential-rotate", UseCredential = "credential-use";

    /// <summary>A call's arguments as they travel.</summary>
    public static JsonElement With<T>(T arguments) => JsonSerializer.SerializeToElement(arguments, SoarJson.Options);
}

/// <summary>Of <see cref="Calls.Run"/>, which follows the run, and of <see cref="Calls.Start"/>, which answers with its id at once.</summary>
/// <param name="Playbook">Full path of the file; empty where there is none.</param>
/// <param name="Name">The playbook's name, where that is how it was asked for: then what is published runs. Null: the file itself was.</param>
internal sealed record RunCall(string Playbook, Alert? Alert, IReadOnlyDictionary<string, JsonElement> Inputs, RunMode Mode, string By, string? Name = null, string? CaseId = null);

/// <param name="ThroughWaits">Stay while the run waits for the clock or a signal; otherwise following ends when it waits.</param>
/// <param name="Change">A call to make once watching has begun, so that nothing it brings about is missed: <see cref="Calls.Answer"/>, <see cref="Calls.Signal"/> …</param>
internal sealed record FollowCall(RunId Run, bool ThroughWaits = false, string? Change = null, JsonElement? Arguments = null);

/// <param name="Answer"><c>approve</c>, <c>refuse</c>, <c>done</c>, <c>not-done</c>.</param>
/// <param name="Value">A form's values as JSON text; with <c>done</c> to an unknown outcome what the action gave.</param>
/// <param name="As">The role in which they answer; null = whichever they hold of those that may.</param>
internal sealed record AnswerCall(Guid Question, string Answer, string Reason, string By, string? Value, string? As = null);

internal sealed record SignalCall(RunId Run, string Name, string Id, string ValueJson, string By);

internal sealed record ControlCall(RunId Run, string By, string Reason);

/// <param name="Force">Lift although other runs still hold it.</param>
/// <param name="Reason">Why, for the ledger; empty where nobody said.</param>
internal sealed record LiftCall(Guid? Containment, string? CaseId, string By, bool Force, string Reason = "");

/// <summary>What is named narrows what is stopped; all null stops every effect but lifts.</summary>
internal sealed record StopEffectsCall(string? Connector, Effect? Effect, string? Playbook, string Reason, string By);

internal sealed record AllowEffectsCall(Guid Switch, string Reason, string By);

internal sealed record ImportListCall(string Name, string Csv, string By);

internal sealed record AskAgainCall(AlertId Alert, string By);

/// <param name="Delivery">The sender's id of it, else its body's hash.</param>
internal sealed record WebhookCall(string Hook, string Delivery);

internal sealed record ChangeCaseCall(CaseId Case, CaseEdit Edit, string By);

internal sealed record NoteCaseCall(CaseId Case, string Text, string By);

internal sealed record AddTaskCall(CaseId Case, string Title, string? Assignee, DateTimeOffset? Due, string By);

internal sealed record ChangeTaskCall(CaseId Case, long Number, TaskEdit Edit, string By);

internal sealed record MergeCaseCall(CaseId Case, CaseId Into, string Reason, string By);

internal sealed record SplitCaseCall(CaseId Case, string Title, IReadOnlyList<long> Alerts, IReadOnlyList<RunId> Runs, string By);

internal sealed record HoldCaseCall(CaseId Case, string Reason, string By);

/// <param name="DryRun">Only tell what would go.</param>
internal sealed record RetentionCall(bool DryRun, string By);

internal sealed record TestConnectorCall(string Instance, string By);

/// <summary>Publishes texts, all of them or none.</summary>
internal sealed record PublishCall(IReadOnlyList<TextToPublish> Playbooks, string Note, string By);

/// <param name="Path">Full path of the file that it was read from; its tests stand beside it.</param>
/// <param name="Reviewer">Who reviewed it elsewhere; null = nobody is known to have.</param>
/// <param name="Commit">The git commit that it was read from; null = none is known.</param>
internal sealed record TextToPublish(string Path, string Source, string Author, string? Reviewer, string? Commit);

/// <param name="Version">What becomes current; null withdraws the playbook from being published.</param>
internal sealed record RollBackCall(string Playbook, string? Version, string Reason, string By);

/// <param name="Draft">The draft's version.</param>
internal sealed record SubmitDraftCall(string Playbook, int Draft, string Note, string By);

internal sealed record CommentReviewCall(Guid Review, string Text, int? Line, string By);

internal sealed record DecideReviewCall(Guid Review, bool Approve, string Reason, string By);

internal sealed record WithdrawReviewCall(Guid Review, string Reason, string By);

internal sealed record PublishReviewCall(Guid Review, string By);

internal sealed record BackupCall(string Folder);

/// <summary>How a followed run stands when following ended.</summary>
internal sealed record RunStanding(RunId Run, RunStatus Status, string? Result, DateTimeOffset? WakeAt);
