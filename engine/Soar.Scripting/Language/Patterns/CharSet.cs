using DotNet = System.Text.RegularExpressions;

namespace Soar.Language.Patterns;

/// <summary>
/// The characters that one place of a pattern fits. What is in a class (categories, blocks, subtraction, upper and lower case) is asked of .NET's own engine, one
/// character at a time, and remembered: there is nothing to go back over in a single character.
/// </summary>
internal sealed class CharSet
{
    // Two bits for a character: whether it was asked about, and the answer. Allocated as characters of a page turn up.
    private const int Page = 256, InAByte = 4;

    private readonly char only;
    private readonly DotNet.Regex? asked;
    private readonly byte[]?[]? known;

    private CharSet(char only) => this.only = only;

    private CharSet(DotNet.Regex asked)
    {
        this.asked = asked;
        known = new byte[char.MaxValue / Page + 1][];
    }

    /// <summary>One character as it is.</summary>
    public static CharSet Of(char only) => new(only);

    /// <summary>A class as .NET writes it: <c>[a-z]</c>, <c>\w</c>, <c>.</c>, an escaped character.</summary>
    public static CharSet Of(string text, RegexOptions options) => new(new DotNet.Regex(
        text, (DotNet.RegexOptions)(options & (RegexOptions.IgnoreCase | RegexOptions.Singleline)) | DotNet.RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1)));

    /// <summary>What <c>\b</c> looks at: word characters and the two joiners.</summary>
    public static CharSet Word { get; } = Of(@"[\w\u200C\u200D]", RegexOptions.None);

    public bool Has(char c)
    {
        if (known is null) return c == only;
        var page = known[c / Page] ??= new byte[Page / InAByte];
        ref var bits = ref page[c % Page / InAByte];
        var shift = c % InAByte * 2;
        if ((bits >> shift & 1) == 0)
        {
            // Two threads may write at once; what is lost is asked again.
            var found = asked!.IsMatch([c]);
            bits |= (byte)((found ? 3 : 1) << shift);
            return found;
        }

        return (bits >> shift & 2) != 0;
    }
}
