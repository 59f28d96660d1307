using System.ComponentModel;
using System.Diagnostics;

namespace Soar.Server.Versions;

/// <summary>What git knows of a file: who wrote its last change, in which commit, and who reviewed it as the commit says (<c>Reviewed-by:</c>).</summary>
/// <param name="Problem">Why nothing is known of it; null when something is, or the folder is no git working tree.</param>
internal sealed record GitFacts(string? Author, string? Commit, string? Reviewer, string? Problem)
{
    private const char Field = '\u001f', Between = '\u001e';

    private static readonly GitFacts None = new(null, null, null, null);

    /// <summary>Asks git, which is started only where there is a <c>.git</c>. A file with changes that no commit holds has no commit: what is published would not be what the commit says.</summary>
    /// <param name="git">The program; <c>git</c> but in tests.</param>
    public static async Task<GitFacts> OfAsync(string file, string git, CancellationToken cancellation)
    {
        var folder = Path.GetDirectoryName(Path.GetFullPath(file))!;
        if (!IsWorkingTree(folder)) return None;
        var (changed, problem) = await AskAsync(git, folder, ["status", "--porcelain", "--", Path.GetFileName(file)], cancellation);
        if (problem is not null) return None with { Problem = problem };
        if (changed.Length > 0) return None with { Problem = "it has changes that no commit holds" };
        var (log, unknown) = await AskAsync(git, folder, ["log", "-1", $"--format=%H{Field}%an <%ae>{Field}%(trailers:key=Reviewed-by,valueonly,separator={Between})", "--", Path.GetFileName(file)], cancellation);
        if (unknown is not null) return None with { Problem = unknown };
        return log.Split(Field) is [var commit, var author, var reviewers]
            ? new GitFacts(author, commit, reviewers.Split(Between, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) is [var first, ..] ? first : null, null)
            : None with { Problem = "no commit holds it" };
    }

    private static bool IsWorkingTree(string folder)
    {
        for (var current = new DirectoryInfo(folder); current is not null; current = current.Parent)
            if (Path.Exists(Path.Combine(current.FullName, ".git"))) return true;
        return false;
    }

    private static async Task<(string Output, string? Problem)> AskAsync(string git, string folder, string[] arguments, CancellationToken cancellation)
    {
        // A repository's own settings must not make git start programs of its choice.
        var start = new ProcessStartInfo(git, ["-C", folder, "-c", "core.fsmonitor=false", "-c", "log.showSignature=false", .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        start.Environment["GIT_OPTIONAL_LOCKS"] = "0";
        try
        {
            using var process = Process.Start(start)!;
            process.StandardInput.Close();
            var (output, error) = (process.StandardOutput.ReadToEndAsync(cancellation), process.StandardError.ReadToEndAsync(cancellation));
            await process.WaitForExitAsync(cancellation);
            return process.ExitCode == 0 ? ((await output).Trim(), null) : ("", $"git says: {(await error).Trim().Split('\n')[0]}");
        }
        catch (Win32Exception)
        {
            return ("", $"the folder is a git working tree, and there is no program '{git}' to ask");
        }
    }
}
