using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;
using Soar.Server.Accounts;
using Soar.Server.Tests.Connectors;
using Soar.Server.Tests.Http;

namespace Soar.Server.Tests.Fuzz;

/// <summary>
/// The API, asked what its own document allows and what it does not, as every role: nothing is a defect of ours (500) and nothing hangs; whatever is refused is a problem document with its code; and
/// afterwards the server is well. <c>SOAR_SEED</c> repeats a run, <c>SOAR_LONG</c> makes it forty times as long.
/// </summary>
public sealed partial class ApiFuzzTests(ITestOutputHelper output)
{
    private const int LargestBody = 100_000, MostTold = 15;

    // Not of the server, which answers within milliseconds, but of a machine that does much else.
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(60);

    // What stands on its own here: identity providers and stored credentials need a deployment that has some, a rehearsal takes its playbook's whole time, and who may be asked is another's question.
    private static readonly string[] Elsewhere = ["{provider}", "/credentials", "/rehearsal", "/dashboard", "/people"];

    private static readonly string[] Methods = ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW"];

    private const string Settings = """
        roles: { shift-lead: [approver.1, administrator.1] }
        rota: { shift-lead: { zone: Europe/Skopje, weekly: [{ from: "00:00", until: "23:59", who: [approver.1, administrator.1] }] } }
        hooks: { gate: { token: 'env:SOAR_TEST_HOOK' } }
        alerts: { cases: [{ name: attacker, by: [source.ip] }] }
        connectors: { edge: { type: nftables, simulated: true } }
        http: { loginsPerMinute: 1000000, maxRequestBytes: 100000 }
        """;

    private const string Asks = "var block = Firewall.Block(IpAddress.Parse(\"203.0.113.7\"), 2.Hours);\nvar decision = await Ask(\"shift-lead\", \"Block it?\", block, within: 8.Hours);\nif (!decision.Approved) return Outcome.Escalated(decision.Reason);\nawait block;\nreturn Outcome.Contained();\n";

    private const string HookToken = "a-token-of-0123456789";

    private readonly List<string> problems = [];
    private readonly HashSet<string> well = [];
    private Dictionary<string, string[]> known = [];
    private int sent;

    [Fact]
    public async Task Whatever_is_asked_by_whom_nothing_is_a_defect_nothing_hangs_and_every_refusal_says_its_code()
    {
        var clock = Stopwatch.StartNew();
        var seed = int.Parse(Environment.GetEnvironmentVariable("SOAR_SEED") ?? "1", CultureInfo.InvariantCulture);
        var rounds = Environment.GetEnvironmentVariable("SOAR_LONG") is null ? 10 : 600;
        output.WriteLine($"seed {seed}");
        Environment.SetEnvironmentVariable("SOAR_TEST_HOOK", HookToken); // as WebhooksApiTests has it
        await using var served = await Served.StartAsync(Settings, ("asks", Asks), ("quick", "var f0 = Input(\"f0\", \"x\", \"Anything\");\nreturn Outcome.Completed(f0);\n"), ("gate", "On.Webhook(\"gate\");\nreturn Outcome.Completed();\n"));
        using var root = await served.AdministratorAsync();
        known = await PeopledAsync(served, root);
        var browsers = new Dictionary<string, Browser> { ["nobody"] = served.Browser() };
        foreach (var role in Access.Given.Append(Access.Approver)) browsers[role] = await served.UserAsync(root, $"{role}.1", role == Access.Approver ? [] : [role]);

        using var text = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(Deployment.Root(), "engine", "docs", "openapi.json")));
        var operations = Operation.All(text.RootElement).Where(operation => !Array.Exists(Elsewhere, operation.Path.Contains)).ToList();
        foreach (var operation in operations)
        {
            // A random of its own, so that a route that is new leaves the others' requests as they are.
            var random = new Random(unchecked((seed * 7919) + Stable(operation.ToString())));
            if (operation.Path.StartsWith("/api/runs/{id}", StringComparison.Ordinal) || operation.Path.StartsWith("/api/questions/{id}", StringComparison.Ordinal)) await AskAnewAsync(served, root);
            var requests = new OddRequests(new OddValues(text.RootElement.GetProperty("components").GetProperty("schemas"), random, known), random, LargestBody);
            foreach (var (role, browser) in browsers) await AskAsync(operation, requests.Plausible(operation), role, browser);
            for (var round = 0; round < rounds; round++)
            {
                var role = random.Next(4) > 0 ? Access.Administrator : browsers.Keys.ElementAt(random.Next(browsers.Count));
                await AskAsync(operation, random.Next(2) == 0 ? requests.Plausible(operation) : requests.Broken(operation), role, browsers[role]);
            }

            foreach (var method in Methods.Where(method => operations.All(o => o.Path != operation.Path || o.Method.Method != method)))
                await AskAsync(operation, requests.WithMethod(operation, method), Access.Administrator, browsers[Access.Administrator]);
        }

        foreach (var browser in browsers.Values) browser.Dispose();
        output.WriteLine($"seed {seed}: {sent} requests of {operations.Count} operations in {clock.Elapsed.TotalSeconds:0} s; never answered well: {string.Join(", ", operations.Select(o => o.ToString()).Except(well))}");
        Assert.True(problems.Count == 0, $"seed {seed}: {problems.Count} of {sent} answers are wrong. The first:\n\n{string.Join("\n\n", problems.Take(MostTold))}");
        // If it knocked at closed doors only, it would have shown nothing.
        Assert.True(well.Count >= operations.Count * 2 / 3, $"only {well.Count} of {operations.Count} operations were ever answered well");
        await AssertWellAsync(root);
    }

    /// <summary>Something of everything, so that requests find it: field or <c>resource.parameter</c> → values.</summary>
    private static async Task<Dictionary<string, string[]>> PeopledAsync(Served served, Browser root)
    {
        async Task<string> IdAsync(string path, object body, HttpStatusCode expected = HttpStatusCode.Created) => (await root.PostAsync(path, body, expected)).GetProperty("id").GetString()!;
        string[] runs = [await IdAsync("/api/runs", new { playbook = "quick" }), await IdAsync("/api/runs", new { playbook = "asks" }), await IdAsync("/api/runs", new { playbook = "asks" })];
        var alert = new { id = "1", detector = "test", title = "An attack", category = "intrusion", severity = 80, time = "2026-12-01T12:00:00Z", source = new { ip = "203.0.113.7" } };
        await root.PostAsync("/api/alerts", alert, HttpStatusCode.OK);
        await root.PostAsync("/api/alerts", alert with { id = "2", source = new { ip = "203.0.113.8" } }, HttpStatusCode.OK);
        await root.PostAsync("/api/users", new { name = "target.user", roles = new[] { "viewer" } }, HttpStatusCode.Created);
        await root.AnswerAsync(HttpMethod.Post, "/api/lists/contacts/import", new StringContent("id,mail\na,a@soc.example\n", null, "text/csv"), HttpStatusCode.OK);
        var token = await IdAsync("/api/tokens", new { name = "t", scopes = new[] { "ReadRuns" } });
        var off = (await root.AnswerAsync(HttpMethod.Put, "/api/kill-switches", new { reason = "a test", playbook = "quick" }, HttpStatusCode.OK)).GetProperty("id").GetString()!;
        // They end at what they wait for: a question.
        foreach (var run in runs) await RunsApiTests.FollowAsync(served, run, throughWaits: false);
        var questions = (await root.GetAsync("/api/questions")).GetProperty("questions").EnumerateArray().Select(q => q.GetProperty("id").GetString()!).ToArray();
        var cases = (await root.GetAsync("/api/cases")).GetProperty("cases").EnumerateArray().ToList();
        string[] playbooks = ["asks", "quick"], files = [.. cases.Select(c => c.GetProperty("number").ToString()), .. cases.Select(c => c.GetProperty("id").GetString()!)];
        var source = $"Playbook(\"asks\", version: \"1.0.1\", type: PlaybookType.Investigation, tlp: Tlp.Amber, summary: \"A test.\");\n{Asks}";
        string[] things = [.. (await root.PostAsync("/api/editor/diagram", new { text = source }, HttpStatusCode.OK)).GetProperty("graph").GetProperty("nodes").EnumerateArray().Select(node => node.GetProperty("id").GetString()!)];
        return new Dictionary<string, string[]>
        {
            ["runs.id"] = runs, ["questions.id"] = questions, ["tokens.id"] = [token], ["kill-switches.id"] = [off], ["cases.id"] = files, ["cases.number"] = ["1", "2"], ["alerts.id"] = ["1", "2"],
            ["users.name"] = ["target.user"], ["playbooks.name"] = playbooks, ["drafts.name"] = playbooks, ["lists.name"] = ["contacts"], ["connectors.name"] = ["edge"], ["schedules.name"] = playbooks, ["hooks.hook"] = ["gate"],
            ["playbooks.version"] = ["1.0.0"], ["playbook"] = playbooks, ["text"] = [source, source[..80], "await Ask("], ["source"] = [source, "api"], ["code"] = ["await Note(\"x\");", "return Outcome.Completed();"], ["file"] = ["draft.csx"], ["before"] = [.. runs, "3"],
            ["run"] = runs, ["runs"] = runs, ["caseId"] = files, ["into"] = files, ["from"] = ["file"], ["to"] = ["file", "target.user"], ["basedOn"] = ["0", "1"], ["draft"] = ["1"], ["version"] = ["1"], ["reviews.id"] = ["x"], ["containments.id"] = ["x"], ["scopes"] = ["ReadRuns", "ReadCases"], ["roles"] = ["viewer", "analyst"],
            ["reason"] = ["a test"], ["connector"] = ["edge"], ["max"] = ["1", "50"], ["title"] = ["A title"], ["signal"] = ["go"], ["ip"] = ["203.0.113.7", "2001:db8::1"], ["thing"] = things, ["at"] = things, ["columns"] = ["id", "mail"],
        };
    }

    /// <summary>Runs that wait for an answer, for what would find only ended ones by now.</summary>
    private async Task AskAnewAsync(Served served, Browser root)
    {
        var runs = new List<string>();
        for (var i = 0; i < 3; i++) runs.Add((await root.PostAsync("/api/runs", new { playbook = "asks" }, HttpStatusCode.Created)).GetProperty("id").GetString()!);
        foreach (var run in runs) await RunsApiTests.FollowAsync(served, run, throughWaits: false);
        known["runs.id"] = [.. runs];
        known["questions.id"] = [.. (await root.GetAsync("/api/questions")).GetProperty("questions").EnumerateArray().Where(q => runs.Contains(q.GetProperty("run").GetString()!)).Select(q => q.GetProperty("id").GetString()!)];
    }

    private async Task AskAsync(Operation operation, OddRequest request, string role, Browser browser)
    {
        sent++;
        using var hangs = new CancellationTokenSource(Bound);
        try
        {
            using var response = await SendAsync(operation, request, role, browser, hangs.Token);
            var answer = response is { IsSuccessStatusCode: true, Content.Headers.ContentType.MediaType: "text/event-stream" } ? "" : await response.Content.ReadAsStringAsync(hangs.Token);
            if (response.IsSuccessStatusCode) well.Add(operation.ToString());
            // What was made is there to be asked about.
            if (response.StatusCode == HttpStatusCode.Created && response.Headers.Location?.ToString().Split('/') is [_, "api", var resource, var made] && known.ContainsKey($"{resource}.id")) known[$"{resource}.id"] = [made, known[$"{resource}.id"][0]];
            if (Wrong(request, response, answer) is { } wrong) problems.Add($"{role}: {request}\n  → {wrong}: {(int)response.StatusCode} {(answer.Length > 600 ? answer[..600] : answer)}");
            // That ended the session, which the others need.
            if (response.IsSuccessStatusCode && operation.Path == "/api/logout") await browser.LoginAsync($"{role}.1");
        }
        catch (OperationCanceledException) when (hangs.IsCancellationRequested)
        {
            problems.Add($"{role}: {request}\n  → no answer within {Bound.TotalSeconds} s");
        }
        catch (HttpRequestException) when (request.Body?.Length > LargestBody)
        {
            // It was refused before all of it was sent, and the connection closed.
        }
        catch (Exception broken) when (broken is HttpRequestException or UriFormatException or IOException)
        {
            problems.Add($"{role}: {request}\n  → {broken.Message}");
        }
    }

    private static async Task<HttpResponseMessage> SendAsync(Operation operation, OddRequest request, string role, Browser browser, CancellationToken hangs)
    {
        for (var again = false; ; again = true)
        {
            using var message = request.Message();
            if (operation.Path == "/api/hooks/{hook}" && role == Access.Administrator) message.Headers.Authorization ??= new("Bearer", HookToken);
            try
            {
                return await browser.SendAsync(message, hangs);
            }
            catch (HttpRequestException) when (!again && request.Body is null or { Length: <= LargestBody })
            {
                // The connection was closed behind a body that was too large, just as it was to be used again. One that breaks twice is the server's.
            }
        }
    }

    /// <summary>What is wrong with an answer; null when nothing is.</summary>
    private static string? Wrong(OddRequest request, HttpResponseMessage response, string answer)
    {
        var status = (int)response.StatusCode;
        if (status >= 500) return "a defect of ours";
        if (status < 400 || request.Method == HttpMethod.Head) return null;
        // What is no HTTP at all, for example a zero byte in a path, the framework refuses before it reaches us, with no word.
        if (status is 400 or 414 or 431 && answer.Length == 0 && !response.Headers.Contains("X-Content-Type-Options")) return null;
        var type = response.Content.Headers.ContentType?.MediaType;
        // The page behind a mail's link speaks to people.
        if (request.Path.StartsWith("/answer/", StringComparison.Ordinal) && type == "text/html") return null;
        if (type != "application/problem+json") return "no problem document";
        var problem = JsonDocument.Parse(answer).RootElement;
        if (problem.GetProperty("status").GetInt32() != status) return "another status in its text";
        if (!Code().IsMatch(problem.GetProperty("code").GetString()!)) return "no code";
        var detail = problem.GetProperty("detail").GetString()!;
        return detail.Length < 5 ? "it does not say what" : Inside().IsMatch(detail) ? "it shows what is inside" : null;
    }

    private static async Task AssertWellAsync(Browser root)
    {
        await root.LoginAsync("root.admin");
        var verified = await root.GetAsync("/api/audit/verify");
        Assert.True(!verified.TryGetProperty("problem", out var problem) || problem.ValueKind == JsonValueKind.Null, verified.ToString());
        using var live = await root.SendAsync(HttpMethod.Get, "/health/ready");
        Assert.Equal(HttpStatusCode.OK, live.StatusCode);
    }

    // Of every process the same, which String.GetHashCode is not.
    private static int Stable(string text) => text.Aggregate(17, (hash, c) => unchecked((hash * 31) + c));

    [GeneratedRegex("^SOAR[0-9]{4}$", RegexOptions.None, 1000)]
    private static partial Regex Code();

    [GeneratedRegex(@"\bSystem\.|\bMicrosoft\.|Soar\.(Server|Storage|Engine|Scripting)|   at |Exception\b|SQLite Error", RegexOptions.None, 1000)]
    private static partial Regex Inside();
}
