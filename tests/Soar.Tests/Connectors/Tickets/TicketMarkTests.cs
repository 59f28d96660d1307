using Soar.Connectors.Tickets;

namespace Soar.Tests.Connectors.Tickets;

public sealed class TicketMarkTests
{
    private static readonly IdempotencyKey Key = new("00112233445566778899aabbccddeeff");

    [Theory]
    [InlineData("one\r\ntwo\r\n", "one\ntwo")]
    [InlineData("", "")]
    [InlineData("ends with [soar:00112233445566778899aabbccddeef0] in the line", "ends with [soar:00112233445566778899aabbccddeef0] in the line")]
    public void A_signed_text_carries_its_key_and_is_shown_without_it(string text, string shown)
    {
        var signed = TicketMark.Signed(text, Key);
        Assert.True(TicketMark.Carries(signed, Key));
        Assert.False(TicketMark.Carries(signed, new IdempotencyKey("ff112233445566778899aabbccddeeff")));
        Assert.Equal(shown, TicketMark.Plain(signed));
        Assert.Equal(shown, TicketMark.Plain(signed.ReplaceLineEndings("\r\n") + "\r\n"));
    }

    [Fact]
    public void A_text_is_bounded() => Assert.Equal(64 * 1024, TicketMark.Plain(new string('x', 100_000)).Length);

    [Fact]
    public void The_run_tells_how_old_its_marks_can_be()
    {
        var began = new DateTimeOffset(2026, 11, 24, 12, 0, 0, TimeSpan.Zero);
        Assert.Equal(began.AddDays(-1), TicketMark.Oldest(new RunId(Guid.CreateVersion7(began))));
        Assert.Null(TicketMark.Oldest(default));
    }
}
