using System.Globalization;
using Soar.Capabilities;
using Soar.Connectors.Packages;

namespace Soar.Connectors.Europol;

/// <summary>How packages for SIENA are made.</summary>
public sealed record EuropolSettings : PackageSettings;

/// <summary>Messages for SIENA as signed packages: the network is open to its members only, so the national unit enters what is made here.</summary>
[Connector("europol", "Makes messages ready for SIENA, with handling and evaluation codes: form (PDF, HTML), JSON, attachments, manifest, signature.", Proven = "openssl cms, poppler and chromium; never entered into SIENA", Outside = true)]
public sealed class EuropolConnector(EuropolSettings settings, ConnectorServices services) : IConnector, IEuropol
{
    private readonly PackageMaker maker = new(settings, services);

    public object Simulator { get; } = new EuropolSimulator(settings, services);

    public Task<RequestPackage> PackageAsync(SienaMessage message, string reference, ActionContext context, CancellationToken cancellation) =>
        maker.MakeAsync(Content(settings, services, message, reference, context), context, cancellation);

    public Task<ConnectorTest> TestAsync(CancellationToken cancellation) => Task.FromResult(maker.Test());

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    internal static PackageContent Content(PackageSettings settings, ConnectorServices services, SienaMessage message, string reference, ActionContext context)
    {
        PackageMaker.Demand("message for SIENA", message.Problems(), reference);
        var form = new FormBuilder(settings.Language);
        var codes = string.Create(CultureInfo.InvariantCulture, $"{message.Handling} · {message.Source}{(int)message.Information}");
        form.Section("Handling and evaluation",
                ("Handling code", message.Handling.ToString()), ("Restrictions", message.HandlingText), ("Source", message.Source.ToString()),
                ("Information", ((int)message.Information).ToString(CultureInfo.InvariantCulture)))
            .Section("Message",
                ("Reference", reference), ("Made (UTC)", FormBuilder.Utc(services.Clock.GetUtcNow())), ("Made by", settings.Organisation), ("Sending unit", message.Unit), ("Recipients", FormBuilder.Lines(message.Recipients)),
                ("Title", message.Title), ("Area of crime", message.CrimeArea), ("Purpose", message.Purpose), ("Content", message.Content), ("Questions at any hour", message.Officer))
            .Section("Subjects", Subjects(form, message.Subjects))
            .Attachments(message.Attachments);
        return new PackageContent(form.Build("Message for SIENA", reference, $"{context.Tlp.Words()} · {codes}"), message, message.Attachments, "siena-message", new Dictionary<string, string>
        {
            ["Reference"] = reference, ["Organisation"] = settings.Organisation, ["Title"] = message.Title, ["Codes"] = codes, ["Recipients"] = string.Join(", ", message.Recipients), ["Officer"] = message.Officer,
        });
    }

    internal static IEnumerable<(string, string?)> Subjects(FormBuilder form, IReadOnlyList<RequestSubject> subjects) => subjects.Count == 0
        ? [("Subjects", form.Word("none"))]
        : subjects.Select((subject, i) => ($"Subjects {i + 1}", (string?)$"{subject.Kind}: {subject.Value}{(string.IsNullOrWhiteSpace(subject.Remark) ? "" : $"\n{subject.Remark}")}"));
}

/// <summary>Checks everything and makes nothing.</summary>
internal sealed class EuropolSimulator(PackageSettings settings, ConnectorServices services) : IEuropol
{
    private readonly PackageMaker maker = new(settings, services);

    public Task<RequestPackage> PackageAsync(SienaMessage message, string reference, ActionContext context, CancellationToken cancellation) =>
        Task.FromResult(maker.Simulate(EuropolConnector.Content(settings with { Organisation = settings.Organisation.Length == 0 ? "Simulated" : settings.Organisation }, services, message, reference, context)));
}
