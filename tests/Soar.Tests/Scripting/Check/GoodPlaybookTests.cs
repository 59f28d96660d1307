namespace Soar.Tests.Scripting.Check;

/// <summary>What the checker must let through: ordinary C# as playbooks are written in it.</summary>
public sealed class GoodPlaybookTests
{
    public static TheoryData<string> Names => new(Sections.Read("good.csx").Select(s => s.Head));

    [Theory]
    [MemberData(nameof(Names))]
    public void Good_playbooks_pass_every_gate(string name)
    {
        var examined = CheckLab.Examine(Sections.Read("good.csx").Single(s => s.Head == name).Text, emit: true);

        Assert.Empty(examined.Errors);
        Assert.Empty(examined.Findings.Select(f => f.ToString()));
        Assert.Empty(examined.Assembly.Select(f => f.Message));
    }

    [Fact]
    public void There_are_at_least_forty_good_playbooks() => Assert.True(Sections.Read("good.csx").Count >= 40);
}
