using System.Web;
using System.Xml.Linq;
using Soar.Connectors.Panos;
using Soar.Testing.Contract;

namespace Soar.Tests.Connectors.Panos;

public sealed class PanosContract : ConnectorSuite<PanosConnector, PanosSettings, HttpOtherSide>
{
    protected override HttpOtherSide Double()
    {
        var registered = new SortedDictionary<string, string>(StringComparer.Ordinal); // "address tag" → time-out
        return new HttpOtherSide(request => Answer(registered, request), () => string.Join(",", registered), request => request.Body.StartsWith("type=user-id", StringComparison.Ordinal));
    }

    protected override PanosSettings Settings(HttpOtherSide other) => new() { Address = other.Address, ApiKey = Canary, Timeout = other.Patience };

    protected override IEnumerable<(PanosSettings Settings, string Field)> Wrong(PanosSettings good) =>
    [
        (good with { Address = null }, "address"), (good with { ApiKey = null }, "apiKey"), (good with { Tag = "a b" }, "tag"), (good with { Vsys = "<" }, "vsys"), (good with { Target = "<" }, "target"),
        (good with { WidestV4 = 0 }, "widestV4"), (good with { WidestV6 = 64 }, "widestV6"),
    ];

    private static HttpTold Answer(SortedDictionary<string, string> registered, HttpAsked request)
    {
        var form = HttpUtility.ParseQueryString(request.Body);
        var command = XElement.Parse(form["cmd"]!);
        if (form["type"] == "op")
        {
            var entries = registered.GroupBy(entry => entry.Key.Split(' ')[0], StringComparer.Ordinal).Where(entry => command.Descendants("ip").FirstOrDefault() is not { } ip || ip.Value == entry.Key)
                .Select(entry => $"<entry ip=\"{entry.Key}\"><tag>{string.Concat(entry.Select(tag => $"<member timeout=\"{tag.Value}\">{tag.Key.Split(' ')[1]}</member>"))}</tag></entry>");
            return Xml($"<response status=\"success\"><result>{string.Concat(entries)}</result></response>");
        }
        foreach (var entry in command.Descendants("entry"))
            foreach (var member in entry.Descendants("member"))
                if (command.Descendants("register").Any())
                    registered.TryAdd($"{entry.Attribute("ip")!.Value} {member.Value}", member.Attribute("timeout")?.Value ?? "0");
                else
                    registered.Remove($"{entry.Attribute("ip")!.Value} {member.Value}");
        return Xml("<response status=\"success\"><result/></response>");
    }

    private static HttpTold Xml(string body) => new(200, body, "application/xml");
}
