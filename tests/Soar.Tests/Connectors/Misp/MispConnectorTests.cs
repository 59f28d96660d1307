using System.Text.Json.Nodes;
using Soar.Capabilities;
using Soar.Connectors;
using Soar.Connectors.Misp;
using Soar.Testing;
using Soar.Testing.Contract;

namespace Soar.Tests.Connectors.Misp;

/// <summary>
/// Requests as published in the chapter "Automation and MISP API" of CIRCL's MISP book, https://www.circl.lu/doc/misp/automation/ (sources: github.com/MISP/misp-book, automation/README.md); paths in
/// MISP's own description, https://www.misp-project.org/openapi/; answers in PyMISP's test data.
/// </summary>
public sealed class MispConnectorTests
{
    private static readonly Observable Domain = new("domain", "teamliquid.net");

    private static MispConnector Connector(Uri address) => new(new MispSettings { Address = address, Key = new Secret("YOUR-API-KEY"), Timeout = TimeSpan.FromSeconds(5) }, Given.Services(clock: new Soar.Tests.Engine.ManualClock()));

    private static void Same(string published, string sent, params string[] ours)
    {
        var body = JsonNode.Parse(sent)!;
        foreach (var field in ours)
            Assert.True(body.AsObject().Remove(field), $"{field} was not sent");
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(published), body), $"published: {published}\nsent: {sent}");
    }

    private static void Headers(HttpAsked request, string method, string target) =>
        Assert.Equal((method, target, "YOUR-API-KEY", "application/json", "application/json"), (request.Method, request.Target, request.Headers["Authorization"], request.Headers["Accept"], request.Headers["Content-Type"]));

    [Fact]
    public async Task A_look_up_is_the_published_search_and_its_published_answer_is_understood()
    {
        // curl -d '{"returnFormat":"json","value":"foobar"}' … -X POST https://192.168.0.220/attributes/restSearch
        await using var server = new LoopbackHttp(_ => LoopbackHttp.Answer(200, """{"response": {"Attribute": [{"id":"44","event_id":"30","object_id":"0","object_relation":null,"category":"Other","type":"comment","to_ids":false,"uuid":"7a5d856c-048a-4dbd-8e6d-41d1790c5ad0","timestamp":"1617056037","distribution":"5","sharing_group_id":"0","comment":"","deleted":false,"disable_correlation":false,"first_seen":null,"last_seen":null,"value":"foobar","Event":{"org_id":"1","distribution":"1","id":"30","info":"Correlation 1","orgc_id":"1","uuid":"8cca9f2f-9281-49fd-9b30-e16a8dbf6855"}}]}}"""));
        await using var connector = Connector(server.Address);
        var report = await connector.LookupObservableAsync(new Observable("file", "foobar"), Given.Context(), CancellationToken.None);
        Assert.Equal((Verdict.Unknown, "named without being an indicator: event 30 Correlation 1 (comment)"), (report.Verdict, report.Details));
        var request = Assert.Single(server.Requests);
        Headers(request, "POST", "/attributes/restSearch");
        Same("""{"returnFormat":"json","value":"foobar"}""", request.Body, "includeSightings", "limit"); // two more of the documented parameters
    }

    [Fact]
    public void A_MISP_is_taken_for_somebody_elses_unless_its_settings_say_otherwise() =>
        Assert.True(System.Reflection.CustomAttributeExtensions.GetCustomAttribute<ConnectorAttribute>(typeof(MispConnector))!.Outside);

    [Fact]
    public async Task A_submission_is_an_event_in_the_published_form()
    {
        await using var server = new LoopbackHttp(request => request.Method == "GET" ? LoopbackHttp.Answer(404, """{"message":"Invalid event."}""") : LoopbackHttp.Answer(200, """{"Event":{"id":"9","uuid":"u"}}"""));
        await using var connector = Connector(server.Address);
        var made = await connector.SubmitAsync(new Observable("domain", "test.com"), Verdict.Malicious, "why", Given.Context() with { Tlp = Tlp.AmberStrict }, CancellationToken.None);
        Assert.Equal(("instance", "u", "event 9, not published"), (made.Source, made.Id, made.Details));
        Headers(server.Requests[1], "POST", "/events/add");
        var sent = JsonNode.Parse(server.Requests[1].Body)!["Event"]!;
        var attribute = sent["Attribute"]![0]!;
        Assert.Matches("^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$", sent["uuid"]!.GetValue<string>());
        Assert.Equal($"/events/view/{sent["uuid"]}", server.Requests[0].Target);
        Assert.NotEqual(sent["uuid"]!.GetValue<string>(), attribute["uuid"]!.GetValue<string>());
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse("""[{"name":"tlp:amber+strict"}]"""), sent["Tag"]));
        // What CIRCL publishes, with the values of this submission in it; UUIDs and the tag are ours.
        foreach (var (node, fields) in new[] { (sent.AsObject(), new[] { "uuid", "Tag" }), (attribute.AsObject(), ["uuid"]) })
            foreach (var field in fields)
                node.Remove(field);
        Assert.True(JsonNode.DeepEquals(
            JsonNode.Parse("""{"date":"2026-03-02","threat_level_id":"4","info":"Soar: malicious domain","published":false,"analysis":"0","distribution":"0","Attribute":[{"type":"domain","category":"Network activity","to_ids":true,"distribution":"5","comment":"why","value":"test.com"}]}"""), sent), sent.ToJsonString());
        var published = JsonNode.Parse("""{"Event":{"date":"2015-01-01","threat_level_id":"1","info":"testevent","published":false,"analysis":"0","distribution":"0","Attribute":[{"type":"domain","category":"Network activity","to_ids":false,"distribution":"0","comment":"","value":"test.com"}]}}""")!["Event"]!;
        Assert.Equal(published.AsObject().Select(field => field.Key), sent.AsObject().Select(field => field.Key));
        Assert.Equal(published["Attribute"]![0]!.AsObject().Select(field => field.Key), attribute.AsObject().Select(field => field.Key));
    }

    [Fact]
    public async Task A_sighting_is_the_published_request()
    {
        await using var server = new LoopbackHttp(request => request.Target == "/sightings/add" ? LoopbackHttp.Answer(200, """{"Sighting":{"id":"5","date_sighting":"1460558710"}}""") : LoopbackHttp.Answer(200, """{"response":{"Attribute":[]}}"""));
        await using var connector = Connector(server.Address);
        await connector.SightAsync(Domain, SightingKind.FalsePositive, DateTimeOffset.FromUnixTimeSeconds(1460558710), Given.Context(), CancellationToken.None);
        Headers(server.Requests[1], "POST", "/sightings/add");
        Same("""{"values":["teamliquid.net"], "timestamp":1460558710}""", server.Requests[1].Body, "type", "source");
        Assert.Contains("\"type\":\"1\",\"source\":\"soar:00112233445566778899aabbccddeeff\"", server.Requests[1].Body);
    }

    [Fact]
    public async Task A_sighting_of_what_MISP_does_not_know_is_refused_although_it_says_200()
    {
        await using var server = new LoopbackHttp(request => LoopbackHttp.Answer(200, request.Target == "/sightings/add" ? """{"message":"Could not add the Sighting. Reason: No valid attributes found that match the criteria."}""" : """{"response":{"Attribute":[]}}"""));
        await using var connector = Connector(server.Address);
        var failure = await Assert.ThrowsAsync<ConnectorFailure>(() => connector.SightAsync(Domain, SightingKind.Seen, default(DateTimeOffset).AddYears(2000), Given.Context(), CancellationToken.None));
        Assert.Equal((FailureKind.Permanent, "refused"), (failure.Kind, failure.Reason));
        Assert.Contains("submit it first", failure.Message);
    }

    [Fact]
    public async Task Real_events_are_judged_with_their_sightings()
    {
        var sighted = JsonNode.Parse(Samples.Text("misp/PyMISP__sighting_1.json"))!["Event"]!["Attribute"]!.AsArray();
        await using var server = new LoopbackHttp(request =>
        {
            // as a search for one value answers
            var value = JsonNode.Parse(request.Body)!["value"]!.GetValue<string>();
            var found = sighted.Where(attribute => attribute!["value"]!.GetValue<string>().Contains(value, StringComparison.OrdinalIgnoreCase)).Select(attribute => attribute!.ToJsonString());
            return LoopbackHttp.Answer(200, "{\"response\":{\"Attribute\":[" + string.Join(",", found) + "]}}");
        });
        await using var connector = Connector(server.Address);
        async Task<IntelReport> Look(string value) => await connector.LookupObservableAsync(new Observable("domain", value), Given.Context(), CancellationToken.None);
        Assert.Equal(Verdict.Malicious, (await Look("OOIASJDNQJWBEASDASD[.]com")).Verdict); // seen
        Assert.Equal(Verdict.Suspicious, (await Look("eqowiesajenqweasd.com")).Verdict); // a false positive
        Assert.Equal(Verdict.Unknown, (await Look("asdasd.com")).Verdict); // only a part of one that is known
        var seen = Assert.Single(await connector.SightingsAsync(new Observable("domain", "ooiasjdnqjwbeasdasd.com"), Given.Context(), CancellationToken.None));
        Assert.Equal((SightingKind.Seen, DateTimeOffset.FromUnixTimeSeconds(1551253950), "ORGNAME"), (seen.Kind, seen.At, seen.By));
    }

    [Theory]
    [InlineData("ip", "203.0.113.66", "ip-src", "Network activity")]
    [InlineData("url", "http://evil.example/x", "url", "Network activity")]
    [InlineData("email", "boss@evil.example", "email-src", "Payload delivery")]
    [InlineData("md5", "d41d8cd98f00b204e9800998ecf8427e", "md5", "Payload delivery")]
    [InlineData("file", "invoice.exe", "filename", "Payload delivery")]
    public async Task Every_type_has_its_word_in_MISP(string type, string value, string attribute, string category)
    {
        await using var server = new LoopbackHttp(request => request.Method == "GET" ? LoopbackHttp.Answer(404, "{}") : LoopbackHttp.Answer(200, """{"Event":{"id":"9","uuid":"u"}}"""));
        await using var connector = Connector(server.Address);
        await connector.SubmitAsync(new Observable(type, value), Verdict.Suspicious, "", Given.Context(), CancellationToken.None);
        var sent = JsonNode.Parse(server.Requests[1].Body)!["Event"]!["Attribute"]![0]!;
        Assert.Equal((attribute, category, value, false), (sent["type"]!.GetValue<string>(), sent["category"]!.GetValue<string>(), sent["value"]!.GetValue<string>(), sent["to_ids"]!.GetValue<bool>()));
    }

    [Fact]
    public async Task A_benign_verdict_is_refused_by_connector_and_simulator()
    {
        await using var connector = Connector(new Uri("http://127.0.0.1:1/"));
        foreach (var intel in new[] { connector, (IIntel)connector.Simulator })
            Assert.Equal("unsupported", (await Assert.ThrowsAsync<ConnectorFailure>(() => intel.SubmitAsync(Domain, Verdict.Benign, "", Given.Context(), CancellationToken.None))).Reason);
    }
}
