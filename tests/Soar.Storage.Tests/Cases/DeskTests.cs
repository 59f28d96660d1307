using Soar.Capabilities;
using Soar.Cases;
using Soar.Runs;

namespace Soar.Storage.Tests.Cases;

/// <summary>Cases, notes, observables and evidence, as playbooks use them, on a real database.</summary>
public sealed class DeskTests : IAsyncLifetime
{
    private readonly StandingClock clock = new();
    private readonly SoarDatabase database;
    private readonly RunStore runs;
    private readonly CaseStore cases;
    private readonly CaseDesk desk;
    private readonly EvidenceLocker locker;

    public DeskTests()
    {
        database = SoarDatabase.OpenForTests(clock);
        runs = new RunStore(database);
        cases = new CaseStore(database, new Ids(clock));
        desk = new CaseDesk(cases, clock);
        locker = new EvidenceLocker(cases, clock);
    }

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;
    public ValueTask DisposeAsync() => database.DisposeAsync();

    private ActionContext Context(RunId run, int ordinal = 0, int attempt = 1) => new()
    {
        Run = run, Step = $"block/{ordinal}", Key = IdempotencyKey.For(run, ordinal, "case"), Attempt = attempt, Tlp = Tlp.Amber, Artifacts = database.Artifacts,
    };

    private Task<CaseRef> OpenAsync(RunId run, string title = "Hoax mails", int ordinal = 0) => desk.OpenAsync(title, 70, Context(run, ordinal), CancellationToken.None);

    private Task NoteAsync(RunId run, string text, int ordinal) => desk.NoteAsync(text, Context(run, ordinal), CancellationToken.None);

    private async Task<Artifact> ArtifactAsync(string text) =>
        await database.Artifacts.PutAsync(new MemoryStream(Some.Bytes(text)), "mail.eml", "message/rfc822", CancellationToken.None);

    [Fact]
    public async Task Opening_a_case_numbers_it_and_binds_the_run()
    {
        var one = await runs.CreateAsync(Some.Run());
        var two = await runs.CreateAsync(Some.Run());
        var first = await OpenAsync(one, "Hoax mails");
        var second = await OpenAsync(two, "Password spraying");
        Assert.Equal((1, "Hoax mails"), (first.Number, first.Title));
        Assert.Equal(2, second.Number);
        Assert.Equal(first.Id, (await runs.FindAsync(one))!.CaseId);
        Assert.Equal([second.Id, first.Id], (await cases.ListAsync(10)).Select(c => c.Id.ToString()));
        var found = (await cases.FindAsync("1"))!;
        Assert.Equal((first.Id, 70, Tlp.Amber, "amira", one, Some.Noon), (found.Id.ToString(), found.Severity, found.Tlp, found.OpenedBy, found.Run, found.OpenedAt));
        Assert.Equal(found, await cases.FindAsync(first.Id));
        Assert.Null(await cases.FindAsync("99"));
    }

    [Fact]
    public async Task A_run_that_has_a_case_gets_that_one_whatever_the_step()
    {
        var run = await runs.CreateAsync(Some.Run());
        var opened = await OpenAsync(run, ordinal: 0);
        Assert.Equal(opened, await OpenAsync(run, ordinal: 0));
        Assert.Equal(opened, await OpenAsync(run, "Another title", ordinal: 5));
        Assert.Single(await cases.ListAsync(10));
    }

    [Fact]
    public async Task A_step_that_is_repeated_writes_once()
    {
        var run = await runs.CreateAsync(Some.Run());
        var artifact = await ArtifactAsync("From: a@example.org");
        for (var attempt = 0; attempt < 3; attempt++)
        {
            await NoteAsync(run, "Called the provider.", 1);
            await desk.ObservableAsync(new Observable("ip", "203.0.113.7"), Verdict.Malicious, Context(run, 2), CancellationToken.None);
            await locker.SealAsync(artifact, "The mail", Context(run, 3), CancellationToken.None);
            clock.Advance(TimeSpan.FromMinutes(1));
        }

        var content = await cases.ReadRunAsync(run);
        Assert.Equal(new CaseNote(run, "block/1", Some.Noon, "Called the provider."), Assert.Single(content.Notes));
        Assert.Equal(new CaseObservable(run, "block/2", Some.Noon, new Observable("ip", "203.0.113.7"), Verdict.Malicious), Assert.Single(content.Observables));
        Assert.Equal(artifact, Assert.Single(content.Evidence).Artifact);
        Assert.Single(await cases.CustodyAsync(null));
    }

    [Fact]
    public async Task A_case_holds_what_all_its_runs_wrote_also_before_it_was_opened()
    {
        var one = await runs.CreateAsync(Some.Run());
        await NoteAsync(one, "first", 1);
        var opened = await OpenAsync(one, ordinal: 2);
        var started = Some.Run();
        var two = await runs.CreateAsync(started with { Run = started.Run with { CaseId = opened.Id } });
        clock.Advance(TimeSpan.FromMinutes(1));
        await NoteAsync(two, "second", 1);
        Assert.Equal(opened.Id, (await OpenAsync(two, ordinal: 2)).Id);
        var elsewhere = await runs.CreateAsync(Some.Run());
        await NoteAsync(elsewhere, "not here", 1);

        var content = await cases.ReadAsync(new CaseId(Guid.Parse(opened.Id)));
        Assert.Equal([("first", one), ("second", two)], content.Notes.Select(n => (n.Text, n.Run)));
        Assert.Equal("not here", Assert.Single((await cases.ReadRunAsync(elsewhere)).Notes).Text);
    }

    [Fact]
    public async Task Two_runs_may_judge_one_observable_differently()
    {
        var one = await runs.CreateAsync(Some.Run());
        var two = await runs.CreateAsync(Some.Run());
        var seen = new Observable("ip", "203.0.113.7");
        await desk.ObservableAsync(seen, Verdict.Suspicious, Context(one, 1), CancellationToken.None);
        await desk.ObservableAsync(seen, Verdict.Benign, Context(two, 1), CancellationToken.None);
        Assert.Equal(Verdict.Suspicious, Assert.Single((await cases.ReadRunAsync(one)).Observables).Verdict);
        Assert.Equal(Verdict.Benign, Assert.Single((await cases.ReadRunAsync(two)).Observables).Verdict);
    }

    [Theory]
    [InlineData("", 0)]
    [InlineData("  ", 0)]
    [InlineData("Title", 101)]
    [InlineData("Title", -1)]
    public async Task A_case_without_a_title_or_with_an_impossible_severity_is_not_opened(string title, int severity)
    {
        var run = await runs.CreateAsync(Some.Run());
        var error = await Assert.ThrowsAsync<ConnectorFailure>(() => desk.OpenAsync(title, severity, Context(run), CancellationToken.None));
        Assert.Equal(FailureKind.Permanent, error.Kind);
        Assert.Empty(await cases.ListAsync(10));
    }

    [Fact]
    public async Task A_step_of_an_unknown_run_surely_wrote_nothing()
    {
        var error = await Assert.ThrowsAsync<ConnectorFailure>(() => NoteAsync(Some.RunId(), "lost", 1));
        Assert.Equal(FailureKind.Permanent, error.Kind);
        Assert.Equal(FailureKind.Permanent, (await Assert.ThrowsAsync<ConnectorFailure>(() => NoteAsync(Some.RunId(), " ", 1))).Kind);
    }

    [Fact]
    public async Task Sealing_writes_who_when_which_run_and_step_and_chains_the_records()
    {
        var run = await runs.CreateAsync(Some.Run());
        var mail = await ArtifactAsync("From: a@example.org");
        var log = await ArtifactAsync("drop 203.0.113.7");
        var first = await locker.SealAsync(mail, "The mail", Context(run, 1), CancellationToken.None);
        clock.Advance(TimeSpan.FromSeconds(5));
        var second = await locker.SealAsync(log, "The log", Context(run, 2), CancellationToken.None);
        Assert.Equal((mail.Sha256, Some.Noon), (first.Sha256, first.At));

        var chain = await cases.CustodyAsync(null);
        Assert.Equal((1L, first.Id, "sealed", "amira", Some.Noon, run, "block/1", mail.Sha256, CustodyRecord.Start),
            (chain[0].Number, chain[0].EvidenceId, chain[0].What, chain[0].Who, chain[0].At, chain[0].Run, chain[0].Step, chain[0].Sha256, chain[0].Previous));
        Assert.Equal(chain[0].Hash, chain[1].Previous);
        Assert.Equal(second.Id, Assert.Single(await cases.CustodyAsync(second.Id)).EvidenceId);
        Assert.Null(await cases.VerifyCustodyAsync());
    }

    [Theory]
    [InlineData("UPDATE custody SET who = 'nobody' WHERE number = 2", "record 2 was changed")]
    [InlineData("UPDATE custody SET at = at + 1 WHERE number = 1", "record 1 was changed")]
    [InlineData("DELETE FROM custody WHERE number = 2", "record 2 is missing")]
    [InlineData("DELETE FROM custody WHERE number = 3", "does not agree")]
    [InlineData("UPDATE evidence SET sha256 = '0000000000000000000000000000000000000000000000000000000000000000' WHERE evidence_no = 1", "does not agree")]
    public async Task A_chain_that_somebody_touched_is_found_out(string tampering, string found)
    {
        var run = await runs.CreateAsync(Some.Run());
        for (var i = 1; i <= 3; i++) await locker.SealAsync(await ArtifactAsync($"{i}"), $"{i}", Context(run, i), CancellationToken.None);
        Assert.Null(await cases.VerifyCustodyAsync());
        await database.WriteAsync(session => session[tampering].Run());
        Assert.Contains(found, await cases.VerifyCustodyAsync());
    }

    [Fact]
    public async Task Bytes_that_do_not_have_their_hash_are_not_sealed()
    {
        var run = await runs.CreateAsync(Some.Run());
        var artifact = await ArtifactAsync("From: a@example.org");
        var stored = Directory.GetFiles(Path.GetDirectoryName(database.File)!, artifact.Sha256, SearchOption.AllDirectories).Single();
        await File.WriteAllTextAsync(stored, "From: b@example.org");
        var error = await Assert.ThrowsAsync<ConnectorFailure>(() => locker.SealAsync(artifact, "The mail", Context(run, 1), CancellationToken.None));
        Assert.Equal(FailureKind.Permanent, error.Kind);
        Assert.Contains(artifact.Sha256, error.Message);
        Assert.Empty((await cases.ReadRunAsync(run)).Evidence);
        await Assert.ThrowsAsync<ConnectorFailure>(() => locker.SealAsync(artifact with { Sha256 = new string('a', 64) }, "", Context(run, 2), CancellationToken.None));
    }

    [Fact]
    public async Task Many_runs_that_seal_at_once_make_one_unbroken_chain()
    {
        var artifact = await ArtifactAsync("x");
        var ids = await Task.WhenAll(Enumerable.Range(0, 40).Select(_ => runs.CreateAsync(Some.Run())));
        await Task.WhenAll(ids.Select(run => Task.Run(() => locker.SealAsync(artifact, "x", Context(run, 1), CancellationToken.None))));
        Assert.Equal(40, (await cases.CustodyAsync(null)).Count);
        Assert.Null(await cases.VerifyCustodyAsync());
    }

    [Fact]
    public async Task The_simulated_desk_keeps_nothing_and_answers_the_same_every_time()
    {
        var run = await runs.CreateAsync(Some.Run());
        var simulated = new SimulatedDesk(clock);
        var artifact = await ArtifactAsync("x");
        Assert.Equal(await simulated.OpenAsync("t", 1, Context(run, 1), CancellationToken.None), await simulated.OpenAsync("t", 1, Context(run, 1), CancellationToken.None));
        Assert.Equal(artifact.Sha256, (await simulated.SealAsync(artifact, "d", Context(run, 2), CancellationToken.None)).Sha256);
        await simulated.NoteAsync("n", Context(run, 3), CancellationToken.None);
        await simulated.ObservableAsync(new Observable("ip", "x"), Verdict.Benign, Context(run, 4), CancellationToken.None);
        Assert.Empty(await cases.ListAsync(10));
        Assert.Equivalent(new CaseContent([], [], []), await cases.ReadRunAsync(run));
    }
}
