using System.Text;
using System.Text.Json;
using Soar.Alerts;

namespace Soar.Tests.Core;

public sealed class AlertJsonTests
{
    private static string? Title(byte[] json) => AlertJson.Parse(json).RootElement.GetProperty("title").GetString();

    [Theory]
    [InlineData("""{"title":"\ud800"}""", "\uFFFD")]
    [InlineData("""{"title":"\ud800\ud83d\ude00\udc00"}""", "\uFFFD\U0001F600\uFFFD")]
    [InlineData("""{"title":"\\\ud800"}""", "\\\uFFFD")]
    [InlineData("""{"title":"\\ud800 \u0041"}""", "\\ud800 A")]
    [InlineData("""{"title":"\uD83D"}""", "\uFFFD")]
    [InlineData("\uFEFF{\"title\":\"marked\"}", "marked")]
    public void Halves_of_characters_are_replaced_and_all_else_is_kept(string json, string title) => Assert.Equal(title, Title(Encoding.UTF8.GetBytes(json)));

    [Fact]
    public void A_half_in_a_name_can_be_read_too() => Assert.Equal(["\uFFFD"], AlertJson.Parse("""{"\ud800":1}"""u8.ToArray()).RootElement.EnumerateObject().Select(p => p.Name));

    [Fact]
    public void Bytes_that_are_no_text_are_replaced() => Assert.Equal("a\uFFFDb", Title([.. """{"title":"a"""u8, 0xFF, .. "b\"}"u8]));

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("""{"title":"\ud8"}""")]
    [InlineData("""{"title":"\""")]
    public void What_is_no_JSON_is_refused_as_before(string json) => Assert.ThrowsAny<JsonException>(() => AlertJson.Parse(Encoding.UTF8.GetBytes(json)));

    [Fact]
    public void A_port_that_cannot_be_is_named() => Assert.Equal(
        ["source.port: is 99999; ports go from 0 to 65535"],
        AlertCheck.Problems(new Alert { Id = "a", Detector = "d", Title = "t", Category = "intrusion", Time = DateTimeOffset.UnixEpoch, Source = new Endpoint(null, 99_999) }));
}
