using System.Text.Json;
using Soar.Capabilities;
using Soar.Hosting;
using Soar.Language;
using Soar.Scripting.Jail;

namespace Soar.Scripting.Host;

/// <summary>The child's side of <see cref="ProcessHost"/>: the body of the jailed verb <c>playbook-host</c>.</summary>
public static class HostProcess
{
    public const string Verb = "playbook-host";

    /// <summary>A frame goes out when it is this long, or when there is nothing left to run.</summary>
    private const int FullFrame = 64 << 10;

    /// <summary>Drives runs until the parent closes the pipe. The first argument holds the <see cref="Budgets"/> as JSON.</summary>
    public static Task<int> RunAsync(IReadOnlyList<string> arguments, Stream fromParent, Stream toParent)
    {
        var budgets = arguments is [var json, ..] ? JsonSerializer.Deserialize<Budgets>(json, SoarJson.Options)! : new Budgets();
        var over = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
        // Playbooks run on one thread, which reads and writes the pipes as well: nothing is handed from thread to thread.
        new Thread(() =>
        {
            try
            {
                Loop(budgets, fromParent, toParent);
                over.SetResult(0);
            }
            catch (IOException)
            {
                over.SetResult(0); // The parent is gone; so are we.
            }
        }, RunSet.StackBytes) { Name = "playbooks" }.Start();
        return over.Task;
    }

    private static void Loop(Budgets budgets, Stream fromParent, Stream toParent)
    {
        var page = JailEntry.Page;
        var mark = MarkOf(page);
        // A run that waits already goes first: it warms up what it needs.
        if (!JailEntry.ParentHasSpoken) WarmUp.Run(budgets);
        var to = new FrameWriter();
        var from = new FrameStream(fromParent);
        var texts = new TextCache();
        var runs = new RunSet(new Frames(to), new PlaybookLoader(), budgets, mark);
        while (from.Next() is { } frame)
        {
            Take(frame, texts, runs, to);
            // What is in memory already belongs to the same stroke, so that deliveries to one run come in one go.
            // Payloads are parts of the read buffer: they hold until the next frame is waited for, and by then everything that was taken has run.
            while (from.HasNext && from.Next() is { } more) Take(more, texts, runs, to);
            runs.DrainAll(() => Send(to, toParent, FullFrame));
            Send(to, toParent, atLeast: 0);
        }

        GC.KeepAlive(page);
    }

    private static unsafe InHandMark MarkOf(SharedPage page) => new(page.Address);

    private static void Send(FrameWriter to, Stream stream, int atLeast)
    {
        if (to.IsEmpty || to.Length < atLeast) return;
        stream.Write(to.Frame);
        to.Clear();
    }

    private static void Take(ReadOnlyMemory<byte> frame, TextCache texts, RunSet runs, FrameWriter to)
    {
        var reader = new FrameReader(frame, texts);
        while (!reader.AtEnd)
        {
            switch ((Message)reader.Byte())
            {
                case Message.Start:
                    var start = reader.Start();
                    runs.Take(new Work(start.Run, Start: start));
                    break;
                case Message.Deliver:
                    runs.Take(new Work(reader.Id(), Delivery: reader.Delivery()));
                    break;
                case Message.Drop:
                    runs.Take(new Work(reader.Id()));
                    break;
                case Message.Evaluate:
                    var id = reader.Long();
                    var version = reader.Text();
                    var path = reader.Text();
                    var lambda = reader.Text();
                    var subject = JsonSerializer.Deserialize<LambdaSubject>(reader.Bytes().Span, SoarJson.Options)!;
                    runs.Take(new Work(default, Evaluation: new Evaluation(version, path, lambda, subject, (json, error) =>
                    {
                        to.Byte((byte)Message.Evaluated);
                        to.Long(id);
                        to.Text(error?.Code);
                        to.Bytes(error is null ? json : System.Text.Encoding.UTF8.GetBytes(error.Message));
                    })));
                    break;
                default:
                    throw new InvalidDataException("An unknown message came from the engine.");
            }
        }
    }

    /// <summary>What runs report, as messages. Only the thread that drives them calls it.</summary>
    private sealed class Frames(FrameWriter to) : IPlaybookHostEvents
    {
        public void StepCalled(StepCall call) => to.Called(call);

        public void StepCancelled(RunId run, int ordinal) => to.Cancelled(run, ordinal);

        public void Idle(RunIdle idle) => to.Idle(idle);

        public void Ended(RunEnd end) => to.Ended(end);

        public void Noticed(RunId run, TraceEntry entry) => to.Noticed(run, entry);

        public void HostDied(string reason, RunId? inHand, IReadOnlyList<RunId> lost)
        {
            // The dead do not report; the parent sees it.
        }
    }
}

/// <summary>Runs a small script once before the first real run, so that a warm host answers at once.</summary>
internal sealed class WarmUp : Script
{
    public static void Run(Budgets budgets)
    {
        var calls = new Calls();
        var runs = new RunSet(calls, new PlaybookLoader(), budgets, new InHandMark(), new Dictionary<string, Func<Script>> { ["warm-up"] = () => new WarmUp() });
        var started = new StartedRecord
        {
            Playbook = "warm-up",
            PlaybookVersion = "1.0.0",
            Inputs = new Dictionary<string, JsonElement>(),
            Instances = new Dictionary<string, IReadOnlyList<string>> { ["Warm"] = ["up"] },
        };
        var start = new RunStart { Run = default, Version = "warm-up", AssemblyPath = "", Started = JsonSerializer.SerializeToUtf8Bytes(started, SoarJson.Options), StartedAt = 0 };
        runs.Take(new Work(default, Start: start));
        runs.DrainAll();
        while (calls.Open.TryDequeue(out var call))
        {
            var wire = new FrameWriter();
            wire.Called(call);
            runs.Take(new Work(default, Delivery: new Delivery(call.Ordinal, DeliveryKind.Done, 1, call.Action == "warm.up" ? "1"u8.ToArray() : "null"u8.ToArray())));
            runs.DrainAll();
        }
    }

    protected override async Task<Outcome> Body()
    {
        var (a, b) = await All(Up(), ForEach([1, 2], async n => await Up() + n));
        await Wait(1.Seconds);
        return Outcome.Completed($"{a} {b[0]}");
    }

    private Step<int> Up() => new Arguments(this).Add("text", "warm").Add("address", IpAddress.Parse("192.0.2.1")).Call<int>("warm.up", "up", "warm-up", default);

    private sealed class Calls : IPlaybookHostEvents
    {
        public Queue<StepCall> Open { get; } = new();

        public void StepCalled(StepCall call) => Open.Enqueue(call);

        public void StepCancelled(RunId run, int ordinal)
        {
        }

        public void Idle(RunIdle idle)
        {
        }

        public void Ended(RunEnd end)
        {
        }

        public void HostDied(string reason, RunId? inHand, IReadOnlyList<RunId> lost)
        {
        }
    }
}
