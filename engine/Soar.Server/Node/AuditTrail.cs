using System.Security.Cryptography;
using System.Text.Json;
using Soar.Capabilities;
using Soar.Runs;
using Soar.Server.Accounts;
using Soar.Server.Credentials;
using Soar.Server.Versions;
using Soar.Storage;

namespace Soar.Server.Node;

/// <summary>
/// Puts on record what people change: each call once, done or refused, after it was. Every hundredth record, and the newest one when the process ends, is signed with the deployment's
/// key (<c>audit.key</c> in the store's folder, made at the first start; <c>soar audit key</c> prints its public half, to be kept elsewhere).
/// </summary>
internal sealed class AuditTrail : IAsyncDisposable
{
    private readonly AuditStore store;
    private readonly ECDsa key;
    private readonly TimeProvider clock;

    public AuditTrail(AuditStore store, string folder, TimeProvider clock)
    {
        this.store = store;
        this.clock = clock;
        key = Key(folder);
    }

    /// <param name="call">One of <see cref="Calls"/>; those that change nothing, or make other calls, leave no record.</param>
    /// <param name="result">What was answered: a started run is found by its id.</param>
    /// <param name="refusal">Why it was not done; null = it was.</param>
    public async Task RecordAsync(string call, JsonElement arguments, Actor actor, object? result, string? refusal)
    {
        if (Describe(call, arguments, result) is not var (who, target, details)) return;
        var record = await store.AppendAsync(new AuditEntry(Short(actor.Name ?? who), actor.Origin, call, target, JsonSerializer.Serialize(details, SoarJson.Options), refusal ?? "done"), clock.GetUtcNow());
        if (record.Number % AuditStore.SignedEvery == 0) await store.CheckpointAsync(key, clock.GetUtcNow());
    }

    public async ValueTask DisposeAsync()
    {
        await store.CheckpointAsync(key, clock.GetUtcNow());
        key.Dispose();
    }

    /// <summary>Why something was not done, as the record says it.</summary>
    public static string Refusal(Exception refused) => refused is SoarException ours ? $"{ours.Code}: {ours.Message}" : refused.GetType().Name;

    /// <summary>The key that signs, to verify with; null when this store has none yet.</summary>
    public static ECDsa? Find(string folder)
    {
        var file = Path.Combine(folder, "audit.key");
        if (!File.Exists(file)) return null;
        var found = ECDsa.Create();
        try
        {
            found.ImportFromPem(File.ReadAllText(file));
            return found;
        }
        catch (ArgumentException error)
        {
            found.Dispose();
            throw new SoarException("SOAR3021", $"{file} holds no key in PEM form. Put back the one that signed so far; without it the checkpoints cannot be verified. For a new key delete the file.", error);
        }
    }

    private static ECDsa Key(string folder)
    {
        if (Find(folder) is { } kept) return kept;
        var made = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var draft = Path.Combine(folder, "audit.key.new");
        using (var file = new FileStream(draft, new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite }))
        {
            file.Write(System.Text.Encoding.ASCII.GetBytes(made.ExportPkcs8PrivateKeyPem()));
            file.Flush(flushToDisk: true);
        }

        File.Move(draft, Path.Combine(folder, "audit.key"));
        return made;
    }

    // Inputs and signal values are in the run's journal and may be secret; here stands who gave them to what.
    private static (string Who, string Target, object Details)? Describe(string call, JsonElement arguments, object? result)
    {
        T Read<T>() => arguments.Deserialize<T>(SoarJson.Options)!;
        switch (call)
        {
            case Calls.Start:
                var start = Read<RunCall>();
                return (start.By, result is RunId run ? run.ToString() : "", new { playbook = Path.GetFileNameWithoutExtension(start.Playbook), mode = start.Mode, alert = start.Alert?.Id, inputs = start.Inputs.Keys });
            case Calls.Answer:
                var answer = Read<AnswerCall>();
                return (answer.By, answer.Question.ToString(), new { answer = answer.Answer, reason = answer.Reason, @as = answer.As });
            case Calls.Claim:
                var claim = Read<ClaimCall>();
                return (claim.By, claim.Question.ToString(), new { release = claim.Release, takeOver = claim.TakeOver });
            case Calls.Delegate:
                var handed = Read<DelegateCall>();
                return (handed.By, handed.Question.ToString(), new { to = handed.To, reason = handed.Reason });
            case Calls.Signal:
                var signal = Read<SignalCall>();
                return (signal.By, signal.Run.ToString(), new { signal = signal.Name, id = signal.Id });
            case Calls.Cancel or Calls.Pause or Calls.Resume:
                var control = Read<ControlCall>();
                return (control.By, control.Run.ToString(), new { reason = control.Reason });
            case Calls.Lift:
                var lift = Read<LiftCall>();
                return (lift.By, lift.Containment?.ToString() ?? $"case {lift.CaseId}", new { force = lift.Force, reason = lift.Reason });
            case Calls.StopEffects:
                var stop = Read<StopEffectsCall>();
                return (stop.By, result is KillSwitch on ? $"kill switch {on.Id}" : "kill switch", new { connector = stop.Connector, effect = stop.Effect, playbook = stop.Playbook, reason = stop.Reason });
            case Calls.AllowEffects:
                var allow = Read<AllowEffectsCall>();
                return (allow.By, $"kill switch {allow.Switch}", new { reason = allow.Reason });
            case Calls.AskAgain:
                var again = Read<AskAgainCall>();
                return (again.By, $"alert {again.Alert}", new { });
            case Calls.ImportList:
                var import = Read<ImportListCall>();
                // Of the file where there was one, and of the version that it made.
                var file = import.Csv.Length == 0 ? null : Convert.ToHexStringLower(SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(import.Csv)));
                return (import.By, $"list {import.Name}", new { sha256 = file, version = (result as Cases.ListVersion)?.Version, table = (result as Cases.ListVersion)?.Sha256 });
            case Calls.TestConnector:
                var tested = Read<TestConnectorCall>();
                return (tested.By, $"connector {tested.Instance}", new { ok = (result as Connectors.ConnectorTest)?.Ok });
            case Calls.ChangeCase:
                var edited = Read<ChangeCaseCall>();
                return (edited.By, $"case {edited.Case}", edited.Edit);
            case Calls.NoteCase:
                // The words stand in the case; here stands that they were written.
                return (Read<NoteCaseCall>().By, $"case {Read<NoteCaseCall>().Case}", new { characters = Read<NoteCaseCall>().Text.Length });
            case Calls.AddTask:
                var planned = Read<AddTaskCall>();
                return (planned.By, $"case {planned.Case}", new { task = (result as Cases.CaseTask)?.Number, title = planned.Title, assignee = planned.Assignee, due = planned.Due });
            case Calls.ChangeTask:
                var task = Read<ChangeTaskCall>();
                return (task.By, $"case {task.Case}", new { task = task.Number, task.Edit });
            case Calls.MergeCase:
                var merged = Read<MergeCaseCall>();
                return (merged.By, $"case {merged.Case}", new { into = merged.Into, reason = merged.Reason });
            case Calls.SplitCase:
                var split = Read<SplitCaseCall>();
                return (split.By, $"case {split.Case}", new { made = (result as Cases.CaseFile)?.Id, title = split.Title, alerts = split.Alerts, runs = split.Runs });
            case Calls.HoldCase or Calls.ReleaseCase:
                var hold = Read<HoldCaseCall>();
                return (hold.By, $"case {hold.Case}", new { reason = hold.Reason });
            case Calls.ApplyRetention when Read<RetentionCall>() is { DryRun: false } swept:
                return (swept.By, "store", new { removed = result });
            case Calls.Webhook:
                var posted = Read<WebhookCall>();
                return ($"webhook {posted.Hook}", result is RunId hooked ? hooked.ToString() : "", new { hook = posted.Hook, delivery = posted.Delivery });
            case Calls.Publish:
                var published = Read<PublishCall>();
                // The texts stand in the store, and each is found by its content.
                return (published.By, string.Join(", ", published.Playbooks.Select(p => $"playbook {Path.GetFileNameWithoutExtension(p.Path)}")), new
                {
                    note = published.Note,
                    playbooks = published.Playbooks.Select(p => new { content = NewVersion.ContentOf(p.Source), author = p.Author, reviewer = p.Reviewer, commit = p.Commit }),
                    published = (result as IReadOnlyList<PublishedView>)?.Select(p => new { playbook = p.Playbook, version = p.Version, content = p.Content, came = p.End }),
                });
            case Calls.RollBack:
                var back = Read<RollBackCall>();
                return (back.By, $"playbook {back.Playbook}", new { version = back.Version, reason = back.Reason });
            case Calls.SubmitDraft:
                var submitted = Read<SubmitDraftCall>();
                return (submitted.By, $"playbook {submitted.Playbook}", new { draft = submitted.Draft, review = (result as Review)?.Id, version = (result as Review)?.Version, content = (result as Review)?.Content });
            case Calls.CommentReview:
                var comment = Read<CommentReviewCall>();
                return (comment.By, $"review {comment.Review}", new { line = comment.Line });
            case Calls.DecideReview:
                var decided = Read<DecideReviewCall>();
                return (decided.By, $"review {decided.Review}", new { approve = decided.Approve, reason = decided.Reason, playbook = (result as Review)?.Playbook, version = (result as Review)?.Version, content = (result as Review)?.Content });
            case Calls.WithdrawReview:
                var taken = Read<WithdrawReviewCall>();
                return (taken.By, $"review {taken.Review}", new { reason = taken.Reason });
            case Calls.PublishReview:
                var reviewed = Read<PublishReviewCall>();
                return (reviewed.By, $"review {reviewed.Review}", result is PublishedView one ? new { playbook = one.Playbook, version = one.Version, content = one.Content, author = one.Author, reviewer = one.Reviewer } : new { });
            case Calls.Backup:
                return (Environment.UserName, "store", new { folder = Read<BackupCall>().Folder });
            case Calls.SetUp:
                return (Read<SetUpCall>().Name, "", new { });
            case Calls.SignIn:
                return (Read<SignInCall>().Name, "", new { });
            case Calls.SignInBy:
                var by = Read<ProviderSignInCall>().Found;
                var let = result as ProviderSession;
                return (let?.Name ?? $"{by.Provider}: {by.Name ?? by.Subject}", let is null ? "" : $"user {let.Name}", new { provider = by.Provider, issuer = by.Issuer, subject = by.Subject, roles = let?.Roles, made = let?.Made, linked = let?.Linked, keptAdministrator = let?.KeptAdministrator });
            case Calls.RemoveLogin:
                var parted = Read<RemoveLoginCall>();
                return (parted.By, $"user {parted.Name}", new { provider = parted.Provider });
            case Calls.SignOut:
                return (Read<SignOutCall>().By, "", new { });
            case Calls.AddUser:
                var added = Read<AddUserCall>();
                return (added.By, $"user {added.Name}", new { displayName = added.DisplayName, roles = added.Roles, sight = added.Sight });
            case Calls.ChangeUser:
                var changed = Read<ChangeUserCall>();
                return (changed.By, $"user {changed.Name}", new { displayName = changed.DisplayName, roles = changed.Roles, disabled = changed.Disabled, sight = changed.Sight });
            case Calls.OfferCode:
                var offered = Read<OfferCodeCall>();
                return (offered.By, $"user {offered.Name}", new { });
            case Calls.SetPassword:
                return (result as string ?? "somebody with a wrong code", result is string name ? $"user {name}" : "", new { });
            case Calls.AddToken:
                var token = Read<AddTokenCall>();
                return (token.By, $"user {token.User}", new { token = token.Name, id = (result as MadeToken)?.Id, scopes = token.Scopes, expiresAt = token.ExpiresAt, source = token.Source, sight = token.Sight });
            case Calls.SetTotp:
                return (Read<SetTotpCall>().By, $"user {Read<SetTotpCall>().Name}", new { });
            case Calls.RemoveTotp:
                return (Read<RemoveTotpCall>().By, $"user {Read<RemoveTotpCall>().Name}", new { });
            case Calls.SetCredential:
                var credential = Read<SetCredentialCall>();
                return (credential.By, $"credential {credential.Name}", new { version = (result as CredentialView)?.Version });
            case Calls.RemoveCredential:
                return (Read<RemoveCredentialCall>().By, $"credential {Read<RemoveCredentialCall>().Name}", new { });
            case Calls.RotateCredentials:
                return (Read<RotateCredentialsCall>().By, "credentials", result is Rotation rotated ? new { key = rotated.Key, credentials = rotated.Credentials, authenticators = rotated.Authenticators, left = rotated.Left.Count } : new { });
            case Calls.UseCredential when Read<UseCredentialCall>() is { First: true } use:
                return (use.By, $"credential {use.Name}", new { });
            case Calls.RevokeToken:
                var revoked = Read<RevokeTokenCall>();
                return (revoked.By, $"user {revoked.User}", new { id = revoked.Token });
            default:
                return null;
        }
    }

    // Names come from people who need not be logged in.
    private static string Short(string who) => who.Trim() switch { "" => "nobody", { Length: > 100 } longer => longer[..100] + "…", var name => name };
}
