using Soar.Capabilities;
using Soar.Connectors.Sockets;

namespace Soar.Connectors.Ldap;

/// <summary>One LDAPS connection, bound as our service account. Not the framework's client: see ADR 10.</summary>
internal sealed class LdapClient : IAsyncDisposable
{
    private const int LongestMessage = 16 * 1024 * 1024;

    private readonly DirectorySettings settings;
    private readonly Link link;
    private readonly TimeProvider clock;
    private int last;

    private LdapClient(DirectorySettings settings, Link link, TimeProvider clock)
    {
        this.settings = settings;
        this.link = link;
        this.clock = clock;
    }

    private string Where => $"{settings.Host}:{settings.Port}";

    /// <summary>Connects, secures and binds. Every failure is surely not done.</summary>
    public static async Task<LdapClient> ConnectAsync(DirectorySettings settings, TimeProvider clock, CancellationToken cancellation)
    {
        var target = new LinkTarget { Host = settings.Host, Port = settings.Port, Tls = true, CaFile = settings.CaFile };
        var client = new LdapClient(settings, await Link.ConnectAsync(target, settings.Timeout, clock, cancellation), clock);
        try
        {
            await client.BindAsync(cancellation);
            return client;
        }
        catch // whatever went wrong, the connection is closed, and the caller hears why
        {
            await client.DisposeAsync();
            throw;
        }
    }

    /// <summary>Entries below the base, page by page. More than <paramref name="most"/> fail, so that no answer is ever cut short in silence.</summary>
    public async Task<IReadOnlyList<LdapEntry>> SearchAsync(string start, LdapFilter filter, IReadOnlyList<string> attributes, int most, CancellationToken cancellation)
    {
        var found = new List<LdapEntry>();
        byte[] cookie = [];
        do
        {
            var request = LdapMessages.Search(++last, start, scope: 2, filter, attributes, settings.PageSize, cookie);
            var (entries, result) = await AskAsync(request, LdapMessages.SearchDone, cancellation);
            LdapFailures.Require(result, Where, $"the search below {start}");
            found.AddRange(entries);
            if (found.Count > most)
                throw ConnectorFailure.Permanent($"{Where} finds more than {most} entries. Look for something narrower, or raise mostResults.", reason: "too-many");
            cookie = result.Cookie;
        }
        while (cookie.Length > 0);
        return found;
    }

    /// <summary>One entry by its DN, or null.</summary>
    public async Task<LdapEntry?> ReadAsync(string dn, IReadOnlyList<string> attributes, CancellationToken cancellation)
    {
        var (entries, result) = await AskAsync(LdapMessages.Search(++last, dn, scope: 0, LdapFilter.Anything, attributes, page: 0, []), LdapMessages.SearchDone, cancellation);
        if (result.Code == LdapFailures.NoSuchObject)
            return null;
        LdapFailures.Require(result, Where, $"reading {(dn.Length == 0 ? "the root entry" : dn)}");
        return entries.Count > 0 ? entries[0] : null;
    }

    /// <summary>Makes all changes together or none.</summary>
    public async Task ModifyAsync(string dn, IReadOnlyList<LdapChange> changes, CancellationToken cancellation)
    {
        var request = LdapMessages.Modify(++last, dn, changes);
        var (_, result) = await link.ChangeAsync((stream, token) => ExchangeAsync(stream, request, LdapMessages.ModifyResponse, token), settings.Timeout, cancellation);
        LdapFailures.Require(result, Where, $"the change of {dn}");
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            using var brief = new CancellationTokenSource(TimeSpan.FromSeconds(1), clock);
            await link.AskAsync(
                async (stream, token) =>
                {
                    await stream.WriteAsync(LdapMessages.Unbind(++last), token);
                    return true;
                },
                TimeSpan.FromSeconds(1),
                brief.Token);
        }
        catch (Exception e) when (e is ConnectorFailure or OperationCanceledException or ObjectDisposedException)
        {
            // how the goodbye goes changes nothing
        }
        await link.DisposeAsync();
    }

    private async Task BindAsync(CancellationToken cancellation)
    {
        // A bind with an empty password succeeds as nobody (RFC 4513 §5.1.2), and every later answer would be a lie.
        if (string.IsNullOrEmpty(settings.User) || settings.Password is not { } password || password.Reveal().Length == 0)
            throw ConnectorFailure.Permanent($"{Where}: user or password is empty; nothing is asked anonymously.", reason: "no-password");
        LdapResult result;
        try
        {
            (_, result) = await AskAsync(LdapMessages.Bind(++last, settings.User, password.Reveal()), LdapMessages.BindResponse, cancellation);
        }
        catch (OperationCanceledException e)
        {
            throw ConnectorFailure.Transient($"The attempt was ended while logging in at {Where}; nothing was changed.", inner: e, reason: "cancelled");
        }
        if (result.Code == LdapFailures.InvalidCredentials)
            throw ConnectorFailure.Permanent($"{Where} does not take the login of {settings.User}: {result.Message}. Check user and password, and that the account is not locked.", reason: "401");
        LdapFailures.Require(result, Where, $"the login of {settings.User}");
    }

    private Task<(List<LdapEntry> Entries, LdapResult Result)> AskAsync(byte[] request, int ends, CancellationToken cancellation) =>
        link.AskAsync((stream, token) => ExchangeAsync(stream, request, ends, token), settings.Timeout, cancellation);

    private async Task<(List<LdapEntry> Entries, LdapResult Result)> ExchangeAsync(Stream stream, byte[] request, int ends, CancellationToken cancellation)
    {
        await stream.WriteAsync(request, cancellation);
        var entries = new List<LdapEntry>();
        while (true)
        {
            var answer = LdapMessages.Read(await MessageAsync(stream, cancellation));
            if (answer is { Id: 0, Operation: LdapMessages.ExtendedResponse })
                throw new IOException($"the server took its leave: {answer.Result!.Message}"); // notice of disconnection
            if (answer.Id != last)
                throw new InvalidDataException("it belongs to another request");
            if (answer.Entry is { } entry && entries.Count < settings.PageSize)
                entries.Add(entry);
            else if (answer.Entry is not null)
                throw new InvalidDataException($"more entries than the {settings.PageSize} of a page");
            else if (answer.Result is { } result)
                return answer.Operation == ends ? (entries, result) : throw new InvalidDataException("it ends another operation");
        }
    }

    private static async Task<byte[]> MessageAsync(Stream stream, CancellationToken cancellation)
    {
        var head = new byte[6];
        await stream.ReadExactlyAsync(head.AsMemory(0, 2), cancellation);
        var (size, used) = ((int)head[1], 2);
        if (head[0] != 0x30)
            throw new InvalidDataException("no LDAP message begins so");
        if (size >= 0x80)
        {
            var bytes = size & 0x7F;
            if (bytes is 0 or > 4)
                throw new InvalidDataException("a length that LDAP does not know");
            await stream.ReadExactlyAsync(head.AsMemory(2, bytes), cancellation);
            used = 2 + bytes;
            var length = head.AsSpan(2, bytes).ToArray().Aggregate(0L, (sum, next) => (sum << 8) | next);
            size = length <= LongestMessage ? (int)length : throw new InvalidDataException($"a message of {length} bytes");
        }
        var message = new byte[used + size];
        head.AsSpan(0, used).CopyTo(message);
        await stream.ReadExactlyAsync(message.AsMemory(used), cancellation);
        return message;
    }
}

/// <summary>What the codes of RFC 4511 §A mean for us. A server that answers a change with any of them has changed nothing.</summary>
internal static class LdapFailures
{
    public const int NoSuchAttribute = 16, NoSuchObject = 32, InvalidCredentials = 49;

    public static void Require(LdapResult result, string where, string what)
    {
        if (result.Code == 0)
            return;
        var words = $"{where} refused {what} ({Name(result.Code)}{(result.Message.Length == 0 ? "" : ": " + (result.Message.Length > 300 ? result.Message[..300] + "…" : result.Message))}).";
        throw result.Code switch
        {
            80 => ConnectorFailure.Transient($"{words} Nothing was changed; its log tells why.", reason: "ldap-80"),
            3 or 51 or 52 or 54 => ConnectorFailure.Transient($"{words} Nothing was changed.", reason: "busy"),
            NoSuchAttribute or 20 => ConnectorFailure.Transient($"{words} Somebody changed the entry meanwhile; nothing was changed.", reason: "moved"),
            17 => ConnectorFailure.Permanent($"{words} The directory does not know that attribute: is its password policy (ppolicy) loaded, and are the attributes of this instance's settings right?", reason: "schema"),
            10 => ConnectorFailure.Permanent($"{words} This server only passes on: set host to one that takes changes.", reason: "referral"),
            19 or 21 or 65 => ConnectorFailure.Permanent($"{words} The entry may not hold that value; check markAttribute.", reason: "schema"),
            4 or 11 => ConnectorFailure.Permanent($"{words} Look for something narrower, or set pageSize to what the server allows.", reason: "limit"),
            NoSuchObject => ConnectorFailure.Permanent($"{words} Check base.", reason: "404"),
            50 => ConnectorFailure.Permanent($"{words} Give our account the right to it.", reason: "403"),
            _ => ConnectorFailure.Permanent(words, reason: $"ldap-{result.Code}"),
        };
    }

    private static string Name(int code) => code switch
    {
        1 => "operationsError", 2 => "protocolError", 3 => "timeLimitExceeded", 4 => "sizeLimitExceeded", 8 => "strongerAuthRequired", 10 => "referral", 11 => "adminLimitExceeded",
        12 => "unavailableCriticalExtension", NoSuchAttribute => "noSuchAttribute", 17 => "undefinedAttributeType", 19 => "constraintViolation", 20 => "attributeOrValueExists", 21 => "invalidAttributeSyntax",
        NoSuchObject => "noSuchObject", 34 => "invalidDNSyntax", 48 => "inappropriateAuthentication", InvalidCredentials => "invalidCredentials", 50 => "insufficientAccessRights", 51 => "busy",
        52 => "unavailable", 53 => "unwillingToPerform", 54 => "loopDetect", 65 => "objectClassViolation", _ => $"code {code}",
    };
}
