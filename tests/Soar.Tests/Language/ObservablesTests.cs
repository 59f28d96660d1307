using Soar.Language;
using static Soar.Tests.Scripting.Compile.Compiling;
using Running = Soar.Tests.Scripting.Compile.Running;

namespace Soar.Tests.Language;

/// <summary>Playbooks find what a text names and defang texts, and no text makes that expensive beyond its budget.</summary>
public sealed class ObservablesTests
{
    [Theory]
    [InlineData("Observables.In(\"see hxxp://evil[.]example/a, 203.0.113.7\").Select(o => $\"{o.Type} {o.Value}\")", "url http://evil.example/a, ip 203.0.113.7")]
    [InlineData("Observables.Defang(\"see http://evil.example/a\")", "see hxxp://evil[.]example/a")]
    [InlineData("Observables.Defang(new Observable(\"domain\", \"evil.example\"))", "evil[.]example")]
    [InlineData("Observables.Refang(\"ana[at]evil[.]example\")", "ana@evil.example")]
    public async Task A_playbook_extracts_and_defangs(string expression, string printed)
    {
        var kept = await Running.RunAsync($"{Head}return Outcome.Completed($\"{{{expression}}}\");");
        Assert.Equal($"Completed {{\"kind\":\"Completed\",\"reason\":\"{printed}\"}}", kept.EndText);
    }

    [Theory]
    [InlineData("a.bc ")]
    [InlineData("1.2.3.4 ")]
    [InlineData("a[.]bc ")]
    [InlineData("CVE-2020-1000 ")]
    [InlineData("h**p://a[.]b[.]c(.)d/ ")]
    [InlineData("[.][.][.]")]
    public void What_a_text_costs_is_reserved_before_it_is_read(string piece)
    {
        var text = string.Concat(Enumerable.Range(0, 4_000).Select(i => piece.Replace("a", $"{(char)('a' + (i % 26))}{(char)('a' + (i / 26 % 26))}{(char)('a' + (i / 676 % 26))}", StringComparison.Ordinal)));
        Assert.NotNull(Observables.In(text));
        var before = GC.GetAllocatedBytesForCurrentThread();
        Observables.In(text);
        Observables.Defang(text);
        Assert.InRange((GC.GetAllocatedBytesForCurrentThread() - before) / (2L * text.Length), 0, 256);
    }

    [Fact]
    public async Task A_text_that_grows_without_end_ends_the_run_and_not_the_host()
    {
        var kept = await Running.RunAsync($$"""
            {{Head}}
            var text = "a.example ";
            while (true) { text += text; if (Observables.In(text).Count > 5) return Outcome.Completed(); }
            """);
        Assert.Contains("allocated more than", kept.EndText);
    }
}
