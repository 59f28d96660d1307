using System.Globalization;
using Soar.Hosting;
using Soar.Scripting;
using Soar.Scripting.Compile;
using Soar.Scripting.JavaScript;
using Soar.Server.Node;
using Soar.Server.Settings;
using Soar.Server.Testing;
using Soar.Storage;

namespace Soar.Server.Versions;

/// <summary>What came of publishing a text.</summary>
/// <param name="Tests">How many of its tests passed; those of a text that is current already are not run again.</param>
internal sealed record PublishedView(string Playbook, string Version, string Content, PublishEnd End, string Author, string? Reviewer, string? Commit, int Tests);

/// <summary>
/// The way from a text to what runs: it compiles, its tests pass, somebody else has looked at it where that is asked for, and no other text has its version. What is published was checked here, whoever asks
/// for it; the store refuses for itself what only it can see.
/// </summary>
internal sealed class Publishing(Toolchain tools, Playbooks playbooks, VersionStore versions, ReviewStore reviews, Ids ids, TimeProvider clock) : IDisposable
{
    private readonly SemaphoreSlim testing = new(1, 1);

    /// <summary>Publishes texts that somebody has in files: all of them, or none. Throws SOAR2070 to 2074 and 2077, of every text that is refused.</summary>
    public async Task<IReadOnlyList<PublishedView>> PublishAsync(PublishCall call, CancellationToken cancellation)
    {
        var (checkedTexts, refused) = (new List<NewVersion>(), new List<SoarException>());
        foreach (var text in call.Playbooks)
        {
            try
            {
                checkedTexts.Add(await ReadyAsync(text, call, cancellation));
            }
            catch (SoarException problem) when (problem.Code.StartsWith("SOAR207", StringComparison.Ordinal))
            {
                refused.Add(problem);
            }
        }

        if (refused.Count > 0) throw Together(refused, call.Playbooks.Count);
        var ends = await versions.PublishAsync(checkedTexts, call.By, clock.GetUtcNow());
        var taken = ends.Where(end => end.End == PublishEnd.OtherContent).Select(Taken).ToList();
        if (taken.Count > 0) throw Together(taken, call.Playbooks.Count);
        return [.. checkedTexts.Zip(ends, (v, end) => new PublishedView(v.Playbook, v.Version, v.Content, end.End, end.Stands?.Author ?? v.Author, end.Stands is { } stands ? stands.Reviewer : v.Reviewer, end.Stands is { } kept ? kept.Commit : v.Commit, v.Tests))];
    }

    /// <summary>Makes a published version current again, or withdraws the playbook. Throws SOAR2071 when it does not compile here any more.</summary>
    public async Task<bool> RollBackAsync(RollBackCall call, CancellationToken cancellation)
    {
        if (call.Version is { } version && await versions.FindAsync(call.Playbook, version) is { } text) await CompileAsync(call.Playbook, text.Source, text.File, cancellation);
        return await versions.TurnToAsync(call.Playbook, call.Version, call.By, clock.GetUtcNow(), call.Reason);
    }

    /// <summary>Submits a draft to be reviewed. It must be what it would have to be to be published, so that nobody reviews what cannot be.</summary>
    /// <param name="file">Where the playbook stands in the folder, and its tests beside it; null = nowhere.</param>
    public async Task<Review> SubmitAsync(SubmitDraftCall call, Draft draft, string? file, CancellationToken cancellation)
    {
        if (draft.Version != call.Draft) throw OtherDraft(call.Playbook, call.Draft);
        var (playbook, tests) = await CheckAsync(call.Playbook, draft.Source!, file, [], cancellation);
        await RefuseTakenAsync(call.Playbook, playbook.Header.Version, draft.Source!);
        var change = await reviews.SubmitAsync(ids.Next(), call.Playbook, call.Draft, playbook.Header.Version, call.By, call.Note, tests, clock.GetUtcNow());
        return change.End == ReviewEnd.Done ? change.Review! : throw OtherDraft(call.Playbook, call.Draft);
    }

    /// <summary>Publishes what was approved: checked and tested once more, since connectors and tests may have changed meanwhile.</summary>
    public async Task<PublishedView> PublishReviewAsync(PublishReviewCall call, Review review, string? file, CancellationToken cancellation)
    {
        var unreviewed = tools.Settings.Versions.Review == ReviewRule.None;
        if (review.State != ReviewState.Approved && !(unreviewed && review.State == ReviewState.Open)) throw ReviewRefusals.Of(ReviewEnd.NotInHand, review);
        var (playbook, tests) = await CheckAsync(review.Playbook, review.Source, file, [], cancellation);
        var change = await reviews.PublishAsync(call.Review, Within(file ?? $"{review.Playbook}.csx"), tests, unreviewed, call.By, clock.GetUtcNow());
        if (change.End == ReviewEnd.OtherContent) throw Taken(change.Published!);
        if (change.End != ReviewEnd.Done) throw ReviewRefusals.Of(change.End, change.Review ?? review);
        return new PublishedView(review.Playbook, playbook.Header.Version, review.Content, change.Published!.End, review.Author, change.Review!.Reviewer, null, tests);
    }

    public void Dispose() => testing.Dispose();

    private async Task<NewVersion> ReadyAsync(TextToPublish text, PublishCall call, CancellationToken cancellation)
    {
        var name = Path.GetFileNameWithoutExtension(text.Path);
        if (await playbooks.CurrentAsync(name) is { } current && current.Source == text.Source) return new NewVersion(name, current.Version, current.File, text.Source, text.Author, null, null, "", 0);
        var playbook = await CompileAsync(name, text.Source, text.Path, cancellation);
        await RefuseTakenAsync(name, playbook.Header.Version, text.Source);
        if (text.Reviewer is null && tools.Settings.Versions.Review == ReviewRule.All)
            throw new SoarException("SOAR2077", $"{name} was not published: versions.review of the settings is 'all', and nobody is named who reviewed it. Give --review-by, or write Reviewed-by: into the commit's message.");
        if (text.Reviewer is { } reviewer && reviewer.Equals(text.Author, StringComparison.OrdinalIgnoreCase))
            throw new SoarException("SOAR2074", $"{name} was not published: {reviewer} wrote it, and nobody reviews their own text. Name somebody else who did, or nobody.");
        var beside = call.Playbooks.Select(other => new PublishedText(Path.GetFileNameWithoutExtension(other.Path), "", NewVersion.ContentOf(other.Source), other.Path, other.Source)).ToList();
        var (_, tests) = await CheckAsync(name, text.Source, text.Path, beside, cancellation);
        return new NewVersion(name, playbook.Header.Version, Within(text.Path), text.Source, text.Author, text.Reviewer, text.Commit, call.Note, tests);
    }

    /// <summary>Compiles it and runs the tests that stand beside its file. Throws SOAR2071, SOAR2072.</summary>
    /// <param name="beside">Texts that are published together with it: sub-playbooks are these, else what is current.</param>
    private async Task<(CompiledPlaybook Playbook, int Tests)> CheckAsync(string name, string source, string? file, IReadOnlyList<PublishedText> beside, CancellationToken cancellation)
    {
        var playbook = await CompileAsync(name, source, file ?? $"{name}.csx", cancellation);
        if (file is null || TestFileReader.Beside(file) is not { } tests) return (playbook, 0);
        var current = (await versions.CurrentAsync()).Where(text => beside.All(b => b.Playbook != text.Playbook)).Concat(beside).ToList();
        var together = new Playbooks(tools.Compiler, tools.Workspace.Playbooks, StoredVersions.None with { Published = () => Task.FromResult<IReadOnlyList<PublishedText>>(current) });
        FileResult result;
        // A bench has a host process of its own: one at a time.
        await testing.WaitAsync(cancellation);
        try
        {
            await using var javaScript = new JavaScriptRunner(new JavaScriptOptions { Policy = tools.Settings.Jail }, ChildProgram.Entry, clock);
            await using var bench = await TestBench.OpenAsync(tools, together, javaScript, clock, cancellation);
            result = await new TestRunner(bench, clock).RunAsync(playbook, tests, cancellation);
        }
        catch (SoarException unreadable) when (unreadable.Code == "SOAR5010")
        {
            throw new SoarException("SOAR2072", $"{name} was not published: {unreadable.Message}", unreadable);
        }
        finally
        {
            testing.Release();
        }

        return Failures(result) is [] ? (playbook, result.Results.Count(r => r.Status == TestStatus.Passed)) : throw Failed(name, result);
    }

    private async Task<CompiledPlaybook> CompileAsync(string name, string source, string file, CancellationToken cancellation)
    {
        var result = await tools.Compiler.CompileAsync(source, file, new BuildOptions(), cancellation);
        if (result.Playbook is null) throw new SoarException("SOAR2071", $"{name} was not published: it does not compile.\n{string.Join('\n', result.Errors.Take(20).Select(e => "  " + e))}");
        return result.Playbook.Header.Name == name
            ? result.Playbook
            : throw new SoarException("SOAR2071", $"{name} was not published: its header says that it is '{result.Playbook.Header.Name}'. Give it the name '{name}', or its file the other one.");
    }

    /// <summary>Before minutes of tests; the store looks again when it writes.</summary>
    private async Task RefuseTakenAsync(string name, string version, string source)
    {
        var stands = (await versions.ListAsync(name)).FirstOrDefault(v => v.Version == version);
        if (stands is not null && stands.Content != NewVersion.ContentOf(source)) throw Taken(new Published(name, version, "", PublishEnd.OtherContent, stands));
    }

    private static List<string> Failures(FileResult result) =>
        [.. result.Results.Where(r => r.Status == TestStatus.Failed).Select(r => $"{r.Test.Where}: {r.Test.Name}: {string.Join("; ", r.Failures)}"), .. result.Problem is { } problem ? [problem] : Array.Empty<string>()];

    private static SoarException Failed(string name, FileResult result)
    {
        var failures = Failures(result);
        var more = failures.Count > 10 ? $"\n  … and {failures.Count - 10} more" : "";
        return new SoarException("SOAR2072", $"{name} was not published: its tests fail. 'soar test {name}' tells what happened in each.\n{string.Join('\n', failures.Take(10).Select(f => "  " + f))}{more}");
    }

    private static SoarException Taken(Published end) => new("SOAR2070", string.Create(CultureInfo.InvariantCulture,
        $"{end.Playbook}@{end.Version} was published with another text, by {end.Stands!.PublishedBy} at {end.Stands.PublishedAt.UtcDateTime:yyyy-MM-dd HH:mm} UTC. A published version never changes: raise the version in the header."));

    private static SoarException OtherDraft(string playbook, int draft) =>
        new("SOAR2073", $"The draft of '{playbook}' is not version {draft} (any more). Nothing was submitted: look at it as it stands, and submit that.");

    private static SoarException Together(List<SoarException> refused, int all) =>
        all == 1 ? refused[0] : new(refused[0].Code, $"None of the {all} playbooks was published:\n{string.Join('\n', refused.Select(r => $"{r.Code} {r.Message}"))}", refused[0]);

    private string Within(string file) => Path.IsPathRooted(file) ? Path.GetRelativePath(tools.Workspace.Playbooks, file) is var within && within.StartsWith("..", StringComparison.Ordinal) ? Path.GetFileName(file) : within : file;
}
