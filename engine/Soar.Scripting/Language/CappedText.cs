using System.ComponentModel;
using System.Runtime.CompilerServices;
using System.Text;

namespace Soar.Language;

/// <summary>
/// What makes long texts out of short ones, asking the meter before it does: the compiler puts <c>Capped</c> before the names of these members (<c>~</c> in the allow-list),
/// so the parameters are .NET's in name and order. A text may be as long as the slice's allocation allows.
/// </summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class CappedText
{
    // A part that Split makes is an object of its own and a place in an array.
    private const int BytesOfAPart = 40;

    extension(string)
    {
        public static string CappedConcat(object? arg0) => Glued("", [arg0]);
        public static string CappedConcat(object? arg0, object? arg1) => Glued("", [arg0, arg1]);
        public static string CappedConcat(object? arg0, object? arg1, object? arg2) => Glued("", [arg0, arg1, arg2]);
        public static string CappedConcat(params object?[] args) => Glued("", args);
        public static string CappedConcat(params ReadOnlySpan<object?> args) => Glued("", args.ToArray());
        public static string CappedConcat<T>(IEnumerable<T> values) => Glued("", values);
        public static string CappedConcat(IEnumerable<string?> values) => Glued("", values);
        public static string CappedConcat(string? str0, string? str1) => Glued("", [str0, str1]);
        public static string CappedConcat(string? str0, string? str1, string? str2) => Glued("", [str0, str1, str2]);
        public static string CappedConcat(string? str0, string? str1, string? str2, string? str3) => Glued("", [str0, str1, str2, str3]);
        public static string CappedConcat(params string?[] values) => Glued("", values);
        public static string CappedConcat(params ReadOnlySpan<string?> values) => Glued("", values.ToArray());

        public static string CappedJoin(char separator, params string?[] value) => Glued(separator.ToString(), value);
        public static string CappedJoin(char separator, params ReadOnlySpan<string?> value) => Glued(separator.ToString(), value.ToArray());
        public static string CappedJoin(char separator, string?[] value, int startIndex, int count) => Glued(separator.ToString(), Part(value, startIndex, count));
        public static string CappedJoin(char separator, params object?[] values) => Glued(separator.ToString(), values);
        public static string CappedJoin(char separator, params ReadOnlySpan<object?> values) => Glued(separator.ToString(), values.ToArray());
        public static string CappedJoin<T>(char separator, IEnumerable<T> values) => Glued(separator.ToString(), values);
        public static string CappedJoin(string? separator, params string?[] value) => Glued(separator, value);
        public static string CappedJoin(string? separator, params ReadOnlySpan<string?> value) => Glued(separator, value.ToArray());
        public static string CappedJoin(string? separator, string?[] value, int startIndex, int count) => Glued(separator, Part(value, startIndex, count));
        public static string CappedJoin(string? separator, params object?[] values) => Glued(separator, values);
        public static string CappedJoin(string? separator, params ReadOnlySpan<object?> values) => Glued(separator, values.ToArray());
        public static string CappedJoin(string? separator, IEnumerable<string?> values) => Glued(separator, values);
        public static string CappedJoin<T>(string? separator, IEnumerable<T> values) => Glued(separator, values);
    }

    public static string CappedInsert(this string text, int startIndex, string value)
    {
        Meter.Reserve(2L * ((long)text.Length + value.Length));
        return text.Insert(startIndex, value);
    }

    public static string CappedReplace(this string text, string oldValue, string? newValue) => text.CappedReplace(oldValue, newValue, StringComparison.Ordinal);

    public static string CappedReplace(this string text, string oldValue, string? newValue, StringComparison comparisonType)
    {
        if (oldValue?.Length > 0 && newValue?.Length > oldValue.Length)
            Meter.Reserve(2L * (text.Length + (Times(text, oldValue, comparisonType) * ((long)newValue.Length - oldValue.Length))));
        return text.Replace(oldValue!, newValue, comparisonType);
    }

    public static string CappedReplaceLineEndings(this string text, string replacementText)
    {
        var lines = text.Count(c => c is '\n' or '\r' or '\f' or '\u0085' or '\u2028' or '\u2029');
        Meter.Reserve(2L * (text.Length + ((long)lines * replacementText.Length)));
        return text.ReplaceLineEndings(replacementText);
    }

    public static string[] CappedSplit(this string text, char separator, StringSplitOptions options = StringSplitOptions.None) => text.CappedSplit([separator], options);

    public static string[] CappedSplit(this string text, char separator, int count, StringSplitOptions options = StringSplitOptions.None) => text.CappedSplit([separator], count, options);

    public static string[] CappedSplit(this string text, params char[]? separator) => text.CappedSplit(separator, StringSplitOptions.None);

    public static string[] CappedSplit(this string text, params ReadOnlySpan<char> separator) => text.CappedSplit(separator.ToArray(), StringSplitOptions.None);

    public static string[] CappedSplit(this string text, char[]? separator, int count) => text.CappedSplit(separator, count, StringSplitOptions.None);

    public static string[] CappedSplit(this string text, char[]? separator, StringSplitOptions options) => text.CappedSplit(separator, int.MaxValue, options);

    public static string[] CappedSplit(this string text, char[]? separator, int count, StringSplitOptions options)
    {
        var parts = separator is { Length: > 0 } ? text.Count(c => Array.IndexOf(separator, c) >= 0) : text.Count(char.IsWhiteSpace);
        Meter.Reserve((2L * text.Length) + ((long)BytesOfAPart * Math.Min(parts + 1, count)));
        return text.Split(separator, count, options);
    }

    public static string[] CappedSplit(this string text, string? separator, StringSplitOptions options = StringSplitOptions.None) => text.CappedSplit([separator!], options);

    public static string[] CappedSplit(this string text, string? separator, int count, StringSplitOptions options = StringSplitOptions.None) => text.CappedSplit([separator!], count, options);

    public static string[] CappedSplit(this string text, string[]? separator, StringSplitOptions options) => text.CappedSplit(separator, int.MaxValue, options);

    public static string[] CappedSplit(this string text, string[]? separator, int count, StringSplitOptions options)
    {
        var wanted = separator?.Where(one => !string.IsNullOrEmpty(one)).ToList() ?? [];
        var parts = separator is { Length: > 0 } ? wanted.Sum(one => Times(text, one, StringComparison.Ordinal)) : text.Count(char.IsWhiteSpace);
        Meter.Reserve((2L * text.Length) + (BytesOfAPart * Math.Min(parts + 1, count)));
        return text.Split(separator, count, options);
    }

    public static StringBuilder CappedAppend(this StringBuilder builder, string? value) => builder.With(value?.Length ?? 0).Append(value);

    public static StringBuilder CappedAppend(this StringBuilder builder, StringBuilder? value) => builder.With(value?.Length ?? 0).Append(value);

    public static StringBuilder CappedAppend(this StringBuilder builder, char[]? value) => builder.With(value?.Length ?? 0).Append(value);

    public static StringBuilder CappedAppend(this StringBuilder builder, object? value) => builder.CappedAppend(value?.ToString());

    public static StringBuilder CappedAppend(this StringBuilder builder, CappedInterpolation handler) => builder.CappedAppend(handler.ToString());

    public static StringBuilder CappedAppend(this StringBuilder builder, IFormatProvider? provider, [InterpolatedStringHandlerArgument(nameof(provider))] CappedInterpolation handler) =>
        builder.CappedAppend(handler.ToString());

    public static StringBuilder CappedAppendLine(this StringBuilder builder, string? value) => builder.CappedAppend(value).AppendLine();

    public static StringBuilder CappedAppendLine(this StringBuilder builder, CappedInterpolation handler) => builder.CappedAppend(handler.ToString()).AppendLine();

    public static StringBuilder CappedAppendLine(this StringBuilder builder, IFormatProvider? provider, [InterpolatedStringHandlerArgument(nameof(provider))] CappedInterpolation handler) =>
        builder.CappedAppend(handler.ToString()).AppendLine();

    public static StringBuilder CappedInsert(this StringBuilder builder, int index, string? value) => builder.With(value?.Length ?? 0).Insert(index, value);

    public static StringBuilder CappedInsert(this StringBuilder builder, int index, string? value, int count) => builder.With((value?.Length ?? 0) * Math.Max(0L, count)).Insert(index, value, count);

    public static StringBuilder CappedInsert(this StringBuilder builder, int index, char[]? value) => builder.With(value?.Length ?? 0).Insert(index, value);

    public static StringBuilder CappedInsert(this StringBuilder builder, int index, object? value) => builder.CappedInsert(index, value?.ToString());

    public static StringBuilder CappedAppendJoin(this StringBuilder builder, string? separator, params object?[] values) => builder.CappedAppend(Glued(separator, values));

    public static StringBuilder CappedAppendJoin(this StringBuilder builder, string? separator, params ReadOnlySpan<object?> values) => builder.CappedAppend(Glued(separator, values.ToArray()));

    public static StringBuilder CappedAppendJoin<T>(this StringBuilder builder, string? separator, IEnumerable<T> values) => builder.CappedAppend(Glued(separator, values));

    public static StringBuilder CappedAppendJoin(this StringBuilder builder, string? separator, params string?[] values) => builder.CappedAppend(Glued(separator, values));

    public static StringBuilder CappedAppendJoin(this StringBuilder builder, string? separator, params ReadOnlySpan<string?> values) => builder.CappedAppend(Glued(separator, values.ToArray()));

    public static StringBuilder CappedAppendJoin(this StringBuilder builder, char separator, params object?[] values) => builder.CappedAppend(Glued(separator.ToString(), values));

    public static StringBuilder CappedAppendJoin(this StringBuilder builder, char separator, params ReadOnlySpan<object?> values) => builder.CappedAppend(Glued(separator.ToString(), values.ToArray()));

    public static StringBuilder CappedAppendJoin<T>(this StringBuilder builder, char separator, IEnumerable<T> values) => builder.CappedAppend(Glued(separator.ToString(), values));

    public static StringBuilder CappedAppendJoin(this StringBuilder builder, char separator, params string?[] values) => builder.CappedAppend(Glued(separator.ToString(), values));

    public static StringBuilder CappedAppendJoin(this StringBuilder builder, char separator, params ReadOnlySpan<string?> values) => builder.CappedAppend(Glued(separator.ToString(), values.ToArray()));

    public static StringBuilder CappedReplace(this StringBuilder builder, string oldValue, string? newValue) => builder.CappedReplace(oldValue, newValue, 0, builder.Length);

    public static StringBuilder CappedReplace(this StringBuilder builder, string oldValue, string? newValue, int startIndex, int count)
    {
        if (oldValue?.Length > 0 && newValue?.Length > oldValue.Length) builder.With((long)builder.Length / oldValue.Length * (newValue.Length - oldValue.Length), copies: 1);
        return builder.Replace(oldValue!, newValue, startIndex, count);
    }

    private static string Glued<T>(string? separator, IEnumerable<T> values)
    {
        ArgumentNullException.ThrowIfNull(values);
        var glue = separator ?? "";
        var text = new StringBuilder();
        var first = true;
        foreach (var value in values)
        {
            var part = value?.ToString() ?? "";
            text.With((first ? 0 : glue.Length) + (long)part.Length, copies: 2);
            if (!first) text.Append(glue);
            text.Append(part);
            first = false;
        }

        return text.ToString();
    }

    /// <summary>Asks for so many characters more, and for copies of what is there already where it is going to be copied.</summary>
    private static StringBuilder With(this StringBuilder builder, long more, int copies = 0)
    {
        Meter.Reserve(2L * (more + (copies * (builder.Length + more))));
        return builder;
    }

    private static string?[] Part(string?[] value, int startIndex, int count) => [.. value.Skip(startIndex < 0 || count < 0 || startIndex > value.Length - count ? throw new ArgumentOutOfRangeException(nameof(startIndex)) : startIndex).Take(count)];

    private static long Times(string text, string wanted, StringComparison comparison)
    {
        var times = 0L;
        for (var at = text.IndexOf(wanted, comparison); at >= 0; at = text.IndexOf(wanted, at + wanted.Length, comparison)) times++;
        return times;
    }
}

/// <summary>An interpolated string that asks the meter before it grows; otherwise as C#'s own.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
[InterpolatedStringHandler]
public readonly struct CappedInterpolation
{
    private readonly StringBuilder text;
    private readonly IFormatProvider? provider;

    public CappedInterpolation(int literalLength, int formattedCount) => text = new StringBuilder(literalLength + (formattedCount * 8));

    public CappedInterpolation(int literalLength, int formattedCount, IFormatProvider? provider)
        : this(literalLength, formattedCount) => this.provider = provider;

    public void AppendLiteral(string value) => Append(value);

    public void AppendFormatted<T>(T value) => Append(Say(value, null));

    public void AppendFormatted<T>(T value, string? format) => Append(Say(value, format));

    public void AppendFormatted<T>(T value, int alignment) => Append(Say(value, null), alignment);

    public void AppendFormatted<T>(T value, int alignment, string? format) => Append(Say(value, format), alignment);

    public void AppendFormatted(string? value) => Append(value);

    public void AppendFormatted(string? value, int alignment = 0, string? format = null) => Append(value, alignment);

    public void AppendFormatted(scoped ReadOnlySpan<char> value) => Append(value.ToString());

    public override string ToString()
    {
        Meter.Reserve(2L * text.Length);
        return text.ToString();
    }

    // What prints as words in a Text prints so in every text, whatever becomes of it: who writes $"{ttl}" need not know which of the two it is.
    private string? Say<T>(T value, string? format) => format is null && provider is null ? Soar.Text.Say(value) : value is IFormattable formattable ? formattable.ToString(format, provider) : value?.ToString();

    private void Append(string? value, int alignment = 0)
    {
        if (alignment != 0) value = alignment > 0 ? (value ?? "").PadLeft(alignment) : (value ?? "").PadRight(-alignment);
        Meter.Reserve(2L * (value?.Length ?? 0));
        text.Append(value);
    }
}
