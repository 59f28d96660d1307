using System.Globalization;

namespace Soar.Connectors.Mime;

/// <summary>Dates as mail carries them: RFC 5322 with its obsolete zones and two-digit years, asctime, ISO 8601.</summary>
internal static class MailDates
{
    private static readonly string[] Months = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

    private static readonly Dictionary<string, int> Zones = new(StringComparer.OrdinalIgnoreCase)
    {
        ["ut"] = 0, ["utc"] = 0, ["gmt"] = 0, ["z"] = 0, ["est"] = -300, ["edt"] = -240, ["cst"] = -360, ["cdt"] = -300,
        ["mst"] = -420, ["mdt"] = -360, ["pst"] = -480, ["pdt"] = -420, ["cet"] = 60, ["cest"] = 120, ["eet"] = 120, ["eest"] = 180, ["msk"] = 180, ["bst"] = 60,
    };

    public static DateTimeOffset? Parse(string? text)
    {
        if (string.IsNullOrWhiteSpace(text))
            return null;
        if (text.Length > 200)
            text = text[..200];
        int? day = null, month = null, year = null, offset = null;
        TimeSpan? time = null;
        foreach (var word in WithoutComments(text).Split([' ', '\t', ','], StringSplitOptions.RemoveEmptyEntries))
        {
            if (word.Contains(':') && TryTime(word, out var parsed))
                time ??= parsed;
            else if (word.Length >= 5 && word[0] is '+' or '-' && TryOffset(word, out var minutes))
                offset ??= minutes;
            else if (word.Length >= 3 && Array.IndexOf(Months, word[..3].ToLowerInvariant()) is var index and >= 0)
                month ??= index + 1;
            else if (int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            {
                if (day is null && number is >= 1 and <= 31 && word.Length <= 2)
                    day = number;
                else
                    year ??= word.Length > 2 ? number : number < 50 ? 2000 + number : 1900 + number;
            }
            else if (word.Split('-') is [var d, var m, var y] && Array.IndexOf(Months, m.ToLowerInvariant()) is var dashed and >= 0
                && int.TryParse(d, NumberStyles.None, CultureInfo.InvariantCulture, out var dashedDay) && int.TryParse(y, NumberStyles.None, CultureInfo.InvariantCulture, out var dashedYear))
                (day, month, year) = (dashedDay, dashed + 1, dashedYear < 50 ? 2000 + dashedYear : dashedYear < 100 ? 1900 + dashedYear : dashedYear);
            else if (Zones.TryGetValue(word, out var zone))
                offset ??= zone;
        }
        if (day is null || month is null || year is null or < 1 or > 9998 || time is null)
            return DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var iso) ? iso : null;
        if (day > DateTime.DaysInMonth(year.Value, month.Value))
            return null;
        var clock = new DateTime(year.Value, month.Value, day.Value, 0, 0, 0, DateTimeKind.Unspecified) + time.Value;
        // a zone beyond ±14 hours exists nowhere: the time is taken as UTC
        var zoneMinutes = offset is > -840 and < 840 ? offset.Value : 0;
        if (clock.Year is < 2 or > 9997)
            return null;
        return new DateTimeOffset(clock, TimeSpan.FromMinutes(zoneMinutes));
    }

    private static bool TryTime(string word, out TimeSpan time)
    {
        time = default;
        var parts = word.Split(':');
        if (parts.Length is < 2 or > 3)
            return false;
        var seconds = 0;
        if (!int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var hours) || !int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var minutes)
            || (parts.Length == 3 && !int.TryParse(parts[2].Split('.')[0], NumberStyles.None, CultureInfo.InvariantCulture, out seconds)))
            return false;
        if (hours > 24 || minutes > 59 || seconds > 60)
            return false;
        time = new TimeSpan(hours, minutes, Math.Min(seconds, 59)); // a leap second has no place in DateTime
        return true;
    }

    private static bool TryOffset(string word, out int minutes)
    {
        minutes = 0;
        var digits = word[1..].Replace(":", "", StringComparison.Ordinal);
        if (digits.Length != 4 || !int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            return false;
        minutes = number / 100 * 60 + number % 100;
        if (word[0] == '-')
            minutes = -minutes;
        return true;
    }

    private static string WithoutComments(string text)
    {
        if (!text.Contains('('))
            return text;
        var depth = 0;
        return string.Concat(text.Where(character =>
        {
            if (character == '(')
                depth++;
            var keep = depth == 0;
            if (character == ')' && depth > 0)
                depth--;
            return keep;
        }));
    }
}
