namespace Soar.Connectors.Mime;

/// <summary>
/// Reads mail as it is found: hostile, broken, in any charset. It never throws for what a mail says; what is malformed or cut off stands in
/// <see cref="MimeMessage.Defects"/>. Time is linear in the size; depth, parts and headers are bounded by <see cref="MimeLimits"/>.
/// </summary>
public static class MimeReader
{
    public static MimeMessage Read(ReadOnlyMemory<byte> mail) => Read(mail, MimeLimits.Default);

    public static MimeMessage Read(ReadOnlyMemory<byte> mail, MimeLimits limits)
    {
        var defects = new DefectList(limits.Defects);
        // files saved by mail programs begin with a byte order mark or blank lines; both would make everything body
        var start = mail.Span.StartsWith(System.Text.Encoding.UTF8.Preamble) ? 3 : 0;
        while (start < mail.Length && mail.Span[start] is (byte)'\r' or (byte)'\n')
            start++;
        mail = start < mail.Length ? mail[start..] : mail;
        return new PartReader(mail, limits, defects, new PartBudget(limits)).Message("", depth: 0);
    }
}
