using Soar.Testing.Contract;
using System.Text.Json;
using System.Text.Json.Nodes;
using Soar.Capabilities;
using Soar.Connectors;
using Soar.Connectors.OpnSense;

namespace Soar.Tests.Connectors.OpnSense;

/// <summary>
/// Requests as OPNsense documents them. The example with curl: https://docs.opnsense.org/manual/aliases.html#add-new-entries-using-our-api, keys and HTTP Basic:
/// https://docs.opnsense.org/development/how-tos/api.html, paths and methods: https://docs.opnsense.org/development/api/core/firewall.html and …/core/diagnostics.html; bodies and
/// answers where those say nothing: AliasUtilController.php and FirewallController.php of github.com/opnsense/core.
/// </summary>
public sealed class OpnSenseConnectorTests
{
    private static readonly IpAddress Address = IpAddress.Parse("10.0.0.2");

    private static OpnSenseConnector Connector(Uri address, Func<OpnSenseSettings, OpnSenseSettings>? with = null)
    {
        var settings = new OpnSenseSettings { Address = address, Key = new Secret("key"), Secret = new Secret("secret"), Alias = "MyAlias", Timeout = TimeSpan.FromSeconds(5) };
        settings = with?.Invoke(settings) ?? settings;
        Assert.Empty(settings.Problems());
        return new OpnSenseConnector(settings, Given.Services());
    }

    /// <summary>An alias as the product keeps it.</summary>
    private static Func<HttpAsked, string> Firewall(List<string> alias) => request =>
    {
        var body = request.Body.Length > 0 ? JsonNode.Parse(request.Body) : null;
        switch ($"{request.Method} {request.Target}")
        {
            case "POST /api/firewall/alias_util/add/MyAlias":
                if (!alias.Contains(body!["address"]!.GetValue<string>()))
                    alias.Add(body["address"]!.GetValue<string>());
                return LoopbackHttp.Answer(200, """{"status":"done"}""");
            case "POST /api/firewall/alias_util/delete/MyAlias":
                alias.Remove(body!["address"]!.GetValue<string>());
                return LoopbackHttp.Answer(200, """{"status":"done"}""");
            case "POST /api/diagnostics/firewall/kill_states":
                return LoopbackHttp.Answer(200, """{"result":"ok","dropped_states":3}""");
            case "GET /api/firewall/alias_util/aliases":
                return LoopbackHttp.Answer(200, """["MyAlias","bogons"]""");
            case "GET /api/firewall/alias_util/list/MyAlias":
                return LoopbackHttp.Answer(200, JsonSerializer.Serialize(new { total = alias.Count, rowCount = Math.Min(alias.Count, 2), current = 1, rows = alias.Take(2).Select(ip => new { ip, in_block_p = 7 }) }));
            case "POST /api/firewall/alias_util/list/MyAlias":
                Assert.Equal(-1, body!["rowCount"]!.GetValue<int>());
                return LoopbackHttp.Answer(200, JsonSerializer.Serialize(new { total = alias.Count, rowCount = alias.Count, current = 1, rows = alias.Select(ip => new { ip }) }));
            default:
                return LoopbackHttp.Answer(404, "no such thing");
        }
    };

    [Fact]
    public async Task A_block_is_the_documented_request_and_is_read_back()
    {
        await using var server = new LoopbackHttp(Firewall([]));
        await using var connector = Connector(server.Address);
        var block = await connector.BlockAsync(Address, TimeSpan.FromHours(1), Given.Context(), CancellationToken.None);
        Assert.Equal((Address, null), (block.Address, block.Until)); // an alias knows no time
        Assert.Equal("""{"alias":"MyAlias","entry":{"ip":"10.0.0.2","in_block_p":7},"droppedStates":3}""", block.Evidence);

        var (add, cut, list) = (server.Requests[0], server.Requests[1], server.Requests[2]);
        // curl --header "Content-Type: application/json" --basic --user "key:secret" --request POST --data '{"address":"10.0.0.2"}' https://opnsense.firewall/api/firewall/alias_util/add/MyAlias
        Assert.Equal(("POST", "/api/firewall/alias_util/add/MyAlias", "application/json", "Basic a2V5OnNlY3JldA=="), (add.Method, add.Target, add.Headers["Content-Type"], add.Headers["Authorization"]));
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse("""{"address":"10.0.0.2"}"""), JsonNode.Parse(add.Body)), add.Body);
        Assert.Equal(("POST", "/api/diagnostics/firewall/kill_states", """{"filter":"10.0.0.2"}"""), (cut.Method, cut.Target, cut.Body));
        Assert.Equal(("GET", "/api/firewall/alias_util/list/MyAlias", ""), (list.Method, list.Target, list.Body));
    }

    [Theory]
    [InlineData("203.0.113.0/24")]
    [InlineData("2001:db8::1")]
    [InlineData("2001:db8:1::/48")]
    public async Task Networks_and_IPv6_are_listed_probed_and_released(string target)
    {
        var alias = new List<string> { "!192.168.0.1", "bad" };
        await using var server = new LoopbackHttp(Firewall(alias));
        await using var connector = Connector(server.Address, settings => settings with { CutStates = false });
        var address = IpAddress.Parse(target);
        Assert.Equal(ProbeAnswer.Absent, (await connector.ProbeBlockAsync(address, TimeSpan.FromHours(1), Given.Context(), CancellationToken.None)).Answer);
        await connector.BlockAsync(address, Until.Lifted, Given.Context(), CancellationToken.None);
        await connector.BlockAsync(address, Until.Lifted, Given.Context(), CancellationToken.None); // once more changes nothing
        Assert.Equal(address, Assert.Single(await connector.BlockedAsync(Given.Context(), CancellationToken.None)).Address);
        var probe = await connector.ProbeBlockAsync(address, TimeSpan.FromHours(1), Given.Context(), CancellationToken.None);
        Assert.Equal((ProbeAnswer.Present, false), (probe.Answer, probe.Ours)); // an alias carries no mark: what is there before counts as found
        await connector.UnblockAsync(address, Given.Context(), CancellationToken.None);
        await connector.UnblockAsync(address, Given.Context(), CancellationToken.None);
        Assert.Equal(["!192.168.0.1", "bad"], alias);
        Assert.DoesNotContain(server.Requests, request => request.Target.Contains("kill", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_long_alias_is_read_whole()
    {
        await using var server = new LoopbackHttp(Firewall([.. Enumerable.Range(1, 50).Select(host => $"203.0.113.{host}")]));
        await using var connector = Connector(server.Address);
        Assert.Equal(50, (await connector.BlockedAsync(Given.Context(), CancellationToken.None)).Count);
    }

    [Fact]
    public async Task A_test_tells_whether_the_alias_is_there_and_changes_nothing()
    {
        await using var server = new LoopbackHttp(Firewall(["10.0.0.2"]));
        await using var connector = Connector(server.Address);
        Assert.True((await connector.TestAsync(CancellationToken.None)).Ok);
        await using var other = Connector(server.Address, settings => settings with { Alias = "other" });
        var missing = await other.TestAsync(CancellationToken.None);
        Assert.False(missing.Ok);
        Assert.Contains("Firewall: Aliases", missing.Message);
        Assert.All(server.Requests, request => Assert.Equal("GET", request.Method));
    }

    [Theory]
    [InlineData("""{"status":"failed","status_msg":"nonexistent alias MyAlias"}""", FailureKind.Permanent, "refused")]
    [InlineData("""{"status":"not_an_address"}""", FailureKind.Permanent, "refused")]
    [InlineData("""{"other":1}""", FailureKind.Unknown, "garbage")]
    [InlineData("<html>login</html>", FailureKind.Unknown, "garbage")]
    public async Task What_it_says_under_200_is_told_apart(string answer, FailureKind kind, string reason)
    {
        await using var server = new LoopbackHttp(_ => LoopbackHttp.Answer(200, answer));
        await using var connector = Connector(server.Address);
        var failure = await Assert.ThrowsAsync<ConnectorFailure>(() => connector.BlockAsync(Address, TimeSpan.FromHours(1), Given.Context(), CancellationToken.None));
        Assert.Equal((kind, reason), (failure.Kind, failure.Reason));
        Assert.DoesNotContain("secret", failure.Message);
    }

    [Fact]
    public async Task A_block_whose_connections_could_not_be_cut_or_that_is_not_shown_is_unknown()
    {
        var alias = new List<string>();
        await using var cutless = new LoopbackHttp(request => request.Target.EndsWith("kill_states", StringComparison.Ordinal) ? LoopbackHttp.Answer(403, "no right") : Firewall(alias)(request));
        await using (var connector = Connector(cutless.Address))
            Assert.Equal((FailureKind.Unknown, "403"), await Fails(connector) is var failure ? (failure.Kind, failure.Reason) : default);
        await using var forgetful = new LoopbackHttp(request => request.Target.Contains("/list/", StringComparison.Ordinal) ? LoopbackHttp.Answer(200, """{"total":0,"rows":[]}""") : Firewall(alias)(request));
        await using (var connector = Connector(forgetful.Address))
            Assert.Equal((FailureKind.Unknown, "not-there"), await Fails(connector) is var failure ? (failure.Kind, failure.Reason) : default);
    }

    private static Task<ConnectorFailure> Fails(OpnSenseConnector connector) =>
        Assert.ThrowsAsync<ConnectorFailure>(() => connector.BlockAsync(Address, TimeSpan.FromHours(1), Given.Context(), CancellationToken.None));

    [Theory]
    [InlineData(401, FailureKind.Permanent)]
    [InlineData(404, FailureKind.Permanent)]
    [InlineData(429, FailureKind.Transient)]
    [InlineData(500, FailureKind.Unknown)]
    [InlineData(503, FailureKind.Transient)]
    public async Task Each_status_has_its_outcome(int status, FailureKind kind)
    {
        await using var server = new LoopbackHttp(_ => LoopbackHttp.Answer(status, "words"));
        await using var connector = Connector(server.Address);
        Assert.Equal(kind, (await Fails(connector)).Kind);
    }

    [Fact]
    public void Settings_name_every_problem_at_once() => Assert.Equal(["address", "widestV4", "key", "secret", "alias"],
        new OpnSenseSettings { Alias = "../x", WidestV4 = 0 }.Problems().Select(problem => problem[..problem.IndexOf(':')]));
}
