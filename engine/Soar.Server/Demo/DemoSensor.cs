using System.Globalization;
using System.Text.Json;

namespace Soar.Server.Demo;

/// <summary>Writes what Suricata would write on an ordinary bad day: a dozen alerts at once, so that there is something to see (the last of them are duplicates of the first), then one every other minute. Always the same ones, in the same order.</summary>
internal sealed class DemoSensor(string file, TimeProvider clock)
{
    private const int AtOnce = 12;

    private static readonly TimeSpan First = TimeSpan.FromSeconds(2), Later = TimeSpan.FromMinutes(2);

    private static readonly (string Signature, string Category, int Priority, int Rule, string From, string To, int Port, string? Host, string? Url)[] Day =
    [
        ("SQL injection attempt in URI", "Web Application Attack", 1, 9000002, "203.0.113.66", "198.51.100.10", 80, "portal.interior.example", "/?id=1%20UNION%20SELECT%20password"),
        ("Port scan of many hosts", "Detection of a Network Scan", 3, 9000011, "203.0.113.14", "198.51.100.7", 445, null, null),
        ("Many failed logins to IMAP", "Attempted User Privilege Gain", 1, 9000021, "203.0.113.119", "198.51.100.25", 993, null, null),
        ("Admin path requested", "access to a potentially vulnerable web application", 1, 9000031, "203.0.113.201", "198.51.100.10", 443, "portal.interior.example", "/administrator/index.php"),
        ("Resolver asked for a name of a known campaign", "Domain Observed Used for C2 Detected", 2, 9000041, "198.51.100.34", "198.51.100.53", 53, "update.phish.example", null),
        ("Web shell uploaded", "Successful Administrator Privilege Gain", 1, 9000051, "192.0.2.201", "198.51.100.12", 443, "forms.interior.example", "/upload/x.jsp"),
        ("Old TLS version offered", "Potential Corporate Privacy Violation", 3, 9000061, "192.0.2.44", "198.51.100.10", 443, null, null),
        ("Path traversal attempt", "Web Application Attack", 1, 9000071, "203.0.113.87", "198.51.100.10", 80, "portal.interior.example", "/../../etc/passwd"),
    ];

    /// <summary>Until it is cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        for (var number = 0; ; number++)
        {
            await File.AppendAllTextAsync(file, Line(number) + "\n", cancellation);
            await Task.Delay(number < AtOnce ? First : Later, clock, cancellation);
        }
    }

    private string Line(int number)
    {
        var one = Day[number % Day.Length];
        return JsonSerializer.Serialize(new Dictionary<string, object?>
        {
            ["timestamp"] = clock.GetUtcNow().ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'+0000'", CultureInfo.InvariantCulture),
            ["flow_id"] = clock.GetUtcNow().UtcTicks,
            ["event_type"] = "alert",
            ["src_ip"] = one.From,
            ["src_port"] = 40_000 + (number * 37 % 20_000),
            ["dest_ip"] = one.To,
            ["dest_port"] = one.Port,
            ["proto"] = "TCP",
            ["alert"] = new { action = "allowed", gid = 1, signature_id = one.Rule, rev = 1, signature = one.Signature, category = one.Category, severity = one.Priority },
            ["http"] = one.Url is null ? null : new { hostname = one.Host, url = one.Url, http_method = "GET", protocol = "HTTP/1.1", length = 0 },
        });
    }
}
