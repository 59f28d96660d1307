using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Soar.Connectors.Mime;
using Soar.Lab.Tests.Range;
using Soar.Runs;
using Soar.Server.Display;
using Soar.Server.Node;
using Soar.Testing;

namespace Soar.Lab.Tests.EndToEnd;

/// <summary>
/// The hardest day: the shipped playbook warns 700 facilities through a real mail server into 700 real mailboxes, the program is killed while it does, most acknowledge as soon as they have their mail,
/// and who stays silent is telephoned. Each has one mail.
/// </summary>
public sealed class WarningTests : IClassFixture<MailServers>, IDisposable
{
    private const int Facilities = 700;

    /// <summary>Every hundredth says nothing. The first of them the duty officer does not reach either.</summary>
    private static readonly int[] Silent = [.. Enumerable.Range(1, Facilities).Where(n => n % 100 == 0)];

    private readonly MailServers mail;
    private readonly TempFolder folder = new();
    private readonly SoarProgram soar;
    private readonly HashSet<int> acknowledged = [];
    private int unknown;

    public WarningTests(MailServers mail)
    {
        MailServers.Require();
        this.mail = mail;
        soar = new SoarProgram(folder, $$"""
            playbooks: {{SoarProgram.ShippedPlaybooks}}
            connectors:
              mail: { type: smtp, host: 127.0.0.1, port: {{mail.Plain}}, tls: none, from: soc@cert.example }
            """);
    }

    public void Dispose()
    {
        soar.End();
        folder.Dispose();
    }

    private static string Id(int facility) => $"f{facility:000}";
    private static string Name(int facility) => $"Facility {facility:000}";
    private static string Address(int facility) => $"{Id(facility)}@cert.example";

    [Fact]
    public async Task Seven_hundred_facilities_get_one_mail_each_over_a_kill_and_exactly_the_silent_are_telephoned()
    {
        var clock = Stopwatch.StartNew();
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(8));
        var list = new StringBuilder("id,name,mail,phone\n");
        for (var n = 1; n <= Facilities; n++) list.Append(CultureInfo.InvariantCulture, $"{Id(n)},{Name(n)},{Address(n)},+389 2 000 {n:000}\n");
        var import = soar.Run("lists", "import", "facilities", folder.File("facilities.csv", list.ToString()));
        Assert.True(import.ExitCode == 0, import.Output + import.Errors);

        var serve = soar.Serve();
        var inputs = new Dictionary<string, JsonElement> { ["patience"] = JsonSerializer.SerializeToElement("45s") };
        var started = await soar.TryCallAsync(Calls.Start, new RunCall(Path.Combine(SoarProgram.ShippedPlaybooks, "notification", "warn-facilities.csx"), null, inputs, RunMode.Live, "ana"));
        var run = new RunId(started!.Value.GetGuid());

        // Killed in the middle of the mails, and once more is somebody there to go on.
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        var killedAt = 0;
        while ((await soar.ReadAsync(store => store.FindAsync(run)))!.EndedAt is null)
        {
            await tick.WaitForNextTickAsync(patience.Token);
            var delivered = Delivered();
            if (killedAt == 0 && delivered.Count >= Facilities / 3)
            {
                SoarProgram.Kill(serve);
                serve.Dispose();
                killedAt = delivered.Count;
                serve = soar.Serve();
            }

            await AcknowledgeAsync(run, delivered);
            await AnswerAsync();
        }

        TestContext.Current.TestOutputHelper!.WriteLine($"{clock.Elapsed.TotalSeconds:0} s; killed when {killedAt} mails were there; {unknown} unknown outcomes were asked of a person");
        var ended = (await soar.ReadAsync(store => store.FindAsync(run)))!;
        var questions = await soar.ReadAsync(store => store.QuestionsAsync(run, null));
        SoarProgram.Kill(serve);
        serve.Dispose();
        Assert.InRange(killedAt, 1, Facilities - 1);
        Assert.True(ended.Status == RunStatus.Completed, $"{ended.Status} {ended.Result}");
        Assert.Contains($"{Silent.Length} facilities were phoned", ended.Result);

        await mail.SettledAsync(Address(1));
        var mails = Enumerable.Range(1, Facilities).Select(n => (Facility: n, Mails: mail.Mailbox(Address(n)).Select(File.ReadAllBytes).Select(bytes => MimeReader.Read(bytes)).ToList())).ToList();
        Assert.All(mails, box => Assert.True(box.Mails.Count == 1, $"{Name(box.Facility)} has {box.Mails.Count} mails"));
        Assert.All(mails, box => Assert.Contains($"reference {Id(box.Facility)}.", box.Mails[0].Text));
        Assert.Equal(Facilities, mails.Select(box => box.Mails[0].MessageId).Distinct().Count());

        var calls = questions.Where(q => q.Kind == QuestionKind.Todo && q.Who == "duty-officer").Select(q => q.Text).ToList();
        Assert.Equal(Silent.Select(n => $"Phone {Name(n)} at +389 2 000 {n:000}: it has not acknowledged the warning"), calls.Order(StringComparer.Ordinal));
        Assert.StartsWith($"Reach {Name(Silent[0])} ", Assert.Single(questions, q => q.Kind == QuestionKind.Todo && q.Who == "head-of-soc").Text);
        Assert.Single(questions, q => q.Kind == QuestionKind.Approval);
    }

    private List<int> Delivered() => [.. Enumerable.Range(1, Facilities).Where(n => mail.Mailbox(Address(n)).Count > 0)];

    /// <summary>Who has its mail says so, but the silent. What the killed program did not take is said again, under the same id.</summary>
    private async Task AcknowledgeAsync(RunId run, IEnumerable<int> delivered)
    {
        foreach (var n in delivered.Where(n => !Silent.Contains(n) && !acknowledged.Contains(n)))
            if (await soar.TryCallAsync(Calls.Signal, new SignalCall(run, $"acknowledged-{Id(n)}", $"mail-{Id(n)}", "\"understood\"", Name(n))) is not null) acknowledged.Add(n);
    }

    /// <summary>The officers, and whoever looks into the mailbox where nothing else can tell whether a mail went out.</summary>
    private async Task AnswerAsync()
    {
        foreach (var question in await soar.ReadAsync(store => store.QuestionsAsync(null, QuestionStatus.Open)))
        {
            var answer = question.Kind switch
            {
                QuestionKind.UnknownOutcome => OfMailbox(question),
                QuestionKind.Todo when question.Text.StartsWith($"Phone {Name(Silent[0])}", StringComparison.Ordinal) => ("refuse", null),
                QuestionKind.Todo => ("done", null),
                _ => ("approve", null),
            };
            if (answer is not var (word, value)) continue;
            if (question.Kind == QuestionKind.UnknownOutcome) unknown++;
            await soar.TryCallAsync(Calls.Answer, new AnswerCall(question.Id.Value, word, "as the test says", question.Kind == QuestionKind.UnknownOutcome ? "postmaster" : question.Who, value));
        }
    }

    /// <summary>Null while the mail may still be on its way into the mailbox.</summary>
    private (string Word, string? Value)? OfMailbox(Question question)
    {
        var to = JsonDocument.Parse(question.Details).RootElement.GetProperty("arguments").GetProperty("to").GetString()!;
        if (mail.Mailbox(to).Count > 0) return ("done", QuestionText.ExampleResult(question));
        return mail.IsQueued(to) ? null : ("not-done", null);
    }
}
