namespace Soar.Scripting.Host;

/// <summary>
/// Says which run's code is executing right now, in memory that outlives a crash: 16 bytes of run id, then a counter that is odd while code runs and changes
/// with every slice. Whoever watches sees a slice that does not end (same odd number), and after a death whose fault it was.
/// </summary>
internal sealed unsafe class InHandMark
{
    private const int Bytes = 32;

    private readonly byte* place;
    private readonly byte[]? own;

    /// <summary>In memory that somebody shares; it must outlive the mark.</summary>
    public InHandMark(byte* place) => this.place = place;

    /// <summary>In memory of its own, where nobody watches.</summary>
    public InHandMark()
    {
        own = GC.AllocateArray<byte>(Bytes, pinned: true);
        place = (byte*)System.Runtime.CompilerServices.Unsafe.AsPointer(ref own[0]);
    }

    private long* Counter => (long*)(place + 16);

    public void Begin(RunId run)
    {
        var n = *Counter;
        // Ending first: nobody may see the new run under the old number.
        if ((n & 1) == 1) Volatile.Write(ref *Counter, ++n);
        run.Value.TryWriteBytes(new Span<byte>(place, 16));
        Volatile.Write(ref *Counter, n + 1);
    }

    public void End()
    {
        var n = *Counter;
        if ((n & 1) == 1) Volatile.Write(ref *Counter, n + 1);
    }

    /// <summary>The run in hand and the number of its slice; null when no code runs.</summary>
    public (RunId Run, long Slice)? Read()
    {
        var before = Volatile.Read(ref *Counter);
        if ((before & 1) == 0) return null;
        var run = new RunId(new Guid(new ReadOnlySpan<byte>(place, 16)));
        return Volatile.Read(ref *Counter) == before ? (run, before) : null;
    }
}
