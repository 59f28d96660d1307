using Soar.Scripting.Edit;
using Soar.Tests.Scripting.Compile;

namespace Soar.Tests.Scripting.Edit;

/// <summary>What may be written where <c>|</c> stands.</summary>
public sealed class CompletionTests
{
    private static async Task<IReadOnlyList<Completion>> At(string text)
    {
        text = Compiling.Head + "On.Alert(alert => alert.Severity > 1);\nvar address = Input<IpAddress>(\"address\", \"The address\", from: alert => alert.Source?.Ip);\n" + text;
        var position = text.IndexOf('|', StringComparison.Ordinal);
        return await Compiling.Builder.CompleteAsync(text.Remove(position, 1), "test.csx", position, CancellationToken.None);
    }

    private static async Task<string[]> Names(string text) => [.. (await At(text)).Select(completion => completion.Name)];

    [Theory]
    [InlineData("await Firewall.|")]
    [InlineData("await Firewall.|;")]
    [InlineData("await Firewall.|\nvar x = 1;")]
    [InlineData("Firewall.|\nawait Wait(1.Hours);")]
    [InlineData("var blocks = Firewall.All.Select(firewall => firewall.|).ToList();")]
    [InlineData("await All(Firewall[\"edge-2\"].|(address));")]
    [InlineData("if (true) { await Firewall.|")]
    public async Task After_a_capability_stand_its_actions(string text)
    {
        var found = await At(text);
        var block = Assert.Single(found, completion => completion.Name == "Block");
        Assert.Equal(CompletionKind.Action, block.Kind);
        Assert.StartsWith("Step<FirewallBlock> Block(IpAddress address, TimeSpan duration)", block.Signature, StringComparison.Ordinal);
        Assert.DoesNotContain(found, completion => completion.Name is "BlockAsync" or "GetType" or "GetHashCode" or "MemberwiseClone");
    }

    [Fact]
    public async Task Alone_stand_capabilities_locals_and_the_language_and_nothing_that_is_refused()
    {
        var found = await At("var mine = 3;\n|");
        Assert.Contains(found, completion => completion is { Name: "Firewall", Kind: CompletionKind.Capability });
        Assert.Contains(found, completion => completion is { Name: "mine", Kind: CompletionKind.Local });
        Assert.Contains(found, completion => completion is { Name: "address", Kind: CompletionKind.Local });
        Assert.Contains(found, completion => completion is { Name: "ForEach", Kind: CompletionKind.Method });
        Assert.Contains(found, completion => completion is { Name: "Outcome", Kind: CompletionKind.Type });
        Assert.Empty(found.Select(completion => completion.Name).Intersect(["File", "Thread", "Process", "Environment", "Task", "Random", "Body", "Activator", "Console"]));
    }

    [Theory]
    [InlineData("await Fire|", "Firewall")]
    [InlineData("await fire|", "Firewall")]
    [InlineData("return Outcome.Con|", "Contained")]
    [InlineData("var t = Tlp.|;", "Amber")]
    [InlineData("await Firewall.Block(address, 1.|);", null)] // after a digit a number goes on
    [InlineData("await Firewall.Block(address, 1.H|);", "Hours")]
    [InlineData("await Firewall.Block(address).Ret|", "Retry")]
    [InlineData("var owner = await Isp.Owner(address);\nawait Note($\"{owner.Na|}\");", "Name")]
    [InlineData("var owner = await Isp.Owner(address);\nvar n = owner?.Na|;", "Name")]
    [InlineData("string Local() => \"\";\nLoc|", "Local")]
    [InlineData("foreach (var n in new[] { 1 }) { n.ToStr| }", "ToString")]
    [InlineData("await Note(\"Firewall.|\");", null)]
    [InlineData("// Firewall.|", null)]
    [InlineData("return Outcome.Completed();\nrecord Mine(string Word);\n|", null)]
    public async Task What_was_begun_is_completed(string text, string? expected)
    {
        var names = await Names(text);
        if (expected is null) Assert.DoesNotContain("Block", names);
        else Assert.Contains(expected, names);
    }

    [Fact]
    public async Task Documentation_comes_from_the_facades()
    {
        var documentation = new Documentation(Compiling.Surface.References);
        var block = (await At("await Firewall.Bl|")).Single(completion => completion.Name == "Block");
        Assert.NotEqual("", documentation.Explain(block).Summary);
        Assert.DoesNotContain("<", documentation.Explain(block).Summary, StringComparison.Ordinal);
    }
}
