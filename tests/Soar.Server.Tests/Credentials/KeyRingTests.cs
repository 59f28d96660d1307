using System.Security.Cryptography;
using System.Text;
using Soar.Connectors;
using Soar.Server.Credentials;
using Soar.Server.Settings;

namespace Soar.Server.Tests.Credentials;

public sealed class KeyRingTests
{
    private const string Value = "c4nary pässword \"22\"";

    private static readonly string First = KeyRing.NewKey(), Second = KeyRing.NewKey();

    private static KeyRing Ring(string? key, params string[] old) => KeyRing.Of(new CredentialSettings { Key = key is null ? null : new Secret(key), OldKeys = [.. old.Select(one => new Secret(one))] });

    [Fact]
    public void What_is_sealed_opens_and_no_two_seals_are_alike()
    {
        var ring = Ring(First);
        var (one, other) = (ring.Seal("credential edge", Value), ring.Seal("credential edge", Value));
        Assert.Equal(Value, ring.Open("credential edge", one));
        Assert.Equal(Value, ring.Open("credential edge", other));
        Assert.NotEqual(one, other);
        // Neither the data key nor the value's cipher text is used twice.
        Assert.Empty(one.Split(':')[2..].Intersect(other.Split(':')[2..]));
        Assert.DoesNotContain(Convert.ToBase64String(Encoding.UTF8.GetBytes(Value))[..12], one, StringComparison.Ordinal);
    }

    [Fact]
    public void A_seal_that_was_moved_to_another_name_or_changed_in_any_place_opens_nothing()
    {
        var ring = Ring(First);
        var kept = ring.Seal("credential edge", Value);
        Assert.Equal("SOAR3052", Code(() => ring.Open("credential mail", kept)));
        var parts = kept.Split(':');
        for (var part = 2; part < 4; part++)
        {
            var box = Convert.FromBase64String(parts[part]);
            for (var at = 0; at < box.Length; at++)
            {
                box[at] ^= 1;
                var forged = string.Join(':', parts.Select((text, i) => i == part ? Convert.ToBase64String(box) : text));
                Assert.Equal("SOAR3052", Code(() => ring.Open("credential edge", forged)));
                box[at] ^= 1;
            }
        }

        // The data key of one value with the value of another: both are ours, and they do not belong together.
        var other = ring.Seal("credential edge", "something else").Split(':');
        Assert.Equal("SOAR3052", Code(() => ring.Open("credential edge", string.Join(':', parts[0], parts[1], other[2], parts[3]))));
        foreach (var broken in new[] { "", "soar1", "soar1:::", $"soar1:{parts[1]}:AA==:AA==", $"soar1:{parts[1]}:not base64:{parts[3]}", $"{kept}:more" })
            Assert.Equal("SOAR3052", Code(() => ring.Open("credential edge", broken)));
    }

    [Fact]
    public void An_old_key_opens_and_never_seals_and_one_that_is_gone_is_told_by_its_name()
    {
        var kept = Ring(First).Seal("credential edge", Value);
        var turned = Ring(Second, First);
        Assert.Equal(Value, turned.Open("credential edge", kept));
        Assert.False(turned.IsCurrent(kept));
        Assert.True(turned.IsCurrent(turned.Seal("credential edge", Value)));

        var gone = Assert.Throws<SoarException>(() => Ring(Second).Open("credential edge", kept));
        Assert.Equal("SOAR3051", gone.Code);
        Assert.Contains(Ring(First).Current, gone.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(First, gone.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_a_key_nothing_is_sealed_and_it_is_told_how_to_make_one()
    {
        var none = Assert.Throws<SoarException>(() => Ring(null).Seal("credential edge", Value));
        Assert.Equal("SOAR3050", none.Code);
        Assert.Contains("soar credentials key", none.Message, StringComparison.Ordinal);
        Assert.Equal("SOAR3050", Code(() => Ring(null).Open("credential edge", Ring(First).Seal("credential edge", Value))));
        // With old keys only it opens, and seals nothing.
        Assert.Equal(Value, Ring(null, First).Open("credential edge", Ring(First).Seal("credential edge", Value)));
        Assert.Equal("SOAR3050", Code(() => Ring(null, First).Seal("credential edge", Value)));
    }

    [Theory]
    [InlineData("", false)]
    [InlineData("too short", false)]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", true)]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n", true)]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", false)]
    [InlineData("00112233445566778899aabbccddeeff00112233445566778899AABBCCDDEEFF", true)]
    [InlineData("00112233445566778899aabbccddeeff00112233445566778899AABBCCDDEEFG", false)]
    public void A_key_is_32_bytes_in_Base64_or_hexadecimal(string text, bool isKey)
    {
        Assert.Equal(isKey, KeyRing.Read(text) is { Length: 32 });
        Assert.Equal(isKey ? 0 : 1, new CredentialSettings { Key = new Secret(text) }.Problems().Count());
        Assert.Equal(isKey ? 0 : 1, new CredentialSettings { OldKeys = [new Secret(text)] }.Problems().Count());
    }

    [Fact]
    public void A_key_s_name_tells_nothing_of_the_key()
    {
        var key = RandomNumberGenerator.GetBytes(32);
        var name = Ring(Convert.ToBase64String(key)).Current;
        Assert.Equal(16, name.Length);
        Assert.DoesNotContain(name, Convert.ToHexStringLower(key), StringComparison.Ordinal);
        Assert.NotEqual(name, Convert.ToHexStringLower(SHA256.HashData(key))[..16]);
    }

    private static string Code(Action open) => Assert.Throws<SoarException>(open).Code;
}
