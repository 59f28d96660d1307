using System.Net;
using System.Text.RegularExpressions;
using Soar.Connectors.Mime;

namespace Soar.Lab.Tests.Range;

/// <summary>What an approver gets: the question, a link, and the code beside it.</summary>
internal sealed partial record ApprovalMail(string Id, string Text, string Link, string Code)
{
    public const string Approve = "approve";

    /// <summary>Null for a mail without a link: its question needs more than yes or no.</summary>
    public static ApprovalMail? Read(byte[] raw)
    {
        var mail = MimeReader.Read(raw);
        var (link, code) = (LinkLine().Match(mail.Text!), CodeLine().Match(mail.Text!));
        return link.Success && code.Success ? new ApprovalMail(mail.MessageId!, mail.Text!, link.Groups[1].Value, code.Groups[1].Value) : null;
    }

    /// <summary>As scanners do on the way: GET and HEAD of both links. What each was answered with.</summary>
    public async Task<IReadOnlyList<HttpStatusCode>> PrefetchAsync(HttpClient client)
    {
        var answers = new List<HttpStatusCode>();
        foreach (var path in new[] { Link, Link + "?say=refuse" })
        {
            foreach (var method in new[] { HttpMethod.Head, HttpMethod.Get })
            {
                using var request = new HttpRequestMessage(method, path);
                using var looked = await client.SendAsync(request);
                answers.Add(looked.StatusCode);
            }
        }

        return answers;
    }

    /// <summary>The page's form, sent with this code.</summary>
    public async Task<HttpStatusCode> SendAsync(HttpClient client, string code)
    {
        using var form = new FormUrlEncodedContent([new("answer", Approve), new("code", code), new("reason", "")]);
        using var response = await client.PostAsync(Link, form);
        return response.StatusCode;
    }

    [GeneratedRegex("^Approve:\\s+(http://127\\S+)", RegexOptions.Multiline, 1000)]
    private static partial Regex LinkLine();

    [GeneratedRegex("^Your code: ([0-9A-Z]{5}-[0-9A-Z]{5})", RegexOptions.Multiline, 1000)]
    private static partial Regex CodeLine();
}
