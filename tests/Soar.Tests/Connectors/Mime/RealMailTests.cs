using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Soar.Connectors.Mime;

namespace Soar.Tests.Connectors.Mime;

/// <summary>Every mail of the sample data, alone and against Python's own reader.</summary>
public sealed class RealMailTests
{
    // The comparison asks Python for what both must agree on. Of message/* it descends into message/rfc822 only: Python reads the others as messages, we as leaves.
    private const string Script = """
        import sys, json, datetime, email, email.header, email.utils, hashlib
        from email import policy
        def walk(m):
            yield m
            if m.get_content_maintype() == 'message' and m.get_content_type() != 'message/rfc822': return
            if m.is_multipart():
                for p in m.get_payload():
                    yield from walk(p)
        def text(p):
            # A charset that Python does not know, or bytes that are not in it, say nothing of us.
            try:
                s = p.get_payload(decode=True).decode(p.get_content_charset('us-ascii'))
            except (LookupError, UnicodeDecodeError):
                return None
            return hashlib.sha256(s.replace('\r\n', '\n').replace('\r', '\n').encode('utf-8', 'surrogatepass')).hexdigest()
        def people(m, header):
            return [a for _, a in email.utils.getaddresses([str(h) for h in m.get_all(header, [])]) if a]
        def date(m):
            try:
                parsed = email.utils.parsedate_to_datetime(str(m['date']))
            except (TypeError, ValueError):
                return None
            return int(parsed.timestamp()) if parsed.tzinfo is not None else int(parsed.replace(tzinfo=datetime.timezone.utc).timestamp())
        out = []
        for path in sys.argv[1:]:
            data = open(path, 'rb').read()
            m = email.message_from_bytes(data)
            modern = email.message_from_bytes(data, policy=policy.default)
            names, hashes, texts = [], [], []
            for p in walk(m):
                name = p.get_filename()
                if name: names.append(str(email.header.make_header(email.header.decode_header(name))))
                if p.get_content_maintype() != 'message' and not p.is_multipart():
                    hashes.append(hashlib.sha256(p.get_payload(decode=True)).hexdigest())
                    if p.get_content_maintype() == 'text': texts.append(text(p))
            out.append(dict(subject=None if modern['subject'] is None else ' '.join(str(modern['subject']).split()), sender=[a for _, a in email.utils.getaddresses([str(modern['from'] or '')])],
                parts=len(list(walk(m))), names=names, hashes=hashes, texts=texts,
                to=people(m, 'to'), cc=people(m, 'cc'), date=date(m), id=None if m['message-id'] is None else str(m['message-id']).strip().strip('<>')))
        print(json.dumps(out))
        """;

    public static IEnumerable<TheoryDataRow<string>> Mails => Samples.Mails.DefaultIfEmpty("").Select(mail => new TheoryDataRow<string>(mail));

    [Theory]
    [MemberData(nameof(Mails))]
    public void Every_real_mail_has_sender_parts_and_text(string file)
    {
        Assert.SkipWhen(file.Length == 0, "the sample data is not on this machine");
        var mail = MimeReader.Read(Samples.Bytes(file));
        Assert.NotEmpty(mail.Headers);
        Assert.True(mail.From.Count > 0 || mail.Root.Walk().Any(), "a mail without sender and parts");
        Assert.All(mail.Root.Walk(), part => Assert.True(part.MediaType.Contains('/')));
        Assert.All(mail.Attachments, attachment => Assert.Equal(64, attachment.Sha256.Length));
        Assert.DoesNotContain(mail.Defects, defect => defect.Code is MimeDefectCode.TooDeep or MimeDefectCode.TooManyParts or MimeDefectCode.TooManyHeaders);
    }

    [Fact]
    public void Python_reads_the_same_from_every_real_mail()
    {
        var python = Python();
        Assert.SkipWhen(python is null, "python3 is not on this machine");
        var files = Samples.Mails.ToList();
        Assert.SkipWhen(files.Count == 0, "the sample data is not on this machine");
        var start = new ProcessStartInfo(python!) { RedirectStandardOutput = true, UseShellExecute = false };
        start.ArgumentList.Add("-c");
        start.ArgumentList.Add(Script);
        foreach (var file in files)
            start.ArgumentList.Add(Samples.Path(file));
        using var process = Process.Start(start)!;
        var theirs = JsonDocument.Parse(process.StandardOutput.ReadToEnd()).RootElement;
        process.WaitForExit();
        Assert.True(theirs.EnumerateArray().Sum(mail => mail.GetProperty("texts").EnumerateArray().Count(text => text.ValueKind == JsonValueKind.String)) >= files.Count, "Python reads too few texts to compare");
        var differences = new List<string>();
        for (var index = 0; index < files.Count; index++)
        {
            var ours = JsonSerializer.Serialize(Ours(MimeReader.Read(Samples.Bytes(files[index])), theirs[index].GetProperty("texts")));
            var expected = JsonSerializer.Serialize(theirs[index]);
            var mine = JsonSerializer.Serialize(JsonDocument.Parse(ours).RootElement);
            if (mine != expected)
                differences.Add($"{files[index]}\n  ours   {mine}\n  python {expected}");
        }
        Assert.True(differences.Count == 0, string.Join("\n", differences));
    }

    private static object Ours(MimeMessage mail, JsonElement theirTexts)
    {
        var parts = All(mail.Root).ToList();
        var texts = parts.Where(part => part.Parts.Count == 0 && part.MediaType.StartsWith("text/", StringComparison.Ordinal))
            .Select(part => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes((part.Text ?? "").Replace("\r\n", "\n").Replace('\r', '\n'))))).ToList();
        return new
        {
            subject = mail.Subject is null ? null : string.Join(' ', mail.Subject.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)),
            sender = mail.From.Select(address => address.Address),
            parts = parts.Count,
            names = parts.Where(part => part.FileName is not null).Select(part => part.FileName),
            hashes = parts.Where(part => part.Parts.Count == 0 && !part.MediaType.StartsWith("message/", StringComparison.Ordinal))
                .Select(part => Convert.ToHexStringLower(SHA256.HashData(part.Content.Span))),
            // Where Python cannot read a text, there is nothing to compare.
            texts = texts.Select((our, at) => at < theirTexts.GetArrayLength() && theirTexts[at].ValueKind == JsonValueKind.Null ? null : our),
            to = mail.To.Select(address => address.Address),
            cc = mail.Cc.Select(address => address.Address),
            date = mail.Date?.ToUnixTimeSeconds(),
            id = mail.MessageId,
        };
    }

    private static IEnumerable<MimePart> All(MimePart part) =>
        part.Parts.SelectMany(All).Prepend(part).Concat(part.Message is null ? [] : All(part.Message.Root));

    private static string? Python() => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':')
        .Select(folder => Path.Combine(folder, "python3")).FirstOrDefault(File.Exists);

    [Fact]
    public void A_reported_mail_is_found_inside_the_report_with_its_own_path()
    {
        var report = MimeReader.Read(Samples.Bytes("dmarc-arf/parsedmarc__dmarc_ruf_report_linkedin.eml"));
        var feedback = report.Root.Parts[1];
        Assert.Equal("message/feedback-report", feedback.MediaType);
        Assert.Equal("10.10.10.10", feedback.Fields[0].Single(field => field.Name == "Source-IP").Value);
        var original = report.Root.Parts[2].Message!;
        Assert.Equal("sender@example.com", original.From[0].Address);
        Assert.Equal("10.10.10.10", original.Received[0].Ip!.ToString());
        Assert.Equal("fail", original.Authentication.Single(result => result.Method == "dmarc").Result);
    }
}
