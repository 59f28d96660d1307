using System.Text.Json;
using Soar.Capabilities;

namespace Soar.Tests.Words;

public sealed class DomainNameTests
{
    [Theory]
    [InlineData("evil.example", "evil.example")]
    [InlineData("  WWW.Evil.Example.  ", "www.evil.example")]
    [InlineData("bücher.example", "xn--bcher-kva.example")]
    [InlineData("BÜCHER.example", "xn--bcher-kva.example")]
    [InlineData("bu\u0308cher.example", "xn--bcher-kva.example")] // as a Mac types it
    [InlineData("XN--BCHER-KVA.example", "xn--bcher-kva.example")]
    [InlineData("пример.рф", "xn--e1afmkfd.xn--p1ai")]
    [InlineData("例え。テスト", "xn--r8jz45g.xn--zckzah")]
    [InlineData("_dmarc.evil.example", "_dmarc.evil.example")]
    [InlineData("xn--zzzzzz.example", "xn--zzzzzz.example")] // decodes to nothing, and is a name all the same
    [InlineData("localhost", "localhost")]
    [InlineData("66.113.0.203.in-addr.arpa", "66.113.0.203.in-addr.arpa")]
    public void Every_spelling_of_a_name_is_one_name(string text, string expected)
    {
        var name = DomainName.Parse(text);
        Assert.Equal((expected, expected), (name.Value, name.ToString()));
        Assert.Equal(name, DomainName.Parse(expected));
        Assert.Equal($"\"{expected}\"", JsonSerializer.Serialize(name, SoarJson.Options));
        Assert.Equal(name, JsonSerializer.Deserialize<DomainName>(JsonSerializer.Serialize(text, SoarJson.Options), SoarJson.Options));
    }

    [Theory]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("..")]
    [InlineData("evil..example")]
    [InlineData(".evil.example")]
    [InlineData("*.evil.example")]
    [InlineData("evil.example/path")]
    [InlineData("https://evil.example")]
    [InlineData("evil example")]
    [InlineData("evil.example:443")]
    [InlineData("user@evil.example")]
    [InlineData("203.0.113.66")]
    [InlineData("2001:db8::1")]
    [InlineData("evil[.]example")]
    [InlineData("-evil.example")]
    [InlineData("evil-.example")]
    [InlineData("evil\n.example")] // outer blanks are trimmed, inner ones never pass
    [InlineData("e\0vil.example")]
    [InlineData("evil\u200d.example")] // a joiner that nobody sees
    [InlineData("ｅｖｉｌ.example")] // a resolver would make evil of it, we would not
    [InlineData("o\u0066\ufb01ce.example")]
    [InlineData("$(reboot).example")]
    public void What_is_no_name_is_refused(string text)
    {
        Assert.False(DomainName.TryParse(text, null, out _));
        Assert.Throws<FormatException>(() => DomainName.Parse(text));
        Assert.Throws<JsonException>(() => JsonSerializer.Deserialize<DomainName>(JsonSerializer.Serialize(text, SoarJson.Options), SoarJson.Options));
    }

    [Fact]
    public void Lengths_are_DNS_lengths()
    {
        var label = new string('a', 63);
        Assert.True(DomainName.TryParse($"{label}.example", null, out _));
        Assert.False(DomainName.TryParse($"{label}a.example", null, out _));
        var longest = $"{label}.{label}.{label}.{new string('b', 61)}"; // 253
        Assert.True(DomainName.TryParse(longest, null, out _));
        Assert.False(DomainName.TryParse(longest + "b", null, out _));
        Assert.False(DomainName.TryParse(string.Concat(Enumerable.Range(0, 60).Select(i => (char)('а' + (i * 7 % 32)))) + ".example", null, out _)); // 60 letters, more than 63 encoded
    }

    [Theory]
    [InlineData("evil.example", "evil.example", true)]
    [InlineData("evil.example", "www.evil.example", true)]
    [InlineData("evil.example", "notevil.example", false)]
    [InlineData("www.evil.example", "evil.example", false)]
    public void A_domain_contains_what_lies_below_it(string domain, string other, bool expected) => Assert.Equal(expected, DomainName.Parse(domain).Contains(DomainName.Parse(other)));
}
