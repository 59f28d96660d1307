using System.Reflection;
using System.Runtime.Loader;
using Soar.Scripting;
using static Soar.Tests.Scripting.Compile.Compiling;

namespace Soar.Tests.Scripting.Compile;

public sealed class PlaybookBuilderTests
{
    public static TheoryData<string> Shipped() =>
        [.. Directory.EnumerateFiles(Path.Combine(Repository, "playbooks"), "*.csx", SearchOption.AllDirectories).Select(path => Path.GetRelativePath(Repository, path))];

    [Theory]
    [MemberData(nameof(Shipped))]
    public async Task Every_shipped_playbook_compiles_without_a_finding(string path)
    {
        var result = await BuildAsync(await File.ReadAllTextAsync(Path.Combine(Repository, path)), path);
        Assert.Empty(result.Diagnostics);
        Assert.NotNull(result.Assembly);
    }

    [Fact]
    public async Task The_header_of_the_design_example_is_read_without_running_it()
    {
        var result = await BuildAsync(await File.ReadAllTextAsync(Path.Combine(Repository, "playbooks/containment/block-attacking-address.csx")));
        var header = result.Header!;
        Assert.Equal(("block-attacking-address", "1.0.0", PlaybookType.Mitigation, Tlp.Amber), (header.Name, header.Version, header.Type, header.Tlp));
        Assert.Equal(["alert trigger:0 3"], header.Triggers.Select(t => $"{t.Kind} {t.Lambda} {t.Line}"));
        Assert.Equal("alert => alert.Category == \"intrusion\" && alert.Severity >= 70", header.Triggers[0].Text);
        Assert.Equal(["address IpAddress  input:address 4", "ttl TimeSpan \"1.00:00:00\"  5"], header.Inputs.Select(i => $"{i.Name} {i.Type} {i.DefaultJson} {i.From} {i.Line}"));
        Assert.Equal(["Firewall", "Intel", "Isp"], header.Capabilities);
        Assert.Equal(["firewall.block", "intel.lookup", "isp.owner", "isp.report"], header.Actions);
    }

    [Fact]
    public async Task Compiling_the_same_text_twice_gives_the_same_bytes()
    {
        var text = Head + "await Wait(2.Days);";
        Assert.Equal((await GoodAsync(text)).Assembly, (await GoodAsync(text)).Assembly);
    }
}
