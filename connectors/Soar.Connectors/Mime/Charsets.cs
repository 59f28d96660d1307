using System.Text;

namespace Soar.Connectors.Mime;

/// <summary>Charsets as mail names them, and the guess when a mail lies about it.</summary>
internal static class Charsets
{
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);
    private static readonly Encoding Western;

    // Names seen in real mail that neither IANA nor the framework knows.
    private static readonly Dictionary<string, string> Aliases = new(StringComparer.OrdinalIgnoreCase)
    {
        ["utf8"] = "utf-8", ["utf_8"] = "utf-8", ["utf-8-sig"] = "utf-8", ["unicode-1-1-utf-8"] = "utf-8", ["unicode"] = "utf-16",
        ["ascii"] = "us-ascii", ["ansi_x3.4-1968"] = "us-ascii", ["646"] = "us-ascii", ["7bit"] = "us-ascii", ["us_ascii"] = "us-ascii",
        ["latin1"] = "windows-1252", ["latin-1"] = "windows-1252", ["iso8859-1"] = "windows-1252", ["iso_8859-1"] = "windows-1252", ["iso-8859-1"] = "windows-1252",
        ["iso-8859-8-i"] = "iso-8859-8", ["iso8859-2"] = "iso-8859-2", ["iso8859-5"] = "iso-8859-5", ["iso8859-15"] = "iso-8859-15",
        ["cp1250"] = "windows-1250", ["cp1251"] = "windows-1251", ["cp-1251"] = "windows-1251", ["win1251"] = "windows-1251", ["win-1251"] = "windows-1251",
        ["cp1252"] = "windows-1252", ["cp1253"] = "windows-1253", ["cp1254"] = "windows-1254", ["cp1255"] = "windows-1255", ["cp1256"] = "windows-1256", ["cp1257"] = "windows-1257",
        ["koi8r"] = "koi8-r", ["koi8u"] = "koi8-u", ["koi8-ru"] = "koi8-u",
        ["gb2312"] = "gb18030", ["gbk"] = "gb18030", ["x-gbk"] = "gb18030", ["cp936"] = "gb18030", ["chinesebig5"] = "big5", ["cp950"] = "big5", ["big5-hkscs"] = "big5",
        ["ks_c_5601-1987"] = "ks_c_5601-1987", ["cp949"] = "ks_c_5601-1987", ["uhc"] = "ks_c_5601-1987", ["euckr"] = "euc-kr",
        ["sjis"] = "shift_jis", ["cp932"] = "shift_jis", ["ms932"] = "shift_jis", ["shift-jis"] = "shift_jis", ["x-sjis"] = "shift_jis", ["iso-2022-jp-ms"] = "iso-2022-jp", ["eucjp"] = "euc-jp",
        ["cp874"] = "windows-874", ["tis-620"] = "windows-874", ["macintosh"] = "macintosh", ["mac"] = "macintosh", ["x-mac-cyrillic"] = "x-mac-cyrillic",
    };

    static Charsets()
    {
        Encoding.RegisterProvider(CodePagesEncodingProvider.Instance);
        Western = Encoding.GetEncoding(1252, EncoderFallback.ReplacementFallback, DecoderFallback.ReplacementFallback);
    }

    /// <summary>Null for a name that nothing knows.</summary>
    public static Encoding? Find(string? name)
    {
        if (string.IsNullOrWhiteSpace(name) || name.Length > 64)
            return null;
        name = name.Trim().Trim('"', '\'');
        if (Aliases.TryGetValue(name, out var real))
            name = real;
        try
        {
            return Encoding.GetEncoding(name, EncoderFallback.ReplacementFallback, DecoderFallback.ReplacementFallback);
        }
        catch (Exception e) when (e is ArgumentException or NotSupportedException)
        {
            return null;
        }
    }

    /// <summary>Decodes with the declared charset. Without one, with an unknown one, or when 8-bit bytes stand in "us-ascii": UTF-8 if it is valid, else Windows-1252.</summary>
    public static string Decode(ReadOnlySpan<byte> bytes, string? charset, DefectList? defects)
    {
        if (IsUtf7(charset))
        {
            // Nothing sends it any more but who wants to hide from filters: it is read as the old programs of its victims do, and named.
            defects?.Add(MimeDefectCode.CharsetObsolete, "the text is UTF-7, which hides words and markup from filters");
            return Utf7.Decode(bytes);
        }
        var encoding = Find(charset);
        if (encoding is null && !string.IsNullOrWhiteSpace(charset))
            defects?.Add(MimeDefectCode.CharsetUnknown, $"charset '{Short(charset)}' is unknown; UTF-8 or Windows-1252 was assumed");
        if (encoding is null || encoding.CodePage == 20127)
        {
            if (encoding is not null && bytes.ContainsAnyExceptInRange((byte)0, (byte)127))
                defects?.Add(MimeDefectCode.CharsetWrong, "8-bit bytes in us-ascii text");
            return Guess(bytes);
        }
        if (bytes.StartsWith(Encoding.UTF8.Preamble))
            bytes = bytes[3..];
        try
        {
            return encoding.GetString(bytes);
        }
        catch (Exception e) when (e is ArgumentException or IndexOutOfRangeException)
        {
            // The stateful ISO-2022 and HZ decoders of the code page provider can trip over broken escape sequences.
            defects?.Add(MimeDefectCode.CharsetWrong, $"the text is not valid {Short(charset!)}");
            return Guess(bytes);
        }
    }

    /// <summary>The framework does not know it on purpose.</summary>
    internal static bool IsUtf7(string? charset) => charset?.Trim().Trim('"', '\'').ToLowerInvariant() is "utf-7" or "utf7" or "unicode-1-1-utf-7" or "unicode-2-0-utf-7" or "x-unicode-2-0-utf-7" or "csunicode11utf7";

    /// <summary>UTF-8 if the bytes are valid UTF-8, else Windows-1252, which no byte can break.</summary>
    public static string Guess(ReadOnlySpan<byte> bytes) =>
        System.Text.Unicode.Utf8.IsValid(bytes) ? StrictUtf8.GetString(bytes) : Western.GetString(bytes);

    internal static string Short(string text) => text.Length <= 40 ? text : text[..40] + "…";
}
