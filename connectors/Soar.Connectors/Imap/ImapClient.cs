using System.Globalization;
using System.Text;
using Soar.Capabilities;
using Soar.Connectors.Mime;
using Soar.Connectors.Sockets;

namespace Soar.Connectors.Imap;

/// <summary>
/// One connection to an IMAP server (RFC 3501, what RFC 9051 keeps of it), used by one at a time. Questions fail as Transient, changes as Unknown from the moment they are on their
/// way; a NO is told as what it says and leaves the connection as it is, everything else makes it <see cref="Broken"/>.
/// </summary>
internal sealed partial class ImapClient : IAsyncDisposable
{
    private const int MostAnswers = 200_000;
    private const long MostTold = 2L * ImapReader.MostBytes; // by all answers to one command: what is told of them is kept until it ends
    private const long MostFetched = 8L * ImapReader.MostBytes;
    private const int MostInOneFetch = 200;

    private readonly ImapServer server;
    private readonly TimeProvider clock;
    private readonly Link link;
    private ImapReader? reader;
    private HashSet<string> capabilities = new(StringComparer.OrdinalIgnoreCase);
    private int commands;

    private ImapClient(ImapServer server, TimeProvider clock, Link link)
    {
        this.server = server;
        this.clock = clock;
        this.link = link;
    }

    /// <summary>What the server offers.</summary>
    public IReadOnlySet<string> Capabilities => capabilities;

    /// <summary>True when the conversation can not go on: somebody cut it, or it is not known where in an answer it stands.</summary>
    public bool Broken { get; private set; }

    /// <summary>When it was last used, for whoever keeps it.</summary>
    public DateTimeOffset Used { get; set; }

    /// <summary>Connects, secures and authenticates. Every failure is surely not done.</summary>
    public static async Task<ImapClient> ConnectAsync(ImapServer server, TimeProvider clock, CancellationToken cancellation)
    {
        var opened = await Link.ConnectAsync(server.Target, server.ConnectTimeout, clock, cancellation);
        var client = new ImapClient(server, clock, opened);
        try
        {
            await client.BeginAsync(cancellation);
            return client;
        }
        catch // whatever went wrong, the connection is closed, and the caller hears why
        {
            await client.DisposeAsync();
            throw;
        }
    }

    public ValueTask DisposeAsync() => link.DisposeAsync();

    /// <summary>Still there? A connection that was kept may have been cut meanwhile.</summary>
    public async Task<bool> IsAliveAsync(CancellationToken cancellation)
    {
        try
        {
            return !Broken && (await AskAsync((stream, token) => ExchangeAsync(stream, new ImapCommand("NOOP"), null, null, token), TimeSpan.FromSeconds(5), cancellation)).Ok;
        }
        catch (ConnectorFailure)
        {
            return false;
        }
    }

    public async Task<IReadOnlyList<ImapListed>> FoldersAsync(CancellationToken cancellation)
    {
        var folders = new List<ImapListed>();
        Require(await AskAsync(new ImapCommand("LIST \"\" \"*\""), told =>
        {
            // (attributes) delimiter name
            if (told is { Word: "LIST", Values: [{ Items: { } attributes }, _, { Raw: { } name }, ..] })
                folders.Add(new ImapListed(Utf7.DecodeFolder(name), attributes.Select(attribute => (attribute.Raw ?? "").ToLowerInvariant()).ToHashSet()));
        }, cancellation), "the list of folders");
        return folders;
    }

    /// <summary>Opens a folder; null when the server has none of that name, or lets us not even look into it.</summary>
    public async Task<ImapFolder?> OpenAsync(string name, bool write, CancellationToken cancellation)
    {
        uint validity = 0, next = 0, count = 0;
        var status = await AskAsync(new ImapCommand(write ? "SELECT" : "EXAMINE").Folder(name), told =>
        {
            if (told.Word == "EXISTS")
                count = told.Number;
            else if (told.Status is { Code: "UIDVALIDITY" } valid)
                _ = uint.TryParse(valid.Argument, NumberStyles.None, CultureInfo.InvariantCulture, out validity);
            else if (told.Status is { Code: "UIDNEXT" } coming)
                _ = uint.TryParse(coming.Argument, NumberStyles.None, CultureInfo.InvariantCulture, out next);
        }, cancellation);
        if (status.Word == "NO" && !IsPassing(status) && (!write || status.Code is "" or "NONEXISTENT" or "TRYCREATE"))
            return null;
        Require(status, $"the folder '{name}'");
        if (write && status.Code == "READ-ONLY")
            throw Permanent($"{server} lets {server.User} only read the folder '{name}'. Give that user the right to change it.", "read-only");
        return new ImapFolder(name, validity, next, count);
    }

    /// <summary>UIDs of the open folder's mails that fit, ascending.</summary>
    public async Task<IReadOnlyList<uint>> SearchAsync(ImapCommand search, CancellationToken cancellation)
    {
        var found = new List<uint>();
        Require(await AskAsync(search, told =>
        {
            if (told.Word == "SEARCH")
                foreach (var value in told.Values)
                    if (uint.TryParse(value.Raw, NumberStyles.None, CultureInfo.InvariantCulture, out var uid))
                        found.Add(uid);
        }, cancellation), "the search");
        found.Sort();
        return found;
    }

    /// <summary>What is told of these mails of the open folder, in the order of the UIDs; those that are gone are left out.</summary>
    public async Task<IReadOnlyList<ImapMessage>> FetchAsync(IReadOnlyList<uint> uids, CancellationToken cancellation)
    {
        var found = new Dictionary<uint, ImapMessage>();
        var before = reader!.Counted;
        foreach (var some in uids.Chunk(MostInOneFetch))
        {
            if (reader.Counted - before > MostFetched)
                throw Permanent($"{server} tells more than {MostFetched >> 20} MiB of {uids.Count} mails that fit. Ask for fewer, for example of a shorter time.", "too-many");
            var wanted = some.ToHashSet();
            Require(await AskAsync(new ImapCommand("UID FETCH").Then(string.Join(',', some.Select(uid => uid.ToString(CultureInfo.InvariantCulture)))).Then(ImapMessage.Summary), told =>
            {
                // a change of flags by somebody else is told as a FETCH too, without the headers
                if (ImapMessage.From(told) is { } message && wanted.Contains(message.Uid) && (message.Header.Headers.Count > 0 || !found.ContainsKey(message.Uid)))
                    found[message.Uid] = message;
            }, cancellation), "the mails");
        }
        return [.. uids.Where(found.ContainsKey).Select(uid => found[uid])];
    }

    /// <summary>Hands over one whole mail of the open folder without marking it as seen. False when it is not there.</summary>
    public async Task<bool> TakeAsync(uint uid, TakeMail take, CancellationToken cancellation)
    {
        var taken = false;
        byte[]? quoted = null;
        var status = await AskAsync((stream, token) => ExchangeAsync(stream, new ImapCommand("UID FETCH").Number(uid).Then("(UID BODY.PEEK[])"), told =>
        {
            if (ImapMessage.From(told) is { } message && message.Uid == uid && message.Body is { Length: > 0 } body)
                quoted = body;
        }, async (size, content, stop) =>
        {
            if (taken)
                throw new InvalidDataException("the server sent more mails than one");
            taken = true;
            await take(size, content, stop);
        }, token), server.MailTimeout, cancellation);
        Require(status, "the mail");
        if (taken || quoted is null)
            return taken;
        await take(quoted.Length, new MemoryStream(quoted, writable: false), cancellation);
        return true;
    }

    /// <summary>
    /// Moves a mail of the open folder. Servers without MOVE (RFC 6851) get COPY, \Deleted and EXPUNGE; a copy that an earlier attempt left (<paramref name="copied"/>) is not made again.
    /// </summary>
    public async Task<(ImapMoved? To, string Words)> MoveAsync(uint uid, string folder, bool copied, CancellationToken cancellation)
    {
        ImapMoved? to = null;
        if (capabilities.Contains("MOVE"))
        {
            var status = await ChangeAsync(new ImapCommand("UID MOVE").Number(uid).Folder(folder), told => to ??= Moved(told.Status), cancellation);
            RequireFolder(status, folder, "the move");
            return (to ?? Moved(status), status.Words);
        }
        if (!copied)
        {
            var status = await ChangeAsync(new ImapCommand("UID COPY").Number(uid).Folder(folder), null, cancellation);
            RequireFolder(status, folder, "the copy");
            to = Moved(status);
        }
        return (to, await ExpungeAsync(uid, cancellation));
    }

    /// <summary>Removes a mail of the open folder for good, and no other: without UIDPLUS a plain EXPUNGE would take along what others marked.</summary>
    public async Task<string> ExpungeAsync(uint uid, CancellationToken cancellation)
    {
        Require(await ChangeAsync(new ImapCommand("UID STORE").Number(uid).Then("+FLAGS.SILENT (\\Deleted)"), null, cancellation), "the mark \\Deleted");
        if (capabilities.Contains("UIDPLUS"))
        {
            var expunged = await ChangeAsync(new ImapCommand("UID EXPUNGE").Number(uid), null, cancellation);
            Require(expunged, "UID EXPUNGE");
            return expunged.Words;
        }
        if ((await SearchAsync(new ImapCommand("UID SEARCH DELETED"), cancellation)).Any(marked => marked != uid))
            throw Permanent($"{server} cannot remove one mail alone (no UIDPLUS), and others of the folder are marked as deleted by somebody. The mail is marked as deleted; have the folder expunged.", "no-uidplus");
        var status = await ChangeAsync(new ImapCommand("EXPUNGE"), null, cancellation);
        Require(status, "EXPUNGE");
        return status.Words;
    }

    /// <summary>Makes a folder. One that is there already is no error.</summary>
    public async Task CreateAsync(string folder, CancellationToken cancellation)
    {
        var status = await ChangeAsync(new ImapCommand("CREATE").Folder(folder), null, cancellation);
        if (status.Code != "ALREADYEXISTS")
            Require(status, $"the new folder '{folder}'");
    }

    /// <summary>Listens to the open folder (RFC 2177) until the time is over, telling everything that comes; then it may be done again.</summary>
    /// <param name="once">Called when the server listens: from then on nothing is missed.</param>
    public async Task IdleAsync(TimeSpan duration, Action once, Action<ImapResponse> told, CancellationToken cancellation)
    {
        Require(await AskAsync(async (stream, token) =>
        {
            var tag = NextTag();
            await WriteAsync(stream, Encoding.ASCII.GetBytes($"{tag} IDLE\r\n"), token);
            if (await UntilAsync(stream, tag, goOn: true, told, null, token) is { } refused)
                return refused;
            // The reading below is never cancelled, which would break the connection: the server ends it once it hears DONE.
            TaskCompletionSource? saying = null;
            await using var timer = clock.CreateTimer(_ =>
            {
                var said = new TaskCompletionSource();
                Volatile.Write(ref saying, said);
                _ = DoneAsync(stream, said, token);
            }, null, duration, Timeout.InfiniteTimeSpan);
            once();
            var ended = (await UntilAsync(stream, tag, goOn: false, told, null, token))!;
            // The server may be quicker than our own writing, and the next command must not meet it.
            if (Volatile.Read(ref saying) is { } done)
                await done.Task;
            return ended;
        }, duration + server.Timeout, cancellation), "IDLE");
    }

    private static async Task DoneAsync(Stream stream, TaskCompletionSource said, CancellationToken cancellation)
    {
        try
        {
            await WriteAsync(stream, "DONE\r\n"u8.ToArray(), cancellation);
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or OperationCanceledException or InvalidOperationException)
        {
            // the connection is gone, which whoever reads it learns too
        }
        said.TrySetResult();
    }

    private static ImapMoved? Moved(ImapStatus? status)
    {
        // [COPYUID <validity> <from> <to>]
        if (status is not { Code: "COPYUID" } || status.Argument.Split(' ') is not [var validity, _, var to])
            return null;
        return uint.TryParse(validity, NumberStyles.None, CultureInfo.InvariantCulture, out var valid) && uint.TryParse(to, NumberStyles.None, CultureInfo.InvariantCulture, out var uid)
            ? new ImapMoved(valid, uid) : null;
    }

    private void RequireFolder(ImapStatus status, string folder, string what)
    {
        if (status.Code == "TRYCREATE")
            throw Permanent($"{server} has no folder '{folder}'. Make it, or name one that exists.", "no-folder");
        Require(status, what);
    }

    /// <summary>A NO or BAD means that nothing was done. Some of them say that later is better (RFC 5530).</summary>
    private void Require(ImapStatus status, string what)
    {
        if (status.Ok)
            return;
        var message = $"{server} refused {what}: {status}";
        var reason = (status.Code.Length > 0 ? status.Code : status.Word).ToLowerInvariant();
        throw IsPassing(status) ? ConnectorFailure.Transient(message, reason: reason) : Permanent(message, reason);
    }

    private static bool IsPassing(ImapStatus status) => status.Code is "UNAVAILABLE" or "INUSE" or "LIMIT" or "SERVERBUG" or "EXPUNGEISSUED";

    private static ConnectorFailure Permanent(string message, string reason) => ConnectorFailure.Permanent(message, reason: reason);
}
