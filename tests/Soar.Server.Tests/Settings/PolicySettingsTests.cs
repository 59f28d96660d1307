using Microsoft.Extensions.Logging.Abstractions;
using Soar.Capabilities;
using Soar.Connectors;
using Soar.Runs;
using Soar.Server.Settings;
using Soar.Testing;

namespace Soar.Server.Tests.Settings;

public sealed class PolicySettingsTests
{
    private static SoarSettings Read(string text)
    {
        using var folder = new TempFolder();
        var registry = new ConnectorRegistry(new ActionCatalog());
        return SettingsFile.Read(folder.File("soar.yaml", text), registry, name => new ConnectorServices(name, TimeProvider.System, NullLogger.Instance, new Templates(folder.Path), folder.Path));
    }

    [Fact]
    public void Without_a_word_the_built_in_assets_and_the_resolvers_are_protected_and_nothing_is_limited()
    {
        var settings = Read("hosts: 1\n");
        var assets = settings.Protected.ToAssets([IpAddress.Parse("203.0.113.53")]).All;
        Assert.All(assets, a => Assert.Equal(PolicyAnswer.Refuse, a.Then));
        Assert.Contains(assets, a => a.Networks.Contains(IpAddress.Parse("10.0.0.0/8")));
        Assert.Contains(assets, a => a.Name == "resolver of this machine" && a.Networks.Contains(IpAddress.Parse("203.0.113.53")));
        Assert.DoesNotContain(assets.SelectMany(a => a.Networks), n => n.Contains(IpAddress.Parse("203.0.113.7")));
        Assert.Empty(settings.Budgets);
    }

    [Fact]
    public void Every_setting_is_read_and_an_asset_may_have_an_answer_of_its_own()
    {
        var settings = Read("""
            policyAnswerWithin: 30m
            protected:
              then: ask
              ask: head-of-soc
              builtIn: false
              resolvers: false
              allow: [10.77.0.0/16]
              networks: [198.51.100.0/24, "2001:db8::/32"]
              addresses: 203.0.113.1
              domains: [interior.example]
              mailDomains: [post.interior.example]
              accounts: [administrator]
              assets:
                - { name: our mail relays, networks: [203.0.113.16/28], then: refuse, ask: postmaster }
                - { name: our sites, domains: [www.example] }
            budgets:
              - { effect: contains, per: run, targets: 25 }
              - { effect: destroys, per: hour, targets: 10, over: refuse, connector: mail, ask: head-of-soc }
            """);
        Assert.Equal(TimeSpan.FromMinutes(30), settings.PolicyAnswerWithin);
        var assets = settings.Protected.ToAssets([IpAddress.Parse("9.9.9.9")]).All;
        Assert.Equal(["protected in soar.yaml", "our mail relays", "our sites"], assets.Select(a => a.Name));
        Assert.Equal(["198.51.100.0/24", "2001:db8::/32", "203.0.113.1"], assets[0].Networks.Select(n => n.ToString()));
        Assert.Equal([(PolicyAnswer.Ask, "head-of-soc"), (PolicyAnswer.Refuse, "postmaster"), (PolicyAnswer.Ask, "head-of-soc")], assets.Select(a => (a.Then, a.AskWho)));
        Assert.Equal([new Budget(Effect.Contains, BudgetSpan.Run, 25, null, PolicyAnswer.Ask, "shift-lead"), new Budget(Effect.Destroys, BudgetSpan.Hour, 10, "mail", PolicyAnswer.Refuse, "head-of-soc")], settings.Budgets.Select(b => b.ToBudget()));
    }

    [Fact]
    public void What_is_wrong_is_named_with_its_line()
    {
        var error = Assert.Throws<SoarException>(() => Read("hosts: 1\nprotected:\n  networks: [300.1.1.1]\n  then: perhaps\nbudgets:\n  - { effect: contains, per: week }\n"));
        Assert.Equal("SOAR4002", error.Code);
        Assert.Contains("soar.yaml:3: protected.networks is '300.1.1.1' but must be an address or network", error.Message);
        Assert.Contains("soar.yaml:4: protected.then is 'perhaps' but must be one of ask, refuse", error.Message);
        Assert.Contains("is 'week' but must be one of run, hour", error.Message);
        Assert.Contains("targets is missing", error.Message);
        Assert.Contains("targets: 0; at least 1", Assert.Throws<SoarException>(() => Read("budgets:\n  - { effect: contains, per: run, targets: 0 }\n")).Message);
        Assert.Contains("reads change nothing", Assert.Throws<SoarException>(() => Read("budgets:\n  - { effect: reads-only, per: run, targets: 1 }\n")).Message);
    }

    [Fact]
    public void The_resolvers_are_those_of_resolv_conf()
    {
        using var folder = new TempFolder();
        var file = folder.File("resolv.conf", "# generated\nsearch interior.example\nnameserver 203.0.113.53\nnameserver\t2001:db8::53\nnameserver fe80::1%eth0\nnameserver nonsense\noptions edns0\n");
        Assert.Equal(["203.0.113.53", "2001:db8::53", "fe80::1"], Resolvers.In(file).Select(r => r.ToString()));
        Assert.Empty(Resolvers.In(Path.Combine(folder.Path, "none")));
    }
}
