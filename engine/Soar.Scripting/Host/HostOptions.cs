using Soar.Language;
using Soar.Scripting.Jail;

namespace Soar.Scripting.Host;

/// <summary>How playbooks are hosted in processes.</summary>
public sealed record HostOptions
{
    /// <summary>The program that a child is; it must route <see cref="HostProcess.Verb"/> to <see cref="HostProcess.RunAsync"/>. This application.</summary>
    public ChildEntry Entry { get; init; } = ChildEntry.ThisApplication;

    /// <summary>The folder of compiled playbooks and facades: the children may read it, and nothing else of ours.</summary>
    public required string CacheFolder { get; init; }

    /// <summary>Host processes. One per core, at most two.</summary>
    public int Processes { get; init; } = Math.Clamp(Environment.ProcessorCount, 1, 2);

    /// <summary>
    /// A slice of playbook code that runs longer than this is an endless loop: the process is killed. 10 seconds. On a machine that gives the process no processor it is given up to
    /// <see cref="Patience"/> times as long: its run would be counted as the culprit for what others do.
    /// </summary>
    public TimeSpan SliceLimit { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How many times the <see cref="SliceLimit"/> a slice may take in the worst case. 10.</summary>
    public int Patience { get; init; } = 10;

    /// <summary>How often the watchdog looks. 250 milliseconds.</summary>
    public TimeSpan WatchEvery { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <summary>What one run may use.</summary>
    public Budgets Budgets { get; init; } = new();

    /// <summary>How tight the jail of each process is.</summary>
    public JailOptions Jail { get; init; } = new() { HeapLimitBytes = 512L << 20 };
}
