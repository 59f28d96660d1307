using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Soar.Capabilities;
using Soar.Connectors;
using Soar.Hosting;
using Soar.Runs;

namespace Soar.Engine;

/// <summary>What the parts of one engine share.</summary>
internal sealed class EngineParts(
    EngineOptions options, IRunStore store, IPlaybooks playbooks, IConnectorInstances instances, ActionCatalog catalog, IArtifacts artifacts,
    TimeProvider clock, Ids ids, Random random, ILogger log)
{
    public EngineOptions Options { get; } = options;
    public IRunStore Store { get; } = store;
    public IPlaybooks Playbooks { get; } = playbooks;
    public IConnectorInstances Instances { get; } = instances;
    public ActionCatalog Catalog { get; } = catalog;
    public IArtifacts Artifacts { get; } = artifacts;
    public TimeProvider Clock { get; } = clock;
    public Ids Ids { get; } = ids;
    public ILogger Log { get; } = log;
    public RunEvents Events { get; } = new();
    public Retry Retry { get; } = new(options, random);

    /// <summary>Of dry runs that somebody follows step by step.</summary>
    public ConcurrentDictionary<RunId, DryRunStops> Stops { get; } = new();

    // Set once while the engine is put together: these need the parts above, or one another.
    public IPlaybookHost Host { get; set; } = null!;
    public StepExecutor Executor { get; set; } = null!;
    public Ledger Ledger { get; set; } = null!;
    public Policy Policy { get; set; } = null!;
    public Starts Starts { get; set; } = null!;
    public SoarEngine Engine { get; set; } = null!;
    public Endings Endings { get; set; } = null!;
    public Dispatcher Dispatcher { get; set; } = null!;

    public DateTimeOffset Now => Clock.GetUtcNow();
}
