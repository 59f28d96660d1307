using System.Globalization;

namespace Soar.Benchmarks.Served;

/// <summary>Alerts as a network sensor sends them, some 900 bytes each.</summary>
internal static class BenchAlert
{
    /// <param name="repeats">Every tenth repeats the one before it: another alert of the same thing.</param>
    public static byte[] Request(Server server, string path, int n, bool repeats) => Connection.Request("POST", path, server.Token, Json(n, repeats && n % 10 == 9 ? n - 1 : n));

    private static string Json(int n, int attacker)
    {
        var ip = string.Create(CultureInfo.InvariantCulture, $"{100 + (attacker >> 24)}.{(attacker >> 16) & 255}.{(attacker >> 8) & 255}.{attacker & 255}");
        return $$$"""{"id":"bench-{{{n}}}","detector":"suricata","title":"ET SCAN Potential SSH Scan OUTBOUND","ruleId":"1:2003068:7","category":"intrusion","severity":70,"time":"2026-11-30T20:00:00.000+01:00","source":{"ip":"{{{ip}}}","port":{{{1024 + n % 60000}}}},"destination":{"ip":"198.51.100.10","port":22,"host":"gate.interior.example"},"observables":[{"type":"ip","value":"{{{ip}}}"}],"payload":{"timestamp":"2026-11-30T20:00:00.000000+0100","flow_id":{{{1_000_000_000L + n}}},"in_iface":"ens3","event_type":"alert","src_ip":"{{{ip}}}","src_port":{{{1024 + n % 60000}}},"dest_ip":"198.51.100.10","dest_port":22,"proto":"TCP","alert":{"action":"allowed","gid":1,"signature_id":2003068,"rev":7,"signature":"ET SCAN Potential SSH Scan OUTBOUND","category":"Attempted Information Leak","severity":2},"flow":{"pkts_toserver":3,"pkts_toclient":1,"bytes_toserver":214,"bytes_toclient":66,"start":"2026-11-30T19:59:59.812345+0100"} } }""";
    }
}
