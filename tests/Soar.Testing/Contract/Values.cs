using System.Text.Json;
using Soar.Capabilities;

namespace Soar.Testing.Contract;

/// <summary>A sensible argument for every type that actions take.</summary>
public static class Values
{
    public static IpAddress Address { get; } = IpAddress.Parse("203.0.113.66");

    /// <summary>What an artifact's handle stands for: see <see cref="Given.Context"/>.</summary>
    public static HeldArtifacts Artifacts { get; } = new("sample bytes"u8.ToArray());

    public static object? Of(ActionParameter parameter) => (Nullable.GetUnderlyingType(parameter.Type) ?? parameter.Type) switch
    {
        var type when type == typeof(IpAddress) => Address,
        var type when type == typeof(TimeSpan) => TimeSpan.FromHours(1),
        var type when type == typeof(DomainName) => DomainName.Parse("www.evil.example"),
        var type when type == typeof(EmailAddress) => EmailAddress.Parse("abuse@isp.example"),
        var type when type == typeof(Text) => "text",
        var type when type == typeof(Artifact) => Artifacts.Artifact,
        var type when type == typeof(Observable) => new Observable("ip", "203.0.113.66"),
        var type when type == typeof(JsonElement) => JsonSerializer.SerializeToElement(new { a = 1 }),
        var type when type == typeof(NetworkOwner) => new NetworkOwner
        {
            Address = Address, Name = "ISP", Handle = "H", Network = "203.0.113.0/24", AbuseContacts = [EmailAddress.Parse("abuse@isp.example")], Registry = "https://rdap.invalid/",
        },
        var type when type == typeof(MailRef) => new MailRef("INBOX", 7, 5, "a@b.example"),
        var type when type == typeof(MailThread) => new MailThread("a@b.example", "subject", []),
        var type when type == typeof(ProviderReport) => new ProviderReport(EmailAddress.Parse("abuse@isp.example"), "a@b.example", "250 ok"),
        var type when type == typeof(IReadOnlyList<string>) => new[] { "value" },
        var type when type == typeof(bool) => true,
        var type when type == typeof(int) => 1,
        var type when type == typeof(TicketStatus) => TicketStatus.Resolved,
        var type when type == typeof(Verdict) => Verdict.Malicious,
        var type when type == typeof(DateTimeOffset) => new DateTimeOffset(2026, 3, 2, 9, 0, 0, TimeSpan.Zero),
        var type when type.IsEnum => Enum.GetValues(type).GetValue(0),
        _ => parameter.Name switch { "template" => "intrusion", "ticket" => "SIMULATED-1", _ => "value" },
    };

    /// <summary>All arguments of an action, by name, as the engine hands them over.</summary>
    public static JsonElement Arguments(ActionDescriptor action, Func<ActionDescriptor, ActionParameter, object?> choose) => JsonSerializer.SerializeToElement(
        action.Parameters.Where(parameter => !parameter.MayBeEmpty).ToDictionary(parameter => parameter.Name, parameter => choose(action, parameter)), SoarJson.Options);
}
