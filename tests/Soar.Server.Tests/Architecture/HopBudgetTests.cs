using System.Reflection;
using System.Reflection.Emit;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using Soar.Cases;
using Soar.Cases.Alerts;
using Soar.Engine;
using Soar.Server.Accounts;
using Soar.Server.Credentials;
using Soar.Server.Accounts.OpenId;
using Soar.Server.Http;
using Soar.Server.Node;
using Soar.Server.Versions;
using Soar.Storage;

namespace Soar.Server.Tests.Architecture;

/// <summary>
/// From an endpoint, and from the socket of the process that owns the store, to SQL: at most four methods of ours. The chains are read from the compiled code: each method calls the next one, and the
/// last one runs a statement that stands in it. The queue of the group commit in between is the store's machinery, as Dapper and SQLite are.
/// </summary>
public sealed partial class HopBudgetTests
{
    private const int Budget = 4;
    private const BindingFlags Any = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static | BindingFlags.Instance | BindingFlags.DeclaredOnly;

    private static readonly (Type, string) Entry = (typeof(SoarNode), nameof(SoarNode.HandleAsync));
    private static readonly Type Lifts = typeof(SoarEngine).Assembly.GetType("Soar.Engine.LedgerLifts", throwOnError: true)!;
    private static readonly Type Backup = typeof(SoarDatabase).Assembly.GetType("Soar.Storage.Backup", throwOnError: true)!;
    private static readonly Dictionary<int, OpCode> OpCodes = typeof(OpCodes).GetFields().Select(f => (OpCode)f.GetValue(null)!).ToDictionary(o => (int)(ushort)o.Value);

    private static readonly Dictionary<string, (Type Type, string Method)[][]> Chains = new()
    {
        [Calls.Run] = [[Entry, (typeof(SoarNode), "HandleAsync"), (typeof(SoarEngine), "StartAsync")]], // makes the call 'start' once it watches
        [Calls.Start] =
        [
            [Entry, (typeof(SoarEngine), "StartAsync"), (typeof(RunStore), "CreateAsync"), (typeof(RunStore), "Insert")],
            [Entry, (typeof(SoarEngine), "StartAsync"), (typeof(RunStore), "PutVersionAsync")],
        ],
        [Calls.Follow] = [[Entry, (typeof(SoarNode), "FollowAsync"), (typeof(RunStore), "FindAsync")]],
        [Calls.Answer] = [[Entry, (typeof(Deciders), "AnswerAsync"), (typeof(RunStore), "AnswerAsync"), (typeof(RunStore), "Receive")]],
        [Calls.Claim] = [[Entry, (typeof(QuestionDesk), "ClaimAsync"), (typeof(RunStore), "ClaimAsync")]],
        [Calls.Delegate] = [[Entry, (typeof(QuestionDesk), "DelegateAsync"), (typeof(RunStore), "DelegateAsync")]],
        [Calls.Signal] = [[Entry, (typeof(SoarEngine), "SignalAsync"), (typeof(RunStore), "SendAsync"), (typeof(RunStore), "Receive")]],
        [Calls.Cancel] = [[Entry, (typeof(SoarEngine), "CancelAsync"), (typeof(RunStore), "SendAsync"), (typeof(RunStore), "Receive")]],
        [Calls.Pause] = [[Entry, (typeof(SoarEngine), "PauseAsync"), (typeof(RunStore), "SendAsync"), (typeof(RunStore), "Receive")]],
        [Calls.Resume] = [[Entry, (typeof(SoarEngine), "ResumeAsync"), (typeof(RunStore), "WriteAsync"), (typeof(RunStore), "Write")]],
        [Calls.Lift] =
        [
            [Entry, (typeof(SoarEngine), "LiftAsync"), (Lifts, "LiftAsync"), (typeof(RunStore), "ContainmentsAsync")],
            [Entry, (typeof(SoarEngine), "LiftCaseAsync"), (Lifts, "LiftCaseAsync"), (typeof(RunStore), "ContainmentsAsync")],
        ],
        [Calls.StopEffects] = [[Entry, (typeof(SoarEngine), "StopEffectsAsync"), (typeof(RunStore), "SwitchOnAsync")]],
        [Calls.AllowEffects] = [[Entry, (typeof(SoarEngine), "AllowEffectsAsync"), (typeof(RunStore), "SwitchOffAsync")]],
        [Calls.ImportList] = [[Entry, (typeof(Lists), "ImportAsync"), (typeof(ListStore), "ImportAsync"), (typeof(ListStore), "PutAsync")]],
        [Calls.AskAgain] = [[Entry, (typeof(AlertStore), "ReopenAsync")]],
        [Calls.Publish] = [[Entry, (typeof(Publishing), "PublishAsync"), (typeof(VersionStore), "PublishAsync"), (typeof(VersionStore), "Put")]],
        [Calls.RollBack] = [[Entry, (typeof(Publishing), "RollBackAsync"), (typeof(VersionStore), "TurnToAsync")]],
        [Calls.SubmitDraft] = [[(typeof(ReviewsApi), "SubmitAsync"), (typeof(Publishing), "SubmitAsync"), (typeof(ReviewStore), "SubmitAsync")]],
        [Calls.CommentReview] = [[(typeof(ReviewsApi), "CommentAsync"), (typeof(ReviewStore), "CommentAsync")]],
        [Calls.DecideReview] = [[(typeof(ReviewsApi), "DecideAsync"), (typeof(ReviewStore), "DecideAsync")]],
        [Calls.WithdrawReview] = [[(typeof(ReviewsApi), "WithdrawAsync"), (typeof(ReviewStore), "WithdrawAsync")]],
        [Calls.PublishReview] = [[(typeof(ReviewsApi), "PublishAsync"), (typeof(Publishing), "PublishReviewAsync"), (typeof(ReviewStore), "PublishAsync"), (typeof(VersionStore), "Put")]],
        [Calls.Backup] = [[Entry, (typeof(SoarDatabase), "BackupAsync"), (Backup, "Make"), (Backup, "Snapshot")]],
        [Calls.Ping] = [], // reads no table
        [Calls.TestConnector] = [], // asks a product
        [Calls.HoldCase] = [[Entry, (typeof(CaseStore), "HoldAsync")]],
        [Calls.ReleaseCase] = [[Entry, (typeof(CaseStore), "ReleaseAsync")]],
        [Calls.ApplyRetention] =
        [
            [Entry, (typeof(Retention), "SweepAsync"), (typeof(RetentionStore), "RemoveRunAsync")],
            [Entry, (typeof(Retention), "SweepAsync"), (typeof(RetentionStore), "RemoveAlertsAsync")],
        ],
        [Calls.ChangeCase] = [[Entry, (typeof(CaseStore), "ChangeAsync")]],
        [Calls.NoteCase] = [[Entry, (typeof(CaseStore), "NoteAsync")]],
        [Calls.AddTask] = [[Entry, (typeof(CaseStore), "AddTaskAsync")]],
        [Calls.ChangeTask] = [[Entry, (typeof(CaseStore), "ChangeTaskAsync")]],
        [Calls.MergeCase] = [[Entry, (typeof(CaseStore), "MergeAsync")]],
        [Calls.SplitCase] = [[Entry, (typeof(CaseStore), "SplitAsync")]],
        [Calls.SetUp] = [[Entry, (typeof(Logins), "SetUpAsync"), (typeof(AccountStore), "AddAsync")]],
        [Calls.SignIn] = [[Entry, (typeof(Logins), "SignInAsync"), (typeof(AccountStore), "BeginAsync")], [Entry, (typeof(Logins), "SignInAsync"), (typeof(AccountStore), "FailedAsync")]],
        [Calls.SignInBy] = [[(typeof(ProvidersApi), "LetInAsync"), (typeof(ProviderLogins), "SignInAsync"), (typeof(AccountStore), "BeginAsync")]],
        [Calls.RemoveLogin] = [[Entry, (typeof(ProviderLogins), "RemoveAsync"), (typeof(LoginStore), "RemoveAsync")]],
        [Calls.SignOut] = [[Entry, (typeof(Logins), "SignOutAsync"), (typeof(AccountStore), "EndAsync")]],
        [Calls.AddUser] = [[Entry, (typeof(Logins), "AddUserAsync"), (typeof(AccountStore), "AddAsync")]],
        [Calls.ChangeUser] = [[Entry, (typeof(Logins), "ChangeUserAsync"), (typeof(AccountStore), "ChangeAsync")]],
        [Calls.OfferCode] = [[Entry, (typeof(Logins), "OfferCodeAsync"), (typeof(AccountStore), "PutCodeAsync")]],
        [Calls.SetPassword] = [[Entry, (typeof(Logins), "SetPasswordAsync"), (typeof(AccountStore), "UseCodeAsync")]],
        [Calls.AddToken] = [[Entry, (typeof(Logins), "AddTokenAsync"), (typeof(AccountStore), "AddTokenAsync")]],
        [Calls.SetTotp] = [[Entry, (typeof(Logins), "SetTotpAsync"), (typeof(AccountStore), "PutTotpAsync")]],
        [Calls.RemoveTotp] = [[Entry, (typeof(Logins), "RemoveTotpAsync"), (typeof(AccountStore), "PutTotpAsync")]],
        [Calls.RevokeToken] = [[Entry, (typeof(Logins), "RevokeTokenAsync"), (typeof(AccountStore), "RevokeAsync")]],
        [Calls.SetCredential] = [[Entry, (typeof(CredentialVault), "SetAsync"), (typeof(CredentialStore), "PutAsync")]],
        [Calls.RemoveCredential] = [[Entry, (typeof(CredentialVault), "RemoveAsync"), (typeof(CredentialStore), "RemoveAsync")]],
        [Calls.RotateCredentials] = [[Entry, (typeof(CredentialVault), "RotateAsync"), (typeof(CredentialStore), "ResealAsync")]],
        [Calls.UseCredential] = [[Entry, (typeof(CredentialVault), "UsedAsync"), (typeof(CredentialStore), "UsedAsync")]],
        [Calls.Webhook] = [[(typeof(WebhooksApi), "TakeAsync"), (typeof(SoarEngine), "StartAsync"), (typeof(RunStore), "CreateAsync"), (typeof(RunStore), "Insert")]],
    };

    /// <summary>Endpoints that do themselves what they do; all others make a call.</summary>
    private static readonly Dictionary<string, (Type Type, string Method)[]> Endpoints = new()
    {
        ["GET /api/runs"] = [(typeof(RunsApi), "ListAsync"), (typeof(RunStore), "PageAsync"), (typeof(RunStore), "SelectPage")],
        ["GET /api/runs/{id}"] = [(typeof(RunsApi), "ShowAsync"), (typeof(RunStore), "ReadJournalAsync")],
        ["GET /api/audit"] = [(typeof(AuditApi), "ListAsync"), (typeof(AuditStore), "ListAsync")],
        ["GET /api/drafts/{name}"] = [(typeof(DraftsApi), "ShowAsync"), (typeof(DraftStore), "FindAsync")],
        ["PUT /api/drafts/{name}"] = [(typeof(DraftsApi), "SaveAsync"), (typeof(DraftStore), "SaveAsync"), (typeof(DraftStore), "PutAsync")],
        ["GET /api/cases"] = [(typeof(CasesApi), "ListAsync"), (typeof(CaseStore), "PageAsync")],
        ["PATCH /api/cases/{id}"] = [(typeof(CaseWorkApi), "ChangeAsync"), (typeof(CaseStore), "ChangeAsync")],
        ["GET /api/cases/{id}/timeline"] = [(typeof(CaseWorkApi), "TimelineAsync"), (typeof(CaseStore), "TimelineAsync")],
        ["GET /api/credentials"] = [(typeof(CredentialsApi), "ListAsync"), (typeof(CredentialVault), "ListAsync"), (typeof(CredentialStore), "ListAsync"), (typeof(CredentialStore), "All")],
        ["GET /api/kill-switches"] = [(typeof(KillSwitchesApi), "ListAsync"), (typeof(RunStore), "HeldAsync")],
        ["GET /api/lists/{name}"] = [(typeof(ListsApi), "ShowAsync"), (typeof(ListStore), "ReadAsync")],
        ["PUT /api/lists/{name}"] = [(typeof(ListsApi), "SaveAsync"), (typeof(Lists), "SaveAsync"), (typeof(ListStore), "SaveAsync"), (typeof(ListStore), "PutAsync")],
        ["POST /api/playbooks/{name}/roll-back"] = [(typeof(VersionsApi), "RollBackAsync"), (typeof(Publishing), "RollBackAsync"), (typeof(VersionStore), "TurnToAsync")],
        ["POST /api/alerts"] = [(typeof(AlertsApi), "TakeAsync"), (typeof(AlertIntake), "AcceptAsync"), (typeof(AlertStore), "AcceptAsync"), (typeof(AlertStore), "Keep")],
        ["POST /api/runs"] = [(typeof(RunsApi), "StartAsync"), (typeof(SoarEngine), "StartAsync"), (typeof(RunStore), "CreateAsync"), (typeof(RunStore), "Insert")],
        ["POST /api/runs/{id}/signals"] = [(typeof(RunsApi), "SignalAsync"), (typeof(SoarEngine), "SignalAsync"), (typeof(RunStore), "SendAsync"), (typeof(RunStore), "Receive")],
        ["POST /api/runs/{id}/cancel"] = [(typeof(RunsApi), "CancelAsync"), (typeof(SoarEngine), "CancelAsync"), (typeof(RunStore), "SendAsync"), (typeof(RunStore), "Receive")],
        ["POST /api/runs/{id}/pause"] = [(typeof(RunsApi), "PauseAsync"), (typeof(SoarEngine), "PauseAsync"), (typeof(RunStore), "SendAsync"), (typeof(RunStore), "Receive")],
        ["POST /api/runs/{id}/resume"] = [(typeof(RunsApi), "ResumeAsync"), (typeof(SoarEngine), "ResumeAsync"), (typeof(RunStore), "WriteAsync"), (typeof(RunStore), "Write")],
        ["POST /api/questions/{id}/answer"] = [(typeof(QuestionsApi), "AnswerAsync"), (typeof(Deciders), "AnswerAsync"), (typeof(RunStore), "AnswerAsync"), (typeof(RunStore), "Receive")],
        ["POST /answer/{link}"] = [(typeof(AnswersApi), "AnswerAsync"), (typeof(Deciders), "AnswerAsync"), (typeof(RunStore), "AnswerAsync"), (typeof(RunStore), "Receive")],
        ["POST /api/containments/{id}/lift"] = [(typeof(ContainmentsApi), "LiftAsync"), (typeof(SoarEngine), "LiftAsync"), (Lifts, "LiftAsync"), (typeof(RunStore), "ContainmentsAsync")],
    };

    public static TheoryData<string> AllEndpoints => [.. Endpoints.Keys];

    [Theory]
    [MemberData(nameof(AllEndpoints))]
    public void An_endpoint_reaches_its_SQL_within_four_methods(string endpoint) => Hold(endpoint, Endpoints[endpoint]);

    /// <summary>An endpoint that makes a call is one method more than the call, and names it by its constant.</summary>
    [Fact]
    public void An_endpoint_that_makes_a_call_reaches_its_SQL_within_four_methods()
    {
        var made = 0;
        foreach (var api in typeof(RunsApi).Assembly.GetTypes().Where(t => t.Namespace == typeof(RunsApi).Namespace && t.Name.EndsWith("Api", StringComparison.Ordinal)))
        {
            foreach (var handler in api.GetMethods(Any).Where(m => !m.Name.StartsWith('<') && CallsOf((api, m.Name)).Any(called => Is(called, Entry))))
            {
                foreach (var call in TextsOf((api, handler.Name)).Where(Chains.ContainsKey))
                {
                    made++;
                    Assert.All(Chains[call], chain => Assert.True(chain.Length < Budget, $"{api.Name}.{handler.Name} makes the call '{call}', which takes {chain.Length} methods: let it call the engine itself, and SoarNode.RecordedAsync."));
                }
            }
        }

        Assert.True(made >= 10, $"only {made} endpoints that make calls were found");
    }

    public static TheoryData<string> All => [.. typeof(Calls).GetFields().Where(f => f.IsLiteral).Select(f => (string)f.GetValue(null)!)];

    [Theory]
    [MemberData(nameof(All))]
    public void A_call_reaches_its_SQL_within_four_methods(string call)
    {
        Assert.True(Chains.TryGetValue(call, out var chains), $"'{call}' is new: say here how it reaches its SQL.");
        foreach (var chain in chains)
        {
            if (call == Calls.Run) Follow(call, chain);
            else Hold(call, chain);
        }
    }

    private static void Hold(string what, (Type Type, string Method)[] chain)
    {
        var text = Follow(what, chain);
        Assert.True(TextsOf(chain[^1]).Any(t => Statement().IsMatch(t)), $"{what}: {text}: no SQL stands in the last one");
    }

    private static string Follow(string what, (Type Type, string Method)[] chain)
    {
        var text = string.Join(" → ", chain.Select(hop => $"{hop.Type.Name}.{hop.Method}"));
        Assert.True(chain.Length <= Budget, $"{what}: {chain.Length} methods: {text}");
        for (var i = 0; i + 1 < chain.Length; i++)
            Assert.True(CallsOf(chain[i]).Any(called => Is(called, chain[i + 1])), $"{what}: {text}: {chain[i].Method} does not call {chain[i + 1].Type.Name}.{chain[i + 1].Method}");
        return text;
    }

    private static bool Is(MethodBase called, (Type Type, string Method) wanted) =>
        called.Name == wanted.Method && (called.DeclaringType == wanted.Type || (called.DeclaringType!.IsInterface && called.DeclaringType.IsAssignableFrom(wanted.Type)));

    private static IEnumerable<MethodBase> CallsOf((Type Type, string Method) hop) =>
        Tokens(hop).Where(t => t.Code.OperandType == OperandType.InlineMethod).Select(t => t.In.Module.ResolveMethod(t.Token, Arguments(t.In.DeclaringType), t.In.IsGenericMethod ? t.In.GetGenericArguments() : null)!);

    private static IEnumerable<string> TextsOf((Type Type, string Method) hop) => Tokens(hop).Where(t => t.Code.OperandType == OperandType.InlineString).Select(t => t.In.Module.ResolveString(t.Token));

    private static Type[]? Arguments(Type? type) => type is { IsGenericType: true } ? type.GetGenericArguments() : null;

    /// <summary>What a method, the lambdas and local functions in it and their state machines refer to.</summary>
    private static IEnumerable<(MethodBase In, OpCode Code, int Token)> Tokens((Type Type, string Method) hop)
    {
        Assert.Contains(hop.Type.GetMethods(Any), m => m.Name == hop.Method);
        var compiled = $"<{hop.Method}>";
        foreach (var type in WithNested(hop.Type))
        {
            foreach (var method in type.GetMethods(Any))
            {
                var own = (type == hop.Type && method.Name == hop.Method) || method.Name.StartsWith(compiled, StringComparison.Ordinal) || (type != hop.Type && type.Name.Contains(compiled, StringComparison.Ordinal));
                if (!own || method.GetMethodBody()?.GetILAsByteArray() is not { } il) continue;
                for (var at = 0; at < il.Length;)
                {
                    var code = OpCodes[il[at] == 0xFE ? 0xFE00 | il[at + 1] : il[at]];
                    at += code.Size;
                    if (code.OperandType is OperandType.InlineMethod or OperandType.InlineString) yield return (method, code, BitConverter.ToInt32(il, at));
                    at += code.OperandType switch
                    {
                        OperandType.InlineNone => 0,
                        OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar => 1,
                        OperandType.InlineVar => 2,
                        OperandType.InlineI8 or OperandType.InlineR => 8,
                        OperandType.InlineSwitch => 4 + 4 * BitConverter.ToInt32(il, at),
                        _ => 4,
                    };
                }
            }
        }
    }

    private static IEnumerable<Type> WithNested(Type type) => type.GetNestedTypes(Any).Where(nested => type.Name.StartsWith('<') || nested.IsDefined(typeof(CompilerGeneratedAttribute), inherit: false)).SelectMany(WithNested).Prepend(type);

    [GeneratedRegex(@"^\s*(SELECT|INSERT|UPDATE|DELETE|PRAGMA) ", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Statement();
}
