using Soar.Capabilities;
using Soar.Connectors.VirusTotal;
using Soar.Testing.Contract;

namespace Soar.Tests.Connectors.VirusTotal;

public sealed class VirusTotalContract : ConnectorSuite<VirusTotalConnector, VirusTotalSettings, HttpOtherSide>
{
    protected override HttpOtherSide Double() => new(_ => new HttpTold(200, """{"data":{"attributes":{"last_analysis_stats":{"malicious":5,"suspicious":0,"undetected":33,"harmless":61}}}}"""), () => "");

    protected override VirusTotalSettings Settings(HttpOtherSide other) => new() { Address = other.Address, Key = Canary, Timeout = other.Patience };

    protected override IEnumerable<(VirusTotalSettings Settings, string Field)> Wrong(VirusTotalSettings good) =>
        [(good with { Address = null }, "address"), (good with { Key = null }, "key"), (good with { Malicious = 0 }, "malicious"), (good with { Suspicious = 4 }, "suspicious")];

    protected override string? Unsupported(ActionDescriptor action) => action.Id is "intel.submit" or "intel.sight" ? "VirusTotal is only asked: what is submitted there is shown to others" : null;

    // It keeps no sightings: none are told, and nobody is asked.
    protected override Expectation? Meaning(ActionDescriptor action, Trouble trouble) => action.Id == "intel.sightings" ? Expectation.NoTrouble : null;
}
