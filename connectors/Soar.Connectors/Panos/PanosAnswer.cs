using System.Xml.Linq;
using Soar.Capabilities;
using Soar.Connectors.Http;

namespace Soar.Connectors.Panos;

/// <summary>What PAN-OS answers: <c>response</c> with a status and, for errors, one of its codes, mostly under HTTP's 200.</summary>
internal static class PanosAnswer
{
    /// <summary>The answer's XML when it says success. What was there already, or is gone already, is success too.</summary>
    public static XElement Require(HttpReply reply, string where)
    {
        var xml = reply.Xml();
        if (xml.Name != "response" || xml.Attribute("status")?.Value is not { } status)
            throw reply.Garbage("is no response of PAN-OS");
        var words = Words(xml);
        if (status == "success" || words.EndsWith("does not exist, ignore unreg", StringComparison.Ordinal))
            return xml;
        var code = xml.Attribute("code")?.Value ?? "";
        var said = $"{where} answered {(code.Length > 0 ? $"code {code}" : status)}{(words.Length > 0 ? ": " + words.TrimEnd('.') : "")}.";
        throw code switch
        {
            "403" or "15" or "16" or "22" => ConnectorFailure.Permanent($"{said} Check the API key and the administrator's XML API rights.", reason: "403"),
            // Its internal errors: it may have done it all the same.
            "2" or "3" or "4" or "5" or "9" or "11" or "21" when reply.Does != HttpDoes.Reads => ConnectorFailure.Unknown(said, reason: code),
            "2" or "3" or "4" or "5" or "9" or "11" or "21" => ConnectorFailure.Transient(said, reason: code),
            _ when reply.Does == HttpDoes.ReadsBack => ConnectorFailure.Unknown($"{said} What was asked for before it may have been done.", reason: code),
            _ => ConnectorFailure.Permanent(said, reason: code.Length > 0 ? code : "refused"),
        };
    }

    // <msg>words</msg>, <msg><line>words</line></msg>, or a uid-response whose entries carry a message each.
    private static string Words(XElement xml)
    {
        var text = string.Join(" / ", xml.Descendants("entry").Attributes("message").Select(message => message.Value));
        if (text.Length == 0)
            text = string.Join(" / ", xml.Descendants("msg").Select(message => message.Elements("line").Any() ? string.Join(" / ", message.Elements("line").Select(line => line.Value)) : message.Value));
        text = string.Concat(text.Select(character => char.IsControl(character) ? ' ' : character)).Trim();
        return text.Length > 300 ? text[..300] + "…" : text;
    }
}
