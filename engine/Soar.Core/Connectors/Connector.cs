using Microsoft.Extensions.Logging;
using Soar.Alerts;

namespace Soar.Connectors;

/// <summary>
/// Marks a connector: a class that implements <see cref="IConnector"/> and one or more capability interfaces and has one public constructor
/// <c>(TSettings settings, ConnectorServices services)</c>. <paramref name="type"/> is the word in <c>soar.yaml</c>.
/// </summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class ConnectorAttribute(string type, string summary) : Attribute
{
    public string Type { get; } = type;
    public string Summary { get; } = summary;

    /// <summary>What it is proven against; empty = unproven, and shown so. Where a part of it is not, name the part: <c>packages: openssl cms; notices: unproven (why)</c>.</summary>
    public string Proven { get; init; } = "";

    /// <summary>What it is told leaves the house: a registry, a vendor's cloud. Its instances are then cleared for TLP:AMBER unless they say otherwise.</summary>
    public bool Outside { get; init; }

    /// <summary>How often an instance may be called when its settings do not say <c>rate</c>, for example <c>4/m</c>; empty = as often as it is asked.</summary>
    public string Rate { get; init; } = "";
}

/// <summary>One connection to one product, made from its settings once and used by all runs at once (thread-safe).</summary>
public interface IConnector : IAsyncDisposable
{
    /// <summary>Reachability, credentials, rights; changes nothing. Throws nothing: what is wrong is in the answer, with the remedy.</summary>
    Task<ConnectorTest> TestAsync(CancellationToken cancellation);

    /// <summary>
    /// Implements the same capability interfaces without touching anything: answers effects in dry runs and playbook tests. Keeps no state between runs.
    /// </summary>
    object Simulator { get; }
}

/// <summary>A connector that works by itself while a process owns the store: it serves, listens or watches. Simulated instances are never started.</summary>
public interface IServingConnector : IConnector
{
    /// <summary>
    /// Called once, in the process that owns the store and before its engine starts; <c>DisposeAsync</c> ends it. What cannot begin now (a port that is taken) is logged and tried again by
    /// the connector itself: the engine starts all the same.
    /// </summary>
    Task StartAsync(CancellationToken cancellation);
}

/// <summary>A connector that hears of alerts by itself, while <c>soar serve</c> runs: it listens, or follows a file. Simulated instances are never started.</summary>
public interface IAlertSource : IConnector
{
    /// <summary>
    /// Called once, when triggers are being looked at; <c>DisposeAsync</c> ends it. What cannot begin now (a port that is taken, a file that is not there) is logged and tried again by the
    /// connector itself. It moves on, or answers its sender, only after <paramref name="intake"/> has.
    /// </summary>
    Task StartAsync(IAlertIntake intake, CancellationToken cancellation);
}

/// <summary>What a connection test found: whether the product can be used, and in words what was seen, or what to do.</summary>
public sealed record ConnectorTest(bool Ok, string Message)
{
    /// <summary>Asks the product. A failure is what was found, with its words: a connection test throws nothing of its own.</summary>
    public static async Task<ConnectorTest> OfAsync(Func<Task<ConnectorTest>> ask)
    {
        try
        {
            return await ask();
        }
        catch (SoarException e)
        {
            return new ConnectorTest(false, e.Message);
        }
    }
}

/// <summary>What a connector may use. Nothing else is injected.</summary>
/// <param name="Instance">The instance's name in <c>soar.yaml</c>.</param>
public sealed record ConnectorServices(string Instance, TimeProvider Clock, ILogger Log, ITemplates Templates, string BaseFolder)
{
    /// <summary>The instance's token bucket. <c>HttpAccess</c> keeps to it by itself, the engine takes a turn before each attempt: others need it only for more calls than one.</summary>
    public Pace Pace { get; init; } = Pace.Unlimited(Clock);

    /// <summary>Takes secrets out of a text before it is cut: half a secret would no longer be found later.</summary>
    public SecretMask Mask { get; init; } = SecretMask.None;

    /// <summary>
    /// Folder beside the store for what this instance keeps itself, part of every backup. Only the process that owns the store may write there; the connector makes it when it first does.
    /// </summary>
    public string OwnFolder { get; init; } = Path.Combine(BaseFolder, "connectors", Instance);

    /// <summary>Takes mails apart as this deployment's settings say (whose headers are believed). Null outside of a deployment: then nobody's are.</summary>
    public Capabilities.IMime? Mime { get; init; }
}

/// <summary>Texts for people outside, Markdown with <c>{Name}</c> holes, in <c>playbooks/templates/&lt;name&gt;.&lt;language&gt;.md</c>.</summary>
public interface ITemplates
{
    /// <summary>
    /// Fills a template. A hole without a value, or an unknown template, fails by name. The first line <c># …</c> is the subject: always plain, one line. In the text a value is one line too, unless its hole
    /// has a line for itself. Control characters, and what cannot be seen or turns the direction of writing around, are left out of values.
    /// </summary>
    /// <param name="channel">What reads the text: values are written so that nothing in them is formatting there. Plain text unless said.</param>
    RenderedTemplate Render(string name, string language, IReadOnlyDictionary<string, string> values, TemplateChannel channel = TemplateChannel.PlainText);
}

/// <summary>What reads a filled template.</summary>
public enum TemplateChannel
{
    /// <summary>People, as it stands: mails.</summary>
    PlainText,

    /// <summary>A program that formats Markdown, and HTML in it: values are escaped, so that none is a link, an image, a heading or a tag.</summary>
    Markdown,
}

public sealed record RenderedTemplate(string Subject, string Body);

/// <summary>
/// A value that never prints: settings hold secrets in this type. From <c>soar.yaml</c> as <c>env:NAME</c>, <c>file:/path</c> or <c>credential:name</c>. A credential may be replaced while it is
/// in use: ask for it each time, and keep no copy.
/// </summary>
public sealed class Secret
{
    private readonly Func<string> read;
    private readonly Action used;

    public Secret(string value)
        : this(() => value, static () => { })
    {
    }

    /// <param name="read">What it is now.</param>
    /// <param name="used">Told whenever it is revealed.</param>
    public Secret(Func<string> read, Action used)
    {
        this.read = read;
        this.used = used;
    }

    /// <summary>The value itself, at the moment it is handed to the protocol.</summary>
    public string Reveal()
    {
        used();
        return read();
    }

    public override string ToString() => "•••";

    /// <summary>To search for it: no use of it.</summary>
    internal string Look() => read();
}

/// <summary>Documents a settings field: what it is, its unit and default; shown by <c>soar connectors</c> and the designer.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class SettingAttribute(string summary) : Attribute
{
    public string Summary { get; } = summary;
}

/// <summary>Settings records may implement this: every problem is reported at once, by field.</summary>
public interface IValidatedSettings
{
    /// <summary>Problems as <c>field: what is wrong and what to write</c>; empty when fine.</summary>
    IEnumerable<string> Problems();
}

/// <summary>The deployment's connector instances, as the engine sees them.</summary>
public interface IConnectorInstances
{
    /// <summary>Names of the instances that bring this capability, the default first, the rest in the order of the settings file.</summary>
    IReadOnlyList<string> Names(string capability);

    /// <summary>The object to call (the connector, or its simulator). Null when no such instance exists any more.</summary>
    object? Find(string capability, string instance, bool simulated);

    /// <summary>What holds for this instance, whatever its connector does.</summary>
    InstanceTerms Terms(string capability, string instance) => InstanceTerms.Own;
}
