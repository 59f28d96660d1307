using System.Text;
using System.Text.Json;
using Soar.Capabilities;
using Soar.Hosting;
using Soar.Scripting.Jail;

namespace Soar.Scripting.Host;

/// <summary>
/// One jailed process that runs playbooks, fed over pipes with batched frames. It can die at any time: what lived there is reported as lost, and since runs
/// replay, they begin again elsewhere. It does not start itself again; <see cref="HostPool"/> does.
/// </summary>
public sealed class ProcessHost : IPlaybookHost, IThreadPoolWorkItem
{
    /// <summary>What a hostile playbook may make us hold at most.</summary>
    private const int LongestFrame = 256 << 20;

    private readonly IPlaybookHostEvents events;
    private readonly HostOptions options;
    private readonly TimeProvider clock;
    private readonly JailedProcess process;
    private readonly InHandMark mark;
    private readonly ITimer watchdog;
    // An object, not a Lock: the writing thread waits on it, and a waiting thread that spins would take the core that the playbooks need.
    private readonly object gate = new();
    private readonly Lives lives = new();
    private readonly Dictionary<long, TaskCompletionSource<byte[]>> evaluations = [];
    private readonly TaskCompletionSource gone = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private FrameWriter next = new();
    private FrameWriter current = new();
    private bool writing;
    private long lastEvaluation;
    private bool dead;
    private string? killed;
    private RunId? hanging;
    private (long Slice, long Since, TimeSpan Used) seen;

    public ProcessHost(IPlaybookHostEvents events, HostOptions options, TimeProvider clock)
    {
        this.events = events;
        this.options = options;
        this.clock = clock;
        var jail = options.Jail with { ReadOnlyPaths = [.. options.Jail.ReadOnlyPaths, Path.GetFullPath(options.CacheFolder)] };
        process = JailedProcess.Start(options.Entry, HostProcess.Verb, [JsonSerializer.Serialize(options.Budgets, SoarJson.Options)], jail);
        mark = MarkOf(process.Page);
        new Thread(Read) { IsBackground = true, Name = "from playbooks" }.Start();
        watchdog = clock.CreateTimer(_ => Watch(), null, options.WatchEvery, options.WatchEvery);
    }

    /// <summary>Completes when the jail is shut; fails with <see cref="JailException"/> when the process did not get that far.</summary>
    public Task<JailReport> Ready => process.Ready;

    /// <summary>The process id.</summary>
    public int Id => process.Id;

    /// <summary>Completes when the process is gone and its death was reported.</summary>
    public Task Gone => gone.Task;

    /// <summary>Runs that live here.</summary>
    public int Count => lives.Count;

    public void Start(RunStart start)
    {
        RunId? former;
        bool sent;
        lock (gate)
        {
            former = null;
            sent = !dead && Send(start with { Run = lives.Begin(start.Run, out former) }, static (to, start) => to.Start(start));
        }

        // A run that is started on a dead process must not get lost silently: whoever started it hears of it like of all others.
        if (!sent) ThreadPool.QueueUserWorkItem(_ => events.HostDied("The playbook host had died just before this run came.", null, [start.Run]));
        else if (former is { } token) Send(token, static (to, run) => to.Drop(run));
    }

    public void Deliver(RunId run, Delivery delivery)
    {
        if (lives.TokenOf(run) is { } token) Send((token, delivery), static (to, d) => to.Deliver(d.token, d.delivery));
    }

    public void Drop(RunId run)
    {
        if (lives.End(run) is { } token) Send(token, static (to, run) => to.Drop(run));
    }

    public Task<byte[]> EvaluateAsync(string version, string assemblyPath, string lambda, LambdaSubject subject, CancellationToken cancellation)
    {
        var answer = new TaskCompletionSource<byte[]>(TaskCreationOptions.RunContinuationsAsynchronously);
        var json = JsonSerializer.SerializeToUtf8Bytes(subject, SoarJson.Options);
        long id;
        lock (gate)
        {
            if (dead) return Task.FromException<byte[]>(Died());
            evaluations.Add(id = ++lastEvaluation, answer);
        }

        Send((id, version, assemblyPath, lambda, json), static (to, e) =>
        {
            to.Byte((byte)Message.Evaluate);
            to.Long(e.id);
            to.Text(e.version);
            to.Text(e.assemblyPath);
            to.Text(e.lambda);
            to.Bytes(e.json);
        });
        return answer.Task.WaitAsync(cancellation);
    }

    /// <summary>Ends the process without reporting a death.</summary>
    public async ValueTask DisposeAsync()
    {
        lock (gate) killed ??= "";
        lives.EndAll();

        process.Kill();
        await gone.Task;
        await process.DisposeAsync();
    }

    private static unsafe InHandMark MarkOf(SharedPage page) => new(page.Address);

    private bool Send<T>(T message, Action<FrameWriter, T> write)
    {
        lock (gate)
        {
            if (dead) return false;
            var before = next.Length;
            try
            {
                write(next, message);
            }
            catch (Exception error) when (error is OverflowException or ArgumentException or OutOfMemoryException)
            {
                next.Truncate(before);
                throw new SoarException("SOAR2024", "A run's journal is too large to be handed to a playbook host in one piece: more than a gigabyte waits there. End such runs with RunAgain earlier, or pass Artifacts instead of bytes.", error);
            }

            if (writing) return true;
            writing = true;
        }

        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        return true;
    }

    /// <summary>
    /// Writes what there is. Its turn comes after everything that the pool had to do when the first message came: a commit lets many runs go on at once, and what they all say goes out in
    /// one write, which the playbook host answers in one.
    /// </summary>
    void IThreadPoolWorkItem.Execute()
    {
        try
        {
            while (true)
            {
                lock (gate)
                {
                    if (next.IsEmpty || dead)
                    {
                        writing = false;
                        return;
                    }

                    (current, next) = (next, current);
                }

                process.ToChild.Write(current.Frame);
                current.Clear();
            }
        }
        catch (IOException)
        {
            // The process is gone; the reader notices and reports.
        }
        catch (ObjectDisposedException)
        {
            // As above, after disposal.
        }
    }

    private void Read()
    {
        var problem = "";
        try
        {
            var from = new FrameStream(process.FromChild, LongestFrame);
            var texts = new TextCache();
            while (from.Next() is { } frame) Handle(frame, texts);
        }
        catch (Exception error) when (error is IOException or InvalidDataException or ObjectDisposedException)
        {
            // What a playbook host says is not trusted: nonsense ends it.
            problem = error.Message + " ";
        }

        process.Kill();
        var exit = process.Exited.GetAwaiter().GetResult(); // A thread of its own that has nothing else to do.
        Bury(problem, exit);
    }

    private void Handle(ReadOnlyMemory<byte> frame, TextCache texts)
    {
        var from = new FrameReader(frame, texts);
        while (!from.AtEnd)
        {
            switch ((Message)from.Byte())
            {
                case Message.Called:
                    var call = from.Called();
                    if (lives.RunOf(call.Run) is { } caller) events.StepCalled(call with { Run = caller });
                    break;
                case Message.Cancelled:
                    var (token, ordinal) = (from.Id(), from.Int());
                    if (lives.RunOf(token) is { } run) events.StepCancelled(run, ordinal);
                    break;
                case Message.Idle:
                    var idle = new RunIdle(from.Id(), from.Int(), from.Int());
                    if (lives.RunOf(idle.Run) is { } idler) events.Idle(idle with { Run = idler });
                    break;
                case Message.Ended:
                    var end = new RunEnd(from.Id(), (RunEndKind)from.Byte(), from.Bytes().ToArray());
                    if (lives.EndToken(end.Run) is { } ended) events.Ended(end with { Run = ended });
                    break;
                case Message.Noticed:
                    var (noticing, entry) = (from.Id(), from.Noticed());
                    if (lives.RunOf(noticing) is { } traced) events.Noticed(traced, entry);
                    break;
                case Message.Evaluated:
                    Evaluated(from.Long(), from.OptionalText(), from.Bytes());
                    break;
                default:
                    throw new InvalidDataException("An unknown message came from the playbook host.");
            }
        }
    }

    private void Evaluated(long id, string? code, ReadOnlyMemory<byte> answer)
    {
        TaskCompletionSource<byte[]>? waiting;
        lock (gate)
        {
            if (!evaluations.Remove(id, out waiting)) return;
        }

        if (code is null) waiting.TrySetResult(answer.ToArray());
        else waiting.TrySetException(new SoarException(code, Encoding.UTF8.GetString(answer.Span)));
    }

    private void Watch()
    {
        if (mark.Read() is not { } now)
        {
            seen = default;
            return;
        }

        var time = clock.GetTimestamp();
        if (now.Slice != seen.Slice)
        {
            seen = (now.Slice, time, Spawner.Load(process.Id).Used);
            return;
        }

        var ran = clock.GetElapsedTime(seen.Since, time);
        if (ran < options.SliceLimit || (ran < options.SliceLimit * options.Patience && IsStarved())) return;
        lock (gate)
        {
            if (killed is not null || dead) return;
            hanging = lives.RunOf(now.Run);
            killed = $"The playbook's code ran longer than {Durations.Say(options.SliceLimit)} without a step: an endless loop, or far too much work between two steps.";
        }

        process.Kill();
    }

    /// <summary>
    /// The machine is too busy, or somebody stopped the process: it wants to run and has not had half of its time. Such a run did nothing wrong; killed for it, the next death that really
    /// is somebody's would be its second.
    /// </summary>
    private bool IsStarved()
    {
        var (used, starved) = Spawner.Load(process.Id);
        return starved && used - seen.Used < options.SliceLimit / 2;
    }

    private void Bury(string problem, ChildExit exit)
    {
        watchdog.Dispose();
        // The token of no life is an evaluation of a header's lambda.
        var inHand = hanging ?? (mark.Read() is { } hand ? lives.RunOf(hand.Run) : null);
        TaskCompletionSource<byte[]>[] waiting;
        string? reason;
        lock (gate)
        {
            dead = true;
            reason = killed;
            waiting = [.. evaluations.Values];
            evaluations.Clear();
            Monitor.PulseAll(gate);
        }

        var lost = lives.EndAll();
        foreach (var evaluation in waiting) evaluation.TrySetException(Died());
        if (reason is not "")
        {
            var last = exit.LastErrorLines.Count == 0 ? "" : $" It said: {string.Join(" | ", exit.LastErrorLines.Take(5))}";
            events.HostDied(reason ?? $"{problem}The playbook host ended with {exit.Summary}.{last}", inHand, lost);
        }

        gone.SetResult();
    }

    private static SoarException Died() => new("SOAR2023", "The playbook host died while it evaluated a lambda of a playbook's header. Look for an endless loop or recursion in it.");
}
