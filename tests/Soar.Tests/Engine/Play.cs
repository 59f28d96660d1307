using Soar.Capabilities;
using Soar.Hosting;
using Soar.Language;

namespace Soar.Tests.Engine;

/// <summary>A playbook written as a lambda, with the fake product's facade.</summary>
internal sealed class Play(Func<PlayBench, Task<Outcome>> body) : PlayBench
{
    protected override Task<Outcome> Body() => body(this);
}

/// <summary>Opens the protected language to lambdas in tests.</summary>
internal abstract class PlayBench : Script
{
    protected PlayBench() => Gate = new GateFacade(this);

    public GateFacade Gate { get; }
    public Step<CaseRef> OpenCase(string title, int severity = 0) => new CaseFacade(this).Open(title, severity);
    public Step Observe(string value, Verdict verdict) => new CaseFacade(this).Observable(new Observable("ip", value), verdict);
    public DateTimeOffset Time => Now;

    public GateFacade At(string instance) => new(this, instance);
    public T In<T>(string name) where T : class => Input<T>(name, "a test input");
    public T In<T>(string name, T fallback) => Input(name, fallback, "a test input");
    public Outcome Again(object inputs) => RunAgain(inputs);
    public Step Pause(TimeSpan time) => Wait(time);
    public Step PauseUntil(DateTimeOffset time) => WaitUntil(time);
    public Step<Decision> Approve(Text question, IEnumerable<Step>? steps = null, TimeSpan? within = null, int quorum = 1, string? escalateTo = null, bool fourEyes = false) => Ask("shift-lead", question, steps, within, quorum, escalateTo, fourEyes);
    public Step<Decision> Task_(Text text, TimeSpan? within = null) => Todo("analyst", text, within);
    public Step<Signal<T>> Signal<T>(string name, TimeSpan? within = null) => Receive<T>(name, within);
    public Step<Outcome> Sub(string playbook, object? inputs = null) => Run(playbook, inputs);
    public Step<T> Sub<T>(string playbook, object? inputs = null) => Run<T>(playbook, inputs);
    public Step<T> Fill<T>(string title, TimeSpan? within = null) => Form<T>("analyst", title, within);
    public Step<(T1, T2)> Both<T1, T2>(Step<T1> a, Step<T2> b) => All(a, b);
    public Step<IReadOnlyList<T>> Every<T>(IEnumerable<Step<T>> steps, int parallel = 8) => All(steps, parallel);
    public Step Together(params Step[] steps) => All(steps);
    public Step<IReadOnlyList<R>> Each<T, R>(IEnumerable<T> items, Func<T, Step<R>> body, int parallel = 8) => ForEach(items, body, parallel);
    public Step<IReadOnlyList<ItemResult<R>>> TryEach<T, R>(IEnumerable<T> items, Func<T, Step<R>> body, int tolerate = 0) => TryForEach(items, body, parallel: 4, tolerate: tolerate);
    public Step<T> First<T>(params Step<T>[] steps) => Any(steps);
    public Step<int> FirstIndex(params Step[] steps) => Any(steps);

    private sealed class CaseFacade(Script script) : Facade(script, "Case", null, builtIn: true)
    {
        public Step<CaseRef> Open(string title, int severity) => Call<CaseRef>("case.open", "case-open", Arguments().Add("title", (Text)title).Add("severity", severity), default);

        public Step Observable(Observable observable, Verdict verdict) => Call("case.observable", "case-observable", Arguments().Add("observable", observable).Add("verdict", verdict), default);
    }

    internal sealed class GateFacade(Script script, string? instance = null) : Facade(script, "Gate", instance, builtIn: false)
    {
        public Step<int> PassOn(string what) => Call<int>("gate.passon", "gate-passon", Arguments().Add("what", what), default);

        public Step<int> Look(string what) => Call<int>("gate.look", "gate-look", Arguments().Add("what", what), default);

        public Step<int> Listen(string what) => Call<int>("gate.listen", "gate-listen", Arguments().Add("what", what), default);

        public Step<GateBlock> Block(string target, TimeSpan duration) => Call<GateBlock>("gate.block", "gate-block", Arguments().Add("target", target).Add("duration", duration), default);

        public Step Unblock(string target) => Call("gate.unblock", "gate-unblock", Arguments().Add("target", target), default);

        public Step<string> Send(string? to, string? body) => Call<string>("gate.send", "gate-send", Arguments().Add("to", to).Add("body", body), default);

        public Step<string> File(string text) => Call<string>("gate.file", "gate-file", Arguments().Add("text", text), default);
        public Step<string> Post(string text) => Call<string>("gate.post", "gate-post", Arguments().Add("text", text), default);
    }
}

/// <summary>The playbooks of a test, by name; each has one version until the test publishes another.</summary>
internal sealed class Plays : IPlaybooks
{
    private readonly Dictionary<string, CompiledPlaybook> newest = [];
    private readonly Dictionary<string, CompiledPlaybook> byHash = [];

    /// <summary>Bodies by version, as the in-process host wants them.</summary>
    public Dictionary<string, Func<Script>> Scripts { get; } = new(StringComparer.Ordinal);

    /// <summary>Versions that no longer compile.</summary>
    public HashSet<string> Broken { get; } = [];

    /// <summary>Versions that the compiler is too slow for just now.</summary>
    public HashSet<string> Slow { get; } = [];

    /// <summary>Names whose text no compiler comes up for just now.</summary>
    public HashSet<string> Down { get; } = [];

    /// <summary>Predicates of case triggers by version; see <see cref="AskedHost"/>.</summary>
    public Dictionary<string, Func<CaseState, bool>> Wants { get; } = [];

    /// <summary>Predicates of alert triggers by version.</summary>
    public Dictionary<string, Func<Alert, bool>> WantsAlert { get; } = [];

    /// <summary>A playbook that is started by alerts.</summary>
    public CompiledPlaybook AddOnAlert(string name, Func<Alert, bool> when, Func<PlayBench, Task<Outcome>> body, string version = "1.0.0", params InputHeader[] inputs)
    {
        var playbook = Add(name, body, version, inputs);
        playbook = playbook with { Header = playbook.Header with { Triggers = [new TriggerHeader("alert", "trigger:0", $"what {name} wants", 2)] } };
        lock (newest)
        {
            newest[name] = byHash[playbook.Hash] = playbook;
            WantsAlert[playbook.Hash] = when;
        }

        return playbook;
    }

    /// <summary>A playbook that is started by cases.</summary>
    public CompiledPlaybook AddOnCase(string name, Func<CaseState, bool> when, Func<PlayBench, Task<Outcome>> body, string version = "1.0.0", params InputHeader[] inputs)
    {
        var playbook = Add(name, body, version, inputs);
        playbook = playbook with { Header = playbook.Header with { Triggers = [new TriggerHeader("case", "trigger:0", "", 2)] } };
        lock (newest)
        {
            newest[name] = byHash[playbook.Hash] = playbook;
            Wants[playbook.Hash] = when;
        }

        return playbook;
    }

    /// <summary>By its type a playbook has its lane.</summary>
    public CompiledPlaybook AddOfType(string name, PlaybookType type, Func<PlayBench, Task<Outcome>> body)
    {
        var playbook = Add(name, body);
        playbook = playbook with { Header = playbook.Header with { Type = type } };
        lock (newest) newest[name] = byHash[playbook.Hash] = playbook;
        return playbook;
    }

    public CompiledPlaybook Add(string name, Func<PlayBench, Task<Outcome>> body, string version = "1.0.0", params InputHeader[] inputs) => Add(name, Tlp.Amber, body, version, inputs);

    public CompiledPlaybook Add(string name, Tlp tlp, Func<PlayBench, Task<Outcome>> body, string version = "1.0.0", params InputHeader[] inputs)
    {
        var header = new PlaybookHeader { Name = name, Version = version, Type = PlaybookType.Mitigation, Tlp = tlp, Summary = name, Inputs = inputs };
        var playbook = new CompiledPlaybook($"{name}@{version}", "", $"{name}.csx", "", header);
        lock (newest)
        {
            newest[name] = byHash[playbook.Hash] = playbook;
            Scripts[playbook.Hash] = () => new Play(body);
        }

        return playbook;
    }

    public Task<CompiledPlaybook> ByHashAsync(string hash, CancellationToken cancellation)
    {
        lock (newest)
        {
            if (Slow.Contains(hash)) return Task.FromException<CompiledPlaybook>(new SoarException("SOAR1901", $"{hash} could not be compiled now."));
            return Broken.Contains(hash)
                ? Task.FromException<CompiledPlaybook>(new SoarException("SOAR1900", $"{hash} no longer compiles."))
                : Task.FromResult(byHash[hash]);
        }
    }

    /// <summary>Files with a trigger that do not compile, as the folder has them.</summary>
    public List<(string File, string Problem)> NotCompiling { get; } = [];

    public Task<TriggeredPlaybooks> TriggeredByAsync(string kind, CancellationToken cancellation)
    {
        lock (newest) return Task.FromResult(new TriggeredPlaybooks([.. newest.Values.Where(p => p.Header.Triggers.Any(t => t.Kind == kind))], [.. NotCompiling]));
    }

    public Task<CompiledPlaybook> ByNameAsync(string name, CancellationToken cancellation)
    {
        lock (newest)
        {
            if (Down.Contains(name)) return Task.FromException<CompiledPlaybook>(new SoarException("SOAR1911", "The compile worker does not come up."));
            return newest.TryGetValue(name, out var found)
                ? Task.FromResult(found)
                : Task.FromException<CompiledPlaybook>(new NotFoundException("playbook", name, "Publish it first."));
        }
    }
}
