namespace Soar.Connectors.Packages;

/// <summary>A form on A4 pages: marking above and below, labels at the left, values beside them, page numbers. Nothing is cut off; a long value goes on over the page.</summary>
internal sealed class FormPdf
{
    private const double Left = 56, Right = PdfFile.Width - 56, Top = PdfFile.Height - 84, Bottom = 72, Values = 205, Size = 9.5, Leading = 13.2;

    private readonly Form form;
    private readonly PdfFile pdf;
    private readonly PdfFont plain;
    private readonly PdfFont bold;
    private double y;

    private FormPdf(Form form, TrueTypeFont plainFont, TrueTypeFont boldFont, DateTimeOffset made)
    {
        this.form = form;
        pdf = new PdfFile($"{form.Reference} {form.Title}", form.Language, made);
        (plain, bold) = (pdf.Font(plainFont), pdf.Font(boldFont));
    }

    public static byte[] Write(Form form, TrueTypeFont plain, TrueTypeFont bold, DateTimeOffset made) => new FormPdf(form, plain, bold, made).Write();

    private byte[] Write()
    {
        Turn();
        foreach (var line in Wrap(bold, 15, form.Title, Right - Left))
            Put(bold, 15, Left, line, 20);
        Put(plain, Size, Left, form.Reference, Leading);
        foreach (var section in form.Sections)
        {
            Room(5 * Leading); // a heading never stands alone at the foot
            y -= 10;
            foreach (var line in Wrap(bold, 11, section.Heading, Right - Left))
                Put(bold, 11, Left, line, 15);
            pdf.Line(pdf.Pages - 1, Left, y + 9, Right, y + 9, 0.6);
            y -= 5;
            foreach (var row in section.Rows)
                Row(row);
        }
        for (var page = 0; page < pdf.Pages; page++)
            Frame(page);
        return pdf.Write();
    }

    private void Row(FormRow row)
    {
        var labels = Wrap(plain, Size - 1, row.Label, Values - Left - 10);
        var values = Wrap(plain, Size, row.Value, Right - Values);
        for (var i = 0; i < Math.Max(labels.Count, values.Count); i++)
        {
            Room(Leading);
            if (i < labels.Count)
                pdf.Text(pdf.Pages - 1, plain, Size - 1, Left, y, labels[i]);
            if (i < values.Count)
                pdf.Text(pdf.Pages - 1, plain, Size, Values, y, values[i]);
            y -= Leading;
        }
        y -= 3;
    }

    private void Put(PdfFont font, double size, double x, string text, double leading)
    {
        Room(leading);
        pdf.Text(pdf.Pages - 1, font, size, x, y, text);
        y -= leading;
    }

    private void Room(double needed)
    {
        if (y - needed < Bottom)
            Turn();
    }

    private void Turn()
    {
        pdf.NewPage();
        y = Top;
    }

    private void Frame(int page)
    {
        var number = $"{page + 1} / {pdf.Pages}";
        foreach (var at in new[] { PdfFile.Height - 44, 36 })
            pdf.Text(page, bold, 9, (PdfFile.Width - bold.Measure(form.Marking, 9)) / 2, at, form.Marking);
        pdf.Line(page, Left, PdfFile.Height - 54, Right, PdfFile.Height - 54, 0.6);
        pdf.Line(page, Left, 52, Right, 52, 0.6);
        pdf.Text(page, plain, 8, Left, 36, form.Reference);
        pdf.Text(page, plain, 8, Right - plain.Measure(number, 8), 36, number);
    }

    /// <summary>Lines that fit: broken at blanks, and inside a word that is longer than a line (a hash, an address).</summary>
    private static List<string> Wrap(PdfFont font, double size, string text, double width)
    {
        var lines = new List<string>();
        foreach (var source in Printable(text).Split('\n'))
        {
            var line = "";
            foreach (var word in source.Split(' '))
            {
                var longer = line.Length == 0 ? word : $"{line} {word}";
                if (font.Measure(longer, size) <= width)
                {
                    line = longer;
                    continue;
                }
                if (line.Length > 0)
                    lines.Add(line);
                line = word;
                while (font.Measure(line, size) > width)
                {
                    var part = Fitting(font, size, line, width);
                    lines.Add(line[..part]);
                    line = line[part..];
                }
            }
            lines.Add(line);
        }
        return lines;
    }

    private static int Fitting(PdfFont font, double size, string word, double width)
    {
        var (length, used) = (0, 0.0);
        foreach (var rune in word.EnumerateRunes())
        {
            used += font.Measure(rune.ToString(), size);
            if (used > width && length > 0)
                break;
            length += rune.Utf16SequenceLength;
        }
        return length;
    }

    private static string Printable(string text) =>
        string.Concat(text.ReplaceLineEndings("\n").Select(character => character == '\t' ? ' ' : char.IsControl(character) && character != '\n' ? '\uFFFD' : character));
}
