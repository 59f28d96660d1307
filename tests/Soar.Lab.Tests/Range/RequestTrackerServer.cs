using System.Text;
using System.Text.Json;

namespace Soar.Lab.Tests.Range;

/// <summary>
/// Request Tracker 5 with a database of its own in SQLite, on a loopback port. Its users: <c>soar</c> with the rights that the manual lists and nothing more, <c>reader</c> who may only
/// look, and <c>ana</c>, an analyst who may do everything in the queue. What RT mails is kept, not sent.
/// </summary>
public sealed class RequestTrackerServer : LabServer
{
    private const string Program = "/usr/share/request-tracker5/libexec/rt-server";
    private static readonly string[] Programs = ["perl", "rt-setup-database-5", Program, "/usr/share/perl5/Plack/Handler/Starlet.pm", "/usr/share/doc/rt5-db-sqlite/copyright"];

    // The rights of engine/docs/connectors.md, as an administrator would give them.
    private const string Users = """
        use lib '/usr/share/request-tracker5/lib'; use RT -init; use RT::AuthToken;
        my %rights = (
          soar => [qw(SeeQueue ShowTicket ShowTicketComments CreateTicket CommentOnTicket ReplyToTicket ModifyTicket)],
          reader => [qw(SeeQueue ShowTicket ShowTicketComments)],
          ana => [qw(SeeQueue ShowTicket ShowTicketComments CreateTicket CommentOnTicket ReplyToTicket ModifyTicket OwnTicket TakeTicket)],
        );
        my $queue = RT::Queue->new(RT->SystemUser); $queue->Load('General');
        for my $name (sort keys %rights) {
          my $user = RT::User->new(RT->SystemUser);
          $user->Create(Name => $name, EmailAddress => "$name\@cert.example", Privileged => 1);
          $user->PrincipalObj->GrantRight(Right => $_, Object => $queue) for @{$rights{$name}};
          my ($ok, $said, $token) = RT::AuthToken->new(RT->SystemUser)->Create(Owner => $user->Id, Description => 'lab');
          die $said unless $token;
          print "$name $token\n";
        }
        """;

    private readonly Dictionary<string, string> tokens = [];

    public RequestTrackerServer() : base("rt")
    {
        if (Tools.Has(Programs))
            Stand(Start);
    }

    public int Port { get; } = LoopbackPort.Take();
    public Uri Address => new($"http://127.0.0.1:{Port}/");

    public static void Require() => Tools.Require(Programs);

    public string TokenOf(string user) => tokens[user];

    /// <summary>What a person does by RT's own interface, as far as this test needs it.</summary>
    public async Task<JsonElement> AsAsync(string user, HttpMethod method, string path, object? body = null)
    {
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(method, new Uri(Address, "REST/2.0/" + path));
        request.Headers.TryAddWithoutValidation("Authorization", $"token {TokenOf(user)}");
        if (body is not null)
            request.Content = new StringContent(JsonSerializer.Serialize(body), Encoding.UTF8, "application/json");
        using var response = await http.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        return response.IsSuccessStatusCode ? JsonSerializer.Deserialize<JsonElement>(text) : throw new InvalidOperationException($"{method} {path}: {response.StatusCode} {text}");
    }

    /// <summary>How many tickets a search finds.</summary>
    public async Task<int> CountAsync(string query) =>
        int.Parse((await AsAsync("ana", HttpMethod.Get, $"tickets?query={Uri.EscapeDataString(query)}")).GetProperty("total").ToString());

    /// <summary>Every mail that RT has handed to its sendmail.</summary>
    public IReadOnlyList<string> Mails() => [.. Directory.EnumerateFiles(In("mail"), "*.eml").Select(File.ReadAllText)];

    private protected override void End()
    {
        Server?.Kill(entireProcessTree: true); // its workers too
        base.End();
    }

    private string[] Configured(params string[] command) => [$"RT_SITE_CONFIG={In("config.pm")}", $"RT_SITE_CONFIG_DIR={In("config.d")}", .. command];

    private void Start()
    {
        Directory.CreateDirectory(In("config.d"));
        File.WriteAllText(In("config.pm"), $$"""
            Set($rtname, 'cert.example');
            Set($Organization, 'cert.example');
            Set($WebDomain, '127.0.0.1');
            Set($WebPort, {{Port}});
            Set($WebPath, '');
            Set($WebBaseURL, 'http://127.0.0.1:{{Port}}');
            Set($DatabaseType, 'SQLite');
            Set($DatabaseName, '{{In("rt.db")}}');
            Set($Timezone, 'Europe/Skopje');
            Set($LogToSyslog, undef);
            Set($LogToSTDERR, 'error');
            Set($LogToFile, undef);
            Set($MailCommand, 'sendmailpipe');
            Set($SendmailPath, '{{In("sendmail")}}');
            Set($CorrespondAddress, 'soc@cert.example');
            Set($CommentAddress, 'soc-comment@cert.example');
            Set(%GnuPG, Enable => 0);
            1;

            """);
        File.WriteAllText(In("sendmail"), $"#!/bin/sh\ncat > {In("mail")}/$$.tmp && mv {In("mail")}/$$.tmp {In("mail")}/$$.eml\n");
        Directory.CreateDirectory(In("mail"));
        Tools.Must("chmod", "755", In("sendmail"));
        Tools.Must("env", Configured("rt-setup-database-5", "--action", "init", "--skip-create", "--dba", "", "--dba-password", ""));
        File.WriteAllText(In("users.pl"), Users);
        foreach (var line in Tools.Must("env", Configured("perl", In("users.pl"))).Split('\n', StringSplitOptions.RemoveEmptyEntries))
            tokens.Add(line.Split(' ')[0], line.Split(' ')[1]);
        Server = Tools.Serve(In("server.log"), Port, TimeSpan.FromSeconds(60), "env", Configured(Program, "--server", "Starlet", "--host", "127.0.0.1", "--port", $"{Port}", "--max-workers", "4"));
    }
}
