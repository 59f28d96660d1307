using System.Reflection;
using System.Reflection.Emit;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using Soar.Cases;
using Soar.Engine;
using Soar.Server.Accounts;
using Soar.Server.Http;
using Soar.Server.Node;
using Soar.Storage;

namespace Soar.Server.Tests.Architecture;

/// <summary>
/// From the entry of the process that owns the store to SQL: at most four methods of ours. The chains are read from the compiled code: each method calls the next one, and the
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
        [Calls.Answer] = [[Entry, (typeof(SoarEngine), "AnswerAsync"), (typeof(RunStore), "AnswerAsync"), (typeof(RunStore), "Receive")]],
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
        [Calls.ImportList] = [[Entry, (typeof(Lists), "ImportAsync"), (typeof(ListStore), "ImportAsync")]],
        [Calls.AskAgain] = [[Entry, (typeof(AlertStore), "ReopenAsync")]],
        [Calls.Backup] = [[Entry, (typeof(SoarDatabase), "BackupAsync"), (Backup, "Make"), (Backup, "Snapshot")]],
        [Calls.Ping] = [], // reads no table
        [Calls.SetUp] = [[Entry, (typeof(Logins), "SetUpAsync"), (typeof(AccountStore), "AddAsync")]],
        [Calls.SignIn] = [[Entry, (typeof(Logins), "SignInAsync"), (typeof(AccountStore), "BeginAsync")], [Entry, (typeof(Logins), "SignInAsync"), (typeof(AccountStore), "FailedAsync")]],
        [Calls.SignOut] = [[Entry, (typeof(Logins), "SignOutAsync"), (typeof(AccountStore), "EndAsync")]],
        [Calls.AddUser] = [[Entry, (typeof(Logins), "AddUserAsync"), (typeof(AccountStore), "AddAsync")]],
        [Calls.ChangeUser] = [[Entry, (typeof(Logins), "ChangeUserAsync"), (typeof(AccountStore), "ChangeAsync")]],
        [Calls.OfferCode] = [[Entry, (typeof(Logins), "OfferCodeAsync"), (typeof(AccountStore), "PutCodeAsync")]],
        [Calls.SetPassword] = [[Entry, (typeof(Logins), "SetPasswordAsync"), (typeof(AccountStore), "UseCodeAsync")]],
        [Calls.AddToken] = [[Entry, (typeof(Logins), "AddTokenAsync"), (typeof(AccountStore), "AddTokenAsync")]],
        [Calls.SetTotp] = [[Entry, (typeof(Logins), "SetTotpAsync"), (typeof(AccountStore), "PutTotpAsync")]],
        [Calls.RemoveTotp] = [[Entry, (typeof(Logins), "RemoveTotpAsync"), (typeof(AccountStore), "PutTotpAsync")]],
        [Calls.RevokeToken] = [[Entry, (typeof(Logins), "RevokeTokenAsync"), (typeof(AccountStore), "RevokeAsync")]],
    };

    /// <summary>Endpoints by their first SQL. Those of changes go through the entry; five where the statement is one that the engine's own writes share (ADR 15), and no more may join them.</summary>
    private static readonly Dictionary<string, (int Budget, (Type Type, string Method)[] Chain)> Endpoints = new()
    {
        ["GET /api/runs"] = (Budget, [(typeof(RunsApi), "ListAsync"), (typeof(RunStore), "PageAsync")]),
        ["GET /api/runs/{id}"] = (Budget, [(typeof(RunsApi), "ShowAsync"), (typeof(RunStore), "ReadJournalAsync")]),
        ["GET /api/audit"] = (Budget, [(typeof(AuditApi), "ListAsync"), (typeof(AuditStore), "ListAsync")]),
        ["POST /api/login"] = (Budget, [(typeof(SessionApi), "LoginAsync"), Entry, (typeof(Logins), "SignInAsync"), (typeof(AccountStore), "BeginAsync")]),
        ["POST /api/users"] = (Budget, [(typeof(UsersApi), "AddAsync"), Entry, (typeof(Logins), "AddUserAsync"), (typeof(AccountStore), "AddAsync")]),
        ["POST /api/questions/{id}/answer"] = (Budget, [(typeof(QuestionsApi), "AnswerAsync"), Entry, (typeof(SoarEngine), "AnswerAsync"), (typeof(RunStore), "AnswerAsync")]),
        ["POST /api/runs"] = (Budget + 1, [(typeof(RunsApi), "StartAsync"), Entry, (typeof(SoarEngine), "StartAsync"), (typeof(RunStore), "CreateAsync"), (typeof(RunStore), "Insert")]),
        ["POST /api/runs/{id}/signals"] = (Budget + 1, [(typeof(RunsApi), "SignalAsync"), Entry, (typeof(SoarEngine), "SignalAsync"), (typeof(RunStore), "SendAsync"), (typeof(RunStore), "Receive")]),
        ["POST /api/runs/{id}/cancel"] = (Budget + 1, [(typeof(RunsApi), "CancelAsync"), Entry, (typeof(SoarEngine), "CancelAsync"), (typeof(RunStore), "SendAsync"), (typeof(RunStore), "Receive")]),
        ["POST /api/runs/{id}/pause"] = (Budget + 1, [(typeof(RunsApi), "PauseAsync"), Entry, (typeof(SoarEngine), "PauseAsync"), (typeof(RunStore), "SendAsync"), (typeof(RunStore), "Receive")]),
        ["POST /api/runs/{id}/resume"] = (Budget + 1, [(typeof(RunsApi), "ResumeAsync"), Entry, (typeof(SoarEngine), "ResumeAsync"), (typeof(RunStore), "WriteAsync"), (typeof(RunStore), "Write")]),
        ["POST /api/containments/{id}/lift"] = (Budget + 1, [(typeof(ContainmentsApi), "LiftAsync"), Entry, (typeof(SoarEngine), "LiftAsync"), (Lifts, "LiftAsync"), (typeof(RunStore), "ContainmentsAsync")]),
    };

    public static TheoryData<string> AllEndpoints => [.. Endpoints.Keys];

    [Theory]
    [MemberData(nameof(AllEndpoints))]
    public void An_endpoint_reaches_its_SQL_within_its_budget(string endpoint)
    {
        var (budget, chain) = Endpoints[endpoint];
        Assert.True(budget <= Budget + 1 && Endpoints.Values.Count(e => e.Budget > Budget) <= 6, "Six endpoints take five methods; the others have four.");
        Hold(endpoint, chain, budget);
    }

    public static TheoryData<string> All => [.. typeof(Calls).GetFields().Where(f => f.IsLiteral).Select(f => (string)f.GetValue(null)!)];

    [Theory]
    [MemberData(nameof(All))]
    public void A_call_reaches_its_SQL_within_four_methods(string call)
    {
        Assert.True(Chains.TryGetValue(call, out var chains), $"'{call}' is new: say here how it reaches its SQL.");
        foreach (var chain in chains)
        {
            if (call != Calls.Run) Hold(call, chain, Budget);
            else Follow(call, chain, Budget);
        }
    }

    private static void Hold(string what, (Type Type, string Method)[] chain, int budget)
    {
        var text = Follow(what, chain, budget);
        Assert.True(TextsOf(chain[^1]).Any(t => Statement().IsMatch(t)), $"{what}: {text}: no SQL stands in the last one");
    }

    private static string Follow(string what, (Type Type, string Method)[] chain, int budget)
    {
        var text = string.Join(" → ", chain.Select(hop => $"{hop.Type.Name}.{hop.Method}"));
        Assert.True(chain.Length <= budget, $"{what}: {chain.Length} methods: {text}");
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

    private static IEnumerable<Type> WithNested(Type type) => type.GetNestedTypes(Any).Where(nested => nested.IsDefined(typeof(CompilerGeneratedAttribute), inherit: false)).SelectMany(WithNested).Prepend(type);

    [GeneratedRegex(@"^\s*(SELECT|INSERT|UPDATE|DELETE|PRAGMA) ", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Statement();
}
