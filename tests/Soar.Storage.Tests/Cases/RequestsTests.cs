using Soar.Capabilities;
using Soar.Cases;

namespace Soar.Storage.Tests.Cases;

/// <summary>The register of requests, and the directory of contacts, as playbooks use them, on a real database.</summary>
public sealed class RequestsTests : IAsyncLifetime
{
    private readonly StandingClock clock = new();
    private readonly SoarDatabase database;
    private readonly RequestStore store;
    private readonly LegalRequests requests;
    private RunId run;

    public RequestsTests()
    {
        database = SoarDatabase.OpenForTests(clock);
        store = new RequestStore(database);
        requests = new LegalRequests(store, clock);
    }

    public async ValueTask InitializeAsync() => run = await new RunStore(database).CreateAsync(Some.Run());

    public ValueTask DisposeAsync() => database.DisposeAsync();

    private ActionContext Context(int ordinal) => new()
    {
        Run = run, Step = $"step/{ordinal}", Key = IdempotencyKey.For(run, ordinal, "request"), Attempt = 1, Tlp = Tlp.Amber, Artifacts = database.Artifacts,
    };

    private Task<RequestRef> OpenAsync(int ordinal, int extends = 0, RequestKind kind = RequestKind.Preservation) =>
        requests.OpenAsync(kind, "Example Mail", "Connection data", extends, Context(ordinal), CancellationToken.None);

    private Task UpdateAsync(int ordinal, int number, RequestStatus status, DateTimeOffset? due = null, string note = "it happened") =>
        requests.UpdateAsync(number, status, note, due, Context(ordinal), CancellationToken.None);

    [Fact]
    public async Task A_request_is_numbered_and_its_history_only_grows()
    {
        var due = Some.Noon.AddDays(60);
        var opened = await OpenAsync(1);
        Assert.Equal((1, $"R-{Some.Noon.Year}-0001", null), (opened.Number, opened.Reference, opened.Extends));
        clock.Advance(TimeSpan.FromHours(1));
        await UpdateAsync(2, 1, RequestStatus.Sent, due, "Mail m1");
        var stands = (await store.FindAsync(opened.Reference.ToLowerInvariant()))!;
        Assert.Equal((RequestStatus.Sent, due, "Mail m1", "Example Mail", run), (stands.Status, stands.Due, stands.Note, stands.Addressee, stands.Run));
        Assert.Single(await store.ListAsync(openOnly: true));
        await UpdateAsync(3, 1, RequestStatus.Answered);
        Assert.Empty(await store.ListAsync(openOnly: true));
        Assert.Equal([RequestStatus.Open, RequestStatus.Sent, RequestStatus.Answered], (await store.HistoryAsync(1)).Select(entry => entry.Status));
        Assert.Equal((Some.Noon.AddHours(1), "step/2", due), ((await store.HistoryAsync(1))[1].At, (await store.HistoryAsync(1))[1].Step, (await store.HistoryAsync(1))[1].Due));
        Assert.Null(await store.FindAsync("R-1999-0001"));
    }

    [Fact]
    public async Task The_same_step_again_writes_nothing_and_answers_the_same()
    {
        Assert.Equal(await OpenAsync(1), await OpenAsync(1));
        await UpdateAsync(2, 1, RequestStatus.Sent);
        await UpdateAsync(2, 1, RequestStatus.Sent);
        Assert.Equal(2, (await store.HistoryAsync(1)).Count);
    }

    [Fact]
    public async Task An_extension_is_linked_to_a_request_of_its_kind_that_exists()
    {
        await OpenAsync(1);
        Assert.Equal($"R-{Some.Noon.Year}-0001", (await OpenAsync(2, extends: 1)).Extends);
        Assert.Contains("does not exist", (await Assert.ThrowsAsync<ConnectorFailure>(() => OpenAsync(3, extends: 9))).Message);
        Assert.Contains("another kind", (await Assert.ThrowsAsync<ConnectorFailure>(() => OpenAsync(4, extends: 1, RequestKind.Siena))).Message);
        Assert.Equal(2, (await store.ListAsync(openOnly: false)).Count);
    }

    [Fact]
    public async Task What_is_over_stays_over_and_what_is_missing_is_named()
    {
        await OpenAsync(1);
        await UpdateAsync(2, 1, RequestStatus.Withdrawn);
        Assert.Contains("is Withdrawn and cannot become Sent", (await Assert.ThrowsAsync<ConnectorFailure>(() => UpdateAsync(3, 1, RequestStatus.Sent))).Message);
        Assert.Contains("no request 7", (await Assert.ThrowsAsync<ConnectorFailure>(() => UpdateAsync(4, 7, RequestStatus.Sent))).Message);
        Assert.Contains("note is missing", (await Assert.ThrowsAsync<ConnectorFailure>(() => UpdateAsync(5, 1, RequestStatus.Withdrawn, note: " "))).Message);
        Assert.Contains("due must be in UTC", (await Assert.ThrowsAsync<ConnectorFailure>(() => UpdateAsync(6, 1, RequestStatus.Sent, new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.FromHours(1))))).Message);
        Assert.Contains("nothing is due", (await Assert.ThrowsAsync<ConnectorFailure>(() => UpdateAsync(7, 1, RequestStatus.Withdrawn, Some.Noon))).Message);
        Assert.Contains("addressee", (await Assert.ThrowsAsync<ConnectorFailure>(() => requests.OpenAsync(RequestKind.Siena, " ", "x", 0, Context(8), CancellationToken.None))).Message);
    }

    [Theory]
    [InlineData("XA", ContactKind.Point247, "24/7 point of Exampleland")]
    [InlineData("mail.example", ContactKind.LawEnforcementDesk, "Example Mail")]
    [InlineData("someone@MX1.Post.Example", ContactKind.LawEnforcementDesk, "Example Mail")]
    [InlineData("notmail.example", ContactKind.LawEnforcementDesk, "")]
    [InlineData("xa", ContactKind.Point247, "")]
    [InlineData("cert-xa", ContactKind.Cert, "CERT-XA")]
    [InlineData("XB", ContactKind.NationalBureau, "NCB Samplia")]
    [InlineData("XA", ContactKind.NationalBureau, "")]
    public async Task A_contact_is_found_by_country_domain_or_name(string of, ContactKind kind, string organisation)
    {
        await ImportAsync(File.ReadAllText(Path.Combine(Root(), "playbooks/lists/contacts.csv")));
        var found = await new Contacts(new ListStore(database)).FindAsync(of, kind, context: null!, CancellationToken.None);
        Assert.Equal(organisation, string.Join(",", found.Select(contact => contact.Organisation)));
    }

    [Fact]
    public async Task A_directory_that_cannot_be_used_says_every_row_that_is_wrong()
    {
        var contacts = new Contacts(new ListStore(database));
        Assert.Contains("soar lists import contacts", (await Assert.ThrowsAsync<ConnectorFailure>(() => contacts.FindAsync("XA", ContactKind.Cert, null!, CancellationToken.None))).Message);
        await ImportAsync("kind,country\ncert,XA\n");
        Assert.Contains("lacks the columns organisation", (await Assert.ThrowsAsync<ConnectorFailure>(() => contacts.FindAsync("XA", ContactKind.Cert, null!, CancellationToken.None))).Message);
        await ImportAsync(string.Join(',', Contacts.Columns) + "\ncert,XA,CERT,,a@b.example,,,,,,2026-01-01\nprovider,xa,,,nobody,,,,,,lately\n");
        var failure = await Assert.ThrowsAsync<ConnectorFailure>(() => contacts.FindAsync("XA", ContactKind.Cert, null!, CancellationToken.None));
        Assert.Contains("row 2: country 'xa' is not two capital letters, organisation is empty, mail 'nobody' is no address, checked 'lately' is no date (YYYY-MM-DD), a provider needs its domains", failure.Message);
        Assert.DoesNotContain("row 1", failure.Message);
    }

    [Fact]
    public async Task A_CERT_tells_its_constituency_and_time_zone_and_a_list_without_these_columns_is_good_too()
    {
        var contacts = new Contacts(new ListStore(database));
        await ImportAsync(File.ReadAllText(Path.Combine(Root(), "playbooks/lists/contacts.csv")));
        var cert = Assert.Single(await contacts.FindAsync("CERT-XA", ContactKind.Cert, null!, CancellationToken.None));
        Assert.Equal(("Government and critical infrastructure of Exampleland, AS64500", "UTC"), (cert.Constituency, cert.TimeZone));
        var provider = Assert.Single(await contacts.FindAsync("mail.example", ContactKind.LawEnforcementDesk, null!, CancellationToken.None));
        Assert.Equal((null, null), (provider.Constituency, provider.TimeZone));
        await ImportAsync(string.Join(',', Contacts.Columns) + "\ncert,XA,CERT,,a@b.example,,,,,,2026-01-01\n");
        var old = Assert.Single(await contacts.FindAsync("XA", ContactKind.Cert, null!, CancellationToken.None));
        Assert.Equal((null, null), (old.Constituency, old.TimeZone));
    }

    private Task ImportAsync(string csv) => new Lists(new ListStore(database), clock).ImportAsync(Contacts.ListName, new StringReader(csv), "amira", CancellationToken.None);

    private static string Root()
    {
        var here = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(here!.FullName, "Soar.sln"))) here = here.Parent;
        return here.FullName;
    }
}
