namespace Soar.Connectors.Mime;

/// <summary>Takes one byte sequence apart in a single pass: a line that closes an outer boundary ends all inner parts.</summary>
internal sealed class PartReader(ReadOnlyMemory<byte> data, MimeLimits limits, DefectList defects, PartBudget budget)
{
    private readonly List<byte[]> boundaries = []; // of the multiparts that are open, outermost first
    private int position;

    // What ended the last part: index in boundaries, -1 at the end of the data; closing when it was the "--boundary--" line.
    private int endedBy = -1;
    private bool closing;

    public MimeMessage Message(string path, int depth)
    {
        defects.Path = path;
        var root = Part(path, depth, "text/plain");
        return MessageBuilder.Build(root, limits, defects);
    }

    private MimePart Part(string path, int depth, string defaultType)
    {
        budget.Parts--;
        defects.Path = path;
        var headers = MimeHeaders.Read(data.Span, ref position, ref budget.Headers, limits, defects, Matches);
        var type = ContentField.Parse(First(headers, "Content-Type"), defects);
        var mediaType = MediaType(type.Value, defaultType);
        var disposition = ContentField.Parse(First(headers, "Content-Disposition"), defects);
        var encoding = (First(headers, "Content-Transfer-Encoding") ?? "").Split(';', '(')[0].Trim().ToLowerInvariant();
        var name = disposition.Parameters.GetValueOrDefault("filename") ?? type.Parameters.GetValueOrDefault("name");
        if (name is not null && FileNames.Deception(name) is { } deception)
            defects.Add(MimeDefectCode.FileNameDeceptive, $"the file name holds {deception}");
        var part = new MimePart
        {
            Path = path, Headers = headers, MediaType = mediaType, Parameters = type.Parameters, Disposition = disposition.Value,
            TransferEncoding = encoding, FileName = string.IsNullOrEmpty(name) ? null : name, Content = default, RawContent = default,
            Parts = [], Message = null, Text = null, Fields = [],
        };
        if (depth >= limits.Depth && (mediaType.StartsWith("multipart/", StringComparison.Ordinal) || mediaType == "message/rfc822"))
        {
            defects.Add(MimeDefectCode.TooDeep, $"nested more than {limits.Depth} deep; the rest is one part");
            return Leaf(part);
        }
        if (mediaType.StartsWith("multipart/", StringComparison.Ordinal))
            return Multipart(part, depth);
        if (mediaType is "message/rfc822" or "message/global")
            return Attached(part, depth);
        if (mediaType is "application/pkcs7-mime" or "application/x-pkcs7-mime" || string.Equals(part.FileName, "smime.p7m", StringComparison.OrdinalIgnoreCase))
            return Enclosed(Leaf(part), depth);
        return Leaf(part);
    }

    /// <summary>What a CMS message encloses: signed content is read on, encrypted content can not be.</summary>
    private MimePart Enclosed(MimePart part, int depth)
    {
        var (kind, content) = CmsContent.Of(part.Content);
        switch (kind)
        {
            case CmsKind.Encrypted:
                defects.Add(MimeDefectCode.Encrypted, "the content is encrypted (S/MIME): only its recipients can read it");
                return part;
            case CmsKind.Broken:
                defects.Add(MimeDefectCode.SignedContentUnreadable, "it says that it is signed content (S/MIME) and is none, or is cut off");
                return part;
            case CmsKind.Signed when depth >= limits.Depth || budget.EncodedLayers <= 0 || budget.Parts <= 0:
                defects.Add(MimeDefectCode.TooDeep, $"more than {limits.EncodedLayers} encoded layers inside each other; the innermost is one part");
                return part;
            case CmsKind.Signed:
                budget.EncodedLayers--;
                var inner = new PartReader(content, limits, defects, budget).Part(Below(part.Path), depth + 1, "text/plain");
                defects.Path = part.Path;
                return part with { Parts = [inner] };
            default:
                return part;
        }
    }

    private MimePart Multipart(MimePart part, int depth)
    {
        if (!TransferEncodings.IsIdentity(part.TransferEncoding))
            defects.Add(MimeDefectCode.EncodedContainer, $"a multipart says it is {Charsets.Short(part.TransferEncoding)}; it was read as it stands");
        var boundary = part.Parameters.GetValueOrDefault("boundary")?.TrimEnd();
        if (string.IsNullOrEmpty(boundary) || boundary.Length > 250)
        {
            defects.Add(MimeDefectCode.BoundaryMissing, "a multipart without a usable boundary; it is kept as one part");
            return Leaf(part);
        }
        var bodyStart = position;
        var level = boundaries.Count;
        boundaries.Add(System.Text.Encoding.UTF8.GetBytes("--" + boundary));
        var parts = new List<MimePart>();
        var preambleEnd = SkipToBoundary();
        if (endedBy != level)
        {
            boundaries.RemoveAt(level);
            defects.Add(MimeDefectCode.BoundaryNotFound, $"the boundary '{Charsets.Short(boundary)}' never comes; the content is kept as one part");
            return WithContent(part, data[bodyStart..Math.Max(bodyStart, preambleEnd)]);
        }
        var childType = part.MediaType == "multipart/digest" ? "message/rfc822" : "text/plain";
        while (endedBy == level && !closing)
        {
            if (budget.Parts <= 0)
            {
                defects.Path = part.Path;
                defects.Add(MimeDefectCode.TooManyParts, $"more than {limits.Parts} parts; the rest is not read");
                position = data.Length;
                endedBy = -1;
                break;
            }
            parts.Add(Part(part.Path.Length == 0 ? $"{parts.Count + 1}" : $"{part.Path}.{parts.Count + 1}", depth + 1, childType));
        }
        defects.Path = part.Path;
        var closed = endedBy == level && closing;
        boundaries.RemoveAt(level);
        if (closed)
            SkipToBoundary(); // the epilogue; leaves endedBy for the multipart around this one
        else
            defects.Add(MimeDefectCode.MultipartNotClosed, "the closing boundary is missing: the mail may be cut off");
        return part with { Parts = parts };
    }

    private MimePart Attached(MimePart part, int depth)
    {
        var start = position;
        if (TransferEncodings.IsIdentity(part.TransferEncoding))
        {
            if (budget.Parts <= 0)
                return Leaf(part);
            var inner = Nested(part.Path, depth);
            var raw = data[start..Math.Max(start, innerEnd)];
            return part with { Content = raw, RawContent = raw, Message = inner };
        }
        // RFC 2046 forbids encoding an attached message; mailers do it all the same.
        var leaf = Leaf(part);
        if (budget.EncodedLayers <= 0 || budget.Parts <= 0)
        {
            defects.Add(MimeDefectCode.TooDeep, $"more than {limits.EncodedLayers} encoded messages inside each other; the innermost is one part");
            return leaf;
        }
        defects.Add(MimeDefectCode.EncodedContainer, $"an attached message is {Charsets.Short(part.TransferEncoding)} encoded");
        budget.EncodedLayers--;
        var message = new PartReader(leaf.Content, limits, defects, budget).Message(Below(part.Path), depth + 1);
        defects.Path = part.Path;
        return leaf with { Message = message };
    }

    private int innerEnd; // where the content of the attached message just read ended

    private MimeMessage Nested(string path, int depth)
    {
        var root = Part(Below(path), depth + 1, "text/plain");
        innerEnd = partEnd;
        var message = MessageBuilder.Build(root, limits, defects);
        defects.Path = path;
        return message;
    }

    private static string Below(string path) => path.Length == 0 ? "1" : path + ".1";

    private MimePart Leaf(MimePart part)
    {
        var start = position;
        var end = SkipToBoundary();
        return WithContent(part, data[start..Math.Max(start, end)]);
    }

    private MimePart WithContent(MimePart part, ReadOnlyMemory<byte> raw)
    {
        var container = part.MediaType.StartsWith("multipart/", StringComparison.Ordinal);
        var content = container ? raw : TransferEncodings.Decode(raw, part.TransferEncoding, defects);
        var isText = part.MediaType.StartsWith("text/", StringComparison.Ordinal) || container || part.MediaType is "message/delivery-status" or "message/feedback-report";
        var charset = part.Parameters.GetValueOrDefault("charset");
        return part with
        {
            RawContent = raw,
            Content = content,
            Text = isText ? Charsets.Decode(content.Span, charset ?? (part.MediaType == "text/html" ? MetaCharset(content.Span) : null), defects) : null,
            Fields = part.MediaType is "message/delivery-status" or "message/feedback-report" ? FieldBlocks(content.Span) : [],
        };
    }

    private List<IReadOnlyList<MimeHeader>> FieldBlocks(ReadOnlySpan<byte> content)
    {
        var blocks = new List<IReadOnlyList<MimeHeader>>();
        var at = 0;
        while (at < content.Length && blocks.Count < 100 && budget.Headers > 0)
        {
            var before = at;
            var block = MimeHeaders.Read(content, ref at, ref budget.Headers, limits, defects);
            if (block.Count > 0)
                blocks.Add(block);
            if (at == before)
                break;
        }
        return blocks;
    }

    private int partEnd; // end of the content of the part just read, without the line break that belongs to the boundary

    /// <summary>Moves behind the next line that is a boundary of an open multipart (or to the end) and returns where the content before it ends.</summary>
    private int SkipToBoundary()
    {
        var span = data.Span;
        var at = position;
        while (boundaries.Count > 0 && at < span.Length)
        {
            if (span[at..].StartsWith("--"u8))
            {
                var line = MimeHeaders.LineAt(span, at, out var next).TrimEnd(" \t"u8);
                if (Matches(line))
                {
                    position = next;
                    var end = at;
                    if (end > 0 && span[end - 1] == '\n')
                        end--;
                    if (end > 0 && end < at && span[end - 1] == '\r')
                        end--;
                    return partEnd = end;
                }
            }
            var candidate = span[at..].IndexOf("\n--"u8);
            if (candidate < 0)
                break;
            at += candidate + 1;
        }
        position = span.Length;
        (endedBy, closing) = (-1, false);
        return partEnd = span.Length;
    }

    private bool Matches(ReadOnlySpan<byte> line)
    {
        if (line.Length > 260)
            return false;
        for (var level = boundaries.Count - 1; level >= 0; level--)
        {
            if (!line.StartsWith(boundaries[level]))
                continue;
            var rest = line[boundaries[level].Length..];
            if (rest.IsEmpty || rest.SequenceEqual("--"u8))
            {
                (endedBy, closing) = (level, !rest.IsEmpty);
                return true;
            }
        }
        return false;
    }

    private static string MediaType(string value, string defaultType)
    {
        var slash = value.IndexOf('/');
        var usable = slash > 0 && slash < value.Length - 1 && value.Length <= 200 && value.IndexOf('/', slash + 1) < 0 && !value.AsSpan().ContainsAny(' ', '\t');
        return usable ? value : defaultType;
    }

    private static string? First(List<MimeHeader> headers, string name)
    {
        foreach (var header in headers)
            if (string.Equals(header.Name, name, StringComparison.OrdinalIgnoreCase))
                return EncodedWords.Unfold(header.Raw);
        return null;
    }

    private static string? MetaCharset(ReadOnlySpan<byte> html)
    {
        var head = System.Text.Encoding.Latin1.GetString(html[..Math.Min(html.Length, 2_048)]);
        var at = head.IndexOf("charset=", StringComparison.OrdinalIgnoreCase);
        if (at < 0)
            return null;
        var value = head[(at + 8)..].TrimStart('"', '\'');
        var end = value.AsSpan().IndexOfAny("\"' />;");
        // No program takes UTF-7 from there any more: reading it so would show what nobody saw.
        return end <= 0 || Charsets.IsUtf7(value[..end]) ? null : value[..end];
    }
}
