using Soar.Capabilities;
using Soar.Language;

namespace Soar.Tests.Language;

public sealed class FacadeTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("soar-facades").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void The_facades_of_all_capabilities_compile_and_are_cached_by_their_surface()
    {
        var path = FacadeAssembly.Ensure(new ActionCatalog(), folder);
        var written = File.GetLastWriteTimeUtc(path);
        Assert.Equal(path, FacadeAssembly.Ensure(new ActionCatalog(), folder));
        Assert.Equal(written, File.GetLastWriteTimeUtc(path));
        Assert.StartsWith("Soar.Facades.", Path.GetFileName(path));
    }

    [Fact]
    public void Facade_methods_lose_what_playbooks_do_not_see_and_keep_their_documentation()
    {
        var source = FacadeGenerator.Generate(new ActionCatalog());
        Assert.Contains("public global::Soar.Language.Step<global::Soar.Capabilities.FirewallBlock> Block(global::Soar.IpAddress @address, global::System.TimeSpan @duration, global::Soar.Language.Site at = default)", source);
        Assert.Contains("protected FirewallFacade Firewall =>", source);
        Assert.Contains("/// <summary>Blocks all traffic from and to an address or network, for a time.", source);
        Assert.Contains("IReadOnlyList<global::Soar.Artifact>? @attachments = default", source);
        Assert.DoesNotContain("ActionContext", source);
        Assert.DoesNotContain("Async(", source);
    }
}
