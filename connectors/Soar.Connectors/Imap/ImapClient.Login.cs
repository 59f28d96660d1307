using System.Globalization;
using System.Text;
using Soar.Capabilities;
using Soar.Connectors.Mime;
using Soar.Connectors.Sockets;

namespace Soar.Connectors.Imap;

/// <summary>Securing and authenticating, before anything is asked.</summary>
internal sealed partial class ImapClient
{
    private async Task BeginAsync(CancellationToken cancellation)
    {
        var greeting = await AskAsync((stream, token) => ReaderOf(stream).ReadAsync(null, token).AsTask(), server.Timeout, cancellation);
        if (!greeting.IsUntagged || greeting.Status is not { Word: "OK" or "PREAUTH" } welcome)
            throw greeting.Status is { Word: "BYE" } bye
                ? ConnectorFailure.Transient($"{server} takes no connection now: {bye.Words}", reason: "bye")
                : ConnectorFailure.Transient($"{server} does not begin as an IMAP server does. Is this its port, and tls right?", reason: "garbage");
        TakeCapabilities(welcome);
        if (server.Tls == ImapTls.StartTls)
            await StartTlsAsync(welcome.Word == "PREAUTH", cancellation);
        if (capabilities.Count == 0)
            await AskCapabilitiesAsync(cancellation);
        if (welcome.Word == "OK")
            await LogInAsync(cancellation);
    }

    private async Task StartTlsAsync(bool preauthenticated, CancellationToken cancellation)
    {
        if (capabilities.Count == 0)
            await AskCapabilitiesAsync(cancellation);
        // A server that has logged us in already takes no STARTTLS: a way to keep a client in plain text.
        if (preauthenticated || !capabilities.Contains("STARTTLS"))
            throw Permanent($"{server} does not offer STARTTLS, and no password is sent without TLS. Set tls: implicit if the port speaks TLS from the start.", "no-tls");
        Require(await AskAsync(new ImapCommand("STARTTLS"), null, cancellation), "STARTTLS");
        if (reader!.HasBuffered)
            throw Permanent($"{server} sent data between STARTTLS and TLS: somebody may be tampering with the connection (CVE-2011-0411).", "tls-injection");
        await link.SecureAsync(server.ConnectTimeout, cancellation);
        reader = null;
        capabilities = [];
    }

    private async Task LogInAsync(CancellationToken cancellation)
    {
        ImapStatus status;
        if (capabilities.Contains("AUTH=PLAIN"))
        {
            var token = Convert.ToBase64String(Encoding.UTF8.GetBytes($"\0{server.User}\0{server.Password.Reveal()}"));
            status = capabilities.Contains("SASL-IR")
                ? await AskAsync(new ImapCommand("AUTHENTICATE PLAIN").Then(token), null, cancellation)
                : await AskAsync((stream, stop) => AnswerChallengeAsync(stream, token, stop), server.Timeout, cancellation);
        }
        else if (!capabilities.Contains("LOGINDISABLED"))
        {
            status = await AskAsync(new ImapCommand("LOGIN").Text(server.User).Text(server.Password.Reveal()), null, cancellation);
        }
        else
        {
            throw Permanent($"{server} takes neither AUTHENTICATE PLAIN nor LOGIN. It offers {string.Join(", ", capabilities.Order(StringComparer.Ordinal))}.", "no-auth");
        }
        Require(status, $"the login of {server.User}");
        // what is offered before the login may be less, and may be a lie of somebody in between
        if (status.Code == "CAPABILITY")
            TakeCapabilities(status);
        else
            await AskCapabilitiesAsync(cancellation);
    }

    private async Task<ImapStatus> AnswerChallengeAsync(Stream stream, string token, CancellationToken cancellation)
    {
        var tag = NextTag();
        await WriteAsync(stream, Encoding.ASCII.GetBytes($"{tag} AUTHENTICATE PLAIN\r\n"), cancellation);
        if (await UntilAsync(stream, tag, goOn: true, null, null, cancellation) is { } refused)
            return refused;
        await WriteAsync(stream, Encoding.ASCII.GetBytes(token + "\r\n"), cancellation);
        return (await UntilAsync(stream, tag, goOn: false, null, null, cancellation))!;
    }

    private async Task AskCapabilitiesAsync(CancellationToken cancellation) => Require(await AskAsync(new ImapCommand("CAPABILITY"), TakeCapabilities, cancellation), "CAPABILITY");

    private void TakeCapabilities(ImapResponse told)
    {
        if (told is { IsUntagged: true, Word: "CAPABILITY" })
            capabilities = told.Values.Select(value => value.Raw ?? "").ToHashSet(StringComparer.OrdinalIgnoreCase);
    }

    private void TakeCapabilities(ImapStatus status)
    {
        if (status.Code == "CAPABILITY")
            capabilities = status.Argument.Split(' ', StringSplitOptions.RemoveEmptyEntries).ToHashSet(StringComparer.OrdinalIgnoreCase);
    }
}
