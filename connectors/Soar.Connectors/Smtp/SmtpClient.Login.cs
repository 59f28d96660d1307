using System.Globalization;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text;
using Soar.Capabilities;
using Soar.Connectors.Tls;

namespace Soar.Connectors.Smtp;

/// <summary>Connecting, securing and authenticating, before any mail is offered.</summary>
internal sealed partial class SmtpClient
{
    private async Task OpenAsync(CancellationToken cancellation)
    {
        using (var timeout = Timeout(server.ConnectTimeout, cancellation))
        {
            await timeout.Run(async token =>
            {
                await tcp.ConnectAsync(server.Host, server.Port, token);
                UseStream(tcp.GetStream());
                if (server.Tls == SmtpTls.Implicit)
                    await SecureAsync(token);
            }, $"connecting to {server}");
        }
        var greeting = await ReplyAsync(server.CommandTimeout, cancellation);
        Require(greeting, greeting.Code == 220, "greeting");
        await EhloAsync(cancellation);
        if (server.Tls == SmtpTls.StartTls)
        {
            if (!capabilities.ContainsKey("STARTTLS"))
                throw Permanent($"{server} does not offer STARTTLS. Set tls: implicit if the port speaks TLS from the start, or tls: none if the path is safe without.", "no-tls");
            Require(await CommandAsync("STARTTLS", cancellation), reply => reply.Code == 220, "STARTTLS");
            if (reader.HasBuffered)
                throw Permanent($"{server} sent data between STARTTLS and TLS: somebody may be tampering with the connection (CVE-2011-0411).", "tls-injection");
            using (var timeout = Timeout(server.ConnectTimeout, cancellation))
                await timeout.Run(SecureAsync, $"the TLS handshake with {server}");
            await EhloAsync(cancellation);
        }
        if (!string.IsNullOrEmpty(server.User))
            await AuthenticateAsync(cancellation);
    }

    private void UseStream(Stream next)
    {
        stream = next;
        reader = new SmtpReader(next);
    }

    private async Task SecureAsync(CancellationToken cancellation)
    {
        var tls = new SslStream(stream);
        try
        {
            await tls.AuthenticateAsClientAsync(ServerTrust.Options(server.Host, server.CaFile), cancellation);
        }
        catch (AuthenticationException e)
        {
            throw ConnectorFailure.Permanent($"The certificate of {server} is not accepted: {e.Message} Set caFile to the PEM file of the CA that signed it, or host to the name it is made for.", e, "certificate");
        }
        UseStream(tls);
    }

    private async Task EhloAsync(CancellationToken cancellation)
    {
        var reply = await CommandAsync($"EHLO {server.Helo}", cancellation);
        if (reply.Code is 500 or 502)
            reply = await CommandAsync($"HELO {server.Helo}", cancellation);
        Require(reply, reply.Ok, "EHLO");
        capabilities = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var line in reply.Lines.Skip(1))
        {
            var words = line.Split([' ', '='], 2);
            capabilities.TryAdd(words[0], words.Length > 1 ? words[1] : "");
        }
    }

    private async Task AuthenticateAsync(CancellationToken cancellation)
    {
        if (server.Tls == SmtpTls.None)
            throw Permanent($"The password for {server} is not sent without TLS. Set tls: start-tls or tls: implicit, or remove user and password.", "no-tls");
        var mechanisms = capabilities.GetValueOrDefault("AUTH", "").Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var password = server.Password?.Reveal() ?? "";
        SmtpReply reply;
        if (mechanisms.Contains("PLAIN", StringComparer.OrdinalIgnoreCase))
        {
            reply = await CommandAsync("AUTH PLAIN " + Base64($"\0{server.User}\0{password}"), cancellation);
        }
        else if (mechanisms.Contains("LOGIN", StringComparer.OrdinalIgnoreCase))
        {
            reply = await CommandAsync("AUTH LOGIN", cancellation);
            Require(reply, reply.Code == 334, "AUTH LOGIN");
            reply = await CommandAsync(Base64(server.User!), cancellation);
            Require(reply, reply.Code == 334, "AUTH LOGIN (user name)");
            reply = await CommandAsync(Base64(password), cancellation);
        }
        else
        {
            throw Permanent($"{server} offers neither AUTH PLAIN nor AUTH LOGIN (it offers: {string.Join(", ", mechanisms)}). Remove user and password, or use the port where it takes them.", "no-auth");
        }
        Require(reply, reply.Code == 235, $"the login of {server.User}");
    }
}
