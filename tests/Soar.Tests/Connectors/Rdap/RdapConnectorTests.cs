using Soar.Capabilities;
using Soar.Connectors.Mime;
using Soar.Connectors.Rdap;
using Soar.Connectors.Smtp;
using Soar.Tests.Connectors.Smtp;

namespace Soar.Tests.Connectors.Rdap;

public sealed class RdapConnectorTests
{
    private const string Rdap = "application/rdap+json";
    private static readonly IpAddress Attacker = IpAddress.Parse("203.0.113.66");

    private static string Network(string cidr, string entities = "[]", string links = "[]") =>
        $$"""{"rdapConformance":["rdap_level_0","cidr0"],"objectClassName":"ip network","handle":"NET-{{cidr}}","name":"NAME-{{cidr}}","country":"mk","cidr0_cidrs":[{"v4prefix":"{{cidr.Split('/')[0]}}","length":{{cidr.Split('/')[1]}}}],"entities":{{entities}},"links":{{links}}}""";

    private static string Abuse(string mail) => $$"""[{"objectClassName":"entity","roles":["abuse"],"vcardArray":["vcard",[["version",{},"text","4.0"],["email",{},"text","{{mail}}"]]]}]""";

    private static string Link(LoopbackHttp server, string rel, string path, string type = Rdap) => $$"""[{"rel":"{{rel}}","href":"{{server.Address}}{{path}}","type":"{{type}}"}]""";

    private static RdapConnector Connector(LoopbackHttp server, Func<RdapSettings, RdapSettings>? with = null)
    {
        var settings = new RdapSettings { BaseAddress = server.Address, Timeout = TimeSpan.FromSeconds(5) };
        return new RdapConnector(with?.Invoke(settings) ?? settings, Given.Services());
    }

    private static async Task<NetworkOwner> Owner(LoopbackHttp server)
    {
        await using var connector = Connector(server);
        return await connector.OwnerAsync(Attacker, Given.Context(), CancellationToken.None);
    }

    private static async Task<ConnectorFailure> Fails(LoopbackHttp server, Func<RdapSettings, RdapSettings>? with = null)
    {
        await using var connector = Connector(server, with);
        return await Assert.ThrowsAsync<ConnectorFailure>(() => connector.OwnerAsync(Attacker, Given.Context(), CancellationToken.None));
    }

    [Fact]
    public async Task The_owner_is_asked_for_once_and_kept()
    {
        await using var server = new LoopbackHttp(_ => LoopbackHttp.Answer(200, Network("203.0.113.0/24", Abuse("abuse@isp.example")), Rdap));
        await using var connector = Connector(server);
        var owner = await connector.OwnerAsync(Attacker, Given.Context(), CancellationToken.None);
        Assert.Equal(("NAME-203.0.113.0/24", "NET-203.0.113.0/24", "203.0.113.0/24", "MK"), (owner.Name, owner.Handle, owner.Network, owner.Country));
        Assert.Equal(["abuse@isp.example"], owner.AbuseContacts.Select(mail => mail.Value));
        Assert.Equal($"{server.Address}ip/203.0.113.66", owner.Registry);
        await connector.OwnerAsync(Attacker, Given.Context(), CancellationToken.None);
        var request = Assert.Single(server.Requests);
        Assert.Equal("/ip/203.0.113.66", request.Target);
        Assert.Contains("application/rdap+json", request.Headers["Accept"]);
    }

    [Theory]
    [InlineData("203.0.113.0/24", "ASSIGNED PA", 1)] // one network, one question
    [InlineData("203.0.0.0/16", null, 1)]
    [InlineData("203.0.0.0/16", "DIRECT ALLOCATION", 3)] // customers of an allocation may have networks of their own: asked once for each /24
    [InlineData("203.0.0.0/16", "ALLOCATED PA", 3)]
    [InlineData("203.0.0.0/8", null, 3)] // a registry's own block
    [InlineData("0.0.0.0/0", null, 3)]
    public async Task Seven_hundred_senders_of_one_network_are_not_seven_hundred_questions(string cidr, string? type, int most)
    {
        await using var server = new LoopbackHttp(_ => LoopbackHttp.Answer(200, Network(cidr, Abuse("abuse@isp.example")).Replace("\"country\"", type is null ? "\"country\"" : $"\"type\":\"{type}\",\"country\"", StringComparison.Ordinal), Rdap));
        await using var connector = Connector(server);
        for (var i = 0; i < 700; i++)
        {
            var sender = IpAddress.Parse($"203.0.{(cidr.EndsWith("24", StringComparison.Ordinal) ? 113 : 113 + (i % 3))}.{i % 254 + 1}");
            var owner = await connector.OwnerAsync(sender, Given.Context(), CancellationToken.None);
            Assert.Equal((sender, cidr), (owner.Address, owner.Network));
        }
        Assert.Equal(most, server.Requests.Count);
    }

    [Fact]
    public async Task Of_two_known_networks_the_more_specific_one_answers()
    {
        await using var server = new LoopbackHttp(request => LoopbackHttp.Answer(200, request.Target.EndsWith(".66", StringComparison.Ordinal) ? Network("203.0.113.64/26") : Network("203.0.113.0/24"), Rdap));
        await using var connector = Connector(server);
        var owners = new List<string>();
        foreach (var last in new[] { 66, 1, 67, 2 })
            owners.Add((await connector.OwnerAsync(IpAddress.Parse($"203.0.113.{last}"), Given.Context(), CancellationToken.None)).Network);
        Assert.Equal(["203.0.113.64/26", "203.0.113.0/24", "203.0.113.64/26", "203.0.113.0/24"], owners);
        Assert.Equal(2, server.Requests.Count);
    }

    [Fact]
    public async Task What_the_registry_left_out_is_told_where_it_is_missed()
    {
        var redacted = Network("203.0.113.0/24").Replace("\"country\"", """ "redacted":[{"name":{"description":"Abuse\nEmail"}},{"name":{"type":"Registrant Phone"}}],"country" """, StringComparison.Ordinal);
        await using var server = new LoopbackHttp(_ => LoopbackHttp.Answer(200, redacted, Rdap));
        await using var connector = Connector(server);
        var owner = await connector.OwnerAsync(Attacker, Given.Context(), CancellationToken.None);
        Assert.Equal(["Abuse Email", "Registrant Phone"], owner.Redacted);
        var failure = await Assert.ThrowsAsync<ConnectorFailure>(() => connector.ReportAsync(owner, Attacker, "intrusion", context: Given.Context(), cancellation: CancellationToken.None));
        Assert.Contains("left out: Abuse Email, Registrant Phone;", failure.Message);
    }

    [Theory]
    [InlineData(364, false)]
    [InlineData(366, true)]
    public async Task An_old_list_of_registries_is_told_by_the_connection_test(int days, bool warns)
    {
        await using var server = new LoopbackHttp(_ => LoopbackHttp.Answer(200, Network("193.0.0.0/21"), Rdap));
        using var folder = new TempFolder();
        var clock = new Soar.Tests.Engine.ManualClock();
        var published = clock.GetUtcNow().AddDays(-days);
        folder.File("ipv4.json", $$"""{"publication":"{{published:yyyy-MM-ddTHH:mm:ssZ}}","services":[[["193.0.0.0/8"],["{{server.Address}}"]]]}""");
        folder.File("ipv6.json", $$"""{"publication":"{{clock.GetUtcNow():yyyy-MM-ddTHH:mm:ssZ}}","services":[]}""");
        await using var connector = new RdapConnector(new RdapSettings { Bootstrap = folder.Path }, Given.Services(clock: clock));
        var test = await connector.TestAsync(CancellationToken.None);
        Assert.True(test.Ok, test.Message);
        Assert.Equal(warns, test.Message.Contains($"Warning: the list of registries is IANA's of {published:yyyy-MM-dd}", StringComparison.Ordinal));
    }

    [Fact]
    public void The_shipped_list_says_when_it_was_published() => Assert.Equal(new DateTimeOffset(2026, 7, 27, 0, 0, 0, TimeSpan.Zero), RdapBootstrap.Shipped().Publication);

    [Fact]
    public async Task Redirects_and_related_links_lead_to_the_most_specific_network()
    {
        LoopbackHttp? self = null;
        await using var server = self = new LoopbackHttp(request => request.Target switch
        {
            "/ip/203.0.113.66" => LoopbackHttp.Answer(302, "", "text/plain", "Location: /moved"),
            "/moved" => LoopbackHttp.Answer(200, Network("203.0.0.0/16", links: Link(self!, "related", "customer")), Rdap),
            "/customer" => LoopbackHttp.Answer(200, Network("203.0.113.64/26", Abuse("abuse@customer.example")), Rdap),
            _ => LoopbackHttp.Answer(404, "{}"),
        });
        var owner = await Owner(server);
        Assert.Equal("203.0.113.64/26", owner.Network);
        Assert.Equal("abuse@customer.example", owner.AbuseContacts.Single().Value);
    }

    [Fact]
    public async Task A_redirect_to_another_registry_asks_for_RDAP_there_too()
    {
        await using var other = new LoopbackHttp(_ => LoopbackHttp.Answer(200, Network("203.0.113.0/24", Abuse("abuse@isp.example")), Rdap));
        await using var first = new LoopbackHttp(_ => LoopbackHttp.Answer(301, "", "text/plain", $"Location: {other.Address}ip/203.0.113.66"));
        var owner = await Owner(first);
        Assert.Equal($"{other.Address}ip/203.0.113.66", owner.Registry);
        Assert.Contains("application/rdap+json", other.Requests[0].Headers["Accept"]);
    }

    [Fact]
    public async Task A_related_link_to_a_foreign_network_changes_nothing()
    {
        LoopbackHttp? self = null;
        await using var server = self = new LoopbackHttp(request => request.Target == "/other"
            ? LoopbackHttp.Answer(200, Network("198.51.100.0/24", Abuse("abuse@wrong.example")), Rdap)
            : LoopbackHttp.Answer(200, Network("203.0.113.0/24", Abuse("abuse@isp.example"), Link(self!, "related", "other")), Rdap));
        Assert.Equal("abuse@isp.example", (await Owner(server)).AbuseContacts.Single().Value);
    }

    [Fact]
    public async Task A_referral_s_server_speaks_for_no_network_but_its_own()
    {
        // An attacker's own server: its network, and that of somebody else, whose owner it would be for a day.
        var claims = Network("203.0.113.64/26", Abuse("me@attacker.example")).Replace("\"cidr0_cidrs\":[", "\"cidr0_cidrs\":[{\"v4prefix\":\"8.8.8.0\",\"length\":24},", StringComparison.Ordinal);
        LoopbackHttp? self = null;
        await using var server = self = new LoopbackHttp(request => request.Target switch
        {
            "/attacker" => LoopbackHttp.Answer(200, claims, Rdap),
            "/ip/8.8.8.8" => LoopbackHttp.Answer(200, Network("8.8.8.0/24", Abuse("abuse@victim.example")), Rdap),
            _ => LoopbackHttp.Answer(200, Network("203.0.113.0/24", Abuse("abuse@isp.example"), Link(self!, "related", "attacker")), Rdap),
        });
        await using var connector = Connector(server);
        var attacker = await connector.OwnerAsync(Attacker, Given.Context(), CancellationToken.None);
        Assert.Equal("abuse@isp.example", attacker.AbuseContacts.Single().Value);
        var victim = await connector.OwnerAsync(IpAddress.Parse("8.8.8.8"), Given.Context(), CancellationToken.None);
        Assert.Equal("abuse@victim.example", victim.AbuseContacts.Single().Value);
    }

    [Fact]
    public async Task Links_to_servers_that_never_answer_do_not_cost_the_answer_that_is_there()
    {
        var clock = new Soar.Tests.Engine.ManualClock();
        var asked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        LoopbackHttp? self = null;
        await using var server = self = new LoopbackHttp(request =>
        {
            if (request.Target.StartsWith("/ip/", StringComparison.Ordinal))
                return LoopbackHttp.Answer(200, Network("203.0.113.0/24", links: $"{Link(self!, "related", "one")[..^1]},{Link(self!, "related", "two")[1..^1]},{Link(self!, "up", "three")[1..]}"), Rdap);
            asked.TrySetResult();
            return "hang";
        });
        await using var connector = new RdapConnector(new RdapSettings { BaseAddress = server.Address, Timeout = TimeSpan.FromSeconds(20) }, Given.Services(clock: clock));
        var looking = connector.OwnerAsync(Attacker, Given.Context(), CancellationToken.None);
        await asked.Task;
        clock.Advance(RdapClient.Patience);
        Assert.Equal("203.0.113.0/24", (await looking.WaitAsync(TimeSpan.FromSeconds(10))).Network);
    }

    [Fact]
    public async Task Where_the_network_names_no_abuse_desk_its_parents_is_taken()
    {
        LoopbackHttp? self = null;
        await using var server = self = new LoopbackHttp(request => request.Target == "/up"
            ? LoopbackHttp.Answer(200, Network("203.0.0.0/16", Abuse("abuse@carrier.example")), Rdap)
            : LoopbackHttp.Answer(200, Network("203.0.113.0/24", links: Link(self!, "up", "up")), Rdap));
        var owner = await Owner(server);
        Assert.Equal(("203.0.113.0/24", "abuse@carrier.example"), (owner.Network, owner.AbuseContacts.Single().Value));
    }

    [Fact]
    public async Task Links_in_a_circle_end()
    {
        LoopbackHttp? self = null;
        await using var server = self = new LoopbackHttp(request => LoopbackHttp.Answer(200, Network("203.0.113.0/24", links: Link(self!, "up", request.Target + "x")), Rdap));
        Assert.Empty((await Owner(server)).AbuseContacts);
        Assert.True(server.Requests.Count <= 6);
    }

    [Theory]
    [InlineData(404, """{"errorCode":404,"title":"Not Found","description":["no such object"]}""", FailureKind.Permanent, "no such object")]
    [InlineData(400, """{"errorCode":400,"title":"Bad"}""", FailureKind.Permanent, "Bad")]
    [InlineData(403, "<html>", FailureKind.Permanent, "403")]
    [InlineData(500, "<html>", FailureKind.Transient, "500")]
    [InlineData(200, "<html>", FailureKind.Transient, "not JSON")]
    [InlineData(200, "{}", FailureKind.Permanent, "no network")]
    [InlineData(200, """{"objectClassName":"domain"}""", FailureKind.Permanent, "no network")]
    [InlineData(200, """{"errorCode":418,"title":"tea"}""", FailureKind.Permanent, "tea")]
    public async Task What_the_registry_refuses_is_told_in_its_words(int status, string body, FailureKind kind, string words)
    {
        await using var server = new LoopbackHttp(_ => LoopbackHttp.Answer(status, body, Rdap));
        var failure = await Fails(server);
        Assert.Equal(kind, failure.Kind);
        Assert.Contains(words, failure.Message);
    }

    [Fact]
    public async Task Too_many_requests_waits_as_long_as_the_registry_says()
    {
        await using var server = new LoopbackHttp(_ => LoopbackHttp.Answer(429, "{}", Rdap, "Retry-After: 17"));
        var failure = await Fails(server);
        Assert.Equal((FailureKind.Transient, TimeSpan.FromSeconds(17), "429"), (failure.Kind, failure.RetryAfter, failure.Reason));
    }

    [Fact]
    public async Task An_answer_without_end_and_a_server_without_answer_are_bounded()
    {
        await using var endless = new LoopbackHttp(_ => LoopbackHttp.Answer(200, new string(' ', 3_000_000), Rdap));
        Assert.Equal("too-large", (await Fails(endless)).Reason);
        await using var silent = new LoopbackHttp(_ => "hang");
        Assert.Equal((FailureKind.Transient, "timeout"), await Fails(silent, settings => settings with { Timeout = TimeSpan.FromMilliseconds(300) }) is var failure ? (failure.Kind, failure.Reason) : default);
    }

    [Theory]
    [InlineData("http://127.0.0.2:1/x")]
    [InlineData("http://[::1]:1/x")]
    [InlineData("https://127.0.0.2:1/x")]
    [InlineData("https://localhost:1/x")]
    [InlineData("file:///etc/passwd")]
    [InlineData("ftp://127.0.0.1/x")]
    public async Task A_redirect_cannot_lead_to_an_internal_address(string location)
    {
        await using var server = new LoopbackHttp(_ => LoopbackHttp.Answer(302, "", "text/plain", $"Location: {location}"));
        var failure = await Fails(server);
        Assert.Equal(FailureKind.Permanent, failure.Kind);
        Assert.Contains(failure.Reason, new[] { "undeclared-host", "private-address", "address" });
    }

    [Fact]
    public async Task A_private_address_is_never_asked_for()
    {
        await using var server = new LoopbackHttp(_ => LoopbackHttp.Answer(200, "{}"));
        await using var connector = Connector(server);
        var failure = await Assert.ThrowsAsync<ConnectorFailure>(() => connector.OwnerAsync(IpAddress.Parse("10.1.2.3"), Given.Context(), CancellationToken.None));
        Assert.Equal("special", failure.Reason);
        Assert.Empty(server.Requests);
    }

    [Fact]
    public async Task A_report_goes_to_the_abuse_desk_with_text_and_XARF()
    {
        await using var server = new LoopbackHttp(_ => LoopbackHttp.Answer(200, Network("203.0.113.0/24", Abuse("abuse@isp.example")), Rdap));
        await using var mail = new ScriptedServer(("EHLO", "250 test"));
        await using var connector = Connector(server, settings => settings with
        {
            Organisation = "CERT", Smtp = new SmtpSettings { Host = "127.0.0.1", Port = mail.Port, Tls = SmtpTls.None, From = EmailAddress.Parse("soc@cert.example") },
        });
        var owner = await connector.OwnerAsync(Attacker, Given.Context(), CancellationToken.None);
        var report = await connector.ReportAsync(owner, Attacker, "intrusion", context: Given.Context(), cancellation: CancellationToken.None);
        Assert.Equal(("abuse@isp.example", "soar.00112233445566778899aabbccddeeff@cert.example", "250 queued as 1"), (report.To.Value, report.MessageId, report.Response));
        var heard = mail.Heard.SkipWhile(line => line != "DATA").Skip(1).TakeWhile(line => line != ".");
        var sent = MimeReader.Read(System.Text.Encoding.UTF8.GetBytes(string.Join("\r\n", heard)));
        Assert.Equal("Attack from 203.0.113.66 [SOAR-00000000ABCD]", sent.Subject);
        Assert.Contains("Provider: NAME-203.0.113.0/24", sent.Text);
        Assert.Equal(["text/plain", "message/feedback-report", "application/json"], sent.Root.Parts.Select(part => part.MediaType));
        Assert.Contains("\"source_identifier\":\"203.0.113.66\"", System.Text.Encoding.UTF8.GetString(sent.Root.Parts[2].Content.Span));
    }

    [Fact]
    public async Task Without_abuse_contact_or_mail_server_a_report_fails_by_name()
    {
        await using var server = new LoopbackHttp(_ => LoopbackHttp.Answer(200, Network("203.0.113.0/24"), Rdap));
        await using var connector = Connector(server);
        var owner = await connector.OwnerAsync(Attacker, Given.Context(), CancellationToken.None);
        var nobody = await Assert.ThrowsAsync<ConnectorFailure>(() => connector.ReportAsync(owner, Attacker, "intrusion", context: Given.Context(), cancellation: CancellationToken.None));
        Assert.Equal((FailureKind.Permanent, "no-abuse-contact"), (nobody.Kind, nobody.Reason));
        var known = owner with { AbuseContacts = [EmailAddress.Parse("abuse@isp.example")] };
        var unset = await Assert.ThrowsAsync<ConnectorFailure>(() => connector.ReportAsync(known, Attacker, "intrusion", context: Given.Context(), cancellation: CancellationToken.None));
        Assert.Equal("no-mail-server", unset.Reason);
    }

    [Fact]
    public async Task The_simulator_answers_without_network_and_finds_a_missing_template()
    {
        var simulator = (IIsp)new RdapConnector(new RdapSettings(), Given.Services()).Simulator;
        var owner = await simulator.OwnerAsync(Attacker, Given.Context(), CancellationToken.None);
        Assert.Equal("203.0.113.0/24", owner.Network);
        Assert.Equal("250 simulated", (await simulator.ReportAsync(owner, Attacker, "intrusion", context: Given.Context(), cancellation: CancellationToken.None)).Response);
        var missing = await Assert.ThrowsAsync<ConnectorFailure>(() => simulator.ReportAsync(owner, Attacker, "nothing", context: Given.Context(), cancellation: CancellationToken.None));
        Assert.Equal((FailureKind.Permanent, "template"), (missing.Kind, missing.Reason)); // never Unknown: nothing was sent
    }
}
