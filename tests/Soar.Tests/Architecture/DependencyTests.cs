using System.Reflection;

namespace Soar.Tests.Architecture;

/// <summary>Server → {Engine, Scripting, Cases, Storage, Connectors} → Core; those in braces do not know each other.</summary>
public sealed class DependencyTests
{
    private static readonly string[] Middle = ["Soar.Engine", "Soar.Scripting", "Soar.Cases", "Soar.Storage", "Soar.Connectors"];

    public static TheoryData<string> MiddleAssemblies => [.. Middle];

    [Theory]
    [MemberData(nameof(MiddleAssemblies))]
    public void The_middle_assemblies_know_only_the_core(string name)
    {
        var ours = OurReferences(Assembly.Load(name));
        Assert.True(ours.All(reference => reference == "Soar.Core"), $"{name} references {string.Join(", ", ours)}; only Soar.Core is allowed.");
    }

    [Fact]
    public void The_core_knows_nothing_of_ours_and_no_package_but_abstractions()
    {
        var references = Assembly.Load("Soar.Core").GetReferencedAssemblies().Select(r => r.Name!).ToList();
        Assert.DoesNotContain(references, r => r.StartsWith("Soar.", StringComparison.Ordinal));
        Assert.DoesNotContain(references, r => !r.StartsWith("System.", StringComparison.Ordinal) && !r.EndsWith(".Abstractions", StringComparison.Ordinal)
            && r is not "System" and not "netstandard" and not "Microsoft.CSharp");
    }

    [Fact]
    public void Quartz_Roslyn_Jint_and_Dapper_stay_where_they_belong()
    {
        var owners = new Dictionary<string, string>
        {
            // The server's too, where it keeps the time; the checker reads a header's cron with the very parser that will fire it.
            ["Quartz"] = "Soar.Scripting",
            ["Microsoft.CodeAnalysis.CSharp"] = "Soar.Scripting",
            ["Jint"] = "Soar.Scripting",
            ["Dapper"] = "Soar.Storage",
            ["Microsoft.Data.Sqlite"] = "Soar.Storage",
        };
        foreach (var assembly in Middle.Append("Soar.Core"))
        {
            foreach (var reference in Assembly.Load(assembly).GetReferencedAssemblies())
                Assert.False(owners.TryGetValue(reference.Name!, out var owner) && owner != assembly, $"{assembly} uses {reference.Name}, which belongs to {owner}.");
        }
    }

    private static List<string> OurReferences(Assembly assembly) =>
        [.. assembly.GetReferencedAssemblies().Select(r => r.Name!).Where(n => n.StartsWith("Soar.", StringComparison.Ordinal))];
}
