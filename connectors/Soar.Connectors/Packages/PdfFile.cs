using System.Globalization;
using System.IO.Compression;
using System.Text;

namespace Soar.Connectors.Packages;

/// <summary>
/// Writes a PDF 1.7 (ISO 32000-1) of text and lines on A4 pages. Fonts are embedded as subsets with a table back to Unicode, so that any script the font has is drawn, searched and copied.
/// The same calls give the same bytes.
/// </summary>
internal sealed class PdfFile(string title, string language, DateTimeOffset made)
{
    public const double Width = 595.28, Height = 841.89;

    private readonly List<PdfFont> fonts = [];
    private readonly List<StringBuilder> pages = [];

    public int Pages => pages.Count;

    public PdfFont Font(TrueTypeFont font)
    {
        fonts.Add(new PdfFont($"F{fonts.Count + 1}", font));
        return fonts[^1];
    }

    public void NewPage() => pages.Add(new StringBuilder());

    /// <summary>Text with its left end on (x, y), from the page's lower left corner in points.</summary>
    public void Text(int page, PdfFont font, double size, double x, double y, string text) =>
        pages[page].Append(Inv($"BT /{font.Name} {size:0.##} Tf {x:0.##} {y:0.##} Td <{font.Encode(text)}> Tj ET\n"));

    public void Line(int page, double x1, double y1, double x2, double y2, double width) => pages[page].Append(Inv($"{width:0.##} w {x1:0.##} {y1:0.##} m {x2:0.##} {y2:0.##} l S\n"));

    public byte[] Write()
    {
        var output = new MemoryStream();
        var offsets = new List<long>();
        void Raw(string text) => output.Write(Encoding.Latin1.GetBytes(text));
        void Begin()
        {
            offsets.Add(output.Length);
            Raw(Inv($"{offsets.Count} 0 obj\n"));
        }
        void Object(string body)
        {
            Begin();
            Raw(body + "\nendobj\n");
        }
        void Stream(string entries, byte[] content)
        {
            using var packed = new MemoryStream();
            using (var zlib = new ZLibStream(packed, CompressionLevel.Optimal, leaveOpen: true))
                zlib.Write(content);
            Begin();
            Raw(Inv($"<< {entries} /Filter /FlateDecode /Length {packed.Length} >>\nstream\n"));
            output.Write(packed.ToArray());
            Raw("\nendstream\nendobj\n");
        }

        // 1 catalogue, 2 tree of pages, 3 facts, then five objects a font, then two a page
        var firstPage = 4 + 5 * fonts.Count;
        Raw("%PDF-1.7\n%\u00e2\u00e3\u00cf\u00d3\n");
        Object(Inv($"<< /Type /Catalog /Pages 2 0 R /Lang {Hex(language)} /ViewerPreferences << /DisplayDocTitle true >> >>"));
        Object(Inv($"<< /Type /Pages /Count {pages.Count} /Kids [{string.Join(' ', pages.Select((_, i) => Inv($"{firstPage + 2 * i} 0 R")))}] >>"));
        Object(Inv($"<< /Title {Hex(title)} /Producer (Soar) /CreationDate (D:{made.UtcDateTime:yyyyMMddHHmmss}Z) >>"));
        for (var i = 0; i < fonts.Count; i++)
        {
            var (font, at) = (fonts[i], 4 + 5 * i);
            var program = font.Font.Subset(font.Used.Keys);
            Object(Inv($"<< /Type /Font /Subtype /Type0 /BaseFont /{font.Embedded} /Encoding /Identity-H /DescendantFonts [{at + 1} 0 R] /ToUnicode {at + 4} 0 R >>"));
            Object(Inv($"<< /Type /Font /Subtype /CIDFontType2 /BaseFont /{font.Embedded} /CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) /Supplement 0 >> /CIDToGIDMap /Identity /FontDescriptor {at + 2} 0 R /W [{string.Join(' ', font.Used.Keys.Select(glyph => Inv($"{glyph} [{font.Font.Width(glyph)}]")))}] >>"));
            Object(Inv($"<< /Type /FontDescriptor /FontName /{font.Embedded} /Flags 4 /FontBBox [{string.Join(' ', font.Font.Box)}] /ItalicAngle 0 /Ascent {font.Font.Ascent} /Descent {font.Font.Descent} /CapHeight {font.Font.Ascent} /StemV 80 /FontFile2 {at + 3} 0 R >>"));
            Stream(Inv($"/Length1 {program.Length}"), program);
            Stream("", Encoding.ASCII.GetBytes(font.ToUnicode()));
        }
        var resources = string.Join(' ', fonts.Select((font, i) => Inv($"/{font.Name} {4 + 5 * i} 0 R")));
        for (var i = 0; i < pages.Count; i++)
        {
            Object(Inv($"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {Width:0.##} {Height:0.##}] /Resources << /Font << {resources} >> >> /Contents {firstPage + 2 * i + 1} 0 R >>"));
            Stream("", Encoding.Latin1.GetBytes(pages[i].ToString()));
        }
        var table = output.Length;
        Raw(Inv($"xref\n0 {offsets.Count + 1}\n0000000000 65535 f \n"));
        foreach (var offset in offsets)
            Raw(Inv($"{offset:0000000000} 00000 n \n"));
        Raw(Inv($"trailer\n<< /Size {offsets.Count + 1} /Root 1 0 R /Info 3 0 R >>\nstartxref\n{table}\n%%EOF\n"));
        return output.ToArray();
    }

    private static string Hex(string text) => $"<FEFF{Convert.ToHexString(Encoding.BigEndianUnicode.GetBytes(text))}>";
    private static string Inv(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}

/// <summary>A font in a PDF: remembers which glyphs were used, and for which characters.</summary>
internal sealed class PdfFont(string name, TrueTypeFont font)
{
    public string Name => name;
    public TrueTypeFont Font => font;
    public string Embedded => $"SOAR{name[^1]}{name[^1]}+{name}".Replace('1', 'A').Replace('2', 'B');
    public SortedDictionary<int, int> Used { get; } = [];

    public double Measure(string text, double size) => text.EnumerateRunes().Sum(rune => font.Width(font.Glyph(rune.Value))) * size / 1000;

    public string Encode(string text)
    {
        var hex = new StringBuilder();
        foreach (var rune in text.EnumerateRunes())
        {
            var glyph = font.Glyph(rune.Value);
            if (glyph != 0 || !Used.ContainsKey(0))
                Used[glyph] = glyph == 0 ? 0xFFFD : rune.Value;
            hex.Append(glyph.ToString("X4", CultureInfo.InvariantCulture));
        }
        return hex.ToString();
    }

    /// <summary>From glyphs back to characters, at most 100 in a block (Adobe Technical Note 5411).</summary>
    public string ToUnicode()
    {
        var map = new StringBuilder("/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def\n")
            .Append("/CMapName /Adobe-Identity-UCS def /CMapType 2 def\n1 begincodespacerange <0000> <FFFF> endcodespacerange\n");
        foreach (var block in Used.Chunk(100))
        {
            map.Append(CultureInfo.InvariantCulture, $"{block.Length} beginbfchar\n");
            foreach (var (glyph, character) in block)
                map.Append(CultureInfo.InvariantCulture, $"<{glyph:X4}> <{Convert.ToHexString(Encoding.BigEndianUnicode.GetBytes(char.ConvertFromUtf32(character)))}>\n");
            map.Append("endbfchar\n");
        }
        return map.Append("endcmap CMapName currentdict /CMap defineresource pop end end\n").ToString();
    }
}
