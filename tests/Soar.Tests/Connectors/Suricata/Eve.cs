using System.Globalization;
using System.Text;

namespace Soar.Tests.Connectors.Suricata;

/// <summary>EVE events as Suricata writes them.</summary>
internal static class Eve
{
    public static string Alert(int number) => $$$"""
        {"timestamp":"2026-11-20T08:14:03.{{{number.ToString("000000", CultureInfo.InvariantCulture)}}}+0000","flow_id":7,"event_type":"alert","src_ip":"203.0.113.66","src_port":51544,"dest_ip":"198.51.100.10","dest_port":80,"alert":{"gid":1,"signature_id":{{{number}}},"signature":"SQL injection {{{number}}}","category":"Web Application Attack","severity":1}}
        """.Trim() + "\n";

    public const string Flow = """{"timestamp":"2026-11-20T08:14:03.512340+0000","flow_id":7,"event_type":"flow","src_ip":"203.0.113.66"}""" + "\n";

    /// <summary>Which alert it is.</summary>
    public static int Number(Alert alert) => int.Parse(alert.RuleId!["1:".Length..], CultureInfo.InvariantCulture);

    public static void Append(string path, string text)
    {
        // As Suricata does: opened to append, written at once.
        using var file = new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete);
        file.Write(Encoding.UTF8.GetBytes(text));
    }
}
