using System.Text.Json;
using Soar.Capabilities;
using Soar.Connectors.Interpol;
using Soar.Testing;
using Soar.Testing.Contract;

namespace Soar.Tests.Connectors.Interpol;

/// <summary>
/// The search of the public notices: the documented shape, the cap, refusals, and that a hit can set nothing off. Interpol publishes no description of this service; parameters and answers are as third parties
/// found them: https://github.com/bundesAPI/interpol-api/blob/0017e3f7376d0b080673908169772d9285fb9f79/openapi.yaml
/// </summary>
public sealed class NoticesTests
{
    private static async Task<(NoticeLeads? Leads, ConnectorFailure? Failure, HttpOtherSide Side)> SearchAsync(HttpTold told, NoticeQuery? query = null, NoticeKind kind = NoticeKind.Red)
    {
        var side = new HttpOtherSide(_ => told, () => "");
        await using var interpol = new InterpolConnector(new InterpolSettings { Address = new Uri(side.Address, "notices/v1/") }, Given.Services());
        try
        {
            return (await interpol.NoticesAsync(kind, query ?? new NoticeQuery(Name: "SYNTHETIC PERSON"), Given.Context(), CancellationToken.None), null, side);
        }
        catch (ConnectorFailure e)
        {
            return (null, e, side);
        }
        finally
        {
            await side.DisposeAsync();
        }
    }

    private static string Page(int total, int shown) => JsonSerializer.Serialize(new
    {
        total, _embedded = new { notices = Enumerable.Range(1, shown).Select(i => new { entity_id = $"2099/{i:00000}", name = "PERSON", nationalities = (string[]?)null }) },
    });

    [Fact]
    public async Task A_hit_of_the_documented_shape_is_a_lead()
    {
        Assert.SkipUnless(SharedSamples.Folder is not null, SharedSamples.Absent);
        var (leads, _, side) = await SearchAsync(new HttpTold(200, File.ReadAllText(SharedSamples.File("interpol/red-list-SHAPE-ONLY-synthetic-person.json")!)), new NoticeQuery(Name: "SYNTHETIC & PERSON", Forename: "Ёж", WantedBy: "XX"));
        var lead = Assert.Single(leads!.Leads);
        Assert.Equal(("2099/00001", NoticeKind.Red, "SYNTHETIC PERSON", "EXAMPLE", "1970/01/01", "https://ws-public.interpol.int/notices/v1/red/2099-00001"), (lead.NoticeId, lead.Kind, lead.Name, lead.Forename, lead.DateOfBirth, lead.Link));
        Assert.Equal((1, false), (leads.Total, leads.Truncated));
        var asked = Assert.Single(side.Requests);
        Assert.Equal("/notices/v1/red", asked.Path);
        Assert.Equal(("SYNTHETIC & PERSON", "Ёж", "XX", "160"), (asked.Query("name"), asked.Query("forename"), asked.Query("arrestWarrantCountryId"), asked.Query("resultPerPage")));
    }

    [Theory]
    [InlineData(200, 160, true), InlineData(160, 160, true), InlineData(170, 20, true), InlineData(20, 20, false), InlineData(0, 0, false)]
    public async Task More_than_came_back_is_told_as_truncated(int total, int shown, bool truncated)
    {
        var (leads, _, _) = await SearchAsync(new HttpTold(200, Page(total, shown)));
        Assert.Equal((shown, total, truncated), (leads!.Leads.Count, leads.Total, leads.Truncated));
    }

    [Fact]
    public async Task A_refusal_is_a_failure_and_never_nobody_found()
    {
        var (_, failure, _) = await SearchAsync(new HttpTold(403, "<html>Access Denied</html>", "text/html"));
        Assert.Equal((FailureKind.Permanent, "403"), (failure!.Kind, failure.Reason));
        Assert.Contains("Nothing is known about the name", failure.Message);
    }

    [Theory]
    [InlineData("""{"total":1}"""), InlineData("""{"_embedded":{"notices":[]}}"""), InlineData("""{"total":1,"_embedded":{"notices":[{"name":"X"}]}}"""), InlineData("[]"), InlineData("null")]
    public async Task An_answer_of_another_shape_is_never_nobody_found(string body) => Assert.NotNull((await SearchAsync(new HttpTold(200, body))).Failure);

    [Fact]
    public async Task A_search_for_everybody_is_refused_before_anything_is_asked()
    {
        foreach (var (query, kind) in new[] { (new NoticeQuery(), NoticeKind.Red), (new NoticeQuery(Name: " "), NoticeKind.Yellow), (new NoticeQuery(Name: "A", WantedBy: "XX"), NoticeKind.Un), (new NoticeQuery(Nationality: "mkd"), NoticeKind.Red) })
        {
            var (_, failure, side) = await SearchAsync(new HttpTold(200, Page(0, 0)), query, kind);
            Assert.Equal((FailureKind.Permanent, "query"), (failure!.Kind, failure.Reason));
            Assert.Empty(side.Requests);
        }
    }

    [Fact]
    public void No_action_takes_a_lead_and_nothing_converts_one()
    {
        var catalog = new ActionCatalog(typeof(InterpolConnector).Assembly);
        foreach (var action in catalog.Capabilities.SelectMany(capability => capability.Actions))
            Assert.DoesNotContain(action.Parameters, parameter => Reaches(parameter.Type, []));
        Assert.Equal(Effect.ReadsOnly, catalog.Find("interpol.notices")!.Effect);
        Assert.DoesNotContain(typeof(Lead).GetMethods(), method => method.Name is "op_Implicit" or "op_Explicit");
    }

    private static bool Reaches(Type type, HashSet<Type> seen) => type == typeof(Lead) || type == typeof(NoticeLeads) || (seen.Add(type)
        && (type.GetGenericArguments().Any(argument => Reaches(argument, seen)) || (type.Assembly == typeof(Lead).Assembly && type.GetProperties().Any(property => Reaches(property.PropertyType, seen)))));
}
