using System.Globalization;

namespace Soar.Server.Settings;

/// <summary>Durations as settings and the command line write them: <c>30s</c>, <c>5m</c>, <c>24h</c>, <c>7d</c>, <c>1h30m</c>, <c>250ms</c>, <c>until-lifted</c>.</summary>
internal static class DurationText
{
    public static bool TryParse(string text, out TimeSpan duration)
    {
        duration = TimeSpan.Zero;
        if (string.Equals(text, "until-lifted", StringComparison.Ordinal)) { duration = Until.Lifted; return true; }
        if (TimeSpan.TryParseExact(text, "c", CultureInfo.InvariantCulture, out duration) && text.Contains(':')) return true;
        var position = 0;
        var total = TimeSpan.Zero;
        while (position < text.Length)
        {
            var start = position;
            while (position < text.Length && (char.IsAsciiDigit(text[position]) || text[position] == '.')) position++;
            if (!double.TryParse(text.AsSpan(start, position - start), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var count)) return false;
            var unitStart = position;
            while (position < text.Length && char.IsAsciiLetter(text[position])) position++;
            TimeSpan? unit = text[unitStart..position] switch
            {
                "ms" => TimeSpan.FromMilliseconds(count),
                "s" => TimeSpan.FromSeconds(count),
                "m" => TimeSpan.FromMinutes(count),
                "h" => TimeSpan.FromHours(count),
                "d" => TimeSpan.FromDays(count),
                "w" => TimeSpan.FromDays(7 * count),
                _ => null,
            };
            if (unit is null) return false;
            total += unit.Value;
        }

        duration = total;
        return text.Length > 0;
    }
}
