using System.Text;
using Soar.Hosting;

namespace Soar.Scripting.Host;

/// <summary>How each message is written and read.</summary>
internal static class WireMessages
{
    public static void Start(this FrameWriter to, RunStart start)
    {
        to.Byte((byte)Message.Start);
        to.Id(start.Run);
        to.Text(start.Version);
        to.Text(start.AssemblyPath);
        to.Bytes(start.Started.Span);
        to.Long(start.StartedAt);
        to.Int(start.Deliveries.Count);
        foreach (var delivery in start.Deliveries) to.Body(delivery);
        to.Int(start.Marks.Count);
        foreach (var mark in start.Marks)
        {
            to.Int(mark.Ordinal);
            to.Text(mark.Path);
            to.Text(mark.Action);
            to.Long((long)mark.Hash);
        }

        to.Byte(start.Traced ? (byte)1 : (byte)0);
    }

    public static void Deliver(this FrameWriter to, RunId run, in Delivery delivery)
    {
        to.Byte((byte)Message.Deliver);
        to.Id(run);
        to.Body(delivery);
    }

    public static void Drop(this FrameWriter to, RunId run)
    {
        to.Byte((byte)Message.Drop);
        to.Id(run);
    }

    public static void Called(this FrameWriter to, StepCall call)
    {
        to.Byte((byte)Message.Called);
        to.Id(call.Run);
        to.Int(call.Ordinal);
        to.Text(call.Path);
        to.Text(call.Action);
        to.Text(call.Instance);
        to.Bytes(call.Arguments.Span);
        to.Long((long)call.Hash);
        to.Int(call.Line);
        if (call.Options is not { } options)
        {
            to.Byte(0);
            return;
        }

        to.Byte(1);
        to.Int(options.Attempts ?? -1);
        to.Long(options.TimeoutMs ?? -1);
        to.Text(options.Title);
        to.Text(options.Accepts);
        to.Int(options.Of ?? -1);
    }

    public static void Ended(this FrameWriter to, RunEnd end)
    {
        to.Byte((byte)Message.Ended);
        to.Id(end.Run);
        to.Byte((byte)end.Kind);
        to.Bytes(end.Payload.Span);
    }

    public static void Idle(this FrameWriter to, in RunIdle idle)
    {
        to.Byte((byte)Message.Idle);
        to.Id(idle.Run);
        to.Int(idle.Deliveries);
        to.Int(idle.OpenCalls);
    }

    public static void Noticed(this FrameWriter to, RunId run, TraceEntry entry)
    {
        to.Byte((byte)Message.Noticed);
        to.Id(run);
        to.Text(entry.Branch);
        to.Text(entry.Text);
        to.Text(entry.Value);
        to.Long(entry.At);
    }

    public static void Cancelled(this FrameWriter to, RunId run, int ordinal)
    {
        to.Byte((byte)Message.Cancelled);
        to.Id(run);
        to.Int(ordinal);
    }

    /// <summary>The Started record and the payloads are parts of the frame.</summary>
    public static RunStart Start(this ref FrameReader from)
    {
        var start = new RunStart
        {
            Run = from.Id(),
            Version = from.Text(),
            AssemblyPath = from.Text(),
            Started = from.Bytes(),
            StartedAt = from.Long(),
        };
        var deliveries = new Delivery[from.Int()];
        for (var i = 0; i < deliveries.Length; i++) deliveries[i] = from.Delivery();
        var marks = new CallMark[from.Int()];
        for (var i = 0; i < marks.Length; i++)
        {
            // A path occurs once in a run: it is nothing for the cache of texts.
            marks[i] = new CallMark(from.Int(), Encoding.UTF8.GetString(from.Bytes().Span), from.Text(), (ulong)from.Long());
        }

        return start with { Deliveries = deliveries, Marks = marks, Traced = from.Byte() == 1 };
    }

    /// <summary>The payload is part of the frame.</summary>
    public static Delivery Delivery(this ref FrameReader from) => new(from.Int(), (DeliveryKind)from.Byte(), from.Long(), from.Bytes());

    public static StepCall Called(this ref FrameReader from)
    {
        var run = from.Id();
        var ordinal = from.Int();
        var path = from.Text();
        var action = from.Text();
        var instance = from.Text();
        var arguments = from.Bytes().ToArray();
        var hash = (ulong)from.Long();
        var line = from.Int();
        StepOptions? options = null;
        if (from.Byte() == 1)
        {
            var attempts = from.Int();
            var timeout = from.Long();
            var (title, accepts, of) = (from.OptionalText(), from.OptionalText(), from.Int());
            options = new StepOptions(attempts < 0 ? null : attempts, timeout < 0 ? null : timeout, title, accepts, of < 0 ? null : of);
        }

        return new StepCall(run, ordinal, path, action, instance, arguments, hash, options, line);
    }

    public static TraceEntry Noticed(this ref FrameReader from) => new(from.Text(), from.OptionalText(), from.OptionalText(), from.Long());

    private static void Body(this FrameWriter to, in Delivery delivery)
    {
        to.Int(delivery.Ordinal);
        to.Byte((byte)delivery.Kind);
        to.Long(delivery.At);
        to.Bytes(delivery.Payload.Span);
    }
}
