using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;
using Soar.Capabilities;
using Soar.Testing.Contract;

namespace Soar.Tests.Connectors.Imap;

/// <summary>A small IMAP server with implicit TLS that keeps mails in folders: as much of the protocol as the connector speaks.</summary>
public sealed partial class ImapOtherSide : OtherSide
{
    private const int Validity = 7;

    private readonly TestCertificate certificate = new("localhost");
    private readonly LoopbackTcp server;
    private readonly TcpListener silent = new(IPAddress.Loopback, 0);
    private readonly Lock gate = new();
    private readonly SortedDictionary<string, List<(int Uid, string Mail)>> folders = new(StringComparer.Ordinal) { ["INBOX"] = [], ["Work"] = [] };
    private readonly TaskCompletionSource asked = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int lastUid = 4;
    private readonly List<string> logins = [];
    private Trouble? trouble;
    private bool changesOnly;
    private int? elsewhere;

    public ImapOtherSide()
    {
        server = new LoopbackTcp(ServeAsync);
        silent.Start();
        Mail = new MailRef("INBOX", Validity, (uint)Add("INBOX", "Message-ID: <a@b.example>\r\nFrom: Ana <ana@b.example>\r\nSubject: hello\r\n\r\nbody\r\n"), "a@b.example");
    }

    /// <summary>The mail that lies there from the beginning.</summary>
    public MailRef Mail { get; }
    public int Port => elsewhere ?? server.Port;
    public string CaFile => certificate.CaFile;
    public override TimeSpan? Wait => null; // IMAP has no word for it
    public override Task WhenAsked => asked.Task;
    public override IReadOnlyList<Trouble> CanEcho => [Trouble.Unauthorised];
    public override IEnumerable<string> Credentials => logins;

    /// <summary>The login as it came and as it reads.</summary>
    private string Sent(string command)
    {
        var login = command.Split(' ')[^1];
        logins.Add(login);
        return $" you sent {command} {Encoding.UTF8.GetString(Convert.FromBase64String(login)).Replace('\0', ' ')}";
    }

    public override string State
    {
        get
        {
            lock (gate) return string.Join("\n", folders.Select(folder => $"{folder.Key}: {string.Join(", ", folder.Value.Select(mail => MessageId().Match(mail.Mail).Value))}"));
        }
    }

    public override async ValueTask DisposeAsync()
    {
        silent.Dispose();
        await server.DisposeAsync();
        certificate.Dispose();
    }

    private int Add(string folder, string mail)
    {
        lock (gate)
        {
            folders[folder].Add((++lastUid, mail));
            return lastUid;
        }
    }

    protected override Expectation Bring(Trouble which, bool changesOnly)
    {
        (trouble, this.changesOnly) = (which, changesOnly);
        elsewhere = which switch { Trouble.Refused => 1, Trouble.SilentBefore => ((IPEndPoint)silent.LocalEndpoint).Port, _ => null };
        switch (which)
        {
            case Trouble.Conflict:
                return Expectation.Not("IMAP knows no state that a mail could be in conflict with");
            case Trouble.Missing:
                lock (gate) folders["INBOX"].Clear();
                return Expectation.Means(FailureKind.Permanent, FailureKind.NotYet);
            case Trouble.ServerError or Trouble.Limited:
                return Expectation.Means(FailureKind.Transient); // NO says that nothing was done
            default:
                return Expectation.Usual;
        }
    }

    private async Task ServeAsync(NetworkStream stream, CancellationToken end)
    {
        await using var tls = new SslStream(stream);
        await tls.AuthenticateAsServerAsync(certificate.Certificate);
        async Task Say(string text) => await tls.WriteAsync(Encoding.UTF8.GetBytes(text + "\r\n"), end);
        await Say(trouble == Trouble.Unavailable ? "* BYE closing" : "* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN SASL-IR LITERAL+ MOVE UIDPLUS] ready");
        var open = "INBOX";
        while (await ImapLines.CommandAsync(tls, Say, end) is { } line)
        {
            var (tag, command) = (line[..line.IndexOf(' ')], line[(line.IndexOf(' ') + 1)..]);
            var changes = command.StartsWith("UID MOVE", StringComparison.Ordinal) || command.StartsWith("UID STORE", StringComparison.Ordinal) || command.StartsWith("UID EXPUNGE", StringComparison.Ordinal);
            var hit = trouble is not null && (changesOnly ? changes : !command.StartsWith("AUTHENTICATE", StringComparison.Ordinal)) ? trouble : null;
            if (hit is not null) asked.TrySetResult();
            var answer = hit switch
            {
                Trouble.Forbidden => "TAG NO [NOPERM] not yours",
                Trouble.ServerError => "TAG NO [SERVERBUG] oh no",
                Trouble.Limited => "TAG NO [LIMIT] slow down",
                _ when trouble == Trouble.Unauthorised && command.StartsWith("AUTHENTICATE", StringComparison.Ordinal) => $"TAG NO [AUTHENTICATIONFAILED] no{(Echoes ? Sent(command) : "")}",
                _ => Answer(command, ref open),
            };
            answer = answer.Replace("TAG", tag, StringComparison.Ordinal);
            switch (hit)
            {
                case Trouble.SilentAfter:
                    await LoopbackTcp.Silence(end);
                    return;
                case Trouble.BrokenAfter:
                    return;
                case Trouble.Garbage:
                    await Say("HTTP/1.1 400 Bad Request");
                    return;
                case Trouble.Truncated:
                    await tls.WriteAsync(Encoding.UTF8.GetBytes(answer[..(answer.Length / 2)]), end);
                    return;
                case Trouble.Huge:
                    for (var i = 0; i < 300; i++) await tls.WriteAsync(Encoding.ASCII.GetBytes(i == 0 ? "* SEARCH " : new string('1', 65_536)), end);
                    return;
                default:
                    await Say(answer);
                    break;
            }
        }
    }

    private string Answer(string command, ref string open)
    {
        lock (gate)
        {
            var words = command.Split(' ');
            switch (string.Join(' ', words.Take(words[0] == "UID" ? 2 : 1)))
            {
                case "EXAMINE" or "SELECT":
                    var name = words[1].Trim('"');
                    if (!folders.TryGetValue(name, out var mails)) return "TAG NO [NONEXISTENT] no such folder";
                    open = name;
                    return $"* {mails.Count} EXISTS\r\n* OK [UIDVALIDITY {Validity}] valid\r\n* OK [UIDNEXT {lastUid + 1}] next\r\nTAG OK [READ-WRITE] open";
                case "LIST":
                    return string.Concat(folders.Keys.Select(folder => $"* LIST () \"/\" \"{folder}\"\r\n")) + "TAG OK done";
                case "UID SEARCH":
                    var id = HeaderSearch().Match(command);
                    var wanted = command.Contains("In-Reply-To", StringComparison.Ordinal) ? "In-Reply-To: <" : id.Success ? $"Message-ID: <{id.Groups[1].Value}" : "";
                    return $"* SEARCH{string.Concat(folders[open].Where(mail => mail.Mail.Contains(wanted, StringComparison.Ordinal)).Select(mail => $" {mail.Uid}"))}\r\nTAG OK done";
                case "UID FETCH":
                    return string.Concat(Named(open, words[2]).Select(mail => Fetch(mail, body: command.Contains("BODY.PEEK[])", StringComparison.Ordinal)))) + "TAG OK done";
                case "UID MOVE":
                    var target = words[3].Trim('"');
                    if (!folders.TryGetValue(target, out var into)) return "TAG NO [TRYCREATE] no such folder";
                    if (Named(open, words[2]) is not [var moved]) return "TAG OK nothing";
                    folders[open].Remove(moved);
                    into.Add((++lastUid, moved.Mail));
                    return $"* OK [COPYUID {Validity} {moved.Uid} {lastUid}] moved\r\nTAG OK done";
                case "UID EXPUNGE":
                    foreach (var gone in Named(open, words[2])) folders[open].Remove(gone);
                    return "TAG OK done";
                case "CREATE":
                    return folders.TryAdd(words[1].Trim('"'), []) ? "TAG OK made" : "TAG NO [ALREADYEXISTS] it is there";
                case "AUTHENTICATE":
                    return "TAG OK [CAPABILITY IMAP4rev1 LITERAL+ MOVE UIDPLUS] in";
                case "NOOP" or "UID STORE":
                    return "TAG OK done";
                default:
                    return "TAG BAD what?";
            }
        }
    }

    private List<(int Uid, string Mail)> Named(string folder, string set) =>
        [.. folders[folder].Where(mail => set.Split(',').Contains(mail.Uid.ToString(System.Globalization.CultureInfo.InvariantCulture)))];

    private static string Fetch((int Uid, string Mail) mail, bool body)
    {
        var part = body ? mail.Mail : mail.Mail[..(mail.Mail.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4)];
        var rest = body ? "" : $" FLAGS () INTERNALDATE \"17-Jul-2026 02:44:25 +0200\" RFC822.SIZE {mail.Mail.Length}";
        return $"* 1 FETCH (UID {mail.Uid}{rest} BODY[{(body ? "" : "HEADER.FIELDS (MESSAGE-ID)")}] {{{Encoding.UTF8.GetByteCount(part)}}}\r\n{part})\r\n";
    }

    [GeneratedRegex("Message-ID: <[^>]*>", RegexOptions.None, 1_000)]
    private static partial Regex MessageId();

    [GeneratedRegex("HEADER \"Message-ID\" \"([^\"]*)\"", RegexOptions.None, 1_000)]
    private static partial Regex HeaderSearch();
}
