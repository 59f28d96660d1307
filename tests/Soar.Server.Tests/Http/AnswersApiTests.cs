using System.Net;
using Dapper;
using Microsoft.Data.Sqlite;
using Soar.Runs;
using Soar.Server.Notices;
using Soar.Storage;

namespace Soar.Server.Tests.Http;

/// <summary>The page behind a mail's link: who looks at it decides nothing, who has the code decides once.</summary>
public sealed class AnswersApiTests
{
    private const string Settings = """
        roles: { shift-lead: [boris, vera] }
        people: { boris: { mail: boris@soc.example } }
        notify: { mail: mailer, address: "https://soar.example/" }
        connectors: { mailer: { type: smtp, simulated: true }, edge: { type: nftables, simulated: true } }
        http: { loginsPerMinute: 1000 }
        """;

    private const string Blocks = """
        var block = Firewall.Block(IpAddress.Parse("203.0.113.7"), 2.Hours);
        var decision = await Ask("shift-lead", "Block <b>203.0.113.7</b>?", block, within: 1.Hours);
        if (!decision.Approved) return Outcome.Escalated(decision.Reason);
        await block;
        return Outcome.Contained($"{decision.By} said yes");
        """;

    // What looks at links in mails before people do, as it calls itself.
    private static readonly string[] Scanners =
    [
        "Mozilla/5.0 (compatible; SafeLinks/1.0; Microsoft)", "Mozilla/5.0 (compatible; proofpoint/2.0; +urldefense)", "Barracuda Sentinel (EE)", "Mimecast-URLProtect/1.0", "GoogleImageProxy", "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/131.0 Safari/537.36", "curl/7.88.1", "",
    ];

    [Fact]
    public async Task Whatever_a_mail_scanner_does_with_both_links_nothing_is_decided_and_the_code_decides_once()
    {
        await using var asked = await AskedAsync();
        foreach (var path in new[] { asked.Path, asked.Path + "?say=refuse" })
        {
            foreach (var scanner in Scanners)
            {
                foreach (var method in new[] { HttpMethod.Get, HttpMethod.Head, HttpMethod.Get })
                {
                    using var client = new HttpClient { BaseAddress = asked.Served.Address };
                    using var request = new HttpRequestMessage(method, path);
                    if (scanner.Length > 0) request.Headers.TryAddWithoutValidation("User-Agent", scanner);
                    using var response = await client.SendAsync(request);
                    Assert.Equal(HttpStatusCode.OK, response.StatusCode);
                    Assert.Contains("no-store", response.Headers.CacheControl!.ToString());
                }

                // Some press the button of a form that they find; the code is not on its page.
                Assert.Equal(HttpStatusCode.OK, (await asked.PostAsync(path, code: null, method: HttpMethod.Get)).Status);
            }

            // One that fills in what it finds, in the end, is a wrong code and no decision.
            Assert.Equal(HttpStatusCode.Unauthorized, (await asked.PostAsync(path, code: "")).Status);
        }

        Assert.Empty(Assert.Single(await asked.Served.Node.Reader.Runs.QuestionsAsync(null, QuestionStatus.Open)).Answers);
        Assert.Equal(RunStatus.Waiting, (await asked.Served.Node.Reader.Runs.FindAsync(asked.Run))!.Status);

        Assert.Contains("Approved", (await asked.PostAsync(asked.Path, asked.Code)).Text);
        await RunsApiTests.FollowAsync(asked.Served, asked.Run.ToString());
        var again = await asked.PostAsync(asked.Path, asked.Code);
        Assert.Equal((HttpStatusCode.Unauthorized, HttpStatusCode.Unauthorized), (again.Status, (await asked.PostAsync(asked.Path, asked.Code, "refuse", "no")).Status));

        var journal = await asked.Served.Node.Reader.Runs.ReadJournalAsync(asked.Run);
        Assert.Equal(1, journal.Count(r => r.Kind == JournalKind.Intent));
        Assert.Contains("boris said yes", (await asked.Served.Node.Reader.Runs.FindAsync(asked.Run))!.Result);
        var record = Assert.Single((await asked.Administrator.GetAsync("/api/audit?max=500")).GetProperty("records").EnumerateArray(), r => r.GetProperty("what").GetString() == "answer");
        Assert.Equal(("boris", "127.0.0.1 mail code", "done"), (record.GetProperty("who").GetString(), record.GetProperty("origin").GetString(), record.GetProperty("outcome").GetString()));
    }

    [Fact]
    public async Task The_page_shows_exactly_what_would_be_done_encoded_without_a_script_and_without_the_code()
    {
        await using var asked = await AskedAsync();
        var (status, page) = await asked.PostAsync(asked.Path, null, method: HttpMethod.Get);
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Contains("Block &lt;b&gt;203.0.113.7&lt;/b&gt;?", page);
        Assert.Contains("<strong>firewall.block</strong> on <strong>edge</strong>", page);
        Assert.Contains("&quot;address&quot;: &quot;203.0.113.7&quot;", page);
        Assert.DoesNotContain("<script", page);
        Assert.DoesNotContain(asked.Code, page);
        Assert.DoesNotContain(asked.Code[..5], page);
        Assert.Contains("value=\"refuse\" checked", (await asked.PostAsync(asked.Path + "?say=refuse", null, method: HttpMethod.Get)).Text);
    }

    [Fact]
    public async Task A_refusal_needs_its_reason_and_the_code_is_read_however_it_is_typed()
    {
        await using var asked = await AskedAsync();
        var (status, page) = await asked.PostAsync(asked.Path, asked.Code, "refuse");
        Assert.Equal((HttpStatusCode.UnprocessableEntity, true), (status, page.Contains("needs its reason", StringComparison.Ordinal)));
        Assert.Contains("Refused", (await asked.PostAsync(asked.Path, $" {asked.Code.Replace("-", " ").ToLowerInvariant()} ", "refuse", "not ours to block")).Text);
        await RunsApiTests.FollowAsync(asked.Served, asked.Run.ToString());
        Assert.Contains("not ours to block", (await asked.Served.Node.Reader.Runs.FindAsync(asked.Run))!.Result);
        Assert.DoesNotContain(await asked.Served.Node.Reader.Runs.ReadJournalAsync(asked.Run), r => r.Kind == JournalKind.Intent);
    }

    [Fact]
    public async Task Five_wrong_codes_end_a_link_and_the_right_one_does_not_help_any_more()
    {
        await using var asked = await AskedAsync();
        for (var i = 0; i < AnswerDesk.MostWrong; i++) Assert.Equal(HttpStatusCode.Unauthorized, (await asked.PostAsync(asked.Path, "00000-00000")).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await asked.PostAsync(asked.Path, asked.Code)).Status);
        Assert.Empty(Assert.Single(await asked.Served.Node.Reader.Runs.QuestionsAsync(null, QuestionStatus.Open)).Answers);
    }

    [Fact]
    public async Task A_link_that_was_made_for_other_steps_than_are_asked_about_now_does_not_count()
    {
        await using var asked = await AskedAsync();
        await using (var database = new SqliteConnection($"Data Source={asked.Database}"))
            Assert.Equal(1, await database.ExecuteAsync("UPDATE questions SET details = REPLACE(details, '203.0.113.7', '203.0.113.8')"));
        Assert.Equal(HttpStatusCode.Unauthorized, (await asked.PostAsync(asked.Path, asked.Code)).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await asked.PostAsync("/answer/" + new string('A', 43), asked.Code)).Status);
        Assert.Empty(Assert.Single(await asked.Served.Node.Reader.Runs.QuestionsAsync(null, QuestionStatus.Open)).Answers);
    }

    [Fact]
    public async Task A_disabled_account_has_no_link_and_whoever_has_no_address_is_shown_as_not_told()
    {
        await using var asked = await AskedAsync();
        var vera = Assert.Single(await asked.Served.Node.Reader.Notices.ListAsync(asked.Question), n => n.Person == "vera");
        Assert.Equal(NoticeState.GivenUp, vera.State);
        Assert.Contains("people:", vera.Problem);

        using var boris = await asked.Served.UserAsync(asked.Administrator, "boris");
        await asked.Administrator.AnswerAsync(HttpMethod.Patch, "/api/users/boris", new { disabled = true }, HttpStatusCode.NoContent);
        Assert.Equal(HttpStatusCode.Unauthorized, (await asked.PostAsync(asked.Path, asked.Code)).Status);
        Assert.Equal(RunStatus.Waiting, (await asked.Served.Node.Reader.Runs.FindAsync(asked.Run))!.Status);
    }

    [Fact]
    public async Task Who_does_not_see_what_is_asked_is_not_told_and_a_link_that_is_out_does_not_count_any_more()
    {
        await using var asked = await AskedAsync();
        using var boris = await asked.Served.UserAsync(asked.Administrator, "boris", Grant.Nothing, "viewer");
        var (status, text) = await asked.PostAsync(asked.Path, null, method: HttpMethod.Get);
        Assert.Equal(HttpStatusCode.Unauthorized, status);
        Assert.DoesNotContain("203.0.113.7", text);
        Assert.Equal(HttpStatusCode.Unauthorized, (await asked.PostAsync(asked.Path, asked.Code)).Status);
        Assert.Equal(RunStatus.Waiting, (await asked.Served.Node.Reader.Runs.FindAsync(asked.Run))!.Status);

        // Nor of the next question: that nobody told them is on record, and why.
        var next = RunId.Parse((await asked.Administrator.PostAsync("/api/runs", new { playbook = "blocks" }, HttpStatusCode.Created)).GetProperty("id").GetString()!);
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        while (await tick.WaitForNextTickAsync(patience.Token))
        {
            if ((await asked.Served.Node.Reader.Runs.QuestionsAsync(next, QuestionStatus.Open)).FirstOrDefault() is not { } question) continue;
            if ((await asked.Served.Node.Reader.Notices.ListAsync(question.Id)).FirstOrDefault(n => n.Person == "boris") is not { } notice) continue;
            Assert.Equal((NoticeState.GivenUp, Notifier.Unseen), (notice.State, notice.Problem));
            break;
        }
    }

    [Fact]
    public async Task The_store_holds_neither_link_nor_code()
    {
        await using var asked = await AskedAsync();
        await using var database = new SqliteConnection($"Data Source={asked.Database}");
        var row = database.Query("SELECT * FROM notices").Select(r => string.Join('|', ((IDictionary<string, object?>)r).Values)).ToList();
        Assert.Contains(row, r => r.Contains(AnswerLinks.Hash(asked.Path["/answer/".Length..]), StringComparison.Ordinal));
        Assert.DoesNotContain(row, r => r.Contains(asked.Path["/answer/".Length..], StringComparison.Ordinal) || r.Contains(asked.Code, StringComparison.Ordinal));
    }

    /// <summary>A run that waits for a decision of which boris was told.</summary>
    private static async Task<Asked> AskedAsync()
    {
        var served = await Served.StartAsync(Settings, ("blocks", Blocks));
        var administrator = await served.AdministratorAsync("ana");
        var run = RunId.Parse((await administrator.PostAsync("/api/runs", new { playbook = "blocks" }, HttpStatusCode.Created)).GetProperty("id").GetString()!);
        var notifier = served.Node.Notify(TimeProvider.System)!;
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        while (await tick.WaitForNextTickAsync(patience.Token))
        {
            if ((await served.Node.Reader.Runs.QuestionsAsync(run, QuestionStatus.Open)).FirstOrDefault() is not { } question) continue;
            if ((await served.Node.Reader.Notices.ListAsync(question.Id)).FirstOrDefault(n => n.State == NoticeState.Sent) is not { } notice) continue;
            var links = new AnswerLinks(served.Node.Tools.Workspace.LinkKey, () => served.Node.Vault.Keys);
            return new Asked(served, administrator, notifier, run, question.Id, $"/answer/{links.LinkOf(notice, question)}", links.CodeOf(notice, question));
        }

        throw new InvalidOperationException("The tick ended.");
    }

    private sealed record Asked(Served Served, Browser Administrator, Notifier Notifier, RunId Run, QuestionId Question, string Path, string Code) : IAsyncDisposable
    {
        public string Database => Served.Database;

        /// <summary>Sends the page's form, with nobody logged in.</summary>
        public async Task<(HttpStatusCode Status, string Text)> PostAsync(string path, string? code, string answer = "approve", string reason = "", HttpMethod? method = null)
        {
            using var client = new HttpClient { BaseAddress = Served.Address };
            using var request = new HttpRequestMessage(method ?? HttpMethod.Post, path);
            if (method is null) request.Content = new FormUrlEncodedContent([new("answer", answer), new("code", code ?? ""), new("reason", reason)]);
            using var response = await client.SendAsync(request);
            return (response.StatusCode, WebUtility.HtmlDecode(await response.Content.ReadAsStringAsync()) is var text && method is null ? text : await response.Content.ReadAsStringAsync());
        }

        public async ValueTask DisposeAsync()
        {
            Administrator.Dispose();
            await Notifier.DisposeAsync();
            await Served.DisposeAsync();
        }
    }
}
