using Soar.Capabilities;
using Soar.Connectors.Europol;
using Soar.Connectors.Interpol;
using Soar.Connectors.Packages;
using Soar.Connectors.Preservation;
using Soar.Testing;
using Soar.Testing.Contract;

namespace Soar.Tests.Connectors.Packages;

/// <summary>The other side of a package is the folder from which an officer carries it over.</summary>
public sealed class Outbox : OtherSide
{
    private readonly TempFolder folder = new();

    public Outbox()
    {
        Requests.NeedFonts();
        Directory.CreateDirectory(Place);
    }

    public string Place => Path.Combine(folder.Path, "outbox");
    public override string State => Directory.Exists(Place) ? string.Join("\n", Directory.GetFiles(Place).Order(StringComparer.Ordinal).Select(file => $"{Path.GetFileName(file)} {new FileInfo(file).Length}")) : "";
    public override Task WhenAsked => Task.CompletedTask;

    public static IEnumerable<(PackageSettings Settings, string Field)> Wrong(PackageSettings good) =>
    [
        (good with { Organisation = " " }, "organisation"), (good with { Language = "tlh" }, "language"), (good with { Certificate = "/nowhere", Key = "/nowhere" }, "certificate"), (good with { Key = "/nowhere" }, "key"),
        (good with { Font = "/nowhere" }, "font"), (good with { BoldFont = "/nowhere" }, "boldFont"), (good with { Outbox = "relative" }, "outbox"), (good with { MaxBytes = 3 }, "maxBytes"),
    ];

    public override ValueTask DisposeAsync()
    {
        folder.Dispose();
        return ValueTask.CompletedTask;
    }

    protected override Expectation Bring(Trouble trouble, bool changesOnly)
    {
        if (trouble != Trouble.Missing)
            return Expectation.Not("a folder of this machine is there or not, and is written at once");
        Directory.Delete(Place, recursive: true);
        return Expectation.Means(FailureKind.Permanent);
    }
}

public sealed class PreservationContract : ConnectorSuite<PreservationConnector, PreservationSettings, Outbox>
{
    protected override Outbox Double() => new();

    protected override PreservationSettings Settings(Outbox other) => new() { Organisation = "Example CERT", Outbox = other.Place };

    protected override IEnumerable<(PreservationSettings Settings, string Field)> Wrong(PreservationSettings good) => Outbox.Wrong(good).Select(wrong => ((PreservationSettings)wrong.Settings, wrong.Field));

    protected override object? Argument(ActionDescriptor action, ActionParameter parameter) => parameter.Name == "reference" ? "R-2026-0007" : Requests.Preservation();
}

public sealed class EuropolContract : ConnectorSuite<EuropolConnector, EuropolSettings, Outbox>
{
    protected override Outbox Double() => new();

    protected override EuropolSettings Settings(Outbox other) => new() { Organisation = "Example CERT", Outbox = other.Place };

    protected override IEnumerable<(EuropolSettings Settings, string Field)> Wrong(EuropolSettings good) => Outbox.Wrong(good).Select(wrong => ((EuropolSettings)wrong.Settings, wrong.Field));

    protected override object? Argument(ActionDescriptor action, ActionParameter parameter) => parameter.Name == "reference" ? "R-2026-0007" : Requests.Siena(Values.Artifacts.Artifact);
}

public sealed class InterpolContract : ConnectorSuite<InterpolConnector, InterpolSettings, InterpolContract.NoticesAndOutbox>
{
    protected override NoticesAndOutbox Double() => new();

    protected override InterpolSettings Settings(NoticesAndOutbox other) => new()
    {
        Address = other.Notices.Address, Timeout = other.Notices.Patience, Package = new PackageSettings { Organisation = "Example CERT", Outbox = other.Outbox.Place },
    };

    protected override IEnumerable<(InterpolSettings Settings, string Field)> Wrong(InterpolSettings good) =>
        [(good with { Address = null }, "address"), (good with { Package = new PackageSettings() }, "package.organisation"), (good with { Timeout = TimeSpan.Zero }, "timeout")];

    protected override object? Argument(ActionDescriptor action, ActionParameter parameter) => parameter.Name switch
    {
        "reference" => "R-2026-0007",
        "kind" => NoticeKind.Red,
        "query" => new NoticeQuery(Name: "PERSON"),
        _ => Requests.Assistance(Values.Artifacts.Artifact),
    };

    protected override OtherSide Place(NoticesAndOutbox other, ActionDescriptor action) => action.Effect == Effect.ReadsOnly ? other.Notices : other.Outbox;

    /// <summary>Questions go to the service of the public notices, packages to the folder.</summary>
    public sealed class NoticesAndOutbox : OtherSide
    {
        private const string Nobody = """{"total":0,"query":{"page":1,"resultPerPage":160},"_embedded":{"notices":[]},"_links":{}}""";

        public HttpOtherSide Notices { get; } = new(request => request.Path == "/red" ? new HttpTold(200, Nobody, "application/hal+json") : new HttpTold(404), () => "");
        public Outbox Outbox { get; } = new();
        public override string State => Outbox.State;
        public override Task WhenAsked => Notices.WhenAsked;

        public override async ValueTask DisposeAsync()
        {
            await Notices.DisposeAsync();
            await Outbox.DisposeAsync();
        }

        protected override Expectation Bring(Trouble trouble, bool changesOnly) => Notices.Make(trouble, changesOnly);
    }
}
