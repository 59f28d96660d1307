using System.Net;
using System.Text;

namespace Soar.Connectors.Packages;

/// <summary>A form as one HTML file without scripts, links or anything that is loaded; every value is escaped.</summary>
internal static class FormHtml
{
    private const string Style = """
        body{font:11pt/1.4 "DejaVu Sans",sans-serif;color:#111;max-width:46em;margin:2em auto;padding:0 1em}
        .marking{font-weight:bold;text-align:center;border:2px solid #111;padding:.3em;letter-spacing:.05em}
        h1{font-size:16pt;margin:1em 0 .2em}h2{font-size:12pt;margin:1.4em 0 .3em;border-bottom:1px solid #777}
        .reference{color:#444}dl{display:grid;grid-template-columns:13em 1fr;gap:.4em 1em;margin:0}
        dt{color:#444}dd{margin:0;white-space:pre-wrap;overflow-wrap:anywhere}
        @media print{body{margin:0;max-width:none}h2{break-after:avoid}}
        """;

    public static byte[] Write(Form form)
    {
        var html = new StringBuilder();
        html.Append("<!DOCTYPE html>\n<html lang=\"").Append(Escape(form.Language)).Append("\">\n<head><meta charset=\"utf-8\"><title>").Append(Escape($"{form.Reference} {form.Title}"))
            .Append("</title>\n<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n<style>\n").Append(Style).Append("\n</style></head>\n<body>\n")
            .Append("<p class=\"marking\">").Append(Escape(form.Marking)).Append("</p>\n<h1>").Append(Escape(form.Title)).Append("</h1>\n<p class=\"reference\">").Append(Escape(form.Reference)).Append("</p>\n");
        foreach (var section in form.Sections)
        {
            html.Append("<h2>").Append(Escape(section.Heading)).Append("</h2>\n<dl>\n");
            foreach (var row in section.Rows)
                html.Append("<dt>").Append(Escape(row.Label)).Append("</dt><dd>").Append(Escape(row.Value)).Append("</dd>\n");
            html.Append("</dl>\n");
        }
        html.Append("<p class=\"marking\">").Append(Escape(form.Marking)).Append("</p>\n</body>\n</html>\n");
        return Encoding.UTF8.GetBytes(html.ToString());
    }

    // Control characters have no place in HTML; line breaks and tabs do.
    private static string Escape(string text) => WebUtility.HtmlEncode(string.Concat(text.Select(character => char.IsControl(character) && character is not ('\n' or '\t') ? '\uFFFD' : character)));
}
