using Soar.Connectors.CrowdSec;

namespace Soar.Tests.Connectors.CrowdSec;

public sealed class CrowdSecRecordsTests
{
    [Theory]
    [InlineData("1h59m59.658638208s", 7199.658638208)]
    [InlineData("59m0s", 3540)]
    [InlineData("-3m2s", -182)]
    [InlineData("250ms", 0.25)]
    [InlineData("87600h0m0s", 315_360_000)]
    public void Durations_of_Go_are_read(string text, double seconds) => Assert.Equal(seconds, GoDuration.Parse(text).TotalSeconds, 3);

    [Theory]
    [InlineData("")]
    [InlineData("-")]
    [InlineData("5")]
    [InlineData("h")]
    [InlineData("5x")]
    [InlineData("1h 5m")]
    public void Anything_else_is_no_duration(string text) => Assert.Throws<FormatException>(() => GoDuration.Parse(text));

    [Theory]
    [InlineData("2026-11-24 16:32:53 +0000 UTC")]
    [InlineData("2026-11-24T16:32:53Z")]
    [InlineData("2026-11-24T17:32:53+01:00")]
    public void Times_are_read_as_Go_and_as_RFC_3339_write_them(string text) =>
        Assert.Equal(new DateTimeOffset(2026, 11, 24, 16, 32, 53, TimeSpan.Zero), new CrowdSecAlert { Id = 1, Scenario = "", StartAt = text }.At);
}
