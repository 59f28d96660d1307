using System.Text.Json;
using Soar.Capabilities;
using Soar.Engine;
using Soar.Runs;

namespace Soar.Tests.Engine;

public sealed class ProtectedAssetsTests
{
    private static readonly ActionCatalog Catalog = new();

    private static readonly ProtectedAssets Ours = new(
    [
        .. ProtectedAssets.BuiltIn([]),
        new ProtectedAsset
        {
            Name = "ours", Networks = [IpAddress.Parse("198.51.100.0/24"), IpAddress.Parse("2001:db8:1::/48"), IpAddress.Parse("9.9.9.9")],
            Domains = [DomainName.Parse("interior.example"), DomainName.Parse("bücher.example")], MailDomains = [DomainName.Parse("mail.interior.test")],
            Accounts = ["administrator", "CORP\\svc-backup", "marko@interior.example"],
        },
    ]);

    private static bool Protected(ProtectedAssets assets, string action, object arguments) => assets.Find(Catalog.Find(action)!, JsonSerializer.SerializeToElement(arguments, SoarJson.Options)) is not null;

    [Theory]
    [InlineData("198.51.100.7", true)]
    [InlineData("198.51.101.7", false)]
    [InlineData("198.51.100.0/25", true)]
    [InlineData("198.51.0.0/16", true)]
    [InlineData("::ffff:198.51.100.7", true)]
    [InlineData("::ffff:198.51.100.0/120", true)]
    [InlineData("64:ff9b::198.51.100.7", true)]
    [InlineData("64:ff9b::203.0.113.7", false)]
    [InlineData("64:ff9b::/64", true)]
    [InlineData("2002:c633:6407::1", true)]
    [InlineData("2002:cb00:7107::1", false)]
    [InlineData("2001:db8:1:2::3", true)]
    [InlineData("2001:DB8:1::", true)]
    [InlineData("2001:db8:2::1", false)]
    [InlineData("2001:db8::/32", true)]
    [InlineData("9.9.9.9", true)]
    [InlineData("9.9.9.8", false)]
    [InlineData("10.1.2.3", true)]
    [InlineData("172.15.0.1", false)]
    [InlineData("172.16.0.1", true)]
    [InlineData("192.168.0.0/30", true)]
    [InlineData("100.64.0.1", true)]
    [InlineData("127.0.0.1", true)]
    [InlineData("169.254.1.1", true)]
    [InlineData("224.0.0.1", true)]
    [InlineData("255.255.255.255", true)]
    [InlineData("::1", true)]
    [InlineData("fe80::1", true)]
    [InlineData("fd12::1", true)]
    [InlineData("ff02::1", true)]
    [InlineData("0.0.0.0/0", true)]
    [InlineData("128.0.0.0/1", true)]
    [InlineData("::/0", true)]
    [InlineData("8000::/1", true)]
    [InlineData("203.0.113.7", false)]
    [InlineData("192.0.2.1", false)]
    [InlineData("8.8.8.8", false)]
    public void An_address_or_network_is_protected_when_it_lies_in_contains_or_overlaps_one_that_is(string target, bool expected) =>
        Assert.Equal(expected, Protected(Ours, "firewall.block", new { address = target, duration = "01:00:00" }));

    [Theory]
    [InlineData("interior.example", false, true)]
    [InlineData("WWW.Interior.Example.", false, true)]
    [InlineData("notinterior.example", false, false)]
    [InlineData("example", false, false)]
    [InlineData("example", true, true)]
    [InlineData("xn--bcher-kva.example", false, true)]
    [InlineData("shop.bücher.example", false, true)]
    [InlineData("mail.interior.test", false, true)]
    [InlineData("localhost", false, true)]
    [InlineData("evil.example", true, false)]
    public void A_name_is_protected_with_everything_below_it_and_what_would_take_it_along(string target, bool subdomains, bool expected) =>
        Assert.Equal(expected, Protected(Ours, "dns.sinkhole", new { name = target, duration = "01:00:00", subdomains }));

    [Theory]
    [InlineData("administrator", true)]
    [InlineData("ADMINISTRATOR", true)]
    [InlineData("corp\\Administrator", true)]
    [InlineData("Administrator@corp.example", true)]
    [InlineData("CN=Administrator,CN=Users,DC=corp,DC=example", true)]
    [InlineData("svc-BACKUP", true)]
    [InlineData("marko", true)]
    [InlineData("marko@elsewhere.example", true)]
    [InlineData("anyone@interior.example", true)]
    [InlineData("anyone@post.mail.interior.test", true)]
    [InlineData("administrator2", false)]
    [InlineData("ana@elsewhere.example", false)]
    public void An_account_is_protected_however_it_is_written(string target, bool expected) =>
        Assert.Equal(expected, Protected(Ours, "identity.disable", new { account = target, duration = "01:00:00" }));

    [Fact]
    public void What_is_allowed_is_taken_out_of_what_is_built_in_and_only_when_the_whole_target_is()
    {
        var assets = new ProtectedAssets([.. ProtectedAssets.BuiltIn([IpAddress.Parse("10.77.0.0/16")]), new ProtectedAsset { Name = "ours", Networks = [IpAddress.Parse("10.77.0.1")] }]);
        bool Blocked(string target) => Protected(assets, "firewall.block", new { address = target, duration = "01:00:00" });
        Assert.False(Blocked("10.77.3.4"));
        Assert.False(Blocked("10.77.4.0/24"));
        Assert.True(Blocked("10.76.0.0/15"));
        Assert.True(Blocked("10.78.0.1"));
        // What a deployment lists itself stays protected.
        Assert.True(Blocked("10.77.0.1"));
    }

    [Fact]
    public void An_asset_that_refuses_comes_before_one_that_asks()
    {
        var assets = new ProtectedAssets(
        [
            new ProtectedAsset { Name = "the whole site", Networks = [IpAddress.Parse("198.51.100.0/24")], Then = PolicyAnswer.Ask },
            new ProtectedAsset { Name = "the domain controller", Networks = [IpAddress.Parse("198.51.100.5")] },
        ]);
        string Hit(string target) => assets.Find(Catalog.Find("firewall.block")!, JsonSerializer.SerializeToElement(new { address = target }))!.Asset.Name;
        Assert.Equal("the domain controller", Hit("198.51.100.5"));
        Assert.Equal("the whole site", Hit("198.51.100.6"));
    }
}
