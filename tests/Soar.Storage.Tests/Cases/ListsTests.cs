using Soar.Capabilities;
using Soar.Cases;

namespace Soar.Storage.Tests.Cases;

/// <summary>Versioned lists and the CSV they come from.</summary>
public sealed class ListsTests : IAsyncLifetime
{
    private readonly StandingClock clock = new();
    private readonly SoarDatabase database;
    private readonly ListStore store;
    private readonly Lists lists;

    public ListsTests()
    {
        database = SoarDatabase.OpenForTests(clock);
        store = new ListStore(database);
        lists = new Lists(store, clock);
    }

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;
    public ValueTask DisposeAsync() => database.DisposeAsync();

    private Task<ListVersion> ImportAsync(string csv, string name = "facilities") => lists.ImportAsync(name, new StringReader(csv), "amira", CancellationToken.None);

    private Task<ListTable> ReadAsync(string name = "facilities") => lists.ReadAsync(name, context: null!, CancellationToken.None);

    [Fact]
    public async Task The_newest_version_is_read_and_older_ones_stay()
    {
        Assert.Equal((1, 1), Of(await ImportAsync("name,mail\nTown hall,a@example.org\n")));
        clock.Advance(TimeSpan.FromDays(1));
        Assert.Equal((2, 2), Of(await ImportAsync("name,mail\nTown hall,a@example.org\nSchool,b@example.org\n")));
        var newest = await ReadAsync();
        Assert.Equal((2, "School", "b@example.org"), (newest.Version, newest.Rows[1]["name"], newest.Rows[1]["mail"]));
        Assert.Equal(["name", "mail"], newest.Columns);
        Assert.Single((await store.ReadAsync("facilities", 1))!.Rows);
        Assert.Null(await store.ReadAsync("facilities", 3));

        await ImportAsync("address\n203.0.113.0/24\n", "own-networks");
        Assert.Equal([("facilities", 2), ("facilities", 1), ("own-networks", 1)], (await store.VersionsAsync(null)).Select(v => (v.Name, v.Version)));
        var version = (await store.VersionsAsync("facilities"))[0];
        Assert.Equal(("amira", Some.Noon.AddDays(1), 2), (version.By, version.At, version.Rows));

        static (int, int) Of(ListVersion v) => (v.Version, v.Rows);
    }

    [Fact]
    public async Task The_same_content_makes_no_new_version()
    {
        await ImportAsync("a\n1\n");
        Assert.Equal(1, (await ImportAsync("a\r\n1")).Version);
        Assert.Equal(2, (await ImportAsync("a\n2\n")).Version);
        Assert.Equal(3, (await ImportAsync("a\n1\n")).Version);
    }

    [Fact]
    public async Task A_list_that_is_not_there_is_named_with_those_that_are()
    {
        var error = await Assert.ThrowsAsync<ConnectorFailure>(() => ReadAsync("facilites"));
        Assert.Contains("There is none yet", error.Message);
        await ImportAsync("a\n1\n");
        error = await Assert.ThrowsAsync<ConnectorFailure>(() => ReadAsync("facilites"));
        Assert.Equal(FailureKind.Permanent, error.Kind);
        Assert.Contains("'facilites'", error.Message);
        Assert.Contains("facilities", error.Message);
    }

    [Fact]
    public async Task Seven_hundred_facilities_keep_their_order()
    {
        await ImportAsync("name,mail\n" + string.Concat(Enumerable.Range(0, 700).Select(i => $"Facility {i},f{i}@example.org\n")));
        var table = await ReadAsync();
        Assert.Equal(Enumerable.Range(0, 700).Select(i => $"f{i}@example.org"), table.Rows.Select(r => r["mail"]));
    }

    [Theory]
    [InlineData("a,b\n1,2\n", "1|2")]
    [InlineData("a,b\r\n1,2\r\n3,4", "1|2;3|4")]
    [InlineData("\uFEFFa,b\n1,2", "1|2")]
    [InlineData("a,b\n\"x, y\",\"he said \"\"no\"\"\"\n", "x, y|he said \"no\"")]
    [InlineData("a,b\n\"two\r\nlines\",2\n", "two\r\nlines|2")]
    [InlineData("a,b\n,\n", "|")]
    [InlineData("a,b\n1,\n\n2,3\n\n", "1|;2|3")]
    [InlineData("a,b\n\"\",\" kept \"\n", "| kept ")]
    [InlineData("a,b\nМинистерство,Ü\n", "Министерство|Ü")]
    public void Csv_is_read_as_the_standard_has_it(string csv, string expected)
    {
        var (columns, rows) = Csv.Read(csv, "list");
        Assert.Equal(["a", "b"], columns);
        Assert.Equal(expected, string.Join(';', rows.Select(r => string.Join('|', r))));
    }

    [Theory]
    [InlineData("", "line 1 is empty")]
    [InlineData("a,\n1,2\n", "line 1 has no name for column 2")]
    [InlineData("a,a\n1,2\n", "line 1 names column 'a' twice")]
    [InlineData("a,b\n1,2\n1\n", "line 3 has 1 fields where the first line names 2")]
    [InlineData("a,b\n\"x\ny\",2\n1,2,3\n", "line 4 has 3 fields")]
    [InlineData("a,b\n1,\"2\n3,4\n", "line 2 opens a double quote that is never closed")]
    [InlineData("a,b\n1,\"2\"x\n", "line 2 goes on after a closing double quote")]
    [InlineData("a,b\n1,2\"\n", "line 2 has a double quote inside an unquoted field")]
    public async Task What_would_have_to_be_guessed_is_refused_with_its_line(string csv, string said)
    {
        var error = await Assert.ThrowsAsync<SoarException>(() => ImportAsync(csv));
        Assert.Equal("SOAR2011", error.Code);
        Assert.Contains(said, error.Message);
        Assert.Empty(await store.VersionsAsync(null));
    }
}
