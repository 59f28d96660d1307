using System.ComponentModel;
using System.Diagnostics;
using System.Text.Json;
using Soar.Capabilities;
using Soar.Hosting;

namespace Soar.Language;

/// <summary>
/// What playbooks are made of: the compiler turns a <c>.csx</c> file into a class derived from this (by way of the generated <c>PlaybookBase</c>, which adds
/// the capabilities), and the protected members here are what playbooks see as plain names.
/// </summary>
public abstract partial class Script
{
    private RunInstance? run;
    private JsonSerializerOptions? json;

    /// <summary>Ids, titles and lines of the steps, by <see cref="Site"/>. The compiler fills it in.</summary>
    [EditorBrowsable(EditorBrowsableState.Never)]
    protected virtual KnownSite[] Sites => [];

    /// <summary>The header's triggers. Read by the compiler, never executed.</summary>
    protected static Triggers On => Triggers.Header;

    /// <summary>The alert that started this run. A playbook that uses it has an alert trigger or is started with an alert.</summary>
    protected Alert Alert => Here.Started.Alert
        ?? throw new SoarException("SOAR2006", "The run was started without an alert, and the playbook reads Alert. Start it with one.");

    /// <summary>The time of the last delivered record, UTC: the same again on replay. Before the first step it is when the run was started.</summary>
    protected DateTimeOffset Now => DateTimeOffset.FromUnixTimeMilliseconds(Here.NowMs);

    internal JsonSerializerOptions Json => json ?? throw new InvalidOperationException("The script was not started by a run.");

    internal RunInstance Here => run ?? throw new InvalidOperationException("The script was not started by a run.");

    /// <summary>The playbook's statements. The compiler writes it.</summary>
    [EditorBrowsable(EditorBrowsableState.Never)]
    protected abstract Task<Outcome> Body();

    /// <summary>The playbook's header. Read by the compiler, never executed.</summary>
    /// <param name="name">Lower case with dashes; how other playbooks and people call it.</param>
    /// <param name="version">Semantic version; a published one never changes.</param>
    /// <param name="type">What it is for (CACAO 2.0's playbook types).</param>
    /// <param name="tlp">How far what it reads may travel.</param>
    /// <param name="summary">One sentence for people.</param>
    [Conditional("SOAR_HEADER_IS_NEVER_EXECUTED")]
    protected static void Playbook(string name, string version, PlaybookType type, Tlp tlp, string summary)
    {
    }

    /// <summary>
    /// An input of the playbook that has no default: whoever starts it gives the value, or <paramref name="from"/> takes it from the alert. A start without
    /// it is refused. The value is journaled with the start of the run.
    /// </summary>
    /// <param name="name">Unique in the playbook.</param>
    /// <param name="description">What it means, for the person who fills it in.</param>
    /// <param name="from">A pure lambda that takes the value from the alert; null means that the alert does not tell.</param>
    protected T Input<T>(string name, string description, Func<Alert, T?>? from = null)
        where T : class => ReadInput<T>(name);

    /// <inheritdoc cref="Input{T}(string, string, Func{Alert, T})"/>
    protected T Input<T>(string name, string description, Func<Alert, T?>? from = null)
        where T : struct => ReadInput<T>(name);

    /// <summary>An input of the playbook with a default. The value is journaled with the start of the run.</summary>
    /// <param name="name">Unique in the playbook.</param>
    /// <param name="default">A literal, enum member or duration; taken when nobody gives a value.</param>
    /// <param name="description">What it means, for the person who fills it in.</param>
    protected T Input<T>(string name, T @default, string description) => ReadInput<T>(name);

    internal KnownSite? Info(Site site)
    {
        if (!site.IsKnown) return null;
        var sites = Sites;
        return site.Index < sites.Length ? sites[site.Index] : null;
    }

    internal void Attach(RunInstance instance, JsonSerializerOptions options)
    {
        run = instance;
        json = options;
    }

    internal Task<Outcome> Start() => Body();

    internal IReadOnlyList<string> InstancesOf(string capability)
    {
        var instances = Here.Started.Instances;
        if (instances.TryGetValue(capability, out var names)) return names;
        return instances.FirstOrDefault(i => string.Equals(i.Key, capability, StringComparison.OrdinalIgnoreCase)).Value ?? [];
    }

    private T ReadInput<T>(string name)
    {
        if (!Here.Started.Inputs.TryGetValue(name, out var value) || value.ValueKind == JsonValueKind.Null)
        {
            // No run starts without a required input, so what is not there was optional: a string? that nobody gave.
            if (default(T) is null) return default!;
            throw new SoarException("SOAR2006", $"The run has no value for the input '{name}'. Start the playbook with --input {name}=…");
        }

        try
        {
            return value.Deserialize<T>(Json)!;
        }
        catch (JsonException error)
        {
            throw new SoarException("SOAR2006", $"The input '{name}' is {value.GetRawText()}, which is no {typeof(T).Name}: {error.Message}", error);
        }
    }

    /// <summary>What starts a playbook by itself. A manual start is always possible. Read by the compiler, never executed.</summary>
    protected sealed class Triggers
    {
        internal static readonly Triggers Header = new();

        private Triggers()
        {
        }

        /// <summary>Starts for each alert that the predicate holds for. A predicate that throws is a visible trigger error.</summary>
        [Conditional("SOAR_HEADER_IS_NEVER_EXECUTED")]
        public void Alert(Func<Alert, bool> when)
        {
        }

        /// <summary>
        /// Starts once for each case, when it is opened or changes (an observable is added) and the predicate holds for it for the first time. A predicate that throws is a visible
        /// trigger error.
        /// </summary>
        [Conditional("SOAR_HEADER_IS_NEVER_EXECUTED")]
        public void Case(Func<CaseState, bool> when)
        {
        }

        /// <summary>Starts by the clock, with the defaults of its inputs.</summary>
        /// <param name="cron">Quartz form: second minute hour day month weekday [year], for example <c>0 0 6 * * ?</c>.</param>
        /// <param name="zone">IANA time zone, for example <c>Europe/Zagreb</c>. Default <c>UTC</c>.</param>
        /// <param name="calendar">A calendar of <c>soar.yaml</c>, for example public holidays: it does not start on its days. Default: none.</param>
        /// <param name="missed">What becomes of due times that passed while no server ran. Default: one run for all of them.</param>
        /// <param name="overlap">What becomes of a due time when the run before has not ended. Default: it is left out.</param>
        [Conditional("SOAR_HEADER_IS_NEVER_EXECUTED")]
        public void Schedule(string cron, string zone = "UTC", string? calendar = null, Missed missed = Missed.Once, Overlap overlap = Overlap.Skip)
        {
        }

        /// <summary>Starts when an authorised sender posts to the webhook of this name.</summary>
        [Conditional("SOAR_HEADER_IS_NEVER_EXECUTED")]
        public void Webhook(string name)
        {
        }
    }
}
