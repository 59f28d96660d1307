using Soar.Capabilities;
using Soar.Connectors.Packages;
using Soar.Testing;

namespace Soar.Tests.Connectors.Packages;

/// <summary>Whole requests, to be spoilt by the tests.</summary>
internal static class Requests
{
    public static readonly DateTimeOffset Seen = new(2026, 2, 28, 21, 14, 5, TimeSpan.Zero);

    public static PreservationRequest Preservation() => new(
        PreservationArticle.Article29, "Ministry of the Interior of Samplia, Cybercrime Unit", "False bomb threat (Criminal Code, Article 379)", "On 28 February 2026 a bomb threat was mailed to 700 public buildings.",
        "Subscriber and connection data of 203.0.113.66, port 51234", "The mail was sent from this connection.", "Example Mail, Exampleland", "Connection data is deleted after 14 days.",
        "A request for mutual assistance under Article 31 will be submitted by the Ministry of Justice.", 60,
        [new ConnectionSeen(IpAddress.Parse("203.0.113.66"), 51234, Seen, Seen.AddMinutes(2), IpAddress.Parse("198.51.100.7"), 25, "TCP")], ["sender@mail.example"], "Duty officer, +000 2 000 112, duty@mvr.example");

    public static AssistanceRequest Assistance(params Artifact[] files) => new(
        "NCB Samplia", ["NCB Exampleland"], "Ministry of the Interior of Samplia", RequestUrgency.Urgent, "False bomb threat (Criminal Code, Article 379)", "A bomb threat was mailed to 700 public buildings.",
        "Law on Police, Article 17", ["Who is the subscriber?", "Are there further victims?"], [new RequestSubject("ip", "203.0.113.66", "port 51234")], "For this investigation only.",
        "Liaison officer, +000 2 000 195", files, Seen.AddDays(14));

    public static SienaMessage Siena(params Artifact[] files) => new(
        HandlingCode.H1, "", SourceEvaluation.B, InformationEvaluation.KnownToSource, "Wave of bomb threats", "Cybercrime", "Cross-check", "The same text was mailed to 700 buildings.", ["Europol EC3"],
        [new RequestSubject("account", "sender@mail.example")], "National unit", "Duty officer, +000 2 000 112", files);

    /// <summary>Fonts are Debian's fonts-dejavu-core; without them there is nothing to see.</summary>
    public static void NeedFonts() => Assert.SkipUnless(File.Exists(new PackageSettings().Font) && File.Exists(new PackageSettings().BoldFont), "fonts-dejavu-core is not installed");
}
