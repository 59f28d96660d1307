using System.Text.RegularExpressions;
using Soar.Server.Testing;
using Soar.Testing;

namespace Soar.Server.Tests.Testing;

/// <summary>The manual says nothing that the reader of test files refuses.</summary>
public sealed partial class PlaybookTestsManualTests
{
    [Fact]
    public void Every_YAML_block_of_the_manual_is_a_test_file_or_a_test()
    {
        var root = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(root, "Soar.sln"))) root = Path.GetDirectoryName(root)!;
        var manual = File.ReadAllText(Path.Combine(root, "engine", "docs", "playbook-tests.md"));
        var blocks = Block().Matches(manual);
        Assert.True(blocks.Count >= 6, $"{blocks.Count} blocks");
        using var folder = new TempFolder();
        foreach (Match block in blocks)
        {
            var text = block.Groups[2].Value;
            if (block.Groups[1].Length > 0) text = "tests:\n  - name: From the manual\n" + string.Concat(text.TrimEnd().Split('\n').Select(line => $"    {line}\n"));
            Assert.NotEmpty(TestFileReader.Read(folder.File("manual.tests.yaml", text)).Tests);
        }
    }

    [GeneratedRegex("```yaml( test)?\n(.*?)```", RegexOptions.Singleline | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex Block();
}
