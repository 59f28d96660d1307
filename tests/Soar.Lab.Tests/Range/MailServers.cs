namespace Soar.Lab.Tests.Range;

/// <summary>
/// Postfix with Dovecot behind it, all on loopback ports and in a folder of their own: plain (relays to the lab's domains only), STARTTLS with login,
/// implicit TLS with login, IMAP by STARTTLS and implicit TLS. Mailboxes are Maildirs, passwords are <c>secret</c>. Mails to <c>gone.example</c> are taken and come back. Nothing leaves
/// the machine.
/// </summary>
public sealed class MailServers : LabServer
{
    private static readonly string[] Programs = ["postfix", "dovecot", "openssl"];
    private readonly string? imapCapability;

    public MailServers() : this(null)
    {
    }

    private MailServers(string? imapCapability) : base("mail")
    {
        this.imapCapability = imapCapability;
        if (Tools.Has(Programs))
            Stand(Start);
    }

    public string CaFile => In("cert.pem");
    public string Mailboxes => In("mail");
    public int Plain { get; } = LoopbackPort.Take();
    public int StartTls { get; } = LoopbackPort.Take();
    public int Implicit { get; } = LoopbackPort.Take();

    public int Imap { get; } = LoopbackPort.Take();
    public int Imaps { get; } = LoopbackPort.Take();

    /// <summary>An older or poorer IMAP server, alone: it offers this and no more, and gets its mails from <see cref="Doveadm"/>.</summary>
    public static MailServers Offering(string capability) => new(capability);

    public static void Require() => Tools.Require(Programs);

    /// <summary>The mail with this Message-ID in somebody's mailbox; waits for the delivery.</summary>
    public async Task<byte[]> DeliveredAsync(string user, string messageId, TimeSpan atMost) =>
        (await WatchAsync(() => Find(user, messageId).Take(1).ToList() is { Count: 1 } found ? found : null, atMost))[0];

    /// <summary>Every mail of a mailbox, as soon as there are as many as expected.</summary>
    public Task<List<byte[]>> AllDeliveredAsync(string user, int count, TimeSpan atMost) =>
        WatchAsync(() => Files(user).Skip(count - 1).Any() ? Files(user).Select(File.ReadAllBytes).ToList() : null, atMost);

    private async Task<List<byte[]>> WatchAsync(Func<List<byte[]>?> look, TimeSpan atMost)
    {
        var found = new TaskCompletionSource<List<byte[]>>(TaskCreationOptions.RunContinuationsAsynchronously);
        using var watcher = new FileSystemWatcher(Mailboxes) { IncludeSubdirectories = true, NotifyFilter = NotifyFilters.FileName | NotifyFilters.DirectoryName };
        void Look(object? sender, EventArgs change)
        {
            if (!found.Task.IsCompleted && look() is { } mails)
                found.TrySetResult(mails);
        }
        watcher.Created += Look;
        watcher.Renamed += Look;
        watcher.EnableRaisingEvents = true;
        Look(null, EventArgs.Empty);
        // A new Maildir is made while the mail is on its way: its files can be there before the watcher follows into it.
        using var again = new Timer(_ => Look(null, EventArgs.Empty), null, TimeSpan.FromMilliseconds(300), TimeSpan.FromMilliseconds(300));
        return await found.Task.WaitAsync(atMost);
    }

    /// <summary>The settings of an <c>smtp</c> instance that sends through it; the password lies in the folder.</summary>
    public string Sender(TempFolder folder)
    {
        folder.File("mail-password", "secret");
        return $$"""{ host: localhost, port: {{StartTls}}, caFile: {{CaFile}}, user: soc@cert.example, password: "file:mail-password", from: soc@cert.example }""";
    }

    /// <summary>Every mail with this Message-ID in the user's mailbox now.</summary>
    public IEnumerable<byte[]> Find(string user, string messageId)
    {
        var header = System.Text.Encoding.ASCII.GetBytes($"Message-ID: <{messageId}>");
        return Files(user).Select(File.ReadAllBytes).Where(mail => mail.AsSpan().IndexOf(header) >= 0);
    }

    /// <summary>Kills Dovecot with all its processes, as a machine does that loses power.</summary>
    public void KillDovecot() => Tools.KillByPidFile(In("run/master.pid"));

    public void StartDovecotAgain() => Tools.Daemon(In("start.log"), "dovecot", "-c", In("dovecot.conf"));

    /// <summary>What an administrator does on the server.</summary>
    public string Doveadm(string? input, params string[] arguments)
    {
        var result = Tools.RunWith(input, "doveadm", ["-c", In("dovecot.conf"), .. arguments]);
        return result.ExitCode == 0 ? result.Output : throw new InvalidOperationException($"doveadm {string.Join(' ', arguments)}: {result.Errors}");
    }

    /// <summary>How many mails a mailbox holds once nothing is on its way any more.</summary>
    public async Task<int> SettledAsync(string user)
    {
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (!Tools.Must("postqueue", "-c", In("pf"), "-p").Contains("queue is empty", StringComparison.Ordinal))
            await tick.WaitForNextTickAsync(patience.Token);
        return Mailbox(user).Count;
    }

    /// <summary>Whether a mail to this user was taken and is not in the mailbox yet.</summary>
    public bool IsQueued(string user) => Tools.Must("postqueue", "-c", In("pf"), "-p").Contains(user, StringComparison.Ordinal);

    /// <summary>Files of the user's mailbox now.</summary>
    public IReadOnlyList<string> Mailbox(string user) => Files(user);

    // A mail moves from "tmp" to "new" when it is whole.
    private List<string> Files(string user)
    {
        var folder = Path.Combine(Mailboxes, user, "new");
        return Directory.Exists(folder) ? [.. Directory.EnumerateFiles(folder)] : [];
    }

    private protected override void End()
    {
        Tools.EndByPidFile(In("pf/queue/pid/master.pid"));
        Tools.EndByPidFile(In("run/master.pid"));
    }

    private void Start()
    {
        Tools.Must("chmod", "755", Folder);
        Tools.Must("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout", In("key.pem"), "-out", CaFile);
        Directory.CreateDirectory(Mailboxes);
        Tools.Must("chown", "nobody:nogroup", Mailboxes);
        StartDovecot();
        if (imapCapability is null)
            StartPostfix();
    }

    private void StartDovecot()
    {
        File.WriteAllText(In("dovecot.conf"), $$"""
            base_dir = {{In("run")}}
            state_dir = {{In("dc")}}
            log_path = {{In("dovecot.log")}}
            protocols = imap lmtp
            listen = 127.0.0.1
            ssl = yes
            ssl_cert = <{{CaFile}}
            ssl_key = <{{In("key.pem")}}
            mail_max_userip_connections = 20
            {{(imapCapability is null ? "" : $"imap_capability = {imapCapability}")}}
            disable_plaintext_auth = no
            mail_location = maildir:{{Mailboxes}}/%u
            mail_uid = nobody
            mail_gid = nogroup
            first_valid_uid = 1
            first_valid_gid = 1
            auth_mechanisms = plain login
            passdb {
              driver = static
              args = password=secret
            }
            userdb {
              driver = static
              args = uid=nobody gid=nogroup home={{Mailboxes}}/%u
            }
            namespace inbox {
              inbox = yes
              separator = /
            }
            service imap-login {
              inet_listener imap {
                port = {{Imap}}
              }
              inet_listener imaps {
                port = {{Imaps}}
                ssl = yes
              }
            }
            service lmtp {
              inet_listener lmtp {
                address = 127.0.0.1
                port = {{lmtp}}
              }
            }
            service auth {
              unix_listener auth-userdb {
              }
              inet_listener {
                address = 127.0.0.1
                port = {{sasl}}
              }
            }
            """);
        Directory.CreateDirectory(In("dc"));
        Tools.Daemon(In("start.log"), "dovecot", "-c", In("dovecot.conf")); // returns when it listens
    }

    private readonly int lmtp = LoopbackPort.Take();
    private readonly int sasl = LoopbackPort.Take();

    private void StartPostfix()
    {
        Directory.CreateDirectory(In("pf/queue"));
        Directory.CreateDirectory(In("pf/data"));
        Tools.Must("chown", "postfix", In("pf/data"));
        File.WriteAllText(In("pf/main.cf"), $"""
            compatibility_level = 3.6
            config_directory = {In("pf")}
            queue_directory = {In("pf/queue")}
            data_directory = {In("pf/data")}
            maillog_file = {In("pf/mail.log")}
            maillog_file_prefixes = {In("pf")}
            mail_owner = postfix
            setgid_group = postdrop
            myhostname = mx.cert.example
            mydestination =
            inet_interfaces = 127.0.0.1
            inet_protocols = ipv4
            mynetworks =
            alias_maps =
            local_recipient_maps =
            virtual_mailbox_domains = cert.example, isp.example, gone.example
            transport_maps = inline:{"{gone.example=nobody:}"}
            virtual_transport = lmtp:inet:127.0.0.1:{lmtp}
            default_transport = error:5.7.1 no outside mail in the lab
            relay_transport = error:5.7.1 no outside mail in the lab
            smtpd_tls_cert_file = {CaFile}
            smtpd_tls_key_file = {In("key.pem")}
            smtpd_tls_security_level = may
            smtpd_sasl_type = dovecot
            smtpd_sasl_path = inet:127.0.0.1:{sasl}
            smtpd_sasl_auth_enable = no
            smtpd_relay_restrictions = permit_sasl_authenticated, reject_unauth_destination
            message_size_limit = 200000

            """);
        File.WriteAllText(In("pf/master.cf"), $"""
            127.0.0.1:{Plain} inet n - n - - smtpd
            127.0.0.1:{StartTls} inet n - n - - smtpd
              -o smtpd_tls_security_level=encrypt
              -o smtpd_sasl_auth_enable=yes
              -o smtpd_recipient_restrictions=permit_sasl_authenticated,reject
            127.0.0.1:{Implicit} inet n - n - - smtpd
              -o smtpd_tls_wrappermode=yes
              -o smtpd_sasl_auth_enable=yes
              -o smtpd_recipient_restrictions=permit_sasl_authenticated,reject
            pickup unix n - n 60 1 pickup
            cleanup unix n - n - 0 cleanup
            qmgr unix n - n 300 1 qmgr
            rewrite unix - - n - - trivial-rewrite
            bounce unix - - n - 0 bounce
            defer unix - - n - 0 bounce
            trace unix - - n - 0 bounce
            nobody unix - n n - - pipe user=nobody argv=/bin/false
            error unix - - n - - error
            retry unix - - n - - error
            lmtp unix - - n - - lmtp
            anvil unix - - n - 1 anvil
            scache unix - - n - 1 scache
            proxymap unix - - n - - proxymap
            tlsmgr unix - - n 1000? 1 tlsmgr
            postlog unix-dgram n - n - 1 postlogd

            """);
        Tools.Daemon(In("start.log"), "postfix", "-c", In("pf"), "start"); // returns when its master has bound the ports
    }
}
