using System.Reflection;
using System.Text.Json;
using Soar.Capabilities;
using Soar.Connectors;
using Xunit;

namespace Soar.Testing.Contract;

/// <summary>
/// What every connector owes the engine, whatever its product. Derive one sealed class per connector, say its settings and a double of the other side, and nothing more:
/// <c>public sealed class SirenContract : ConnectorSuite&lt;SirenConnector, SirenSettings, HttpOtherSide&gt;</c>. <see cref="Census"/> tells which connector has none.
/// </summary>
public abstract partial class ConnectorSuite<TConnector, TSettings, TOther> : SettingsSuite<TSettings>
    where TConnector : class, IConnector
    where TSettings : class, IValidatedSettings, new()
    where TOther : OtherSide
{
    /// <summary>Nothing here takes longer unless something hangs.</summary>
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(60);

    private const string Key = "00112233445566778899aabbccddeeff";
    private const string OtherKey = "ffeeddccbbaa99887766554433221100";

    private static readonly ActionCatalog Catalog = new(typeof(TConnector).GetInterfaces().Select(type => type.Assembly).Append(typeof(TConnector).Assembly));

    private static readonly IReadOnlyList<ActionDescriptor> Actions = [.. Catalog.Capabilities.Where(capability => capability.Type.IsAssignableFrom(typeof(TConnector))).SelectMany(capability => capability.Actions)];

    private readonly List<string> said = [];

    public static IEnumerable<TheoryDataRow<string>> EachAction => Actions.Select(action => new TheoryDataRow<string>(action.Id));

    public static IEnumerable<TheoryDataRow<string, Trouble>> EachTrouble =>
        from action in Actions from trouble in Enum.GetValues<Trouble>() select new TheoryDataRow<string, Trouble>(action.Id, trouble);

    /// <summary>A fresh double, holding what the actions' arguments speak of.</summary>
    protected abstract TOther Double();

    /// <summary>Settings that work with the double; every secret is <see cref="Canary"/>, time-outs are the double's <see cref="OtherSide.Patience"/>.</summary>
    protected abstract TSettings Settings(TOther other);

    protected override async Task WithGoodAsync(Action<TSettings> look)
    {
        await using var other = Double();
        look(Settings(other));
    }

    /// <summary>An argument that means something at the double; by default one of its type.</summary>
    protected virtual object? Argument(ActionDescriptor action, ActionParameter parameter) => Values.Of(parameter);

    /// <summary>The part of the double that this action goes to, and that is brought into trouble: a registry, a mail server, a mailbox.</summary>
    protected virtual OtherSide Place(TOther other, ActionDescriptor action) => other;

    /// <summary>What this trouble means for this action, where that is something else than for the product's other actions; null = the same. It is held to that.</summary>
    protected virtual Expectation? Meaning(ActionDescriptor action, Trouble trouble) => null;

    /// <summary>
    /// Why this action of its capability is nothing that the product can do; null = it can. Such an action is refused with the reason <c>unsupported</c> by connector and simulator.
    /// </summary>
    protected virtual string? Unsupported(ActionDescriptor action) => null;

    /// <summary>Whether the product keeps the key, so that a probe tells ours from others'.</summary>
    protected virtual bool KeepsKey(ActionDescriptor action) => true;

    /// <summary>
    /// Why a repeat under the same key asks the product to change something all the same, although nothing changes: it has no way to look, or the request itself is what makes sure; null = a
    /// repeat sees what stands and leaves it alone.
    /// </summary>
    protected virtual string? Resends(ActionDescriptor action) => null;

    private static ActionDescriptor Find(string id) => Actions.Single(action => action.Id == id);

    private TConnector Connector(TSettings settings, string folder, Pace? pace = null)
    {
        var services = Given.Services(folder) with { Log = new Listener(said) };
        var connector = (TConnector)Activator.CreateInstance(typeof(TConnector), settings, pace is null ? services : services with { Pace = pace })!;
        if (connector is IServingConnector serving && settings.Problems().FirstOrDefault() is null) serving.StartAsync(CancellationToken.None).GetAwaiter().GetResult(); // as the store's owner does
        return connector;
    }

    private async Task<Ended> DoAsync(TConnector connector, ActionDescriptor action, string key = Key, CancellationToken cancellation = default)
    {
        Ended ended;
        try
        {
            var result = await action.InvokeAsync(connector, Values.Arguments(action, Argument), Given.Context(key, Values.Artifacts), cancellation).WaitAsync(Bound, CancellationToken.None);
            ended = new Ended(null, System.Text.Encoding.UTF8.GetString(result));
        }
        catch (Exception e) when (e is not TimeoutException)
        {
            ended = new Ended(e, null);
        }

        Say(ended.ToString());
        return ended;
    }

    /// <summary>What an action needs before it can do anything: something to lift.</summary>
    private async Task PrepareAsync(TOther other, ActionDescriptor action)
    {
        if (action.Effect != Effect.Lifts) return;
        await using var connector = Connector(Settings(other), other.Folder);
        var containment = Actions.First(candidate => candidate.Inverse == action);
        Assert.Null((await DoAsync(connector, containment)).Failure);
    }

    private async Task<Probe<object>> ProbeAsync(TConnector connector, ActionDescriptor action, string key)
    {
        var (answer, ours, result) = await action.ProbeAsync(connector, Values.Arguments(action, Argument), Given.Context(key, Values.Artifacts), CancellationToken.None).WaitAsync(Bound, CancellationToken.None);
        return new Probe<object>(answer, result) { Ours = ours };
    }

    private void NothingLeaked()
    {
        var mask = new SecretMask(Canary);
        lock (said) Assert.All(said, line => Assert.Equal(mask.Text(line), line));
    }

    // A watch in the background may be logging at the same moment.
    private void Say(string line)
    {
        lock (said) said.Add(line);
    }

    /// <summary>How an action ended.</summary>
    private sealed record Ended(Exception? Failure, string? Result)
    {
        public FailureKind? Kind => (Failure as ConnectorFailure)?.Kind;
        public bool Cancelled => Failure is OperationCanceledException;
        public override string ToString() => Failure?.ToString() ?? $"done: {Result}";
    }
}
