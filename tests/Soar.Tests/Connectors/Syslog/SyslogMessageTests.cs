using System.Text;
using Soar.Connectors.Syslog;

namespace Soar.Tests.Connectors.Syslog;

/// <summary>RFC 5424, its own examples (section 6.5) first.</summary>
public sealed class SyslogMessageTests
{
    private static SyslogMessage Read(string text)
    {
        var message = SyslogMessage.Read(Encoding.UTF8.GetBytes(text), out var problem);
        Assert.True(message is not null, problem);
        return message!;
    }

    [Fact]
    public void The_examples_of_the_RFC_are_read()
    {
        var first = Read("<34>1 2003-10-11T22:14:15.003Z mymachine.example.com su - ID47 - \uFEFF'su root' failed for lonvick on /dev/pts/8");
        Assert.Equal(("auth", SyslogLevel.Critical, "mymachine.example.com", "su", null, "ID47"), (first.Facility, first.Level, first.Host, first.App, first.ProcId, first.MsgId));
        Assert.Equal(("'su root' failed for lonvick on /dev/pts/8", new DateTimeOffset(2003, 10, 11, 22, 14, 15, 3, TimeSpan.Zero)), (first.Message, first.Time!.Value));

        var second = Read("<165>1 2003-08-24T05:14:15.000003-07:00 192.0.2.1 myproc 8710 - - %% It's time to make the do-nuts.");
        Assert.Equal(("local4", SyslogLevel.Notice, "8710", 12), (second.Facility, second.Level, second.ProcId, second.Time!.Value.Hour));

        var third = Read("<165>1 2003-10-11T22:14:15.003Z mymachine.example.com evntslog - ID47 [exampleSDID@32473 iut=\"3\" eventSource=\"Application\" eventID=\"1011\"] \uFEFFAn application event log entry...");
        Assert.Equal("1011", third.Data["exampleSDID@32473"]["eventID"]);
        Assert.Equal("An application event log entry...", third.Message);

        var fourth = Read("<165>1 2003-10-11T22:14:15.003Z mymachine.example.com evntslog - ID47 [exampleSDID@32473 iut=\"3\"][examplePriority@32473 class=\"high\"]");
        Assert.Equal(("high", ""), (fourth.Data["examplePriority@32473"]["class"], fourth.Message));
    }

    [Fact]
    public void Nothing_is_nothing_and_quoted_signs_are_themselves()
    {
        var empty = Read("<0>1 - - - - - -");
        Assert.Equal(("kern", SyslogLevel.Emergency, null, null, null, ""), (empty.Facility, empty.Level, empty.Time, empty.Host, empty.App, empty.Message));
        var quoted = Read("<191>1 - - - - - [a@1 x=\"one \\\" two \\\\ three \\] four \\n\" y=\"\"] m\n");
        Assert.Equal("one \" two \\ three ] four \\n", quoted.Data["a@1"]["x"]);
        Assert.Equal(("", "m"), (quoted.Data["a@1"]["y"], quoted.Message));
        var latin = SyslogMessage.Read([.. "<13>1 - h a - - - K"u8, 0xF6, .. "ln"u8], out _)!;
        Assert.Equal("Köln", latin.Message);
        Assert.Equal("Ѓорѓи", Read("<13>1 - h a - - - Ѓорѓи").Message);
    }

    [Theory]
    [InlineData("", "priority")]
    [InlineData("hello", "priority")]
    [InlineData("<192>1 - - - - - - m", "priority")]
    [InlineData("<1234>1 - - - - - - m", "priority")]
    [InlineData("<34>Oct 11 22:14:15 mymachine su: 'su root' failed", "RSYSLOG_SyslogProtocol23Format")]
    [InlineData("<34>2 - - - - - - m", "version 1")]
    [InlineData("<34>1 - - -", "header is cut")]
    [InlineData("<34>1 yesterday - - - - - m", "time 'yesterday'")]
    [InlineData("<34>1 - - - - - [a@1 x=\"open", "structured data")]
    [InlineData("<34>1 - - - - - [] m", "structured data")]
    [InlineData("<34>1 - - - - - [a@1 x=1] m", "structured data")]
    [InlineData("<34>1 - - - - - m", "structured data")]
    public void What_is_none_says_why(string text, string expected)
    {
        Assert.Null(SyslogMessage.Read(Encoding.UTF8.GetBytes(text), out var problem));
        Assert.Contains(expected, problem);
    }

    [Fact]
    public void Whatever_comes_it_is_read_or_refused_and_nothing_breaks()
    {
        var seed = int.Parse(Environment.GetEnvironmentVariable("SOAR_SEED") ?? "1", System.Globalization.CultureInfo.InvariantCulture);
        var random = new Random(seed);
        var good = Encoding.UTF8.GetBytes("<165>1 2003-10-11T22:14:15.003Z mymachine.example.com evntslog 12 ID47 [a@1 x=\"3\" y=\"\\]\"][b@2] text");
        for (var round = 0; round < 20_000; round++)
        {
            var bytes = good.ToArray();
            for (var change = random.Next(1, 4); change > 0; change--) bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            var cut = bytes.AsSpan(0, random.Next(bytes.Length + 1));
            var read = SyslogMessage.Read(cut, out var problem);
            Assert.True(read is not null || problem.Length > 10, $"seed {seed} round {round}");
        }
    }
}
