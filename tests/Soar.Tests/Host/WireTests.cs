using Soar.Hosting;
using Soar.Scripting.Host;

namespace Soar.Tests.Host;

public sealed class WireTests
{
    private static readonly RunId Run = new(new Guid(5, 6, 7, new byte[8]));

    [Fact]
    public void A_start_arrives_as_it_was_sent()
    {
        var start = new RunStart
        {
            Run = Run,
            Version = "v",
            AssemblyPath = "/cache/v.dll",
            Started = "{\"a\":1}"u8.ToArray(),
            StartedAt = 42,
            Deliveries = [new Delivery(3, DeliveryKind.TimedOut, -1, "null"u8.ToArray()), new Delivery(-1, DeliveryKind.CancelRun, 7, Array.Empty<byte>())],
            Marks = [new CallMark(3, "провера/чека", "soar.wait", ulong.MaxValue)],
            Traced = true,
        };
        var writer = new FrameWriter();
        writer.Start(start);
        var reader = Read(writer);
        Assert.Equal((byte)Message.Start, reader.Byte());
        var read = reader.Start();
        Assert.True(reader.AtEnd);
        Assert.Equal((start.Run, start.Version, start.AssemblyPath, start.StartedAt), (read.Run, read.Version, read.AssemblyPath, read.StartedAt));
        Assert.Equal(start.Started.ToArray(), read.Started.ToArray());
        Assert.Equal(start.Marks, read.Marks);
        Assert.True(read.Traced);
        Assert.Equal(start.Deliveries.Select(d => (d.Ordinal, d.Kind, d.At, d.Payload.Length)), read.Deliveries.Select(d => (d.Ordinal, d.Kind, d.At, d.Payload.Length)));
    }

    [Theory]
    [InlineData(null, null, null, null)]
    [InlineData(5, 20_000L, "Наслов", null)]
    [InlineData(null, null, "title", null)]
    [InlineData(null, 20_000L, null, "int")]
    public void A_call_arrives_as_it_was_made(int? attempts, long? timeout, string? title, string? accepts)
    {
        var options = attempts is null && timeout is null && title is null && accepts is null ? null : new StepOptions(attempts, timeout, title, accepts);
        var call = new StepCall(Run, 9, "a[1]/b#2", "firewall.block", "edge-1", "{}"u8.ToArray(), 77, options, 12);
        var writer = new FrameWriter();
        writer.Called(call);
        var reader = Read(writer);
        Assert.Equal((byte)Message.Called, reader.Byte());
        var read = reader.Called();
        Assert.Equal(call with { Arguments = default }, read with { Arguments = default });
        Assert.Equal(call.Arguments.ToArray(), read.Arguments.ToArray());
    }

    [Theory]
    [InlineData("if-x/true", null, null)]
    [InlineData("if-x", "x.Length", "3")]
    public void What_a_probe_noticed_arrives_as_it_was_told(string branch, string? text, string? value)
    {
        var writer = new FrameWriter();
        writer.Noticed(Run, new TraceEntry(branch, text, value, 99));
        var reader = Read(writer);
        Assert.Equal((byte)Message.Noticed, reader.Byte());
        Assert.Equal(Run, reader.Id());
        Assert.Equal(new TraceEntry(branch, text, value, 99), reader.Noticed());
        Assert.True(reader.AtEnd);
    }

    [Fact]
    public void A_message_cut_short_anywhere_is_refused()
    {
        var writer = new FrameWriter();
        writer.Called(new StepCall(Run, 9, "a", "b", "c", "{}"u8.ToArray(), 77, new StepOptions(1), 12));
        var whole = writer.Frame[4..].ToArray();
        for (var length = 1; length < whole.Length; length++)
        {
            var cut = whole[..length];
            Assert.Throws<InvalidDataException>(() =>
            {
                var reader = new FrameReader(cut, new TextCache());
                reader.Byte();
                reader.Called();
            });
        }
    }

    [Fact]
    public void Frames_are_read_whole_however_the_pipe_cuts_them()
    {
        var pipe = new MemoryStream();
        var writer = new FrameWriter();
        for (var i = 0; i < 200; i++)
        {
            writer.Deliver(Run, new Delivery(i, DeliveryKind.Done, i, new byte[i * 37]));
            if (i % 3 == 0)
            {
                pipe.Write(writer.Frame);
                writer.Clear();
            }
        }

        pipe.Write(writer.Frame);
        var frames = new FrameStream(new Trickle(pipe.ToArray()));
        var texts = new TextCache();
        var next = 0;
        while (frames.Next() is { } frame)
        {
            var reader = new FrameReader(frame, texts);
            while (!reader.AtEnd)
            {
                reader.Byte();
                Assert.Equal(Run, reader.Id());
                var delivery = reader.Delivery();
                Assert.Equal((next, next * 37), (delivery.Ordinal, delivery.Payload.Length));
                next++;
            }
        }

        Assert.Equal(200, next);
    }

    [Fact]
    public void A_frame_of_an_absurd_length_is_refused()
    {
        Assert.Throws<InvalidDataException>(() => new FrameStream(new MemoryStream([0xff, 0xff, 0xff, 0x7f]), longest: 1 << 20).Next());
        Assert.Throws<InvalidDataException>(() => new FrameStream(new MemoryStream([0xff, 0xff, 0xff, 0xff])).Next());
    }

    private static FrameReader Read(FrameWriter writer) => new(writer.Frame[4..].ToArray(), new TextCache());

    /// <summary>Gives a few bytes at a time, as pipes do.</summary>
    private sealed class Trickle(byte[] content) : MemoryStream(content)
    {
        private int turn;

        public override int Read(byte[] buffer, int offset, int count) => base.Read(buffer, offset, Math.Min(count, 1 + (turn++ * 7919 % 5000)));
    }
}
