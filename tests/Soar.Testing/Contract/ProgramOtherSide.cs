using Soar.Capabilities;

namespace Soar.Testing.Contract;

/// <summary>
/// A program in place of the product's own (<c>nft</c>, <c>yara</c>): a bash script that keeps its state in files of a folder. The test writes what it does when all is well;
/// silence, a sudden end, nonsense and floods are made here, refusals by the product's own words there.
/// </summary>
public sealed class ProgramOtherSide : OtherSide
{
    private readonly TempFolder folder = new();
    private readonly IReadOnlyDictionary<Trouble, (string Words, int Exit, Expectation Means)> refusals;
    private readonly IReadOnlyDictionary<Trouble, string> never;
    private Trouble? trouble;

    /// <param name="act">Bash: does what <c>"$@"</c> and standard input say, in <c>$here/state</c>, and prints the answer.</param>
    /// <param name="changes">Bash, as a condition: whether <c>"$@"</c> changes something.</param>
    /// <param name="refusals">What the product says on standard error when it refuses, and its exit code.</param>
    /// <param name="never">Troubles that cannot happen here, and why.</param>
    public ProgramOtherSide(
        string act, string changes, IReadOnlyDictionary<Trouble, (string Words, int Exit, Expectation Means)> refusals, IReadOnlyDictionary<Trouble, string> never)
    {
        (this.refusals, this.never) = (refusals, never);
        folder.File("state", "");
        folder.File("mode", "");
        Program = folder.File("program", $$"""
            #!/bin/bash
            here={{folder.Path}}
            act() {
            {{act}}
            }
            read -r mode only <"$here/mode"
            if { {{changes}}; }; then echo >>"$here/changes"; elif [ "$only" = changes ]; then mode=; fi
            if [ -n "$mode" ]; then : >"$here/asked"; fi
            case "$mode" in
            '') act "$@" ;;
            SilentAfter) act "$@" >/dev/null; exec sleep 600 ;;
            BrokenAfter) act "$@" >/dev/null; kill -9 $$ ;;
            Garbage) act "$@" >/dev/null; echo 'Segmentation fault (no, not really)' ;;
            Truncated) answer=$(act "$@"); printf %s "${answer:0:$((${#answer} / 2))}" ;;
            Huge) act "$@" >/dev/null; head -c 100000000 /dev/zero | tr '\0' x ;;
            *) cat "$here/words" >&2; exit "$(cat "$here/exit")" ;;
            esac
            """);
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(Program, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    private string Program { get; }

    /// <summary>The command for the settings.</summary>
    public IReadOnlyList<string> Command => [trouble == Trouble.Refused ? "/does/not/exist" : Program];

    public override string Folder => folder.Path;

    public override TimeSpan? Wait => null;

    public override string State => File.ReadAllText(Path.Combine(folder.Path, "state"));

    public override int? Changes => File.Exists(Path.Combine(folder.Path, "changes")) ? File.ReadAllLines(Path.Combine(folder.Path, "changes")).Length : 0;

    public override Task WhenAsked => UntilAsync(() => File.Exists(Path.Combine(folder.Path, "asked")));

    /// <summary>Puts a file where the program and the connector find it.</summary>
    public void Put(string name, string text) => folder.File(name, text);

    public override ValueTask DisposeAsync()
    {
        folder.Dispose();
        return ValueTask.CompletedTask;
    }

    protected override Expectation Bring(Trouble which, bool changesOnly)
    {
        trouble = which;
        if (never.TryGetValue(which, out var why)) return Expectation.Not(why);
        folder.File("mode", which == Trouble.Refused ? "" : $"{which} {(changesOnly ? "changes" : "all")}\n");
        // A program that is not installed stays so.
        if (!refusals.TryGetValue(which, out var refusal)) return which == Trouble.Refused ? Expectation.Means(FailureKind.Permanent) : Expectation.Usual;
        folder.File("words", refusal.Words + "\n");
        folder.File("exit", $"{refusal.Exit}\n");
        return refusal.Means;
    }

    private static async Task UntilAsync(Func<bool> condition)
    {
        var began = TimeProvider.System.GetTimestamp();
        while (!condition())
        {
            if (TimeProvider.System.GetElapsedTime(began) > TimeSpan.FromSeconds(20)) throw new TimeoutException("The program was not called.");
            await Task.Yield();
        }
    }
}
