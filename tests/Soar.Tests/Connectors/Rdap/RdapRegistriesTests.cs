using Soar.Capabilities;
using Soar.Connectors;
using Soar.Connectors.Rdap;
using Soar.Testing;
using Soar.Tests.Engine;

namespace Soar.Tests.Connectors.Rdap;

/// <summary>The list of registries renews itself, and does no harm where it cannot.</summary>
public sealed class RdapRegistriesTests : IDisposable
{
    private static readonly IpAddress Address = IpAddress.Parse("193.0.6.139");

    private readonly TempFolder folder = new();
    private readonly ManualClock clock = new();

    public void Dispose() => folder.Dispose();

    private static string Of(string file, string registry) =>
        $$"""{"publication":"2026-11-01T00:00:00Z","services":[[["{{(file == "/ipv6.json" ? "2001:600::/23" : "193.0.0.0/8")}}"],["{{registry}}"]]]}""";

    /// <summary>IANA with a list of one registry, and its ETag.</summary>
    private static LoopbackHttp Iana(Func<string> registry) => new(request => request.Headers.GetValueOrDefault("If-None-Match") == $"\"{registry().Length}\""
        ? LoopbackHttp.Answer(304, "")
        : LoopbackHttp.Answer(200, Of(request.Path, registry()), "application/json", $"ETag: \"{registry().Length}\""));

    private RdapRegistries Registries(LoopbackHttp iana, TimeSpan? refresh = null) =>
        new(new RdapSettings { RefreshFrom = iana.Address, Refresh = refresh ?? TimeSpan.FromDays(7) }, Given.Services(folder.Path, clock));

    private static async Task<string?> FindAsync(RdapRegistries registries) => (await registries.CurrentAsync(CancellationToken.None)).Find(Address)?.AbsoluteUri;

    [Fact]
    public async Task The_list_is_fetched_kept_and_asked_for_again_only_when_it_is_due_and_by_its_tag()
    {
        var registry = "https://rdap.first.example/";
        await using var iana = Iana(() => registry);
        using (var registries = Registries(iana))
        {
            Assert.Equal("https://rdap.first.example/", await FindAsync(registries));
            Assert.Equal("https://rdap.first.example/", await FindAsync(registries));
            Assert.Equal(["/ipv4.json", "/ipv6.json"], iana.Requests.Select(request => request.Target));
        }

        using var restarted = Registries(iana); // nothing is due: what is kept is used, and nobody is asked
        Assert.Equal("https://rdap.first.example/", await FindAsync(restarted));
        clock.Advance(TimeSpan.FromDays(6));
        await FindAsync(restarted);
        Assert.Equal(2, iana.Requests.Count);
        clock.Advance(TimeSpan.FromDays(2));
        Assert.Equal("https://rdap.first.example/", await FindAsync(restarted));
        Assert.All(iana.Requests.Skip(2), request => Assert.Equal("\"27\"", request.Headers["If-None-Match"]));
        Assert.Equal(4, iana.Requests.Count);
        registry = "https://rdap.other-one.example/";
        clock.Advance(TimeSpan.FromDays(8));
        Assert.Equal("https://rdap.other-one.example/", await FindAsync(restarted));
        Assert.Null(restarted.Problem);
    }

    [Theory]
    [InlineData("<html>maintenance</html>")]
    [InlineData("""{"services":[]}""")]
    [InlineData("""{"services":[[["193.0.0.0/8"],["http://rdap.evil.example/"]]]}""")]
    [InlineData("""{"services":[[["193.0.0.0/8"]]]}""")]
    [InlineData("""{"services":[[["everything"],["https://rdap.evil.example/"]]]}""")]
    [InlineData(null)]
    public async Task What_is_no_list_replaces_none_and_is_told_and_tried_again_an_hour_later(string? answer)
    {
        var well = false;
        await using var iana = new LoopbackHttp(request => well ? LoopbackHttp.Answer(200, Of(request.Path, "https://rdap.new.example/")) : answer is null ? null : LoopbackHttp.Answer(200, answer));
        using var registries = Registries(iana);
        Assert.Equal("https://rdap.db.ripe.net/", await FindAsync(registries)); // the one that is shipped
        Assert.Contains("could not be fetched, the one of 2026-07-27 is used: ", registries.Problem);
        var asked = iana.Requests.Count;
        clock.Advance(TimeSpan.FromMinutes(59));
        await FindAsync(registries);
        Assert.Equal(asked, iana.Requests.Count);
        well = true;
        clock.Advance(TimeSpan.FromMinutes(2));
        Assert.Equal("https://rdap.new.example/", await FindAsync(registries));
        Assert.Null(registries.Problem);
    }

    [Fact]
    public async Task A_list_that_somebody_broke_or_half_a_pair_is_fetched_anew()
    {
        await using var iana = Iana(() => "https://rdap.first.example/");
        using (var first = Registries(iana)) await FindAsync(first);
        var kept = Path.Combine(folder.Path, "connectors", "instance", "registries");
        File.WriteAllText(Path.Combine(kept, "ipv4.json"), "{ broken");
        using (var second = Registries(iana)) Assert.Equal("https://rdap.first.example/", await FindAsync(second));
        File.Delete(Path.Combine(kept, "ipv6.json"));
        using var third = Registries(iana);
        Assert.Equal("https://rdap.first.example/", await FindAsync(third));
        Assert.Null(third.Problem);
    }

    [Fact]
    public async Task Never_means_never_and_a_list_of_ones_own_is_left_alone()
    {
        await using var iana = Iana(() => "https://rdap.first.example/");
        using (var never = Registries(iana, TimeSpan.Zero)) Assert.Equal("https://rdap.db.ripe.net/", await FindAsync(never));
        using (var own = new RdapRegistries(new RdapSettings { RefreshFrom = iana.Address, BaseAddress = new Uri("https://rdap.own.example/") }, Given.Services(folder.Path, clock)))
            Assert.Equal("https://rdap.own.example/", await FindAsync(own));
        Assert.Empty(iana.Requests);
    }

    [Fact]
    public async Task The_connection_test_says_that_the_list_could_not_be_fetched_and_is_well_all_the_same()
    {
        await using var iana = new LoopbackHttp(request => request.Path.StartsWith("/ip/", StringComparison.Ordinal) ? LoopbackHttp.Answer(404, "{}") : LoopbackHttp.Answer(503, "busy"));
        foreach (var name in RdapBootstrap.Names) // fetched long ago, when all was well
            File.SetLastWriteTimeUtc(folder.File($"connectors/instance/registries/{name}", Of("/" + name, iana.Address.AbsoluteUri)), clock.GetUtcNow().AddDays(-30).UtcDateTime);
        await using var connector = new RdapConnector(new RdapSettings { RefreshFrom = iana.Address, Timeout = TimeSpan.FromSeconds(2) }, Given.Services(folder.Path, clock));
        var test = await connector.TestAsync(CancellationToken.None);
        Assert.True(test.Ok, test.Message);
        Assert.Contains("Warning: IANA's list of registries could not be fetched, the one of 2026-11-01 is used: ", test.Message);
        Assert.Equal(["/ipv4.json", "/ip/193.0.6.139"], iana.Requests.Select(request => request.Target));
    }
}
