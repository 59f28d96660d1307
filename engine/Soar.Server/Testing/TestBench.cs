using Soar.Capabilities;
using Soar.Connectors.Mime;
using Soar.Hosting;
using Soar.Scripting.Compile;
using Soar.Scripting.Host;
using Soar.Scripting.JavaScript;
using Soar.Server.Node;

namespace Soar.Server.Testing;

/// <summary>What all tests of one <c>soar test</c> share: capabilities, compiled playbooks, simulators, and one warm pool of playbook hosts.</summary>
/// <param name="simulator">The simulator that this deployment has for a capability; null when it has none.</param>
/// <param name="builtIns">Built-in capabilities that need nothing of a test: Mime, JavaScript.</param>
internal sealed class TestBench(ActionCatalog catalog, Playbooks playbooks, Func<string, object?> simulator, IReadOnlyDictionary<string, object> builtIns) : IAsyncDisposable
{
    private readonly Relay relay = new();
    private IPlaybookHost host = null!;

    public ActionCatalog Catalog { get; } = catalog;

    /// <summary>Effects that need a decision, as in the deployment.</summary>
    public IReadOnlySet<Effect> Approvals { get; init; } = new HashSet<Effect> { Effect.Contains, Effect.Destroys };
    public Playbooks Playbooks { get; } = playbooks;
    public Func<string, object?> Simulator { get; } = simulator;
    public IReadOnlyDictionary<string, object> BuiltIns { get; } = builtIns;

    /// <summary>Bytes that recorded alerts refer to: read where a play has none of its own, and never written. Null: there are none.</summary>
    public IArtifacts? Artifacts { get; init; }

    /// <summary>A bench of what this deployment has, with one host of its own.</summary>
    public static Task<TestBench> OpenAsync(Toolchain tools, JavaScriptRunner javaScript, TimeProvider clock, CancellationToken cancellation) =>
        OpenAsync(tools, new Playbooks(tools.Compiler, tools.Workspace.Playbooks, StoredVersions.None), javaScript, new Dictionary<string, object>(), null, clock, cancellation);

    /// <summary>The same, with other playbooks than the folder's as what sub-playbooks are.</summary>
    public static Task<TestBench> OpenAsync(Toolchain tools, Playbooks playbooks, JavaScriptRunner javaScript, TimeProvider clock, CancellationToken cancellation) =>
        OpenAsync(tools, playbooks, javaScript, new Dictionary<string, object>(), null, clock, cancellation);

    /// <param name="kept">Built-in capabilities that read what this deployment keeps, in place of empty ones: Lists, Contacts.</param>
    public static async Task<TestBench> OpenAsync(Toolchain tools, Playbooks playbooks, JavaScriptRunner javaScript, IReadOnlyDictionary<string, object> kept, IArtifacts? artifacts, TimeProvider clock, CancellationToken cancellation)
    {
        object? Simulator(string capability)
        {
            var names = tools.Registry.Names(capability);
            return names.Count == 0 ? null : tools.Registry.Find(capability, names[0], simulated: true);
        }

        var builtIns = new Dictionary<string, object>(kept) { ["Mime"] = new MimeCapability(tools.Settings.Mime), ["JavaScript"] = javaScript };
        var bench = new TestBench(tools.Catalog, playbooks, Simulator, builtIns) { Approvals = tools.Settings.Approvals.ToHashSet(), Artifacts = artifacts };
        await bench.StartAsync(async events => await HostPool.StartAsync(events, tools.Hosting(processes: 1), clock, cancellation));
        return bench;
    }

    /// <summary>Starts the hosts that all tests use.</summary>
    public async Task StartAsync(Func<IPlaybookHostEvents, Task<IPlaybookHost>> start) => host = await start(relay);

    /// <summary>The shared hosts, reporting to this test (or to the measuring of what tests covered) from now on.</summary>
    public IPlaybookHost Host(IPlaybookHostEvents events)
    {
        relay.Test = events;
        return host;
    }

    public async ValueTask DisposeAsync() => await host.DisposeAsync();

    /// <summary>Hands what the hosts report to the test that is running; what an earlier one left behind is known to nobody.</summary>
    private sealed class Relay : IPlaybookHostEvents
    {
        private volatile IPlaybookHostEvents? test;

        public IPlaybookHostEvents Test
        {
            set => test = value;
        }

        public void StepCalled(StepCall call) => test?.StepCalled(call);

        public void StepCancelled(RunId run, int ordinal) => test?.StepCancelled(run, ordinal);

        public void Idle(RunIdle idle) => test?.Idle(idle);

        public void Ended(RunEnd end) => test?.Ended(end);

        public void Noticed(RunId run, TraceEntry entry) => test?.Noticed(run, entry);

        public void HostDied(string reason, RunId? inHand, IReadOnlyList<RunId> lost) => test?.HostDied(reason, inHand, lost);
    }
}
