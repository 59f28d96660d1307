using Soar.Hosting;
using static Soar.Tests.Scripting.Compile.Compiling;

namespace Soar.Tests.Scripting.Compile;

/// <summary>What the whole process allocates is counted, so nothing else runs beside these.</summary>
[Collection(Alone.Name)]
public sealed class GrowingTextTests
{
    [Theory]
    [InlineData("var t = s; t += t; t += t; t += t; t += t; t += t; t += t;")]
    [InlineData("var t = s + s + s + s + s + s + s + s + s + s + s + s + s + s + s + s + s + s + s + s + s + s + s + s + s + s + s + s + s + s + s + s + s + s + s + s;")]
    [InlineData("var t = $\"{s}{s}{s}{s}{s}{s}{s}{s}{s}{s}{s}{s}{s}{s}{s}{s}{s}{s}{s}{s}{s}{s}{s}{s}{s}{s}{s}{s}{s}{s}{s}\";")]
    [InlineData("var t = string.Join(s, Enumerable.Repeat(s, 1000));")]
    [InlineData("var t = string.Concat(Enumerable.Repeat(s, 1000));")]
    [InlineData("var t = s.Replace(\"x\", s);")]
    [InlineData("var t = s?.Substring(1).Replace(\"X\", s, StringComparison.OrdinalIgnoreCase);")]
    [InlineData("var t = new StringBuilder(s).Replace(\"x\", s);")]
    [InlineData("var t = new StringBuilder().Insert(0, s, 1000);")]
    [InlineData("var t = new StringBuilder().AppendJoin(s, Enumerable.Range(0, 1000));")]
    [InlineData("var b = new StringBuilder(); b.Append(s); b.Append(b); b.Append(b); b.Append(b); b.Append(b); b.Append(b); b.Append(b);")]
    [InlineData("var t = s.Split('x');")]
    [InlineData("var a = s.Substring(1); var b = s.Substring(1); var c = s.Substring(1); var d = s.ToUpperInvariant(); var e = s.ToCharArray(); var f = s.Trim('y'); var g = s.Remove(3, 1); var h = s.ToList(); var i = s.Substring(2); var j = s.Substring(3); var k = s.Substring(4); var l = s.Substring(5); var m = s.Substring(6); var n = s.Substring(7); var o = s.Substring(8);")]
    public async Task A_text_that_grows_out_of_itself_ends_the_run_before_the_memory_is_gone(string growing)
    {
        await using var running = new Running(new Soar.Language.Budgets { AllocationPerSlice = 16 << 20 });
        var before = GC.GetTotalAllocatedBytes();
        var kept = await running.StartAsync(await Running.PathOfAsync(Head + $"await Note(\"begin\");\nvar s = new string('x', 1_000_000);\n{growing}\nawait Note(\"end\");"), _ => null);
        Assert.True(kept.End!.Kind == RunEndKind.OverBudget, kept.EndText);
        Assert.True(GC.GetTotalAllocatedBytes() - before < 96L << 20, $"{(GC.GetTotalAllocatedBytes() - before) >> 20} MiB were allocated");
        Assert.Single(kept.Calls);
    }
}
