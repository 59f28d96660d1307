using Soar.Testing.Contract;
using System.Globalization;
using System.Web;
using System.Xml.Linq;
using Soar.Capabilities;
using Soar.Connectors;
using Soar.Connectors.Panos;

namespace Soar.Tests.Connectors.Panos;

/// <summary>
/// Requests as Palo Alto Networks documents them. The message: https://api-lab.paloaltonetworks.com/registered-ip.html, the request around it:
/// https://docs.paloaltonetworks.com/ngfw/api/pan-os-xml-api-use-cases/apply-user-id-mapping-and-populate-dynamic-address-groups-api, the key as a header:
/// https://docs.paloaltonetworks.com/ngfw/api/api-authentication-and-security, paging: userid.py of the vendor's github.com/PaloAltoNetworks/pan-os-python.
/// </summary>
public sealed class PanosConnectorTests
{
    private const string Key = "00112233445566778899aabbccddeeff";
    private static readonly IpAddress Address = IpAddress.Parse("10.0.0.1");

    private static PanosConnector Connector(Uri address, Func<PanosSettings, PanosSettings>? with = null)
    {
        var settings = new PanosSettings { Address = address, ApiKey = new Secret("s3cret-key"), Tag = "tag03", Timeout = TimeSpan.FromSeconds(5) };
        settings = with?.Invoke(settings) ?? settings;
        Assert.Empty(settings.Problems());
        return new PanosConnector(settings, Given.Services());
    }

    /// <summary>A firewall that keeps registered addresses as PAN-OS does: a tag that is there already keeps its time-out.</summary>
    private sealed class Firewall
    {
        public Dictionary<string, Dictionary<string, string>> Registered { get; } = [];
        public List<XElement> Messages { get; } = [];

        public string Answer(HttpAsked request)
        {
            Assert.Equal(("POST", "/api/", "application/x-www-form-urlencoded", "s3cret-key"), (request.Method, request.Target, request.Headers["Content-Type"], request.Headers["X-PAN-KEY"]));
            Assert.DoesNotContain("s3cret", request.Body);
            var form = HttpUtility.ParseQueryString(request.Body);
            var command = XElement.Parse(form["cmd"]!);
            return LoopbackHttp.Answer(200, (form["type"] == "op" ? Show(command) : Change(command)).ToString(), "application/xml");
        }

        private XElement Change(XElement message)
        {
            Messages.Add(message);
            var what = message.Element("payload")!.Elements().Single();
            var complaints = new List<XElement>();
            foreach (var entry in what.Elements("entry"))
            {
                var ip = entry.Attribute("ip")!.Value;
                foreach (var member in entry.Element("tag")!.Elements("member"))
                {
                    var tags = Registered.TryGetValue(ip, out var known) ? known : Registered[ip] = [];
                    if (what.Name == "register" ? !tags.TryAdd(member.Value, member.Attribute("timeout")?.Value ?? "0") : !tags.Remove(member.Value))
                        complaints.Add(new XElement("entry", new XAttribute("ip", ip), new XAttribute("message", what.Name == "register" ? $"tag {member.Value} already exists, ignore" : $"tag {member.Value} does not exist, ignore unreg")));
                    if (tags.Count == 0)
                        Registered.Remove(ip);
                }
            }
            return complaints.Count == 0
                ? new XElement("response", new XAttribute("status", "success"), new XElement("result"))
                : new XElement("response", new XAttribute("status", "error"), new XElement("msg", new XElement("line", new XElement("uid-response", new XElement("payload", new XElement(what.Name, complaints))))));
        }

        private XElement Show(XElement command)
        {
            var which = command.Element("object")!.Element("registered-ip")!;
            var start = int.Parse(which.Element("start-point")?.Value ?? "1", CultureInfo.InvariantCulture);
            var limit = int.Parse(which.Element("limit")?.Value ?? "500", CultureInfo.InvariantCulture);
            var shown = Registered.Where(entry => (which.Element("ip") is not { } ip || ip.Value == entry.Key) && (which.Element("tag")?.Element("entry")?.Attribute("name")?.Value is not { } tag || entry.Value.ContainsKey(tag)))
                .Skip(start - 1).Take(limit).ToList();
            return new XElement("response", new XAttribute("status", "success"), new XElement("result",
                shown.Select(entry => new XElement("entry", new XAttribute("ip", entry.Key), new XAttribute("from_agent", "0"), new XAttribute("persistent", "1"),
                    new XElement("tag", entry.Value.Select(tag => new XElement("member", tag.Value == "0" ? null : new XAttribute("timeout", tag.Value), tag.Key))))),
                new XElement("count", shown.Count)));
        }
    }

    [Fact]
    public void The_messages_are_the_vendors_published_ones()
    {
        var register = XElement.Parse("""
            <uid-message>
              <type>update</type>
              <payload>
                <register>
                  <entry ip="10.0.0.1">
                    <tag>
                      <member>tag01</member>
                      <member timeout="0">tag02</member>
                      <member timeout="3600">tag03</member>
                    </tag>
                  </entry>
                </register>
              </payload>
            </uid-message>
            """);
        Assert.True(XNode.DeepEquals(register, RegisteredAddress.Message("register", "10.0.0.1", [("tag01", null), ("tag02", 0), ("tag03", 3600)])));
        var unregister = XElement.Parse("""
            <uid-message>
              <type>update</type>
              <payload>
                <unregister>
                  <entry ip="10.0.0.1">
                    <tag>
                      <member>tag01</member>
                    </tag>
                  </entry>
                </unregister>
              </payload>
            </uid-message>
            """);
        Assert.True(XNode.DeepEquals(unregister, RegisteredAddress.Message("unregister", "10.0.0.1", [("tag01", null)])));
    }

    [Fact]
    public async Task A_block_registers_the_tag_with_its_timeout_and_our_mark_and_is_read_back()
    {
        var firewall = new Firewall();
        await using var server = new LoopbackHttp(firewall.Answer);
        await using var connector = Connector(server.Address, settings => settings with { Vsys = "vsys2", Target = "0012345" });
        var block = await connector.BlockAsync(Address, TimeSpan.FromHours(1), Given.Context(), CancellationToken.None);
        Assert.Equal(Address, block.Address);
        Assert.InRange(block.Until!.Value - TimeProvider.System.GetUtcNow(), TimeSpan.FromMinutes(59), TimeSpan.FromHours(1));
        Assert.Contains("<member timeout=\"3600\">tag03</member>", block.Evidence);
        Assert.True(XNode.DeepEquals(XElement.Parse($"""<uid-message><type>update</type><payload><register><entry ip="10.0.0.1"><tag><member timeout="3600">tag03</member><member timeout="3600">soar.key.{Key}</member></tag></entry></register></payload></uid-message>"""), Assert.Single(firewall.Messages)));
        var form = HttpUtility.ParseQueryString(server.Requests[1].Body);
        Assert.Equal(("user-id", "vsys2", "0012345"), (form["type"], form["vsys"], form["target"]));
        var shown = HttpUtility.ParseQueryString(server.Requests[2].Body);
        Assert.Equal(("op", "<show><object><registered-ip><ip>10.0.0.1</ip></registered-ip></object></show>"), (shown["type"], shown["cmd"]));
    }

    [Theory]
    [InlineData("10.1.1.0/24")]
    [InlineData("2001:db8::1")]
    public async Task Networks_and_IPv6_addresses_are_listed_probed_and_released(string target)
    {
        var firewall = new Firewall();
        await using var server = new LoopbackHttp(firewall.Answer);
        await using var connector = Connector(server.Address);
        var address = IpAddress.Parse(target);
        Assert.Equal(ProbeAnswer.Absent, (await connector.ProbeBlockAsync(address, TimeSpan.FromHours(1), Given.Context(), CancellationToken.None)).Answer);
        var block = await connector.BlockAsync(address, Until.Lifted, Given.Context(), CancellationToken.None);
        Assert.Null(block.Until);
        Assert.Equal(address, Assert.Single(await connector.BlockedAsync(Given.Context(), CancellationToken.None)).Address);
        Assert.True((await connector.ProbeBlockAsync(address, TimeSpan.FromHours(1), Given.Context(), CancellationToken.None)).Ours);
        Assert.False((await connector.ProbeBlockAsync(address, TimeSpan.FromHours(1), Given.Context("other"), CancellationToken.None)).Ours);
        for (var i = 0; i < 2; i++)
            await connector.UnblockAsync(address, Given.Context(), CancellationToken.None);
        Assert.Empty(firewall.Registered);
    }

    [Fact]
    public async Task A_block_is_never_shortened_and_is_extended_by_registering_anew()
    {
        var firewall = new Firewall();
        await using var server = new LoopbackHttp(firewall.Answer);
        await using var connector = Connector(server.Address);
        await connector.BlockAsync(Address, TimeSpan.FromHours(2), Given.Context("aa"), CancellationToken.None);
        var shorter = await connector.BlockAsync(Address, TimeSpan.FromHours(1), Given.Context("bb"), CancellationToken.None);
        Assert.Contains("soar.key.aa", shorter.Evidence);
        Assert.Single(firewall.Messages);
        var longer = await connector.BlockAsync(Address, TimeSpan.FromHours(3), Given.Context("bb"), CancellationToken.None);
        Assert.Contains("<member timeout=\"10800\">tag03</member>", longer.Evidence);
        Assert.Contains("<member timeout=\"10800\">soar.key.bb</member>", longer.Evidence);
        Assert.DoesNotContain("soar.key.aa", longer.Evidence);
        var repeated = await connector.BlockAsync(Address, TimeSpan.FromHours(3), Given.Context("bb"), CancellationToken.None);
        Assert.Contains("<member timeout=\"10800\">soar.key.bb</member>", repeated.Evidence);
        // Longer than the firewall counts: no end there, the ledger lifts it.
        Assert.Null((await connector.BlockAsync(Address, TimeSpan.FromDays(31), Given.Context("cc"), CancellationToken.None)).Until);
    }

    [Theory]
    [InlineData(3600, "3600", "3600")]
    [InlineData(3600, "2400", "2400")] // twenty minutes later, after a crash
    [InlineData(3600, "0", "0")]
    public async Task A_repeat_under_the_same_key_lets_nothing_through_for_a_moment(int asked, string tag, string mark)
    {
        var firewall = new Firewall { Registered = { ["10.0.0.1"] = new() { ["tag03"] = tag, [$"soar.key.{Key}"] = mark } } };
        await using var server = new LoopbackHttp(firewall.Answer);
        await using var connector = Connector(server.Address);
        var block = await connector.BlockAsync(Address, TimeSpan.FromSeconds(asked), Given.Context(), CancellationToken.None);
        Assert.Contains($"soar.key.{Key}", block.Evidence);
        Assert.Empty(firewall.Messages);
    }

    [Fact]
    public async Task A_repeat_mends_a_block_that_ends_before_our_mark()
    {
        var firewall = new Firewall { Registered = { ["10.0.0.1"] = new() { ["tag03"] = "60", [$"soar.key.{Key}"] = "3600" } } };
        await using var server = new LoopbackHttp(firewall.Answer);
        await using var connector = Connector(server.Address);
        await connector.BlockAsync(Address, TimeSpan.FromHours(1), Given.Context(), CancellationToken.None);
        Assert.Equal("3600", firewall.Registered["10.0.0.1"]["tag03"]);
        Assert.Equal(2, firewall.Messages.Count);
    }

    [Fact]
    public async Task What_somebody_else_tagged_stays_and_other_tags_are_not_touched()
    {
        var firewall = new Firewall { Registered = { ["10.0.0.1"] = new() { ["tag03"] = "0", ["asset"] = "0" }, ["10.0.0.9"] = new() { ["asset"] = "0" }, ["10.1.1.10-10.1.1.13"] = new() { ["tag03"] = "60" } } };
        await using var server = new LoopbackHttp(firewall.Answer);
        await using var connector = Connector(server.Address);
        var block = await connector.BlockAsync(Address, TimeSpan.FromHours(1), Given.Context(), CancellationToken.None);
        Assert.Null(block.Until);
        Assert.Empty(firewall.Messages);
        Assert.Equal(["10.0.0.1", "10.1.1.10/31", "10.1.1.12/31"], (await connector.BlockedAsync(Given.Context(), CancellationToken.None)).Select(found => found.Address.ToString()));
        await connector.UnblockAsync(Address, Given.Context(), CancellationToken.None);
        Assert.Equal(["asset"], firewall.Registered["10.0.0.1"].Keys);
    }

    [Fact]
    public async Task A_long_list_is_read_page_by_page()
    {
        var firewall = new Firewall();
        for (var host = 0; host < 1200; host++)
            firewall.Registered[$"10.0.{host / 250}.{host % 250}"] = new() { ["tag03"] = "0" };
        await using var server = new LoopbackHttp(firewall.Answer);
        await using var connector = Connector(server.Address);
        Assert.Equal(1200, (await connector.BlockedAsync(Given.Context(), CancellationToken.None)).Select(block => block.Address).Distinct().Count());
        Assert.Equal(3, server.Requests.Count);
        Assert.True((await connector.TestAsync(CancellationToken.None)).Ok);
    }

    [Theory]
    [InlineData("""<response status="error" code="403"><result><msg>Invalid Credential</msg></result></response>""", FailureKind.Permanent, "403")]
    [InlineData("""<response status="error" code="16"><msg><line>Unauthorized request</line></msg></response>""", FailureKind.Permanent, "403")]
    [InlineData("""<response status="error" code="17"><msg><line>tag too long</line></msg></response>""", FailureKind.Permanent, "17")]
    [InlineData("""<response status="error" code="11"><msg><line>internal error</line></msg></response>""", FailureKind.Unknown, "11")]
    [InlineData("<html/>", FailureKind.Unknown, "garbage")]
    [InlineData("<response status=", FailureKind.Unknown, "garbage")]
    public async Task Its_error_codes_under_200_have_their_outcomes(string answer, FailureKind kind, string reason)
    {
        var looked = false;
        await using var server = new LoopbackHttp(_ =>
        {
            var first = !looked;
            looked = true;
            return LoopbackHttp.Answer(200, first ? """<response status="success"><result><count>0</count></result></response>""" : answer, "application/xml");
        });
        await using var connector = Connector(server.Address);
        var failure = await Assert.ThrowsAsync<ConnectorFailure>(() => connector.BlockAsync(Address, TimeSpan.FromHours(1), Given.Context(), CancellationToken.None));
        Assert.Equal((kind, reason), (failure.Kind, failure.Reason));
        Assert.DoesNotContain("s3cret", failure.ToString());
    }

    [Theory]
    [InlineData(403, FailureKind.Permanent)]
    [InlineData(429, FailureKind.Transient)]
    [InlineData(500, FailureKind.Transient)]
    [InlineData(503, FailureKind.Transient)]
    public async Task Before_anything_was_changed_each_status_is_surely_not_done(int status, FailureKind kind)
    {
        await using var server = new LoopbackHttp(_ => LoopbackHttp.Answer(status, "words"));
        await using var connector = Connector(server.Address);
        Assert.Equal(kind, (await Assert.ThrowsAsync<ConnectorFailure>(() => connector.BlockAsync(Address, TimeSpan.FromHours(1), Given.Context(), CancellationToken.None))).Kind);
        Assert.False((await connector.TestAsync(CancellationToken.None)).Ok);
    }

    [Fact]
    public async Task A_renewal_that_breaks_after_the_release_is_unknown()
    {
        var firewall = new Firewall { Registered = { ["10.0.0.1"] = new() { ["tag03"] = "60" } } };
        await using var server = new LoopbackHttp(request => request.Body.Contains("%3Cregister%3E", StringComparison.Ordinal) ? LoopbackHttp.Answer(503, "busy") : firewall.Answer(request));
        await using var connector = Connector(server.Address);
        var failure = await Assert.ThrowsAsync<ConnectorFailure>(() => connector.BlockAsync(Address, TimeSpan.FromHours(1), Given.Context(), CancellationToken.None));
        Assert.Equal(FailureKind.Unknown, failure.Kind);
    }

    [Fact]
    public async Task IPv6_networks_are_refused_by_connector_and_simulator()
    {
        await using var connector = Connector(new Uri("http://127.0.0.1:1/"));
        foreach (var firewall in new[] { connector, (IFirewall)connector.Simulator })
            Assert.Equal("too-wide", (await Assert.ThrowsAsync<ConnectorFailure>(() => firewall.BlockAsync(IpAddress.Parse("2001:db8::/64"), TimeSpan.FromHours(1), Given.Context(), CancellationToken.None))).Reason);
    }

    [Fact]
    public void Settings_name_every_problem_at_once() => Assert.Equal(["address", "apiKey", "tag", "vsys", "target", "widestV4", "widestV6"],
        new PanosSettings { Tag = "soar.key.x", Vsys = "<a>", Target = "a b", WidestV4 = 99, WidestV6 = 64 }.Problems().Select(problem => problem[..problem.IndexOf(':')]));
}
