using System.Text.RegularExpressions;
using Soar.Tests.Scripting.Compile;

namespace Soar.Tests.Architecture;

/// <summary>What a person or a playbook can be shown as a code stands in the manuals, once, with one meaning.</summary>
public sealed partial class ErrorCodesTests
{
    /// <summary>Said by more than one project, each time in the same meaning.</summary>
    private static readonly Dictionary<string, string> Shared = new(StringComparer.Ordinal)
    {
        ["SOAR1000"] = "the C# compiler's own words, of a playbook and of a line for soar do",
        ["SOAR2003"] = "an empty record, whoever reads it",
        ["SOAR2031"] = "an answer that lacks something, seen by the engine or at last by the store",
        ["SOAR2034"] = "somebody who has no say in a question, seen by the engine or at last by the store",
        ["SOAR4010"] = "a capability that is declared wrongly, seen by the catalogue or when its facade is compiled",
        ["SOAR5002"] = "an alert that cannot be read, also where a connector knows its format",
    };

    private static readonly IReadOnlyList<(string Project, string Path, string Text)> Sources =
    [
        .. new[] { "engine", "connectors" }.SelectMany(root => Directory.EnumerateFiles(Path.Combine(Compiling.Repository, root), "*.cs", SearchOption.AllDirectories))
            .Where(path => !path.Contains("/obj/", StringComparison.Ordinal) && !path.Contains("/bin/", StringComparison.Ordinal))
            .Select(path => Path.GetRelativePath(Compiling.Repository, path))
            .Select(path => (path.Split('/')[1], path, File.ReadAllText(Path.Combine(Compiling.Repository, path)))),
    ];

    private static string Document(string name) => File.ReadAllText(Path.Combine(Compiling.Repository, "engine/docs", name));

    private static IEnumerable<string> Rows(string document) => Row().Matches(Document(document)).Select(match => match.Groups[1].Value);

    [Fact]
    public void The_manuals_list_exactly_the_codes_that_the_sources_use()
    {
        var used = Sources.SelectMany(source => Code().Matches(source.Text)).Select(match => match.Groups[1].Value).ToHashSet(StringComparer.Ordinal);
        Assert.True(used.Count > 100, $"{used.Count}");

        Assert.Equal(used.Where(code => code[4] != '1').Order(StringComparer.Ordinal), Rows("errors.md"));
        Assert.Superset(used.Where(code => code[4] == '1').ToHashSet(StringComparer.Ordinal), Rows("language.md").ToHashSet(StringComparer.Ordinal));
    }

    [Fact]
    public void Every_row_says_a_meaning_and_a_remedy()
    {
        var rows = Document("errors.md").Split('\n').Where(line => line.StartsWith("| SOAR", StringComparison.Ordinal)).Select(line => line.Split(" | ")).ToList();
        Assert.All(rows, row => Assert.True(row.Length == 3 && row[1].Length > 10 && row[2].Length > 10, string.Join(" | ", row)));
        Assert.Equal(rows.Count, rows.Select(row => row[1]).Distinct(StringComparer.Ordinal).Count());
    }

    [Fact]
    public void A_code_is_raised_in_one_project_so_that_it_has_one_meaning()
    {
        var raised = Sources.SelectMany(source => Raised().Matches(source.Text).Select(match => (Code: match.Groups[1].Value, source.Project))).Distinct().ToLookup(r => r.Code, r => r.Project);
        Assert.True(raised.Count > 50, $"{raised.Count}");

        Assert.Empty(raised.Where(code => code.Count() > 1 && !Shared.ContainsKey(code.Key)).Select(code => $"{code.Key}: {string.Join(", ", code)}"));
        Assert.All(Shared.Keys, code => Assert.True(raised[code].Count() > 1, $"{code} needs no exception any more"));
    }

    /// <summary>A playbook catches a failed step by its code: what engine and language say of themselves stands in a table of the language's manual.</summary>
    [Fact]
    public void The_language_lists_exactly_the_codes_of_failed_steps_that_the_engine_uses()
    {
        var used = Sources.Where(source => source.Project == "Soar.Engine" || source.Path.StartsWith("engine/Soar.Scripting/Language/", StringComparison.Ordinal))
            .SelectMany(source => StepCode().Matches(source.Text)).Select(match => match.Groups[1].Value).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal);
        var manual = Document("language.md");
        var section = manual[manual.IndexOf("\n### Codes of failed steps", StringComparison.Ordinal)..];
        var table = section[..section.IndexOf("\n\n", section.IndexOf("\n| ---", StringComparison.Ordinal), StringComparison.Ordinal)];

        Assert.Equal(used, StepRow().Matches(table).Select(match => match.Groups[1].Value).Order(StringComparer.Ordinal));
    }

    [GeneratedRegex("\"(SOAR[1-6][0-9]{3})\"", RegexOptions.None, 5000)]
    private static partial Regex Code();

    [GeneratedRegex("\\b(?:SoarException|RunFailure|new)\\s*\\(\\s*\"(SOAR[1-6][0-9]{3})\"", RegexOptions.None, 5000)]
    private static partial Regex Raised();

    [GeneratedRegex(@"^\| (SOAR[1-6][0-9]{3}) \|", RegexOptions.Multiline, 5000)]
    private static partial Regex Row();

    // StepEnd.Failed("…", StepEnd.Refused("…", new StepError("…", Code: "…", an attempt's result, and the two ends of a sub-run.
    [GeneratedRegex("(?<=StepEnd\\.(?:Failed|Refused)\\(|StepError\\(|Code: |AttemptKind\\.Unknown, default, |nameof\\(RunStatus\\.Cancelled\\) \\? |\"run-cancelled\" : )\"([a-z-]+)\"", RegexOptions.None, 5000)]
    private static partial Regex StepCode();

    [GeneratedRegex("^\\| `([a-z-]+)` \\|", RegexOptions.Multiline, 5000)]
    private static partial Regex StepRow();
}
