using System.Text;
using System.Text.Json;
using Soar.Capabilities;
using Soar.Connectors;
using Soar.Connectors.Http;

namespace Soar.Tests.Connectors;

/// <summary>The last line of defence: a secret in any form that protocols give it.</summary>
public sealed class SecretMaskTests
{
    private const string Value = "p\u00e4ss/w\"ord+42&<x>";

    private static readonly SecretMask Mask = new(new Secret(Value));

    public static IEnumerable<TheoryDataRow<string>> Forms => new[]
    {
        Value, JsonSerializer.Serialize(Value), JsonSerializer.Serialize(Value, SoarJson.Options), JsonSerializer.Serialize(JsonSerializer.Serialize(Value), SoarJson.Options), $"https://u:{Uri.EscapeDataString(Value)}@h/",
        System.Net.WebUtility.HtmlEncode(Value), Convert.ToHexStringLower(Encoding.UTF8.GetBytes(Value)),
    }.Concat(Enumerable.Range(0, 6).Select(before => Convert.ToBase64String(Encoding.UTF8.GetBytes(new string('u', before) + ":" + Value)))).Select(form => new TheoryDataRow<string>(form));

    [Theory]
    [MemberData(nameof(Forms))]
    public void Every_form_is_found_inside_other_words(string form)
    {
        var masked = Mask.Text($"before {form} after");
        Assert.Contains("•••", masked);
        Assert.StartsWith("before ", masked);
        Assert.EndsWith(" after", masked);
        foreach (var part in new[] { "ord", "b3Jk", "6f7264" }) Assert.DoesNotContain(part, masked);
        Assert.Equal(masked, Encoding.UTF8.GetString(Mask.Utf8(Encoding.UTF8.GetBytes($"before {form} after"))));
    }

    [Fact]
    public void What_holds_none_is_the_same_array_and_short_secrets_are_not_searched_for()
    {
        var plain = "nothing here"u8.ToArray();
        Assert.Same(plain, Mask.Utf8(plain));
        Assert.Equal("the cat sat", new SecretMask(new Secret("cat")).Text("the cat sat"));
    }

    [Fact]
    public void A_key_in_PEM_is_known_by_each_of_its_lines()
    {
        var pem = "-----BEGIN PRIVATE KEY-----\nMIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg\nZZZZZZZZZZZZZZZZZZZZZZZZ\n-----END PRIVATE KEY-----";
        Assert.Equal("line ••• of it", new SecretMask(new Secret(pem)).Text("line ZZZZZZZZZZZZZZZZZZZZZZZZ of it"));
    }

    [Fact]
    public async Task A_secret_at_the_end_of_an_excerpt_is_not_cut_in_half()
    {
        await using var server = new LoopbackHttp(_ => LoopbackHttp.Answer(400, new string('x', 290) + Value, "text/plain"));
        using var access = new HttpAccess(new HttpSettings { Address = server.Address }.Rules(), Given.Services() with { Mask = Mask });
        var failure = await Assert.ThrowsAsync<ConnectorFailure>(() => access.SendAsync(HttpCall.Reads(server.Address), CancellationToken.None));
        Assert.DoesNotContain("p\u00e4ss", failure.Message);
    }
}
