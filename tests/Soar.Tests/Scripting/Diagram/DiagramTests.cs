using System.Runtime.CompilerServices;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Soar.Scripting;

namespace Soar.Tests.Scripting.Diagrams;

internal static class Fixtures
{
    public static readonly string Folder = Path.Combine(Path.GetDirectoryName(Here())!, "fixtures");

    public static string[] Names => [.. Directory.GetFiles(Folder, "*.csx").Select(file => Path.GetFileName(file)).Order(StringComparer.Ordinal)];

    public static string Read(string name) => File.ReadAllText(Path.Combine(Folder, name));

    public static Diagram Draw(string name) => Diagram.Of(Read(name), name);

    private static string Here([CallerFilePath] string file = "") => file;
}

public sealed class DiagramTests
{
    public static TheoryData<string> All => [.. Fixtures.Names];

    [Fact]
    public void The_example_of_the_design_draws_as_a_person_would_draw_it()
    {
        var diagram = Fixtures.Draw("block-attacking-address.csx");
        Assert.Equal(
        [
            "start Start", "isp-owner Step", "intel-lookup Step", "if-not-reports-any-report-report-verdict-is Decision", "end-false-positive End",
            "may-we-block-it Code", "ask Human", "if-not-decision-approved Decision", "end-escalated End", "await-blocks Step", "tell-its-provider Step", "end-contained End",
        ], diagram.Nodes.Select(node => $"{node.Id} {node.Kind}"));
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Every_fixture_is_sound(string name) => Sound.Check(Fixtures.Draw(name), Fixtures.Read(name));
}
