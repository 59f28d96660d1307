using System.ComponentModel;

namespace Soar.Language;

/// <summary>
/// Caps what makes much out of little before it happens. The compiler wraps the size arguments of these calls in <see cref="Size(int)"/>:
/// <list type="table">
/// <item><term><c>new T[n]</c></term><description>every dimension</description></item>
/// <item><term><c>Enumerable.Range, Enumerable.Repeat</c></term><description><c>count</c></description></item>
/// <item><term><c>string.PadLeft, string.PadRight</c></term><description><c>totalWidth</c></description></item>
/// <item><term><c>new string(c, n)</c></term><description><c>count</c></description></item>
/// <item><term><c>StringBuilder</c></term><description><c>capacity</c>, <c>Append(c, repeatCount)</c>, <c>Insert(…, count)</c></description></item>
/// <item><term>collections</term><description><c>capacity</c></description></item>
/// </list>
/// Texts that grow from their own input are <see cref="CappedText"/>'s; sums of texts and interpolated strings go through <see cref="Text"/> and <see cref="Format"/>.
/// </summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class Capped
{
    /// <summary>Elements that one call may make: four million.</summary>
    public const int Most = 4 << 20;

    /// <summary>The size itself; a larger one than <see cref="Most"/>, or more than the slice may still allocate, ends the run.</summary>
    public static int Size(int size)
    {
        Meter.Charge(size);
        return size;
    }

    /// <inheritdoc cref="Size(int)"/>
    public static long Size(long size)
    {
        Meter.Charge(size);
        return size;
    }

    /// <summary>A sum of texts: what it took is looked at as soon as it is long.</summary>
    public static string Text(string sum)
    {
        if (sum.Length >= LongSum) Meter.Spent();
        return sum;
    }

    /// <summary>An interpolated string, which was counted while it grew.</summary>
    public static string Format(CappedInterpolation text) => text.ToString();

    // Shorter sums are seen in time by the counter at the next statement.
    private const int LongSum = 16 << 10;
}
