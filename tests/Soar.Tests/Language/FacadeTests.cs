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
    public async Task A_foreign_capability_is_called_with_canonical_arguments()
    {
        using var made = new Host.HandMade(typeof(IBadges).Assembly);
        var engine = new FakeEngine();
        await using var host = new Soar.Scripting.Host.InProcessHost(engine);
        engine.Called += call => host.Deliver(call.Run, FakeEngine.Done(call.Ordinal, new Badge("ana", Door.Front)));
        var start = made.Start("""
            var badge = await Badges.Allow("ana");
            badge = await Badges.Allow("ana", Soar.Tests.Language.Door.Front, floors: 4, escorted: true, until: 2.Hours, reason: $"for {90.Minutes}", together: new[] { badge });
            badge = await Badges["hq"].Allow("", Soar.Tests.Language.Door.Back, floors: 3, reason: "");
            await Badges.Revoke(badge);
            return Outcome.Completed($"{badge.Holder} {Badges.Name} {Badges.All.Count}");
            """, 1);
        host.Start(start);
        await engine.Of(start.Run).QuietUntilEndAsync();
        Assert.Equal("Completed {\"kind\":\"Completed\",\"reason\":\"ana hq 1\"}", engine.Of(start.Run).EndText);
        Assert.Equal(
            [
                """{"holder":"ana"}""",
                """{"holder":"ana","door":"Front","floors":4,"escorted":true,"until":"02:00:00","reason":"for 1 hour 30 minutes","together":[{"holder":"ana","door":"Front"}]}""",
                """{"holder":"","reason":""}""",
                """{"badge":{"holder":"ana","door":"Front"}}""",
            ],
            engine.Of(start.Run).Calls.Select(c => System.Text.Encoding.UTF8.GetString(c.Arguments.Span)));
        Assert.Equal(["badges.allow", "badges.allow", "badges.allow", "badges.revoke"], engine.Of(start.Run).Calls.Select(c => c.Action));
    }

    [Fact]
    public async Task An_action_may_name_its_parameters_as_it_likes()
    {
        using var made = new Host.HandMade(typeof(IBadges).Assembly);
        var engine = new FakeEngine();
        await using var host = new Soar.Scripting.Host.InProcessHost(engine);
        engine.Called += call => host.Deliver(call.Run, FakeEngine.Done(call.Ordinal, new Badge("ana", Door.Front)));
        var start = made.Start("""
            var badge = await Badges.Lend("hq", _at: "noon", arguments: 2, action: "a", script: "s", Arguments: "A");
            return Outcome.Completed(badge.Holder);
            """, 1);
        host.Start(start);
        await engine.Of(start.Run).QuietUntilEndAsync();
        Assert.Contains("ana", engine.Of(start.Run).EndText);
        Assert.Equal("""{"at":"hq","_at":"noon","arguments":2,"action":"a","script":"s","Arguments":"A"}""", System.Text.Encoding.UTF8.GetString(Assert.Single(engine.Of(start.Run).Calls).Arguments.Span));
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
