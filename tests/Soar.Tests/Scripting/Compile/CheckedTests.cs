using Soar.Scripting;
using Soar.Scripting.Compile;
using Soar.Tests.Scripting.Check;
using static Soar.Tests.Scripting.Compile.Compiling;

namespace Soar.Tests.Scripting.Compile;

/// <summary>The checker's own examples take the whole way: header, five gates, rewriting, the gates again, the assembly.</summary>
public sealed class CheckedTests
{
    [Fact]
    public async Task Every_good_example_becomes_an_assembly_and_a_tracing_one()
    {
        var refused = new List<string>();
        foreach (var section in Sections.Read("good.csx"))
        {
            foreach (var trace in new[] { false, true })
            {
                var result = await Builder.BuildAsync(Framed(section.Text), "good.csx", new BuildOptions(Trace: trace), CancellationToken.None);
                if (!result.Succeeded) refused.Add($"{section.Head}{(trace ? " (traced)" : "")}:\n{string.Join('\n', Errors(result))}");
            }
        }

        Assert.True(refused.Count == 0, string.Join("\n\n", refused));
    }

    [Fact]
    public async Task No_hostile_example_becomes_an_assembly()
    {
        var passed = new List<string>();
        var count = 0;
        foreach (var hostile in Hostile.ReadAll().Where(hostile => !hostile.Expect.StartsWith("legal", StringComparison.Ordinal) && hostile.Expect != "compile-bomb"))
        {
            count++;
            var result = await BuildAsync(Framed(hostile.Harmless()), "hostile.csx");
            if (result.Succeeded) passed.Add($"{hostile.File}: {hostile.Name}");
        }

        Assert.True(passed.Count == 0, string.Join('\n', passed));
        Assert.True(count >= 150, $"only {count} hostile examples were read");
    }

    private static string Framed(string text) => text.TrimStart().StartsWith("Playbook(", StringComparison.Ordinal) ? text : Head.TrimEnd() + " On.Alert(alert => true);\n" + text;

    private static IEnumerable<PlaybookDiagnostic> Errors(BuildResult result) => result.Diagnostics.Where(d => d.Severity == PlaybookSeverity.Error);
}
