using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Unicode;
using Soar.Runs;
using Soar.Server.Notices;

namespace Soar.Server.Http;

/// <summary>The pages behind a mail's link: plain HTML without a script, readable on a telephone, nothing on them from anywhere else. Every value is encoded.</summary>
internal static class AnswerPage
{
    private static readonly HtmlEncoder Encoder = HtmlEncoder.Create(UnicodeRanges.All);

    private const string Style = """
        body{font:16px/1.5 system-ui,sans-serif;margin:0;background:#f4f5f7;color:#16191f}main{max-width:46rem;margin:0 auto;padding:1.5rem}
        h1{font-size:1.3rem}blockquote{margin:1rem 0;padding:.8rem 1rem;background:#fff;border-left:4px solid #2456a6;white-space:pre-wrap;overflow-wrap:anywhere}
        li{margin:.6rem 0}pre{background:#fff;border:1px solid #d5d9e0;padding:.6rem;white-space:pre-wrap;overflow-wrap:anywhere;margin:.3rem 0}
        form{background:#fff;border:1px solid #d5d9e0;border-radius:6px;padding:1rem;margin-top:1.5rem}label{display:block;margin:.5rem 0}
        input[type=text],textarea{font:inherit;width:100%;box-sizing:border-box;padding:.5rem;border:1px solid #767d8a;border-radius:4px}
        button{font:inherit;padding:.6rem 1.4rem;border:0;border-radius:4px;background:#2456a6;color:#fff}.problem{background:#fdecea;border-left:4px solid #b3261e;padding:.6rem 1rem}
        @media (prefers-color-scheme:dark){body{background:#15181d;color:#e6e8ec}blockquote,pre,form{background:#1f242b;border-color:#3a414c}input[type=text],textarea{background:#15181d;color:inherit}.problem{background:#43211f}}
        """;

    public static string Ask(ShownLink shown, bool refuse, string? problem)
    {
        var (notice, question) = (shown.Notice, shown.Question);
        var todo = question.Kind == QuestionKind.Todo;
        var body = new StringBuilder();
        body.Append(CultureInfo.InvariantCulture, $"<h1>A playbook asks {Text(notice.Person)}</h1><blockquote>{Text(VisibleText.Lines(question.Text))}</blockquote>");
        if (NoticeText.StepsOf(question) is { Count: > 0 } steps)
        {
            body.Append("<p>If it is approved, exactly this may be done, once, and nothing else:</p><ol>");
            foreach (var step in steps) body.Append(CultureInfo.InvariantCulture, $"<li><strong>{Text(step.Action)}</strong> on <strong>{Text(VisibleText.Line(step.Instance))}</strong><pre>{Text(ExactJson.Of(step.Arguments, indented: true))}</pre></li>");
            body.Append("</ol>");
        }

        if (question.Quorum > 1) body.Append(CultureInfo.InvariantCulture, $"<p>{question.Quorum} different people must approve; one refusal decides. {question.Answers.Count} answered so far.</p>");
        if (question.Until is { } until) body.Append(CultureInfo.InvariantCulture, $"<p>It waits until {until.UtcDateTime:yyyy-MM-dd HH:mm:ss} UTC.</p>");
        if (problem is not null) body.Append(CultureInfo.InvariantCulture, $"<p class=\"problem\" role=\"alert\">{Text(problem)}</p>");
        body.Append(CultureInfo.InvariantCulture, $"""
            <form method="post">
            <label><input type="radio" name="answer" value="approve" required{(refuse ? "" : " checked")}> {(todo ? "It is done" : "Approve")}</label>
            <label><input type="radio" name="answer" value="refuse"{(refuse ? " checked" : "")}> Refuse</label>
            <label>Reason (a refusal needs one)<textarea name="reason" rows="3" maxlength="4000"></textarea></label>
            <label>The code from the mail<input type="text" name="code" required autocomplete="off" autocapitalize="characters" spellcheck="false" maxlength="40"></label>
            <button type="submit">Send the answer</button>
            </form>
            <p>Nothing is decided before that. Or answer it <a href="/inbox/{question.Id}">in the console</a>. Run {question.Run}.</p>
            """);
        return Whole("A question waits", body.ToString());
    }

    public static string Told(string title, string text) => Whole(title, $"<h1>{Text(title)}</h1><p>{Text(text)}</p><p><a href=\"/inbox\">Open the console</a></p>");

    private static string Whole(string title, string body) =>
        $"<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><meta name=\"robots\" content=\"noindex\"><title>{Text(title)} · Soar</title><style>{Style}</style></head><body><main>{body}</main></body></html>";

    private static string Text(string value) => Encoder.Encode(value);
}
