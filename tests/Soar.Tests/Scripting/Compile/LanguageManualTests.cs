using System.Text.RegularExpressions;
using Soar.Scripting;
using static Soar.Tests.Scripting.Compile.Compiling;

namespace Soar.Tests.Scripting.Compile;

/// <summary>What the manual shows compiles; what it says is refused is refused with the code it names; and it lists every code.</summary>
public sealed partial class LanguageManualTests
{
    private const string Header = """
        Playbook("manual", version: "1.0.0", type: PlaybookType.Investigation, tlp: Tlp.Amber, summary: "A fragment of the manual.");
        On.Alert(alert => alert.Severity >= 50);
        var address = Input<IpAddress>("address", "An address", from: alert => alert.Source?.Ip);
        var ttl = Input("ttl", 24.Hours, "How long");

        """;

    private static string Manual { get; } = File.ReadAllText(Path.Combine(Repository, "engine/docs/language.md")).ReplaceLineEndings("\n");

    /// <summary>Line in the manual, the code that refuses it (or empty), the text.</summary>
    public static TheoryData<int, string, string> Examples() =>
        [.. Block().Matches(Manual).Select(block => (Manual[..block.Index].Count(c => c == '\n') + 1, block.Groups["code"].Value.Trim(), block.Groups["text"].Value))];

    [Theory]
    [MemberData(nameof(Examples))]
    public async Task An_example_of_the_manual_is_what_it_says(int line, string code, string example)
    {
        var text = example.StartsWith("Playbook(", StringComparison.Ordinal) ? example : Header + example;
        var result = await BuildAsync(text, $"language.md-{line}.csx");
        var errors = result.Diagnostics.Where(d => d.Severity == PlaybookSeverity.Error).ToList();
        if (code.Length == 0) Assert.True(errors.Count == 0, $"language.md line {line}:\n{string.Join('\n', errors)}");
        else Assert.Equal([code], errors.Select(error => error.Code).Distinct());
    }

    [Fact]
    public void The_manual_has_examples_of_both_kinds()
    {
        var examples = Block().Matches(Manual);
        Assert.True(examples.Count(block => block.Groups["code"].Value.Length == 0) >= 20);
        Assert.True(examples.Count(block => block.Groups["code"].Value.Length > 0) >= 10);
    }

    [Fact]
    public void The_manual_lists_exactly_the_codes_that_the_sources_use()
    {
        var used = Directory.EnumerateFiles(Path.Combine(Repository, "engine/Soar.Scripting"), "*.*", SearchOption.AllDirectories)
            .Where(path => path.EndsWith(".cs", StringComparison.Ordinal) && !path.Contains("/obj/", StringComparison.Ordinal) && !path.Contains("/JavaScript/", StringComparison.Ordinal))
            .SelectMany(path => Code().Matches(File.ReadAllText(path)).Select(match => match.Groups[1].Value)).Order().Distinct();
        var listed = Row().Matches(Manual).Select(match => match.Groups[1].Value);
        Assert.Equal(used, listed);
    }

    [GeneratedRegex("^```csharp(?<code>[^\n]*)\n(?<text>.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline, 5000)]
    private static partial Regex Block();

    [GeneratedRegex("\"(SOAR1[0-9]{3})\"", RegexOptions.None, 5000)]
    private static partial Regex Code();

    [GeneratedRegex(@"^\| (SOAR1[0-9]{3}) \|", RegexOptions.Multiline, 5000)]
    private static partial Regex Row();
}
