using System.Text;
using Soar.Scripting.Jail;

namespace Soar.Tests.Scripting.Jail;

public sealed class JailedProcessTests
{
    [Fact]
    public async Task A_jailed_child_answers_over_its_pipes_and_returns_its_exit_code()
    {
        await using var child = JailedProcess.Start(TestChild.Entry, "echo", ["a", "b", "c"], new JailOptions());
        await child.ToChild.WriteAsync("Добро јутро"u8.ToArray());
        child.ToChild.Close();

        using var reader = new StreamReader(child.FromChild, Encoding.UTF8);
        var answer = await reader.ReadToEndAsync();
        var exit = await child.Exited;
        Assert.True(exit.ExitCode == 3, exit.Summary + string.Join('\n', exit.LastErrorLines));
        Assert.Equal("Добро јутро", answer);
        Assert.Null(exit.Signal);
        Assert.Empty(exit.LastErrorLines);
    }

    [Fact]
    public async Task A_child_reports_a_whole_jail_before_its_body_begins()
    {
        await using var child = JailedProcess.Start(TestChild.Entry, "echo", [], new JailOptions { MaxOpenFiles = 123, AddressSpaceLimitBytes = 5L << 30 });
        var report = await child.Ready;
        Assert.True(report.IsWhole, report.ToString());
        Assert.Equal(123, report.OpenFilesLimit);
        Assert.Equal(5L << 30, report.AddressSpaceLimitBytes);
        Assert.Equal(KernelSupport.OfThisMachine(), report.Kernel);
    }
}

internal static class TestChild
{
    internal static ChildEntry Entry { get; } = ChildEntry.ForAssembly(Path.Combine(AppContext.BaseDirectory, "Soar.Testing.Child.dll"));
}
