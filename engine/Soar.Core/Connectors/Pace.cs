using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Soar.Connectors;

/// <summary>
/// How often something may be done: <c>10/s</c>, <c>4/m</c>, <c>500/h</c>, <c>1000/d</c>. It is a bucket that holds <see cref="Burst"/> and fills evenly; the burst is
/// the count unless it is said: <c>4/m burst 1</c>.
/// </summary>
public readonly record struct Rate(int Count, TimeSpan Per, int Burst)
{
    public static bool TryParse([NotNullWhen(true)] string? text, out Rate rate)
    {
        rate = default;
        var words = (text ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (words.Length is not (1 or 3) || words[0].Split('/') is not [var number, var unit] || !Number(number, out var count))
            return false;
        TimeSpan? per = unit switch { "s" => TimeSpan.FromSeconds(1), "m" => TimeSpan.FromMinutes(1), "h" => TimeSpan.FromHours(1), "d" => TimeSpan.FromDays(1), _ => null };
        var burst = count;
        if (per is null || (words.Length == 3 && (words[1] != "burst" || !Number(words[2], out burst))))
            return false;
        rate = new Rate(count, per.Value, burst);
        return true;
    }

    /// <summary>For rates that stand in code.</summary>
    public static Rate Parse(string text) => TryParse(text, out var rate) ? rate : throw new FormatException($"'{text}' is no rate; write 10/s, 4/m, 500/h, 1000/d, or 4/m burst 1.");

    public override string ToString()
    {
        var unit = Per.TotalSeconds switch { 1 => "s", 60 => "m", 3600 => "h", _ => "d" };
        return Burst == Count ? $"{Count}/{unit}" : $"{Count}/{unit} burst {Burst}";
    }

    private static bool Number(string text, out int number) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number) && number is > 0 and <= 1_000_000;
}

/// <summary>
/// The token bucket of one connector instance, shared by every run: turns are given in the order in which they were asked for. The engine takes a turn before each attempt;
/// <c>HttpAccess</c> takes one for each request beyond the first of an attempt. Thread-safe.
/// </summary>
public sealed class Pace(Rate? rate, TimeProvider clock)
{
    /// <summary>A turn that is not taken by then was for something that does not want it any more.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    /// <summary>The other side's wish is remembered for so long at most; then it is asked again and may repeat it.</summary>
    private static readonly TimeSpan LongestHold = TimeSpan.FromMinutes(5);

    private static readonly AsyncLocal<PaidTurn?> Paid = new();

    private readonly Lock gate = new();
    private readonly Dictionary<object, Waiter> waiters = [];
    private readonly LinkedList<Waiter> queue = [];
    private double tokens = rate?.Burst ?? 0;
    private DateTimeOffset filled = clock.GetUtcNow();
    private DateTimeOffset hold;
    private DateTimeOffset swept;

    /// <summary>No limit of ours. A wait that the other side asks for is still kept.</summary>
    public static Pace Unlimited(TimeProvider clock) => new(null, clock);

    public Rate? Rate { get; } = rate;

    /// <summary>Set once by a connector that takes a turn for each request itself: an attempt that sent none gives its turn back.</summary>
    public bool CountsRequests { get; set; }

    /// <summary>
    /// Null: it is <paramref name="who"/>'s turn, now, and it is used up. Otherwise when it will be: ask again then with the same <paramref name="who"/>, who keeps the place.
    /// </summary>
    public DateTimeOffset? Turn(object who)
    {
        var now = clock.GetUtcNow();
        lock (gate)
        {
            if (Rate is null) return hold > now ? hold : null;
            Fill(now);
            if (!waiters.TryGetValue(who, out var waiter))
            {
                waiter = new Waiter(who);
                waiters.Add(who, waiter);
                waiter.Place = queue.AddLast(waiter);
                Fill(now);
            }

            if (waiter.Place is null)
            {
                waiters.Remove(who);
                return null;
            }

            waiter.Told = WhenOf(waiter.Place, now);
            return waiter.Told;
        }
    }

    /// <summary>It does not want its turn any more; those behind move up.</summary>
    public void Leave(object who)
    {
        lock (gate)
        {
            if (!waiters.Remove(who, out var waiter)) return;
            if (waiter.Place is not null) queue.Remove(waiter.Place);
            else GiveBack();
        }
    }

    /// <summary>Waits for a turn in memory, until told to stop.</summary>
    public async ValueTask WaitAsync(CancellationToken cancellation)
    {
        if (Paid.Value is { } paid && paid.Spend(this)) return;
        var who = new object();
        try
        {
            while (Turn(who) is { } at)
                await Task.Delay(TimeSpan.FromMilliseconds(Math.Max(1, Math.Ceiling((at - clock.GetUtcNow()).TotalMilliseconds))), clock, cancellation);
        }
        catch (OperationCanceledException)
        {
            Leave(who);
            throw;
        }
    }

    /// <summary>The other side asks for a pause (<c>Retry-After</c>): nobody's turn comes before it is over.</summary>
    public void Hold(TimeSpan wait)
    {
        var until = clock.GetUtcNow() + (wait < LongestHold ? wait : LongestHold);
        lock (gate)
            if (until > hold) hold = until;
    }

    /// <summary>
    /// The attempt that begins here has had its turn: the first <see cref="WaitAsync"/> inside it does not wait again. Lasts as long as the caller's own async method.
    /// Dispose it when the attempt is over.
    /// </summary>
    public IDisposable Begin()
    {
        var paid = new PaidTurn(this);
        Paid.Value = paid;
        return paid;
    }

    private double PerSecond => Rate!.Value.Count / Rate.Value.Per.TotalSeconds;

    private void Fill(DateTimeOffset now)
    {
        if (now > filled)
        {
            tokens = Math.Min(Math.Max(Rate!.Value.Burst, 1), tokens + (now - filled).TotalSeconds * PerSecond);
            filled = now;
        }

        while (now >= hold && tokens >= 1 - 1e-6 && queue.First is { } first)
        {
            tokens -= 1;
            queue.RemoveFirst();
            first.Value.Place = null;
            first.Value.Told = first.Value.Told < now ? now : first.Value.Told;
        }

        if (now - swept < Patience) return;
        swept = now;
        foreach (var gone in waiters.Values.Where(waiter => waiter.Place is null && now - waiter.Told > Patience).ToList()) waiters.Remove(gone.Who);
    }

    private DateTimeOffset WhenOf(LinkedListNode<Waiter> place, DateTimeOffset now)
    {
        var before = 0;
        if (place == queue.Last) before = queue.Count - 1;
        else for (var node = place.Previous; node is not null; node = node.Previous) before++;
        var from = hold > now ? hold : now;
        var there = Math.Min(Rate!.Value.Burst, tokens + (from - now).TotalSeconds * PerSecond);
        return from + TimeSpan.FromMilliseconds(Math.Max(0, Math.Ceiling((before + 1 - there) / PerSecond * 1000)));
    }

    private void GiveBack() => tokens = Math.Min(Rate!.Value.Burst, tokens + 1);

    private sealed class Waiter(object who)
    {
        public object Who { get; } = who;

        /// <summary>Null once its turn has come.</summary>
        public LinkedListNode<Waiter>? Place { get; set; }
        public DateTimeOffset Told { get; set; }
    }

    private sealed class PaidTurn(Pace pace) : IDisposable
    {
        private int spent;

        public bool Spend(Pace asked) => asked == pace && Interlocked.Exchange(ref spent, 1) == 0;

        public void Dispose()
        {
            Paid.Value = null;
            if (!pace.CountsRequests || pace.Rate is null || Interlocked.Exchange(ref spent, 1) != 0) return;
            lock (pace.gate) pace.GiveBack();
        }
    }
}
